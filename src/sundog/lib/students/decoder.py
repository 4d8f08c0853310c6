"""The slow student: a small decoder-only transformer that reads a prompt and writes the answer, trained from nothing.

It learns its pieces and its weights from its lesson alone. Only the answer counts in the loss. Same lesson, key and budget of tokens:
the same weights on one machine (one thread, deterministic kernels); a budget of processor seconds stops wherever the machine is.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.students.pieces import ASK, END, FIRST, Pieces, learn_pieces
from sundog.lib.students.protocol import Lesson
from sundog.lib.students.torch_needed import need_torch

if TYPE_CHECKING:
    from sundog.lib.students.network import Network


@dataclass(frozen=True, slots=True)
class Budget:
    """When learning ends: at the first of the two.

    Attributes:
        tokens: that are shown, padding not counted; 0 for no limit.
        cpu_s: processor seconds of this process; 0 for no limit.
    """

    tokens: int = 0
    cpu_s: float = 60.0


@dataclass(frozen=True)
class TaughtDecoder:
    """Weights. Implements ``protocol.Taught``.

    Attributes:
        network: the weights.
        pieces: what its numbers stand for.
        tokens: that it was shown.
        losses: (tokens shown, mean loss of an answer's token since the last entry), about a hundred of them.
        longest: most tokens of prompt and answer together.
        most_answer: most tokens of an answer.
    """

    network: Network = field(repr=False)
    pieces: Pieces = field(repr=False)
    tokens: int
    losses: tuple[tuple[int, float], ...]
    longest: int
    most_answer: int

    def answer(self, prompts: Sequence[str]) -> tuple[str, ...]:
        """The likeliest next token, again and again."""
        return self.write(prompts)

    def write(
        self, prompts: Sequence[str], temperature: float = 0.0, key: Key | None = None, batch: int = 64
    ) -> tuple[str, ...]:
        """Answers; with a temperature above 0 they are drawn, each from the key and its place among the prompts."""
        from sundog.lib.students.writing import write_answers

        asked = [_cut_prompt(self.pieces.encode(p), self.longest, self.most_answer) for p in prompts]
        written = write_answers(self.network, asked, self.most_answer, batch, temperature, key)
        return tuple(self.pieces.decode(w) for w in written)


@dataclass(frozen=True, slots=True)
class DecoderStudent:
    """A decoder of 1 to 10 million numbers. Implements ``protocol.Student``.

    Attributes:
        budget: of learning.
        width: of the stream, a multiple of 2 * heads.
        layers: how many.
        heads: of attention.
        pieces: numbers that stand for bytes and joined bytes; ``pieces.FIRST`` for bytes alone.
        longest: most tokens of prompt and answer; of a longer prompt, its beginning is read.
        most_answer: most tokens of an answer.
        batch: examples in a step.
        rate: highest step size of AdamW.
        stretch: above 1, positions of a training example are a random rising choice out of so many times its length, so that
            the positions of longer ones are known (Ruoss et al., 2023, arXiv:2305.16843).
        hear: called after each step with the tokens shown so far and the loss.
    """

    budget: Budget = Budget()
    width: int = 160
    layers: int = 4
    heads: int = 4
    pieces: int = 512
    longest: int = 256
    most_answer: int = 64
    batch: int = 32
    rate: float = 2e-3
    stretch: float = 1.0
    hear: Callable[[int, float], None] | None = None

    @property
    def name(self) -> str:
        """What tables call it."""
        return "decoder"

    def teach(self, lesson: Lesson, key: Key) -> TaughtDecoder:
        """Learn from prompts and answers; shares are not read.

        Raises:
            MissingExtra: torch is not installed.
        """
        need_torch("--student decoder")
        import torch

        from sundog.lib.students.network import Network, Shape

        pieces = learn_pieces((*lesson.prompts, *lesson.answers), max(self.pieces, FIRST))
        examples = [self._encode(pieces, p, a) for p, a in zip(lesson.prompts, lesson.answers, strict=True)]
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            network = Network(Shape(pieces.size, self.width, self.layers, self.heads), key.child("weights").seed())
            tokens, losses = self._learn(network, examples, key)
        finally:
            torch.set_num_threads(threads)
        return TaughtDecoder(network.eval(), pieces, tokens, losses, self.longest, self.most_answer)

    def _encode(self, pieces: Pieces, prompt: str, answer: str) -> tuple[list[int], int]:
        """Tokens of prompt and answer, and where the answer begins."""
        asked = [*_cut_prompt(pieces.encode(prompt), self.longest, self.most_answer), ASK]
        said = [*pieces.encode(answer)[: self.most_answer - 1], END]
        return [*asked, *said], len(asked)

    def _learn(
        self, network: Network, examples: Sequence[tuple[list[int], int]], key: Key
    ) -> tuple[int, tuple[tuple[int, float], ...]]:
        import torch
        from torch.nn import functional

        dense = [p for p in network.parameters() if p.dim() == 2]
        rest = [p for p in network.parameters() if p.dim() != 2]
        groups = [{"params": dense, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]
        steps = torch.optim.AdamW(groups, lr=self.rate, betas=(0.9, 0.98))
        shown = 0
        losses: list[tuple[int, float]] = []
        recent: list[float] = []
        began = time.process_time()
        network.train()
        draws = key.child("stretch").generator()
        for rows in draw_batches([len(e) for e, _ in examples], self.batch, key.child("batches")):
            done = self._done(shown, time.process_time() - began)
            if done >= 1:
                break
            for group in steps.param_groups:
                group["lr"] = self.rate * min(1.0, (done + 1e-3) / 0.05) * (0.55 + 0.45 * math.cos(math.pi * done))
            tokens, targets = _lay_out([examples[i] for i in rows])
            length = tokens.shape[1]
            wide = max(length, int(length * self.stretch))
            places = np.sort(draws.permutation(wide)[:length]) if wide > length else np.arange(length)
            stream = network(torch.from_numpy(tokens), torch.from_numpy(places)[None])
            said = torch.from_numpy(np.flatnonzero(targets >= 0))
            scores = network.score(stream.reshape(-1, self.width)[said])
            loss = functional.cross_entropy(scores, torch.from_numpy(targets.ravel())[said])
            steps.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            steps.step()
            shown += sum(len(examples[i][0]) for i in rows)
            recent.append(float(loss.detach()))
            if self.hear is not None:
                self.hear(shown, recent[-1])
            if self._done(shown, time.process_time() - began) * 100 >= len(losses) + 1:
                losses.append((shown, float(np.mean(recent))))
                recent = []
        return shown, tuple(losses)

    def _done(self, shown: int, cpu_s: float) -> float:
        """Share of the budget that is spent."""
        tokens, seconds = self.budget.tokens, self.budget.cpu_s
        if not tokens and not seconds:
            raise ValueError("a budget needs a limit")
        return max(shown / tokens if tokens else 0.0, cpu_s / seconds if seconds else 0.0)


def draw_batches(lengths: Sequence[int], size: int, key: Key) -> Iterator[list[int]]:
    """Numbers of examples, batch after batch without end; each round shows every example once, those of like length together."""
    rounds = 0
    while True:
        draws = key.child(rounds).generator()
        order = draws.permutation(len(lengths))
        batches: list[list[int]] = []
        for begin in range(0, len(order), size * 16):
            near = sorted(order[begin : begin + size * 16].tolist(), key=lengths.__getitem__)
            batches += [near[i : i + size] for i in range(0, len(near), size)]
        for i in draws.permutation(len(batches)):
            yield batches[i]
        rounds += 1


def _lay_out(examples: Sequence[tuple[list[int], int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tokens and what follows each, int64 (batch, longest - 1); -1 where nothing counts: in prompts and behind the end."""
    longest = max(len(tokens) for tokens, _ in examples) - 1
    laid = np.full((len(examples), longest), END, dtype=np.int64)
    targets = np.full((len(examples), longest), -1, dtype=np.int64)
    for i, (tokens, begin) in enumerate(examples):
        laid[i, : len(tokens) - 1] = tokens[:-1]
        targets[i, begin - 1 : len(tokens) - 1] = tokens[begin:]
    return laid, targets


def _cut_prompt(tokens: list[int], longest: int, most_answer: int) -> list[int]:
    return tokens[: max(longest - most_answer - 1, 1)]
