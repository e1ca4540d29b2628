"""The organisation's side of an exchange. Start with `pipeline`."""
