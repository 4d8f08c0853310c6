"""Patterns (masks and regular expressions): the number of different values is known, and every value is equally likely.

A pattern becomes a deterministic automaton without cycles. In it every string has one path, so that strings can be counted,
numbered (unique codes by a permutation of the numbers) and drawn uniformly, even where the expression is ambiguous, as in ``a?a?``.

Source: subset construction, Rabin and Scott, IBM J. 1959, doi:10.1147/rd.32.0114; ranking of regular languages, Goldberg and
Sipser, SIAM J. Comput. 1991, doi:10.1137/0220034.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.lib.kernels.walks import walk_chain, walk_numbers, walk_words
from sundog.lib.words.masks import split_mask
from sundog.lib.words.regex import Choice, Class, Node, Repeat, Sequence, parse_regex
from sundog.lib.words.strings import arrow_strings

_MOST_STATES = 5_000


@dataclass(frozen=True, slots=True)
class Pattern:
    """An automaton; see ``lib/kernels/walks.py`` for what the arrays mean.

    Attributes:
        count: different values; may exceed 2**64.
        shortest: bytes of the shortest value.
        longest: bytes of the longest value.
        first: int32 (states + 1,).
        ends: uint8 (states,).
        below: uint64 (states,); empty when ``count`` is 2**63 or more.
        stop: uint64 (states,).
        limit: uint64 (edges,).
        target: int32 (edges,).
        begin: int32 (edges,).
        size: int32 (edges,).
        letters: int32 (letters,), code points.
        tail: int32 (edges + 1,).
        tails: uint8, bytes that follow an edge whatever comes.
        chain: int32, the edges in order where no walk branches; else empty.
    """

    count: int
    shortest: int
    longest: int
    first: NDArray[np.int32]
    ends: NDArray[np.uint8]
    below: NDArray[np.uint64]
    stop: NDArray[np.uint64]
    limit: NDArray[np.uint64]
    target: NDArray[np.int32]
    begin: NDArray[np.int32]
    size: NDArray[np.int32]
    letters: NDArray[np.int32]
    tail: NDArray[np.int32]
    tails: NDArray[np.uint8]
    chain: NDArray[np.int32]


def compile_mask(mask: str, where: str = "mask") -> Pattern:
    """The pattern of a mask (see ``masks``)."""
    return _build(Sequence(tuple(Class(frozenset(p)) for p in split_mask(mask, where))), mask, where)


def compile_regex(pattern: str, where: str = "pattern") -> Pattern:
    """The pattern of a regular expression (see ``regex`` for what is understood).

    Raises:
        RequestError: the expression is wrong, cannot be generated, or is too large.
    """
    return _build(parse_regex(pattern, where), pattern, where)


def draw_pattern(pattern: Pattern, words: NDArray[np.uint64]) -> pa.Array:
    """A value for each random word, all values equally likely: string (n,), or large_string from 2 GiB on.

    Args:
        pattern: compiled.
        words: uint64 (n,).
    """
    return _write(pattern, np.ascontiguousarray(words, np.uint64), numbered=False)


def number_pattern(pattern: Pattern, numbers: NDArray[np.uint64]) -> pa.Array:
    """Value number ``numbers[i]`` of the pattern: different numbers give different values.

    Args:
        pattern: compiled, ``count`` below 2**63.
        numbers: uint64 (n,) in [0, count); ``permute(key, rows, count)`` gives unique codes in no order.
    """
    if not len(pattern.below):
        raise ValueError("a pattern of 2**63 values or more is drawn, not numbered")
    if len(numbers) and int(numbers.max()) >= pattern.count:
        raise IndexError(f"the pattern has {pattern.count} values only")
    return _write(pattern, np.ascontiguousarray(numbers, np.uint64), numbered=True)


def _write(p: Pattern, values: NDArray[np.uint64], numbered: bool) -> pa.Array:
    n = len(values)
    most = n * p.longest
    offsets: NDArray[Any] = np.empty(n + 1, np.int32)
    if most >= 2**31:  # how much it takes is found by a walk that writes nothing
        offsets = np.empty(n + 1, np.int64)
        _walk(p, values, offsets, np.empty(0, np.uint8), numbered, False)
        most = int(offsets[n])
        offsets = offsets if most >= 2**31 else np.empty(n + 1, np.int32)
    out = np.empty(most, np.uint8)
    _walk(p, values, offsets, out, numbered, True)
    total = int(offsets[n])
    return arrow_strings(offsets, out if total == most else out[:total].copy())


def _walk(
    p: Pattern, values: NDArray[np.uint64], offsets: NDArray[Any], out: NDArray[np.uint8], numbered: bool, write: bool
) -> None:
    edges = (p.target, p.begin, p.size, p.letters, p.tail, p.tails)
    if numbered:
        walk_numbers(values, p.first, p.ends, p.below, *edges, offsets, out, write)
    elif write and len(p.chain):
        walk_chain(values, p.chain, *edges[1:], offsets, out)
    else:
        walk_words(values, p.first, p.stop, p.limit, *edges, offsets, out, write)


class _Net:
    """Thompson's construction: states with silent steps and at most one class of letters each."""

    def __init__(self) -> None:
        self.silent: list[list[int]] = []
        self.steps: list[tuple[frozenset[str], int] | None] = []

    def state(self) -> int:
        if len(self.silent) >= _MOST_STATES:
            raise OverflowError
        self.silent.append([])
        self.steps.append(None)
        return len(self.silent) - 1

    def add(self, node: Node, begin: int) -> int:
        """State in which one is after ``node``."""
        match node:
            case Class(letters=letters):
                end = self.state()
                self.steps[begin] = (letters, end)
                return self._fresh(end)
            case Sequence(items=items):
                for item in items:
                    begin = self.add(item, begin)
                return begin
            case Choice(options=options):
                end = self.state()
                for option in options:
                    entry = self.state()
                    self.silent[begin].append(entry)
                    self.silent[self.add(option, entry)].append(end)
                return self._fresh(end)
            case Repeat(item=item, least=least, most=most):
                for _ in range(least):
                    begin = self.add(item, begin)
                if most > least:
                    end = self.state()
                    for _ in range(most - least):
                        self.silent[begin].append(end)
                        entry = self.state()
                        self.silent[begin].append(entry)
                        begin = self.add(item, entry)
                    self.silent[begin].append(end)
                    begin = self._fresh(end)
                return begin

    def _fresh(self, state: int) -> int:
        """A state without steps of its own, so that whatever comes next may hang there."""
        following = self.state()
        self.silent[state].append(following)
        return following

    def close(self, states: set[int]) -> frozenset[int]:
        """These and all that silent steps reach."""
        found, todo = set(states), list(states)
        while todo:
            for state in self.silent[todo.pop()]:
                if state not in found:
                    found.add(state)
                    todo.append(state)
        return frozenset(found)


