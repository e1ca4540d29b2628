"""What runs in a process of each role."""
