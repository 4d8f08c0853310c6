"""Records by rule."""
