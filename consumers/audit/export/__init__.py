"""What a stranger gets: a bundle that can be checked offline."""
