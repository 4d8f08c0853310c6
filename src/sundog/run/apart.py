"""Refuses a holdout that was learned from: every check of privacy reads it as people whom the synthesizer never saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.core.protocols import Source
from sundog.core.tables import meaning_of
from sundog.lib.stats.align import Alignment, align, plan_alignment
from sundog.lib.stats.overlap import LEAST_SHARE, Shared, find_same_table, find_shared_names, find_shared_rows
from sundog.lib.stats.rowhash import add_hashes, hash_columns


@dataclass(frozen=True, slots=True)
class _Hashes:
    """Hashes of one table: whole rows, rows without what only names them (both uint64 (rows, 2)), and each identifier."""

    whole: NDArray[np.uint64]
    compared: NDArray[np.uint64]
    names: dict[str, NDArray[np.uint64]]


def need_apart(train: Source, holdout: Source, where: str, person: str | None = None) -> None:
    """Raise for a holdout whose rows, identifiers or persons are those of the training records, beyond what chance explains.

    Args:
        train: the training records.
        holdout: what is said to be others.
        where: place of the holdout, for the error.
        person: column that names the person, where one is stated.

    Raises:
        RequestError: they are the same people.
    """
    shared = [n for n in train.schema.names if n in holdout.schema.names]
    if not shared or not train.rows or not holdout.rows:
        return
    others = [("the holdout", holdout.schema)]
    compared = plan_alignment(train.schema, others).names
    identifiers = [
        n for n in shared if n not in compared and (meaning_of(train.schema.field(n)) == "identifier" or n == person)
    ]
    if person in shared and person not in identifiers:
        identifiers.append(str(person))
    # without the meanings, so that identifiers and texts are hashed like everything else
    every = plan_alignment(pa.schema([f.remove_metadata() for f in train.schema]), others)
    first, second = (_hash_table(source, every, set(compared), identifiers) for source in (train, holdout))
    if person in first.names:
        _need_other_people(first.names[str(person)], second.names[str(person)], where)
    found = find_same_table(first.whole, second.whole) or find_shared_rows(first.compared, second.compared)
    for name in identifiers:
        found = found or find_shared_names((first.names[name], second.names[name]), (first.compared, second.compared))
    if found is not None:
        raise RequestError(_describe(found, "rows", where))


def _need_other_people(train: NDArray[np.uint64], holdout: NDArray[np.uint64], where: str) -> None:
    people = np.unique(holdout)
    met = int(np.isin(people, train).sum())
    if met >= max(2, LEAST_SHARE * len(people)):
        raise RequestError(_describe(Shared(met, len(people), 0), "persons", where))


def _describe(shared: Shared, noun: str, where: str) -> Problem:
    return Problem(
        "SD-RUN-047",
        where,
        f"{shared.met:,} of its {shared.rows:,} {noun} are among the training records, where chance explains {shared.expected:,};"
        " against such a holdout even a copied table looks private",
        "Give records that the synthesizer never saw, or leave the holdout out.",
    )


def _hash_table(source: Source, every: Alignment, compared: set[str], identifiers: list[str]) -> _Hashes:
    whole, rest = [], []
    names: dict[str, list[NDArray[np.uint64]]] = {n: [] for n in identifiers if n in every.names}
    for batch in source.scan(list(every.names)):
        each = dict(zip(every.names, hash_columns(align(every, batch), {}), strict=True))
        whole.append(add_hashes(list(each.values()), batch.num_rows))
        rest.append(add_hashes([h for n, h in each.items() if n in compared], batch.num_rows))
        for name, found in names.items():
            found.append(each[name][:, 0])
    return _Hashes(np.concatenate(whole), np.concatenate(rest), {n: np.concatenate(f) for n, f in names.items()})
