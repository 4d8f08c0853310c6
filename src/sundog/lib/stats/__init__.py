"""Intervals, distances, two-sample tests."""
