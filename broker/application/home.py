"""HOME, as every front opens it. This module loads no code for keys, stores or logs: supervisors import it."""

from broker.partnership.home import Home, open_home

__all__ = ["Home", "open_home"]
