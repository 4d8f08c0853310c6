"""What can be argued about private records, part by part, from what kinds say they read and what a run was seen to open.

The argument "no private record was read" is made where it holds and nowhere else: every part that the data come through must
say that it reads nothing, and the run must have opened no file that belongs to nobody. Everything else is called by its name:
noisy releases with their cost, exact statistics, records.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sundog.core.notes import Means
from sundog.evidence.report.data import DependenceFacts, OpenedFacts, OriginFacts, PartFacts, Report, SpendFacts
from sundog.evidence.report.words import count_of, plain, spell_list

_RANK: Final[Mapping[Means, int]] = {"nothing": 0, "releases": 1, "statistics": 2, "records": 3}

ARGUMENT: Final = (
    "So these data are a function of the recipe, its seed and lists that come with Sundog. No private record is among what it is a "
    "function of: add, change or remove any, anywhere, and not one value changes. For every source of private records that is "
    "differential privacy with ε = 0 and δ = 0, shown by the flow of data and not by a measurement."
)
"""What follows where nothing was read."""

_TITLES: Final[Mapping[Means, str]] = {
    "nothing": "No private record was read",
    "releases": "Private records were read through noise",
    "statistics": "Exact statistics of private records were read: no formal guarantee",
    "records": "It was learned from records: no formal guarantee",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed of one part.

    Attributes:
        part: its name.
        means: by which private records can have come in; None where that is not known.
        holds: whether a guarantee is claimed: nothing was read, or noisy releases alone.
        title: in a few words.
        said: the argument, a sentence or two each.
        limits: what it does not say.
    """

    part: str
    means: Means | None
    holds: bool
    title: str
    said: tuple[str, ...]
    limits: tuple[str, ...] = ()


def claim_parts(report: Report, opened: OpenedFacts | None) -> tuple[Claim, ...]:
    """What is claimed of each part; nothing at all where no kind says anything.

    Args:
        report: parts with what their kinds say.
        opened: what the run was seen to open; None where nobody watched.
    """
    if not any(p.dependence for p in report.parts):
        return ()
    known = {p.name: p for p in report.parts}
    by_chance = any(f.check.startswith("privacy.coincidence") for f in report.findings)
    return tuple(_claim(p, tuple(_walk_back(p, known)), opened, by_chance) for p in report.parts)


def _walk_back(part: PartFacts, known: Mapping[str, PartFacts]) -> Iterator[PartFacts]:
    """The part, and those whose units it was given."""
    seen: set[str] = set()
    at: PartFacts | None = part
    while at is not None and at.name not in seen:
        yield at
        seen.add(at.name)
        at = known.get(at.after)


def _claim(part: PartFacts, chain: Sequence[PartFacts], opened: OpenedFacts | None, by_chance: bool) -> Claim:
    silent = [p for p in chain if p.dependence is None]
    if silent:
        what = spell_list(tuple(f"{p.name!r} of kind {p.kind}" for p in silent))
        said = f"Part {what} does not say what it reads, so nothing is claimed of private records."
        return Claim(part.name, None, False, "Nothing is claimed", (said,))
    found = [(p.name, p.dependence) for p in chain if p.dependence is not None]
    means = max((d.means for _, d in found), key=_RANK.__getitem__)
    texts = tuple(d.text if name == part.name else f"Through part {name!r}: {d.text}" for name, d in found if d.text)
    if means == "nothing":
        return _claim_nothing(part, texts, opened, by_chance)
    if means == "releases":
        total = _add_up([d for _, d in found])
        said = f"Everything after the noise only works on what was released, which costs nothing more.{total}"
        limits = (
            "It covers the releases that are listed, and no others: what else was published about the same source adds to them.",
            "Names and types of columns, and whatever is said to be taken as public, are not covered.",
        )
        stray = opened is not None and len(opened.strays) > 0  # that it read its sources is what the noise is for
        told = (*texts, said, *((_tell_others(opened),) if opened is not None and stray else ()))
        return Claim(part.name, means, not stray, _TITLES[means], told, limits)
    if means == "statistics":
        said = (
            "A figure that was read exactly tells something about the records that it is of, whatever the least size of a group is. "
            "Nothing bounds how much: there is a threshold, and no formal guarantee."
        )
        return Claim(part.name, means, False, _TITLES[means], (*texts, said))
    said = "What attacks on it found, and what they did not find, stands under Privacy: measurements, never a proof."
    return Claim(part.name, means, False, _TITLES[means], (*texts, said))


