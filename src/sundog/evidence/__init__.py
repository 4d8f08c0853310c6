"""Checks for any kind of data, and the report that draws what they found."""
