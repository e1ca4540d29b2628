"""The skeleton of a sector's agent, to be copied: see README.md."""
