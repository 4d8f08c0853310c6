"""MiniLM, a small encoder of sentences, reckoned with numpy: no runtime to install, and no code in the file of its weights.

Source: Wang et al., MiniLM, 2020, arXiv:2002.10957; trained as sentence encoder by Reimers and Gurevych, Sentence-BERT, 2019,
doi:10.18653/v1/D19-1410 (``all-MiniLM-L6-v2``). English. The last bits of a vector depend on the processor.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from sundog.core.errors import Problem, RequestError
from sundog.lib.texts.wordpiece import Vocabulary

Weights = Mapping[str, NDArray[np.float32]]

MOST_PIECES = 128
"""Word pieces of a text that are read, as many as in training; the rest is left out."""

_PIECES_AT_ONCE = 4_096
_HEADS = 12
_KINDS = {"F32": np.float32, "F16": np.float16, "I64": np.int64}


@dataclass(frozen=True, slots=True)
class MiniLm:
    """Implements ``embedding.Embedder``: one vector a text, the mean over its pieces of the last layer.

    Attributes:
        weights: by their names in the file.
        vocabulary: of word pieces.
        name: what it is called.
    """

    weights: Weights
    vocabulary: Vocabulary
    name: str = "all-MiniLM-L6-v2"

    @property
    def dimensions(self) -> int:
        """Numbers of a vector."""
        return int(self.weights["embeddings.word_embeddings.weight"].shape[1])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 (n, dimensions) of length 1; zeros for a text without words."""
        rows = [self.vocabulary.encode(text, MOST_PIECES) for text in texts]
        return self.embed_pieces(rows)

    def embed_pieces(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """The same for texts that are cut into pieces already."""
        out = np.zeros((len(rows), self.dimensions), np.float32)
        order = sorted((i for i, row in enumerate(rows) if len(row) > 2), key=lambda i: len(rows[i]))
        start = 0
        while start < len(
            order
        ):  # texts of one length together: nothing is padded, so that no text sees its neighbours
            length = len(rows[order[start]])
            stop = start
            while stop < len(order) and len(rows[order[stop]]) == length and (stop - start) * length < _PIECES_AT_ONCE:
                stop += 1
            chosen = order[start:stop]
            out[chosen] = self._encode(np.array([rows[i] for i in chosen], np.int64))
            start = stop
        return out

    def _encode(self, pieces: NDArray[np.int64]) -> NDArray[np.float32]:
        """Pieces, int64 (n, length), to vectors of length 1."""
        w = self.weights
        n, length = pieces.shape
        x = w["embeddings.word_embeddings.weight"][pieces]
        x = x + w["embeddings.position_embeddings.weight"][:length] + w["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(x, "embeddings.LayerNorm")
        width = x.shape[-1]
        heads = min(_HEADS, width)
        layer = 0
        while f"encoder.layer.{layer}.output.dense.weight" in w:
            at = f"encoder.layer.{layer}."
            q, k, v = (
                self._dense(x, f"{at}attention.self.{p}").reshape(n, length, heads, -1).transpose(0, 2, 1, 3)
                for p in ("query", "key", "value")
            )
            score = q @ k.transpose(0, 1, 3, 2) / np.float32(np.sqrt(width / heads))
            score = np.exp(score - score.max(axis=-1, keepdims=True))
            score /= score.sum(axis=-1, keepdims=True)
            seen = (score @ v).transpose(0, 2, 1, 3).reshape(n, length, width)
            x = self._norm(x + self._dense(seen, f"{at}attention.output.dense"), f"{at}attention.output.LayerNorm")
            inner = self._dense(x, f"{at}intermediate.dense")
            inner = inner * np.float32(0.5) * (1 + erf(inner * np.float32(np.sqrt(0.5))))
            x = self._norm(x + self._dense(inner, f"{at}output.dense"), f"{at}output.LayerNorm")
            layer += 1
        mean = x.mean(axis=1)
        return np.asarray(mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12), np.float32)

    def _dense(self, x: NDArray[np.float32], name: str) -> NDArray[np.float32]:
        flat = x.reshape(-1, x.shape[-1]) @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return np.asarray(flat.reshape(*x.shape[:-1], -1), np.float32)

    def _norm(self, x: NDArray[np.float32], name: str) -> NDArray[np.float32]:
        centred = x - x.mean(axis=-1, keepdims=True)
        scale = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(1e-12))
        return np.asarray(centred / scale * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"], np.float32)


def read_weights(path: Path) -> Weights:
    """The arrays of a safetensors file: a length, a JSON header, then bytes.

    Raises:
        RequestError: it is none, or it is cut short.
    """
    data = np.memmap(path, np.uint8, "r")
    try:
        head = int(data[:8].view(np.uint64)[0])
        said = json.loads(bytes(data[8 : 8 + head]))
        out = {}
        for name, entry in said.items():
            if name != "__metadata__":
                start, stop = entry["data_offsets"]
                raw = data[8 + head + start : 8 + head + stop]
                out[name] = np.array(raw).view(_KINDS[entry["dtype"]]).reshape(entry["shape"])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        fix = "Fetch it again: sundog model get minilm"
        raise RequestError(Problem("SD-TEXT-211", str(path), f"is no file of weights: {error}", fix)) from error
    return {n: a.astype(np.float32) for n, a in out.items() if a.dtype != np.int64}
