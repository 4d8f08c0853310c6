"""Draws what was measured: report.html, the dataset card and the Croissant file."""
