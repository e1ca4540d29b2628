"""Whether the ledger's events tell one story: alarms by name."""
