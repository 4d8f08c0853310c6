"""Columns and tables: reading, inferring types, coding values."""
