"""A process: started, supervised, connected, and seen from outside."""
