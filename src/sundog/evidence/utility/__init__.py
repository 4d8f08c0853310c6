"""Checks of utility."""
