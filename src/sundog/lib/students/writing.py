"""Answers written by a decoder, many at once: each step reads one new token of each and keeps what was computed of the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.students.network import Network
from sundog.lib.students.pieces import ASK, END


def write_answers(
    network: Network,
    prompts: Sequence[Sequence[int]],
    most: int,
    batch: int = 64,
    temperature: float = 0.0,
    key: Key | None = None,
) -> list[list[int]]:
    """The tokens of one answer a prompt, without the end.

    Args:
        network: a trained one.
        prompts: tokens, without ``ASK``.
        most: tokens of an answer.
        batch: prompts at once; those of like length go together.
        temperature: 0 takes the likeliest token; above 0 it is drawn with a number that depends on the key, the prompt's place and
            the token's place alone.
        key: needed with a temperature.
    """
    order = sorted(range(len(prompts)), key=lambda i: (len(prompts[i]), i))
    written: list[list[int]] = [[] for _ in prompts]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            for begin in range(0, len(order), batch):
                rows = order[begin : begin + batch]
                chances = None
                if temperature > 0:
                    assert key is not None, "drawing needs a key"
                    chances = np.stack([key.child(i).uniform(range((most + 3) // 4)).ravel() for i in rows])
                for i, answer in zip(
                    rows, _write([prompts[i] for i in rows], network, most, temperature, chances), strict=True
                ):
                    written[i] = answer
    finally:
        torch.set_num_threads(threads)
    return written


def _write(
    prompts: Sequence[Sequence[int]],
    network: Network,
    most: int,
    temperature: float,
    chances: NDArray[np.float64] | None,
) -> list[list[int]]:
    # Prompts end together: they are filled up on the left, and what fills is never looked at.
    longest = max(len(p) for p in prompts) + 1
    fill = np.array([longest - len(p) - 1 for p in prompts])
    tokens = torch.from_numpy(
        np.array([[END] * int(f) + [*p, ASK] for f, p in zip(fill, prompts, strict=True)], dtype=np.int64)
    )
    left = torch.from_numpy(fill)
    places = (torch.arange(longest)[None] - left[:, None]).clamp(min=0)
    real = torch.arange(longest)[None] >= left[:, None]
    seen = real[:, None, None, :] & torch.ones(longest, longest, dtype=torch.bool).tril()
    # A token that fills looks at itself, or its softmax would be of nothing.
    seen = seen | torch.eye(longest, dtype=torch.bool)
    caches = network.empty_caches(len(prompts))
    stream = network(tokens, places, seen, caches)[:, -1]
    answers: list[list[int]] = [[] for _ in prompts]
    alive = list(range(len(prompts)))
    for step in range(most):
        scores = network.score(stream)
        if chances is None:
            chosen = scores.argmax(dim=-1)
        else:
            bounds = torch.softmax(scores.double() / temperature, dim=-1).cumsum(dim=-1)
            wanted = torch.from_numpy(chances[alive, step][:, None]) * bounds[:, -1:]
            chosen = torch.searchsorted(bounds, wanted, right=True)[:, 0].clamp(max=scores.shape[-1] - 1)
        goes_on = []
        for row, token in enumerate(chosen.tolist()):
            if token != END:
                answers[alive[row]].append(token)
                goes_on.append(row)
        if not goes_on:
            break
        if len(goes_on) < len(alive):
            rows = torch.tensor(goes_on)
            chosen, real, left = chosen[rows], real[rows], left[rows]
            for cache in caches:
                cache.keys, cache.values = cache.keys[rows], cache.values[rows]
            alive = [alive[row] for row in goes_on]
        real = torch.cat([real, torch.ones(len(alive), 1, dtype=torch.bool)], dim=1)
        place = (longest + step - left)[:, None]
        stream = network(chosen[:, None], place, real[:, None, None, :], caches)[:, -1]
    return answers
