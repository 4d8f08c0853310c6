"""The network of the decoder: pre-norm transformer with rotary positions, tied embeddings, and a cache for writing.

Source: Vaswani et al., 2017, arXiv:1706.03762; Su et al., RoFormer, 2021, arXiv:2104.09864 (rotary positions); Radford et al., 2019
(pre-norm, initial weights). Imports torch: load it late.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the network is.

    Attributes:
        pieces: numbers that a token can be.
        width: of the stream between layers; a multiple of 2 * heads.
        layers: how many.
        heads: of attention in each.
    """

    pieces: int
    width: int
    layers: int
    heads: int


@dataclass(slots=True)
class Cache:
    """Keys and values of one layer: (batch, heads, tokens, width / heads)."""

    keys: Tensor
    values: Tensor


class Block(nn.Module):
    """One layer: attention, then two dense maps."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.before_attention = nn.LayerNorm(shape.width)
        self.mixed = nn.Linear(shape.width, 3 * shape.width, bias=False)
        self.out = nn.Linear(shape.width, shape.width, bias=False)
        self.before_dense = nn.LayerNorm(shape.width)
        self.up = nn.Linear(shape.width, 4 * shape.width, bias=False)
        self.down = nn.Linear(4 * shape.width, shape.width, bias=False)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], seen: Tensor | None, cache: Cache | None) -> Tensor:
        """The stream after this layer.

        Args:
            x: float32 (batch, tokens, width).
            turn: cosines and sines of the positions, each (batch or 1, 1, tokens, width / heads / 2).
            seen: bool (batch, 1, tokens, all tokens): what each token may look at; None for all before it.
            cache: keys and values of the tokens before, which grows by these.
        """
        batch, tokens, width = x.shape
        mixed = self.mixed(self.before_attention(x)).view(batch, tokens, 3, self.heads, width // self.heads)
        query, keys, values = mixed.permute(2, 0, 3, 1, 4)
        query, keys = _turn(query, turn), _turn(keys, turn)
        if cache is not None:
            keys, values = torch.cat([cache.keys, keys], dim=2), torch.cat([cache.values, values], dim=2)
            cache.keys, cache.values = keys, values
        found: Tensor = functional.scaled_dot_product_attention(
            query, keys, values, attn_mask=seen, is_causal=seen is None
        )
        x = x + self.out(found.transpose(1, 2).reshape(batch, tokens, width))
        out: Tensor = x + self.down(functional.gelu(self.up(self.before_dense(x))))
        return out


class Network(nn.Module):
    """Token numbers in, scores of the next token out."""

    def __init__(self, shape: Shape, seed: int) -> None:
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.pieces, shape.width)
        self.blocks = nn.ModuleList([Block(shape) for _ in range(shape.layers)])
        self.last = nn.LayerNorm(shape.width)
        half = shape.width // shape.heads // 2
        self.register_buffer("speeds", 10_000.0 ** (-torch.arange(half) / half), persistent=False)
        drawn = torch.Generator().manual_seed(seed)
        for name, weights in self.named_parameters():
            if weights.dim() == 2:
                deep = name.endswith(("out.weight", "down.weight"))
                size = (
                    0.02 / math.sqrt(2 * shape.layers)
                    if deep
                    else 0.02
                    if name == "embed.weight"
                    else shape.width**-0.5
                )
                with torch.no_grad():
                    weights.normal_(0.0, size, generator=drawn)

    def forward(
        self, tokens: Tensor, places: Tensor, seen: Tensor | None = None, caches: list[Cache] | None = None
    ) -> Tensor:
        """The last stream, from which ``score`` reads the next token.

        Args:
            tokens: int64 (batch, tokens).
            places: int64 (batch or 1, tokens): positions.
            seen: what each token may look at; None for all before it.
            caches: one a layer.

        Returns:
            float32 (batch, tokens, width).
        """
        assert isinstance(self.speeds, Tensor)
        angle = places[:, None, :, None] * self.speeds
        turn = (angle.cos(), angle.sin())
        x = self.embed(tokens)
        for i, block in enumerate(self.blocks):
            x = block(x, turn, seen, None if caches is None else caches[i])
        out: Tensor = self.last(x)
        return out

    def score(self, stream: Tensor) -> Tensor:
        """Scores of the next token: float32 (..., pieces)."""
        return functional.linear(stream, self.embed.weight)

    def empty_caches(self, batch: int) -> list[Cache]:
        """Caches of no token."""
        shape = self.shape
        nothing = torch.zeros(batch, shape.heads, 0, shape.width // shape.heads)
        return [Cache(nothing, nothing) for _ in self.blocks]

    def count(self) -> int:
        """Trained numbers."""
        return sum(p.numel() for p in self.parameters())


def _turn(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    left, right = x.chunk(2, dim=-1)
    cos, sin = turn
    return torch.cat([left * cos - right * sin, left * sin + right * cos], dim=-1)
