"""Agents: one folder a sector, all alike. What is shared, from formats to the record store, lies beside them."""
