"""Checks of privacy."""
