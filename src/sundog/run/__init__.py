"""Turns a plan into a bundle."""
