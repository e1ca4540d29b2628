"""Use cases, one a file: values and an acting person in, values out; each writes its own audit event."""
