"""One door to each outside thing. Only `broker.bootstrap` and what it builds with name anything in here."""
