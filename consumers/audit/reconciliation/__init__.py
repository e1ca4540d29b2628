"""Reconciliation of the ledger's events with each other: named alarms where they disagree."""
