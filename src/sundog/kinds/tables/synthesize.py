"""Learned tables: columns to codes, a density model over the codes, codes back to values.

Rows are independent given the model: row u depends on (model, key, u) and on what is given for u alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.keys import Key
from sundog.core.notes import Note, Noted, Rejected, Remark, Used
from sundog.core.plan import Shard
from sundog.core.protocols import Source
from sundog.core.tables import UNIT, Tables, generation_of, with_generation
from sundog.core.take import take_rows
from sundog.kinds.tables._codes import Codes
from sundog.kinds.tables._conditions import Conditions, find_conditions, given_columns, given_for_units
from sundog.kinds.tables._forest import ForestModel, fit_forest, sample_forest
from sundog.kinds.tables._given import sample_given
from sundog.kinds.tables._marginals import MarginalsModel, draw_cells, find_part_faults, prepare_private
from sundog.kinds.tables._marginals_constraints import keep_rules
from sundog.kinds.tables._names import find_unknown_names
from sundog.kinds.tables._persons import replace_persons, take_given, tie_persons
from sundog.kinds.tables._settings import codec_settings, forest_settings, trees_settings
from sundog.kinds.tables._trees import fit_trees
from sundog.kinds.tables._trees_model import TreesModel, sample_trees
from sundog.kinds.tables.recipe import TablesPart
from sundog.lib import persist
from sundog.lib.graphical.drawing import Drawer
from sundog.lib.pii.identities_draw import fields_of, put_identities, stand_ins_of
from sundog.lib.pii.identity_model import Identities
from sundog.lib.processors import count_processors
from sundog.lib.rows.codec import TableCodec, decode, encode, encode_given, learn_codec
from sundog.lib.rows.given import find_beyond, find_step
from sundog.lib.rows.steps_remade import RemadeStep

TABLE = "rows"
"""Name of the one table of a part."""


@dataclass(frozen=True, slots=True)
class TablesModel:
    """A fitted table. Stored by ``lib.persist``; sampling needs nothing else.

    Attributes:
        codec: values to codes and back.
        density: the model over the codes.
        conditions: what the recipe gives.
        learned_rows: training rows that it was learned from; of a private table their number as it was told, with its noise.
        generation: of the rows that it makes, see ``core.tables.with_generation``.
        identities: what the persons of the rows are replaced by; None without ``pii: replace``.
    """

    codec: TableCodec
    density: TreesModel | ForestModel | MarginalsModel
    conditions: Conditions
    learned_rows: int
    generation: int
    identities: Identities | None = None


@dataclass(frozen=True, slots=True)
class TablesSynthesizer:
    """Implements ``core.protocols.Synthesizer``."""

    @property
    def model_type(self) -> type[TablesModel]:
        """What ``prepare`` gives."""
        return TablesModel

    def schemas(self, part: TablesPart, model: TablesModel) -> Mapping[str, pa.Schema]:
        """One table, with the types of the source."""
        fields = model.codec.schema() if model.identities is None else fields_of(model.identities, model.codec.schema())
        return {TABLE: with_generation(fields, model.generation)}

    def prepare(self, part: TablesPart, source: Source | None, key: Key, scratch: Path) -> Noted[TablesModel]:
        """Learn the codec and the density from at most ``learn_rows`` training rows.

        Raises:
            RequestError: the recipe names a column that is not there, or gives something impossible.
        """
        problems = find_part_faults(part, "parts")
        if problems:
            raise RequestError(*problems)
        if part.model is not None:
            return _load_model(part)
        assert source is not None  # the spec asks for one of the two
        if part.method == "marginals":
            return _prepare_marginals(part, source, key)
        _check_names(part, source.schema)
        notes: list[Note] = []
        rows = take_rows(source, part.learn_rows, key.child("learn"))
        if rows.num_rows < source.rows:
            notes.append(
                Remark("learning", f"learned from {rows.num_rows:,} of {source.rows:,} training rows, drawn at random")
            )
        weights = _read_weights(part, rows)
        settings, identities = codec_settings(part), None
        if part.pii == "replace":
            replaced = replace_persons(part, rows, settings, key.child("identities"))
            rows, settings, identities = replaced.rows, replaced.settings, replaced.identities
            notes += replaced.remarks
        codec, said = learn_codec(_TableSource(rows), settings, key.child("codec"))
        notes += said
        _check_target(part, codec, said)
        conditions = find_conditions(part, codec)
        if conditions.kept is not None:
            notes += [Remark(name, text) for name, text in find_beyond(codec, conditions.kept)]
        first = given_columns(conditions, codec)
        values = encode(codec, rows)
        del rows
        codes = Codes(values, codec.sizes, codec.nominal, codec.missing, codec.numbers)
        density: TreesModel | ForestModel
        if part.method == "trees":
            density = fit_trees(codes, weights, trees_settings(part), first, key.child("trees"), count_processors())
        else:
            density = fit_forest(codes, weights, forest_settings(part), first, key.child("forest"), count_processors())
        if first:
            notes.append(
                Remark(
                    "given",
                    "columns with conditions were put first in the order of the model, so that fixed values and shares are honoured exactly; ranges and mixed patterns are drawn from 64 weighted candidates a row",
                )
            )
        generation = (generation_of(source.schema) or 0) + 1
        if identities is not None:
            identities = tie_persons(part, identities, codec)
        return Noted(TablesModel(codec, density, conditions, len(values), generation, identities), tuple(notes))

    def find_faults(self, part: TablesPart, where: str) -> tuple[Problem, ...]:
        """Every fault that can be told from the recipe alone."""
        return find_part_faults(part, where)

    def count_units(self, part: TablesPart, model: TablesModel) -> int:
        """Rows to complete, as often as each is asked for; else as many rows as were told of a private table."""
        if part.complete is None:
            return model.learned_rows
        return len(model.conditions.fixed) * max(1, model.conditions.times)

    @contextmanager
    def open(self, model: TablesModel) -> Iterator[TablesSampler]:
        """The kernels come from the cache; conditions are put into a graphical model once for each that is met."""
        private = isinstance(model.density, MarginalsModel)
        yield TablesSampler(model, Drawer(model.density.graph) if private else None)  # type: ignore[union-attr]


@dataclass(frozen=True, slots=True)
class TablesSampler:
    """Implements ``core.protocols.Sampler``."""

    model: TablesModel
    drawer: Drawer | None = None

    def sample(self, shard: Shard, given: Tables) -> Noted[Tables]:
        """Rows of the shard's units; an impossible row is rejected with the reason ``impossible``."""
        model, key, units = self.model, shard.key.child("sample"), shard.units
        known: NDArray[np.int32] | None
        kept: pa.RecordBatch | None
        if given:
            hidden = stand_ins_of(model.identities)
            persons = take_given(hidden, given, len(units))
            known, kept = _given_by_chain(model.codec, given, hidden, persons is not None)
            allowed = model.conditions.allowed
        else:
            known, kept, allowed = given_for_units(model.conditions, model.codec, key, units)
            persons = None
        rejects: tuple[Rejected, ...] = ()
        free = not any(a is not None for a in allowed)
        if isinstance(model.density, MarginalsModel):
            assert self.drawer is not None
            codes, possible = draw_cells(model.density, self.drawer, key, units, known, allowed)
            rejects = _reject_impossible(units, possible)
        elif free and (known is None or lead_order(known, order_of(model.density))):
            codes = _sample_free(model.density, key, units, known)
        else:
            codes, effective = sample_given(model.density, known, allowed, key, units)
            rejects = _reject_impossible(units, effective > 0)
        within = {} if given else model.conditions.within
        batch = decode(model.codec, codes, key.child("values"), units, kept, within)
        if model.identities is not None:
            batch = put_identities(model.identities, batch, key.child("values"), units, persons)
        if isinstance(model.density, MarginalsModel):
            batch = keep_rules(model.codec, batch, kept)
        return Noted({TABLE: batch}, rejects)


