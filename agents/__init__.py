"""Agents: one folder a sector, all alike; what they share is `agents.sdk`."""
