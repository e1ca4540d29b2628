"""What every process does with a message, whichever side it is on: parse, verify, seal, journal, work, follow."""
