"""Kinds of data: one folder a kind, each with the same inside."""
