"""Checks of provenance."""