def _reject_impossible(units: range, possible: NDArray[np.bool_]) -> tuple[Rejected, ...]:
    return tuple(
        Rejected(
            units.start + int(i),
            "impossible",
            "the model gives this combination of given values no probability",
            keep=False,
        )
        for i in np.flatnonzero(~possible)
    )


def _prepare_marginals(part: TablesPart, source: Source, key: Key) -> Noted[TablesModel]:
    """A differentially private model; the generation of its rows is that of the source's schema, which is public."""
    released, notes = prepare_private(part, source, key)
    conditions = find_conditions(part, released.codec)
    beyond = [] if conditions.kept is None else find_beyond(released.codec, conditions.kept)
    more = tuple(Remark(name, text) for name, text in beyond)
    generation = (generation_of(source.schema) or 0) + 1
    return Noted(TablesModel(released.codec, released.density, conditions, released.rows, generation), (*notes, *more))


def order_of(density: TreesModel | ForestModel) -> NDArray[np.int32]:
    """int32 (n_columns,), the coded columns in the order in which they are drawn."""
    return np.array([c.column for c in density.columns], dtype=np.int32)


def lead_order(known: NDArray[np.int32], order: NDArray[np.int32]) -> bool:
    """Whether the given columns, the same in all rows, are the first that the model draws: then sampling is exact.

    Args:
        known: int32 (n_rows, n_columns), -1 where free.
        order: int32 (n_columns,), columns in the order in which they are drawn.
    """
    given: NDArray[np.bool_] = known >= 0
    columns: NDArray[np.bool_] = np.asarray(given.any(axis=0))
    return bool((given == columns).all() and columns[order[: int(columns.sum())]].all())


def _sample_free(
    density: TreesModel | ForestModel, key: Key, units: range, known: NDArray[np.int32] | None
) -> NDArray[np.int32]:
    if isinstance(density, TreesModel):
        return sample_trees(density, known, key, units)
    return sample_forest(density, known, key, units)


