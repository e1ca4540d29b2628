"""The services of a process, one file for each role."""
