"""Views for a terminal: documents drawn as tables and panels, with rich."""
