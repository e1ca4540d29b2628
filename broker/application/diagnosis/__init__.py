"""What is wrong with a HOME and what to do about it: it looks, and changes nothing."""
