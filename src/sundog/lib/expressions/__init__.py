"""A small typed language for fields, constraints and choices; read by hand, checked before a row is made, run on columns."""