def _build(tree: Node, pattern: str, where: str) -> Pattern:
    try:
        net = _Net()
        start = net.state()
        states, ends = _determine(net, start, net.add(tree, start))
    except (OverflowError, RecursionError):
        what = f"{pattern!r} needs more than {_MOST_STATES:,} states"
        raise RequestError(Problem("SD-WORDS-004", where, what, "Lower the numbers of repetitions.")) from None
    return _pack(states, ends)


def _determine(net: _Net, start: int, end: int) -> tuple[list[dict[int, frozenset[str]]], list[bool]]:
    """Edges of each state of the automaton (target to letters) and whether a string may end there; state 0 is the start."""
    number = {net.close({start}): 0}
    order = list(number)
    edges: list[dict[int, frozenset[str]]] = []
    closed: dict[frozenset[int], frozenset[int]] = {}
    at = 0
    while at < len(order):
        steps = [step for state in order[at] if (step := net.steps[state]) is not None]
        found: dict[int, frozenset[str]] = {}
        for letters, reached in _part(steps):
            if reached not in closed:
                closed[reached] = net.close(set(reached))
            goal = closed[reached]
            if goal not in number:
                if len(number) >= _MOST_STATES:
                    raise OverflowError
                number[goal] = len(order)
                order.append(goal)
            found[number[goal]] = found.get(number[goal], frozenset()) | letters
        edges.append(found)
        at += 1
    return edges, [end in states for states in order]


