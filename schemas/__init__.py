"""The wire contract: what travels between organisations, and nothing about how. README.md is the normative text."""
