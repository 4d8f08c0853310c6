"""A small embedder with weights from a key, in the files of the real one: for tests that need embeddings and no download."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.texts.embedder_files import TABLE, VOCABULARY, WEIGHTS, find_folder
from sundog.lib.texts.minilm import MiniLm, read_weights
from sundog.lib.texts.static import make_table
from sundog.lib.texts.wordpiece import read_vocabulary

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
SMALL_VOCABULARY = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]"),
    *("the", "cat", "dog", "sat", "##s", "un", "##happy", ".", ",", "今", "cafe"),
    *(f"{mark}{letter}" for letter in _LETTERS for mark in ("", "##")),
)
"""Word pieces of the small embedder; every word of plain letters can be spelled with them."""

WIDTH, INNER, LAYERS = 24, 32, 2


def make_small_weights(key: Key) -> dict[str, NDArray[np.float32]]:
    """Weights of a small encoder, named and shaped as those of the real one."""
    draw = key.generator()

    def some(*shape: int) -> NDArray[np.float32]:
        return np.asarray(draw.standard_normal(shape) * 0.3, np.float32)

    weights = {
        "embeddings.word_embeddings.weight": some(len(dict.fromkeys(SMALL_VOCABULARY)), WIDTH),
        "embeddings.position_embeddings.weight": some(300, WIDTH),
        "embeddings.token_type_embeddings.weight": some(2, WIDTH),
        "embeddings.LayerNorm.weight": some(WIDTH) + 1,
        "embeddings.LayerNorm.bias": some(WIDTH),
    }
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}."
        for name, rows, columns in (
            ("attention.self.query", WIDTH, WIDTH),
            ("attention.self.key", WIDTH, WIDTH),
            ("attention.self.value", WIDTH, WIDTH),
            ("attention.output.dense", WIDTH, WIDTH),
            ("intermediate.dense", INNER, WIDTH),
            ("output.dense", WIDTH, INNER),
        ):
            weights[f"{at}{name}.weight"], weights[f"{at}{name}.bias"] = some(rows, columns), some(rows)
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            weights[f"{at}{name}.weight"], weights[f"{at}{name}.bias"] = some(WIDTH) + 1, some(WIDTH)
    return weights


def save_small_weights(weights: dict[str, NDArray[np.float32]], path: Path) -> None:
    """A safetensors file, as its specification says."""
    head: dict[str, object] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, array in {**weights, "embeddings.position_ids": np.arange(300)}.items():
        kind = {"float32": "F32", "int64": "I64"}[str(array.dtype)]
        head[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(head).encode()
    path.write_bytes(np.uint64(len(text)).tobytes() + text + data)


def write_small_embedder(key: Key) -> Path:
    """Write the small embedder where ``open_embedder`` looks (``SUNDOG_CACHE`` decides); gives the folder."""
    folder = find_folder()
    folder.mkdir(parents=True, exist_ok=True)
    save_small_weights(make_small_weights(key), folder / WEIGHTS)
    (folder / VOCABULARY).write_text("\n".join(dict.fromkeys(SMALL_VOCABULARY)), encoding="utf-8")
    model = MiniLm(read_weights(folder / WEIGHTS), read_vocabulary(folder / VOCABULARY))
    np.save(folder / TABLE, make_table(model, 16), allow_pickle=False)
    return folder
