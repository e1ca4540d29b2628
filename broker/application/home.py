"""HOME, as every front opens it. It loads nothing that opens keys, stores or logs, so that a supervisor can name it."""

from broker.partnership.home import Home, open_home

__all__ = ["Home", "open_home"]
