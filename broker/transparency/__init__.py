"""The log that everybody checks and nobody believes: Merkle tree, signed notes, and how checkpoints are followed."""
