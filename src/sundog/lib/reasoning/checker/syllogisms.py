"""Checker of syllogisms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from sundog.lib.reasoning.checker.fault import Wrong, need
from sundog.lib.reasoning.checker.lists import split_list

Sentence: TypeAlias = tuple[str, str, str]
_SENTENCE = re.compile(r"(all|no|some) (\w+) are (not )?(\w+)")
_ASKED = re.compile(
    r"(?P<told>.+\.) (?:Does it follow that|Can one conclude that|Must it be true that|Is it certain that) (?P<asked>[^?]+)\?"
    r"(?: Answer yes or no\.| Say yes or no\.| \(yes/no\))"
)
_SO = re.compile(r"(?:From )?(.+?) and (.+?)(?:, so| it follows that) (.+)")
_LET = re.compile(r"Let ([XY]) belong to (.+?)(?:, not to (.+))?")
_HOLDS = re.compile(r'(?:There "(.+)" holds|With only these things, "(.+)" is true)')
_FAILS = re.compile(r'But "(.+)" fails for ([XY])')


def _read_sentence(text: str, step: int) -> Sentence:
    match = _SENTENCE.fullmatch(text)
    if match is None or (match[3] and match[1] != "some"):
        raise Wrong(step, f"{text!r} cannot be read")
    return (f"{match[1]} not" if match[3] else match[1], match[2], match[4])


def _close(kinds: Iterable[str], premises: Sequence[Sentence]) -> set[str] | None:
    """What else belongs to something of these kinds; None if there can be no such thing."""
    closed = set(kinds)
    grown = True
    while grown:
        size = len(closed)
        closed |= {b for kind, a, b in premises if kind == "all" and a in closed}
        grown = len(closed) > size
    return None if any(kind == "no" and a in closed and b in closed for kind, a, b in premises) else closed


def _follows(asked: Sentence, premises: Sequence[Sentence]) -> bool:
    """Whether a sentence is true wherever the premises are."""
    kind, a, b = asked
    if kind == "all":
        closed = _close({a}, premises)
        return closed is None or b in closed
    if kind == "no":
        return _close({a, b}, premises) is None
    for _, x, y in (p for p in premises if p[0] == "some"):
        closed = _close({x, y}, premises) or set()
        if a in closed and (b in closed if kind == "some" else _close({x, y, b}, premises) is None):
            return True
    for _, x, y in (p for p in premises if p[0] == "some not"):
        closed = _close({x}, premises) or set()
        if kind == "some not" and a in closed and y in (_close({b}, premises) or {y}):
            return True
    return False


def check_syllogism(question: str, steps: Sequence[str], answer: str) -> None:
    """What follows is decided by closing kinds under the premises; a proof links all of them, a refutation is a small world."""
    match = _ASKED.fullmatch(question)
    if match is None:
        raise Wrong(-1, "cannot be read")
    texts = match["told"][:-1].split(". ")
    premises = [_read_sentence(t[0].lower() + t[1:], -1) for t in texts]
    need(len(set(premises)) == len(premises), -1, "a premise stands twice")
    asked = _read_sentence(match["asked"], -1)
    yes = _follows(asked, premises)
    if yes:
        _check_proof(premises, asked, steps)
    else:
        _check_refutation(premises, asked, steps)
    need(answer == ("yes" if yes else "no"), len(steps), "is not what follows")


def _check_proof(premises: Sequence[Sentence], asked: Sentence, steps: Sequence[str]) -> None:
    if len(premises) == 1:
        told = len(steps) == 1 and steps[0].startswith("It is given that ")
        need(told and _read_sentence(steps[0][17:], 0) == premises[0] == asked, 0, "is not the premise")
        return
    unused = list(premises)
    now: Sentence | None = None
    for at, step in enumerate(steps):
        said = _SO.fullmatch(step)
        if said is None:
            raise Wrong(at, "cannot be read")
        one, two, three = (_read_sentence(text, at) for text in said.groups())
        if now is None:
            need(one in unused, at, "starts from no premise")
            unused.remove(one)
        else:
            need(one == now, at, "does not go on from the step before")
        need(two in unused, at, "uses no premise that is left")
        unused.remove(two)
        need(_follows(three, (one, two)) and three not in (one, two), at, "does not follow")
        now = three
    need(not unused, len(steps), "a premise was not used")
    need(now == asked, len(steps) - 1, "is not what was asked")


def _check_refutation(premises: Sequence[Sentence], asked: Sentence, steps: Sequence[str]) -> None:
    terms = {t for _, a, b in (*premises, asked) for t in (a, b)}
    things: list[set[str]] = []
    at = 0
    while at < len(steps) and (said := _LET.fullmatch(steps[at])) is not None:
        need(at < 2 and said[1] == "XY"[at], at, "another name is next")
        inside, outside = split_list(said[2]), split_list(said[3]) if said[3] else []
        need(sorted(inside + outside) == sorted(terms), at, "not every kind is told once")
        things.append(set(inside))
        at += 1
    need(
        len(things) == (2 if any(kind == "some" for kind, _, _ in premises) else 1),
        at,
        "things are missing or too many",
    )
    need(len(steps) == len(things) + len(premises) + 1, len(steps), "steps are missing or too many")
    for premise in premises:
        held = _HOLDS.fullmatch(steps[at])
        if held is None:
            raise Wrong(at, "cannot be read")
        need(_read_sentence(held[1] or held[2], at) == premise, at, "another premise is next")
        kind, a, b = premise
        if kind == "all":
            true = all(b in thing for thing in things if a in thing)
        elif kind == "no":
            true = not any(a in thing and b in thing for thing in things)
        else:
            true = any(a in thing and b in thing for thing in things)
        need(true, at, "does not hold there")
        at += 1
    fails = _FAILS.fullmatch(steps[at])
    if fails is None:
        raise Wrong(at, "cannot be read")
    need(_read_sentence(fails[1], at) == asked and asked[0] == "all", at, "is not what was asked")
    place = "XY".index(fails[2])
    need(
        place < len(things) and asked[1] in things[place] and asked[2] not in things[place], at, "does not fail for it"
    )
