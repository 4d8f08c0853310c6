"""Learned tables: rows that behave like those of a real table."""
