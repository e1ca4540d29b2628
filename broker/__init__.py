"""The broker: what carries requests and answers between a hub and the organisations, and proves that it did."""