def _part(steps: list[tuple[frozenset[str], int]]) -> list[tuple[frozenset[str], frozenset[int]]]:
    """Disjoint classes of letters, each with the states that all of its letters reach."""
    parts: list[tuple[frozenset[str], frozenset[int]]] = []
    for letters, state in sorted(steps, key=lambda s: s[1]):
        rest, after = letters, []
        for known, reached in parts:
            both = known & rest
            if both:
                after.append((both, reached | {state}))
            if known - both:
                after.append((known - both, reached))
            rest = rest - both
        if rest:
            after.append((rest, frozenset({state})))
        parts = after
    return sorted(parts, key=lambda p: min(p[0]))


def _pack(edges: list[dict[int, frozenset[str]]], ends: list[bool]) -> Pattern:
    below, short, long = _count(edges, ends)
    count = below[0]
    first, stop, limit, target, begin, size = [0], [], [], [], [], []
    letters: list[int] = []
    tail, tails = [0], bytearray()
    places: dict[frozenset[str], int] = {}
    for state, found in enumerate(edges):
        so_far = int(ends[state])
        stop.append(so_far * 2**64 // below[state] if found else 0)
        for goal, some in sorted(found.items(), key=lambda item: min(item[1])):
            if some not in places:
                places[some] = len(letters)
                letters.extend(sorted(map(ord, some)))
            so_far += len(some) * below[goal]
            limit.append(min(so_far * 2**64 // below[state], 2**64 - 1))
            goal = _pass_over(edges, ends, goal, tails)
            tail.append(len(tails))
            target.append(goal)
            begin.append(places[some])
            size.append(len(some))
        first.append(len(target))
    return Pattern(
        count,
        short,
        long,
        np.array(first, np.int32),
        np.array(ends, np.uint8),
        np.array(below if count < 2**63 else [], np.uint64),
        np.array(stop, np.uint64),
        np.array(limit, np.uint64),
        np.array(target, np.int32),
        np.array(begin, np.int32),
        np.array(size, np.int32),
        np.array(letters or [0], np.int32),
        np.array(tail, np.int32),
        np.frombuffer(bytes(tails), np.uint8),
        np.array(_find_chain(first, ends, target), np.int32),
    )


def _find_chain(first: list[int], ends: list[bool], target: list[int]) -> list[int]:
    """The edges from the start to the end, where each state before the end has one edge and is no end itself."""
    chain, state = [], 0
    while not ends[state]:
        if first[state + 1] - first[state] != 1:
            return []
        chain.append(first[state])
        state = target[first[state]]
    return chain if first[state + 1] == first[state] else []


def _pass_over(edges: list[dict[int, frozenset[str]]], ends: list[bool], state: int, tails: bytearray) -> int:
    """Adds the letters that must follow after ``state`` to ``tails`` and gives the state in which there is a choice, or the end."""
    while not ends[state] and len(edges[state]) == 1:
        ((goal, some),) = edges[state].items()
        if len(some) > 1:
            break
        tails += next(iter(some)).encode()
        state = goal
    return state


def _count(edges: list[dict[int, frozenset[str]]], ends: list[bool]) -> tuple[list[int], int, int]:
    """Strings that begin in each state; bytes of the shortest and of the longest string. Goals are counted before their states."""
    n = len(edges)
    waiting = [0] * n
    for found in edges:
        for goal in found:
            waiting[goal] += 1
    order = [s for s in range(n) if waiting[s] == 0]
    for state in order:
        for goal in edges[state]:
            waiting[goal] -= 1
            if not waiting[goal]:
                order.append(goal)
    below, short, long = [0] * n, [0] * n, [0] * n
    for state in reversed(order):
        total = int(ends[state])
        spans = [(0, 0)] if ends[state] else []
        for goal, some in edges[state].items():
            total += len(some) * below[goal]
            widths = [len(c.encode()) for c in (min(some), max(some))]
            spans.append((widths[0] + short[goal], widths[1] + long[goal]))
        below[state] = total
        short[state] = min((low for low, _ in spans), default=0)
        long[state] = max((high for _, high in spans), default=0)
    return below, short[0], long[0]


def find_duplicates_risk(count: int, n: int) -> float:
    """Probability that n values drawn from ``count`` equally likely ones hold a duplicate (Poisson approximation)."""
    return float(-np.expm1(-n * (n - 1) / (2 * count)))