def _given_by_chain(
    codec: TableCodec, given: Tables, hidden: frozenset[str], persons: bool
) -> tuple[NDArray[np.int32] | None, pa.RecordBatch | None]:
    """Columns of an earlier part's one-row tables that this table has too; none where the persons alone are given."""
    names = set(codec.schema().names) - hidden
    there = {n for b in given.values() for n in b.schema.names if n != UNIT}
    for batch in given.values():
        shared = [n for n in batch.schema.names if n in names and n != UNIT]
        if shared and batch.num_rows:
            kept = batch.select(shared)
            known, problems = encode_given(codec, kept)
            if problems:
                raise RequestError(*problems)
            return known, kept
    if persons:
        return None, None
    raise RequestError(
        Problem(
            "SD-TABLES-001",
            "given",
            f"none of the given columns is in this table: {', '.join(map(repr, sorted(there)[:5])) or 'there is none'}",
            (nearest(min(there), names) if there else "")
            or "Give, or chain a part that has, at least one column of this table.",
        )
    )


def _load_model(part: TablesPart) -> Noted[TablesModel]:
    """A fitted model from a bundle or a saved one, with this part's conditions."""
    folder = Path(str(part.model))
    where = "parts.model"
    inside = (
        sorted(folder.glob("model/*/model.json")) if (folder / "manifest.json").exists() else [folder / "model.json"]
    )
    if len(inside) != 1 or not inside[0].exists():
        what = f"{folder} holds {len(inside)} models" if len(inside) > 1 else f"there is no fitted model in {folder}"
        raise RequestError(
            Problem("SD-TABLES-016", where, what, "Give the folder of a bundle with one part, or BUNDLE/model/PART.")
        )
    try:
        model = persist.load(TablesModel, inside[0].parent)
    except (ValueError, TypeError, KeyError, OSError) as error:
        raise RequestError(
            Problem(
                "SD-TABLES-017",
                where,
                f"{inside[0]} is not a model of this kind: {error}",
                "Give a model that the kind 'tables' of this version wrote.",
            )
        ) from error
    conditions = find_conditions(part, model.codec)
    used = Used(
        f"fitted model of {model.learned_rows:,} rows",
        sha256(inside[0].read_bytes()).hexdigest(),
        "as the source that it was learned from",
    )
    remark = Remark(
        "model", "sampled from a fitted model: no real record was at hand, so nothing was measured against any"
    )
    return Noted(replace(model, conditions=conditions), (used, remark))


@dataclass(frozen=True, slots=True)
class _TableSource:
    """A table in memory as a source of rows."""

    table: pa.Table

    @property
    def schema(self) -> pa.Schema:
        return self.table.schema

    @property
    def rows(self) -> int:
        return int(self.table.num_rows)

    @property
    def notes(self) -> tuple[Note, ...]:
        return ()

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        table = self.table if columns is None else self.table.select(list(columns))
        yield from table.to_batches(max_chunksize=65_536)


def _check_names(part: TablesPart, schema: pa.Schema) -> None:
    problems = list(find_unknown_names(part, schema.names, "parts"))
    for name, column in part.columns.items():
        if column.drop and name in (part.target, part.weights):
            problems.append(
                Problem(
                    "SD-TABLES-003",
                    f"parts.columns.{name}.drop",
                    "the target and the weights cannot be dropped",
                    "Remove 'drop'.",
                )
            )
    if part.weights is not None and part.weights == part.target:
        problems.append(
            Problem("SD-TABLES-004", "parts.weights", "the target cannot be the weights", "Name another column.")
        )
    if problems:
        raise RequestError(*problems)


def _check_target(part: TablesPart, codec: TableCodec, said: Sequence[Note]) -> None:
    """Refuse a target that is not learned: values that are remade have nothing to do with the rest of their row."""
    name = part.target
    if name is None or not (name not in codec.schema().names or isinstance(find_step(codec, name), RemadeStep)):
        return
    why = next((n.text for n in said if isinstance(n, Remark) and n.subject == name), "is left out")
    raise RequestError(
        Problem(
            "SD-TABLES-019",
            "parts.target",
            f"the target {name!r} is not learned, so nothing could predict it: it {why}",
            f"Name another target, or say what the column is, as in columns: {{{name}: {{meaning: category}}}}.",
        )
    )


def _read_weights(part: TablesPart, rows: pa.Table) -> NDArray[np.float64] | None:
    """float64 (n_rows,), mean 1; None without a weights column."""
    if part.weights is None:
        return None
    try:
        weights = rows.column(part.weights).cast(pa.float64()).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise RequestError(
            Problem(
                "SD-TABLES-005", "parts.weights", f"{part.weights!r} does not hold numbers", "Name a column of numbers."
            )
        ) from error
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() <= 0:
        raise RequestError(
            Problem(
                "SD-TABLES-006",
                "parts.weights",
                f"{part.weights!r} has missing or negative weights",
                "Weights are numbers of at least 0 in every row.",
            )
        )
    return np.asarray(weights / weights.mean(), dtype=np.float64)
