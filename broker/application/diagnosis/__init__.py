"""Diagnosis of a HOME: each fault with its remedy. Nothing is changed."""
