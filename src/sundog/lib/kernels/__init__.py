"""Compiled kernels: arrays in, arrays out, no random state."""
