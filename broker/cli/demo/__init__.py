"""The demonstration: a play in which an invented family is asked about, from file to proof."""
