"""Engines that kinds share; they never see a recipe."""
