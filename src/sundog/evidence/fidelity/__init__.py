"""Checks of fidelity."""
