"""The rows of `benchmarks/fuzz.py`: what is mutated, and what takes it."""
