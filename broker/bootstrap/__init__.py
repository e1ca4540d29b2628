"""Composition: builds one process's parts from one configuration file. No other room names adapters."""
