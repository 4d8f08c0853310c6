"""How varied texts are. Every measure depends on how long and how many they are, so both sides of a comparison are cut alike.

Sources: compression ratio, self-repetition and their low correlation with one another: Shaib et al., 2024, arXiv:2403.00553; that length
biases them: arXiv:2507.15092; distinct-n: Li et al., 2016, doi:10.18653/v1/N16-1014; Vendi score: Friedman and Dieng, 2023, arXiv:2210.02410.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.texts.grams import hash_grams, hash_words
from sundog.lib.texts.normal import normalise


@dataclass(frozen=True, slots=True)
class Wording:
    """Variety of words.

    Attributes:
        compression: bytes over compressed bytes (zlib, level 9) of all texts together; more is more repetitive.
        repetition: mean of log(1 + other texts that share a run of four words with a text, counted by run); 0 where none does.
        distinct: share of different runs among all runs, of one, two and three words.
    """

    compression: float
    repetition: float
    distinct: tuple[float, float, float]


def cut_texts(texts: Sequence[str], words: int) -> list[str]:
    """The first so many words of each text that has as many, in normal form; shorter ones are left out."""
    normal: list[str] = normalise(pa.array(texts, pa.large_string())).to_pylist()
    split = [text.split(" ") for text in normal]
    return [" ".join(parts[:words]) for parts in split if len(parts) >= words and parts[0]]


def choose_length(*sides: Sequence[str]) -> int:
    """Words to which texts are cut: as many as three quarters of each side have, at most 60."""
    quarters = []
    for side in sides:
        counts = hash_words(normalise(pa.array(side, pa.large_string()))).counts
        quarters.append(int(np.quantile(counts, 0.25)) if len(counts) else 0)
    return max(1, min(60, *quarters))


def measure_wording(texts: Sequence[str]) -> Wording:
    """Variety of the words of texts of one length."""
    joined = "\n".join(texts).encode()
    words = hash_words(pa.array(texts, pa.large_string()))
    distinct = []
    for size in (1, 2, 3):
        values = hash_grams(words, size).values
        distinct.append(len(np.unique(values)) / len(values) if len(values) else 1.0)
    return Wording(
        len(joined) / max(len(zlib.compress(joined, 9)), 1),
        _measure_self_repetition(texts),
        (distinct[0], distinct[1], distinct[2]),
    )


def _measure_self_repetition(texts: Sequence[str], size: int = 4) -> float:
    grams = hash_grams(hash_words(pa.array(texts, pa.large_string())), size)
    if not len(grams.values):
        return 0.0
    owner = np.repeat(np.arange(len(grams)), grams.counts)
    order = np.lexsort((owner, grams.values))
    values, owners = grams.values[order], owner[order]
    first = np.concatenate(([True], (values[1:] != values[:-1]) | (owners[1:] != owners[:-1])))
    values, owners = values[first], owners[first]  # each run of a text once
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    others = np.bincount(owners, weights=(counts[inverse] - 1).astype(float), minlength=len(grams))
    return float(np.log1p(others).mean())


def measure_vendi(vectors: NDArray[np.float32]) -> float:
    """How many different texts there are in effect: exp of the entropy of the eigenvalues of the cosines over n, 1 to n.

    Args:
        vectors: float32 (n, d) of length 1.
    """
    n = len(vectors)
    if n == 0:
        return 0.0
    v = vectors.astype(np.float64)
    gram = v.T @ v if v.shape[1] < n else v @ v.T  # they have the same eigenvalues but for zeros
    values = np.linalg.eigvalsh(gram / n)
    values = values[values > 1e-12]
    return float(math.exp(-(values * np.log(values)).sum()))


def measure_dispersion(vectors: NDArray[np.float32]) -> float:
    """Mean of 1 - cosine over all pairs of different texts, 0 where all say the same."""
    n = len(vectors)
    if n < 2:
        return 0.0
    v = vectors.astype(np.float64)
    total = float((v.sum(axis=0) ** 2).sum()) - float((v * v).sum())
    return 1.0 - total / (n * (n - 1))


def find_topics(vectors: NDArray[np.float32], topics: int, key: Key, rounds: int = 25) -> NDArray[np.float32]:
    """Centres of topics by spherical k-means, float32 (topics, d): what both sides are sorted by.

    The first centres are drawn far from one another (k-means++, Arthur and Vassilvitskii, 2007).
    """
    draw = key.generator()
    centres = [vectors[int(draw.integers(len(vectors)))]]
    for _ in range(min(topics, len(vectors)) - 1):
        distance = np.maximum(1.0 - (vectors @ np.stack(centres).T).max(axis=1).astype(np.float64), 0.0)
        total = distance.sum()
        if total <= 0:
            break
        centres.append(
            vectors[int(np.searchsorted(np.cumsum(distance) / total, draw.random()).clip(0, len(vectors) - 1))]
        )
    held = np.stack(centres)
    for _ in range(rounds):
        own = (vectors @ held.T).argmax(axis=1)
        fresh = np.stack([vectors[own == t].sum(axis=0) if (own == t).any() else held[t] for t in range(len(held))])
        fresh /= np.maximum(np.linalg.norm(fresh, axis=1, keepdims=True), 1e-12)
        if np.allclose(fresh, held, atol=1e-6):
            break
        held = fresh
    return np.asarray(held, np.float32)


def count_topics(vectors: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.int64]:
    """How many texts belong to each topic."""
    return np.bincount((vectors @ centres.T).argmax(axis=1), minlength=len(centres)).astype(np.int64)


def measure_evenness(counts: NDArray[np.int64]) -> float:
    """Entropy of topics over that of an even spread: 1 where all come as often, 0 where one is all there is."""
    shares = counts[counts > 0] / max(int(counts.sum()), 1)
    return float(-(shares * np.log(shares)).sum() / math.log(len(counts))) if len(counts) > 1 else 1.0
