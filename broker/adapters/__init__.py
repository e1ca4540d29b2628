"""One door to each outside thing. Only `broker.bootstrap` names anything in here."""
