"""The keyed permutation under the name by which tables know it."""

from sundog.lib.words.permute import permute

__all__ = ["permute"]
