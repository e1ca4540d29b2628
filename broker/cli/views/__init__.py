"""What people see on a terminal: documents drawn as tables and panels, with rich."""
