"""The hub's side of an exchange. Start with `ask`."""