def _claim_nothing(part: PartFacts, texts: tuple[str, ...], opened: OpenedFacts | None, by_chance: bool) -> Claim:
    if opened is not None and opened.others:
        said = (
            f"The recipe alone would allow to say that no private record was read. But the run opened "
            f"{count_of(len(opened.others), 'files')} that belong neither to the program nor to its output (run.json lists them). Whether "
            "one of them holds private records cannot be seen from here, so nothing is claimed.",
        )
        return Claim(part.name, None, False, "Nothing is claimed: the run opened other files", (*texts, *said))
    limits = (
        "What the author of the recipe knew. A figure that was copied from private records by hand gives away what it gives away. Where "
        "each figure comes from stands below in the author's words; nobody has checked it.",
        "That nobody is like this. A made-up person can have the name and the birth date of a real one by chance"
        + ("; how often is computed under Privacy." if by_chance else "."),
        "That the data are true to life: where there is no real table, nothing was compared with one.",
        *(
            (
                "Files that a library opens in machine code of its own. The run saw what the Python interpreter opens; one of Sundog's tests "
                "watches every system call of a whole run instead.",
            )
            if opened is not None
            else ()
        ),
    )
    return Claim(part.name, "nothing", True, _TITLES["nothing"], (*texts, _tell_opened(opened), ARGUMENT), limits)


def _tell_opened(opened: OpenedFacts | None) -> str:
    if opened is None:
        return "Nobody watched which files the run opened: this rests on the recipe, and on Sundog's tests of what a run opens."
    places = spell_list(tuple(f"{count_of(n, 'files')} of {where}" for where, n in opened.places))
    lists = f" The lists are {spell_list(opened.lists)}." if opened.lists else ""
    read = (
        f"Besides the recipe, the run opened {places} for reading"
        if places
        else "Besides the recipe, the run opened no file"
    )
    return f"{read}, and no other file.{lists}"


def _tell_others(opened: OpenedFacts) -> str:
    return (
        f"The run also opened {count_of(len(opened.strays), 'files')} that belong neither to the program, to its sources nor to its output "
        "(run.json lists them). Whether it took from them more than the releases cannot be seen from here."
    )


def _add_up(found: Sequence[DependenceFacts]) -> str:
    """What the releases of a chain cost in all; empty where somebody does not say."""
    noisy = [d for d in found if d.means == "releases"]
    if any(d.epsilon is None for d in noisy):
        return ""
    epsilon, delta = math.fsum(d.epsilon or 0.0 for d in noisy), math.fsum(d.delta for d in noisy)
    return f" In all: ε = {plain(epsilon)}, δ = {plain(delta)}."


def total_of(spends: Sequence[SpendFacts]) -> SpendFacts:
    """Sums of what releases cost; epsilon is None where one of them has none."""
    known = [s.epsilon for s in spends]
    return SpendFacts(
        mechanism="together",
        rho=math.fsum(s.rho for s in spends),
        neighbours="",
        epsilon=None if None in known else math.fsum(e for e in known if e is not None),
        delta=math.fsum(s.delta for s in spends),
    )


def group_origins(origins: Sequence[OriginFacts]) -> dict[str, list[OriginFacts]]:
    """Parameters by where they come from, those with most parameters first."""
    found: dict[str, list[OriginFacts]] = {}
    for origin in origins:
        found.setdefault(origin.text, []).append(origin)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))
