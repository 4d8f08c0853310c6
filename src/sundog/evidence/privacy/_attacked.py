"""The people whom attacks are tried on, read once and in the same way for every attack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.findings import Role
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.evidence._frames import describe_left_out, first_table, plan_comparison
from sundog.lib.adversarial.points import measure_outlying, place_rows
from sundog.lib.stats.frame import Frame, encode_tables, join_frames, put_rows

LEAST: Final = 100
"""Fewer people than this on a side tell nothing."""

REFERENCE_SHARE: Final = 1 / 3
"""Share of the holdout that attackers hold as a reference and that is not asked about."""

OUTLYING: Final = 0.1
"""Share of the people who count as outliers: those farthest from the reference."""

LEAK: Final = 0.3
"""Share of the attacked members whose records the positive control puts into the synthetic table."""

_TARGETS: Final = 15_000
_SYNTHETIC: Final = 50_000
_CELLS: Final = 20_000_000_000
"""Targets times synthetic rows times columns of one search; larger tables are drawn from."""


@dataclass(frozen=True, slots=True)
class Attacked:
    """Rows of each side.

    Attributes:
        members: training rows, ``others``: holdout rows; about as many.
        others: see there.
        reference: holdout rows that attackers hold.
        synthetic: the table.
        people: int64 (members,), person of each member row; each row is a person where none are named.
        other_people: int64 (others,).
        outlying: bool (members,), the tenth that lies farthest from the reference, members and others counted together.
        other_outlying: bool (others,).
        persons: whether the recipe names persons.
        note: what was drawn and left out, in words, with a leading space.
    """

    members: Frame
    others: Frame
    reference: Frame
    synthetic: Frame
    people: NDArray[np.int64]
    other_people: NDArray[np.int64]
    outlying: NDArray[np.bool_]
    other_outlying: NDArray[np.bool_]
    persons: bool
    note: str

    @property
    def who(self) -> str:
        """What is attacked, in words."""
        return "persons" if self.persons else "records"


def read_attacked(evidence: Evidence, key: Key) -> tuple[Attacked | None, str]:
    """The rows, or why there are none."""
    alignment = plan_comparison(evidence)
    table = first_table(evidence)
    if not evidence.has("holdout"):
        return None, "there are no holdout rows: without people whom the table cannot know there is no control"
    if len(alignment.columns) < 2:
        return None, "fewer than two columns can be compared"
    if evidence.rows("synthetic", table) < LEAST or evidence.rows("train") < LEAST:
        return None, f"fewer than {LEAST} rows on a side tell nothing"
    made = min(_SYNTHETIC, evidence.rows("synthetic", table))
    most = int(min(_TARGETS, max(1_000, _CELLS / (2 * made * len(alignment.columns)))))
    names = list(alignment.names)
    person: str | None = getattr(getattr(evidence.part, "source", None), "person", None)
    if person is not None and not all(person in evidence.schema(r).names for r in ("train", "holdout")):
        person = None
    wanted: dict[Role, int] = {"train": most, "holdout": int(most / (1 - REFERENCE_SHARE)), "synthetic": made}
    rows: dict[str, pa.Table] = {}
    for role, limit in wanted.items():
        columns = names if role == "synthetic" or person is None else list(dict.fromkeys([*names, person]))
        rows[role] = evidence.take(role, limit, key.child(role), table, columns)
    frames = encode_tables(alignment, {role: rows[role] for role in ("synthetic", "train", "holdout")})
    people = {role: code_people(rows[role], person) for role in ("train", "holdout")}
    apart = _draw_share(people["holdout"], REFERENCE_SHARE, key.child("reference"))
    kept = np.flatnonzero(~apart)
    others, reference = frames["holdout"].take(kept), frames["holdout"].take(np.flatnonzero(apart))
    if min(len(np.unique(people["holdout"][kept])), len(np.unique(people["train"]))) < LEAST:
        return None, f"fewer than {LEAST} people on a side tell nothing"
    chosen = np.sort(key.child("members").generator().permutation(frames["train"].rows)[: max(LEAST, 2 * others.rows)])
    members, member_people = frames["train"].take(chosen), people["train"][chosen]
    far = find_outlying(frames["synthetic"], reference, join_frames(members, others))
    total = evidence.rows("synthetic", table)
    note = f" {members.rows:,} training and {others.rows:,} holdout rows were attacked with {made:,} of {total:,} synthetic rows in hand."
    if alignment.left_out:
        note += " " + describe_left_out(alignment)
    return Attacked(
        members, others, reference, frames["synthetic"], member_people, people["holdout"][kept],
        far[: members.rows], far[members.rows :], person is not None, note,
    ), ""  # fmt: skip


def leak_rows(attacked: Attacked, key: Key) -> Attacked:
    """The same with the records of some of the attacked members put in the place of as many synthetic rows: the positive control."""
    taken = np.flatnonzero(_draw_share(attacked.people, LEAK, key.child("members")))
    place = (
        key.child("places")
        .generator()
        .choice(attacked.synthetic.rows, min(len(taken), attacked.synthetic.rows // 2), replace=False)
    )
    given = attacked.members.take(key.child("order").generator().permutation(taken)[: len(place)])
    return replace(attacked, synthetic=put_rows(attacked.synthetic, place, given))


def find_outlying(scale: Frame, reference: Frame, rows: Frame) -> NDArray[np.bool_]:
    """Bool (rows,): those that lie farthest from the reference rows."""
    far = measure_outlying(place_rows(scale, reference), place_rows(scale, rows))
    worst = np.zeros(rows.rows, dtype=bool)
    worst[np.argsort(-far, kind="stable")[: round(OUTLYING * rows.rows)]] = True
    return worst


def code_people(table: pa.Table, person: str | None) -> NDArray[np.int64]:
    """int64 (rows,): a number for each person; a row without a name is a person of its own."""
    if person is None:
        return np.arange(table.num_rows, dtype=np.int64)
    coded = table.column(person).combine_chunks().cast(pa.string()).dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.unify_dictionaries().combine_chunks()
    codes = np.array(pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
    return np.where(codes < 0, len(coded.dictionary) + np.arange(len(codes)), codes)


def _draw_share(people: NDArray[np.int64], share: float, key: Key) -> NDArray[np.bool_]:
    distinct, codes = np.unique(people, return_inverse=True)
    drawn = np.zeros(len(distinct), dtype=bool)
    drawn[key.generator().permutation(len(distinct))[: round(share * len(distinct))]] = True
    return np.asarray(drawn[codes], dtype=bool)
