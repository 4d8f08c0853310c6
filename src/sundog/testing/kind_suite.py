"""Questions to a kind of data: does a unit depend on its number alone, is everything in the model, are promises kept."""

from __future__ import annotations

import os
import random  # noqa: TID251 - watched, not used
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa

from sundog.core.extension import Extension, installed
from sundog.core.keys import Key
from sundog.core.notes import Rejected
from sundog.core.plan import Shard
from sundog.core.protocols import Sampler, Selection, Source, Standing
from sundog.core.recipe import Part, Recipe
from sundog.core.tables import UNIT, Tables
from sundog.lib import persist
from sundog.run.make import MakeOptions, make_bundle
from sundog.run.shard import Opened, sample_checked
from sundog.run.split import split_source
from sundog.run.store import Store

KEY = Key.root(2024).child("conformance")
UNITS = range(64)
SIZES = (1, 7, 64)


@dataclass(frozen=True)
class Made:
    """Units as they came: rows of each table, and rejects, in unit order."""

    tables: Mapping[str, pa.Table]
    rejects: tuple[Rejected, ...]

    def differs(self, other: Made) -> str:
        """What is not the same, in words; empty where nothing is."""
        for name, table in self.tables.items():
            if name not in other.tables:
                return f"table {name!r} is missing"
            theirs = other.tables[name]
            for column in table.schema.names:
                if not _same(table.column(column), theirs.column(column)):
                    return f"column {column!r} of table {name!r}"
        return "" if self.rejects == other.rejects else "the rejected units"


@dataclass(frozen=True)
class KindTrial:
    """A kind on trial. It is prepared once, when the first question needs it."""

    extension: Extension[Any]
    part: Part
    given: Mapping[str, pa.RecordBatch]

    @cached_property
    def synthesizer(self) -> Any:
        """The implementation."""
        return self.extension.load()

    @cached_property
    def model(self) -> Any:
        """What ``prepare`` gave; the folder that it could use is gone."""
        return self.prepare()

    def prepare(self) -> Any:
        """Prepare with the training side of the part's source, where it has one."""
        with TemporaryDirectory(prefix="sundog-conformance-") as folder:
            train: Source | None = None
            spec = getattr(self.part, "source", None)
            if spec is not None:
                train = split_source(
                    spec, getattr(self.part, "target", None), KEY, Path(folder) / "split", "source"
                ).train
            scratch = Path(folder) / "scratch"
            scratch.mkdir()
            model, notes = self.synthesizer.prepare(self.part, train, KEY.child("prepare"), scratch)
            assert isinstance(notes, tuple), "notes are a tuple"
            wrong = [n for n in notes if isinstance(n, Rejected)]
            assert not wrong, f"{wrong[0]!r} is no note of a preparation"
            # Stored, as the road does it: the files that were learned from are about to go.
            stored = persist.dumps(model)
        return persist.loads(self.synthesizer.model_type, stored)

    def open(self, model: Any = None) -> Any:
        """A context that gives a sampler."""
        return self.synthesizer.open(self.model if model is None else model)

    def sample(self, sampler: Sampler, units: range = UNITS, size: int = 64, key: Key = KEY) -> Made:
        """These units in shards of a size, held to what was promised."""
        schemas = self.synthesizer.schemas(self.part, self.model)
        store, recipe = Store("", None, ""), Recipe.model_construct(name="trial", parts={"trial": self.part})
        opened = Opened(store, recipe, self.part, key, self.synthesizer, sampler, {}, schemas)
        pieces: dict[str, list[pa.RecordBatch]] = {name: [] for name in sorted(schemas)}
        rejects: list[Rejected] = []
        for index, start in enumerate(range(units.start, units.stop, size)):
            shard = Shard("trial", index, range(start, min(start + size, units.stop)), key)
            tables, notes = sample_checked(opened, shard, self.given_for(shard.units))
            for name, batch in tables.items():
                pieces[name].append(batch)
            rejects += [n for n in notes if isinstance(n, Rejected)]
        tables = {n: pa.Table.from_batches(b) for n, b in pieces.items()}
        return Made(tables, tuple(sorted(rejects, key=lambda r: (r.unit, r.reason))))

    def given_for(self, units: range) -> Tables:
        """The given rows of these units."""
        out = {}
        for name, batch in self.given.items():
            unit = batch.column(UNIT).to_numpy()
            out[name] = batch.filter(pa.array((unit >= units.start) & (unit < units.stop)))
        return out

    @cached_property
    def whole(self) -> Made:
        """The units 0 to 63 in one shard."""
        with self.open() as sampler:
            return self.sample(sampler)


def model_is_of_its_type(trial: KindTrial) -> None:
    """``prepare`` gives a frozen dataclass of ``model_type``, which Arrow and JSON can hold."""
    assert isinstance(trial.model, trial.synthesizer.model_type)
    parameters = getattr(trial.synthesizer.model_type, "__dataclass_params__", None)
    assert parameters is not None, "the model is no dataclass"
    assert parameters.frozen, "the model can be changed: @dataclass(frozen=True)"


def preparing_again_gives_the_same_model(trial: KindTrial) -> None:
    """The same part, records and key give the same model, to the byte."""
    if trial.extension.repeatable == "recorded":
        return
    assert persist.dumps(trial.prepare()) == persist.dumps(trial.model), "another preparation gave another model"


def promised_tables_are_given(trial: KindTrial) -> None:
    """``sample`` gives the tables and columns that ``schemas`` promised, and each row belongs to a unit of the shard."""
    schemas = trial.synthesizer.schemas(trial.part, trial.model)
    assert schemas, "no table is promised"
    assert all(re.fullmatch(r"[A-Za-z0-9_]+", name) for name in schemas), "a table is called by letters, digits and _"
    assert all(UNIT not in schema.names for schema in schemas.values()), f"{UNIT!r} is not among the promised columns"
    assert set(trial.whole.tables) == set(schemas)


def any_shard_size_gives_the_same_data(trial: KindTrial) -> None:
    """Shards of 1, 7 and 64 units hold the same rows and the same rejects."""
    with trial.open() as sampler:
        for size in SIZES:
            differs = trial.whole.differs(trial.sample(sampler, size=size))
            assert not differs, f"with {size} units in a shard: {differs}"


def a_unit_alone_is_a_unit_in_a_crowd(trial: KindTrial) -> None:
    """A unit made alone, out of turn, is the unit that the crowd has; high numbers too."""
    far = range(2**40, 2**40 + 5)
    with trial.open() as sampler:
        for unit in (41, 3, 63):
            differs = _only(trial.whole, unit).differs(trial.sample(sampler, range(unit, unit + 1)))
            assert not differs, f"unit {unit}: {differs}"
        if not trial.given:
            differs = _only(trial.sample(sampler, far), far[3]).differs(trial.sample(sampler, far[3:4]))
            assert not differs, f"unit {far[3]}: {differs}"


def the_same_key_gives_the_same_data(trial: KindTrial) -> None:
    """Sampling leaves no trace: again, with other units in between, and with another sampler, it is the same."""
    with trial.open() as sampler:
        for _ in range(2):
            differs = trial.whole.differs(trial.sample(sampler))
            assert not differs, differs
            trial.sample(sampler, range(5, 9), key=KEY.child("other"))


def another_key_gives_other_data(trial: KindTrial) -> None:
    """Not the same units again under another seed."""
    with trial.open() as sampler:
        assert trial.whole.differs(trial.sample(sampler, key=KEY.child("other"))), "the key makes no difference"


def a_stored_model_gives_the_same_data(trial: KindTrial) -> None:
    """Everything that sampling needs is in the model: written to files and read again, it gives the same rows."""
    with TemporaryDirectory(prefix="sundog-conformance-") as folder:
        persist.save(trial.model, Path(folder))
        with trial.open(persist.load(trial.synthesizer.model_type, Path(folder))) as sampler:
            differs = trial.whole.differs(trial.sample(sampler))
    assert not differs, differs


def no_state_is_shared_with_the_world(trial: KindTrial) -> None:
    """Neither are the global generators used or set, nor environment, folder or given tables changed."""
    before = {n: b.to_pylist() for n, b in trial.given.items()}
    with _watched() as changes, trial.open() as sampler:
        made = trial.sample(sampler)
    assert not changes, f"sampling changed {', '.join(changes)}"
    assert before == {n: b.to_pylist() for n, b in trial.given.items()}, "the given tables were changed"
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002, TID251 - what a careless kind would draw from
    with trial.open() as sampler:
        differs = made.differs(trial.sample(sampler))
    assert not differs, f"the seed of a global generator changed {differs}"


def rejects_have_a_unit_and_a_reason(trial: KindTrial) -> None:
    """Rejected units are of the shard, with a short stable reason."""
    for reject in trial.whole.rejects:
        assert reject.unit in UNITS, f"unit {reject.unit} is rejected and was not asked for"
        assert re.fullmatch(r"[a-z][a-z0-9_-]*", reject.reason), f"{reject.reason!r} is no short stable word"


def selection_goes_by_unit_order_alone(trial: KindTrial) -> None:
    """Rejects across units are the same however the sketches are cut, and the first unit always stays."""
    if not isinstance(trial.synthesizer, Selection):
        return
    found = []
    for size in SIZES:
        with trial.open() as sampler:
            pieces = [trial.sample(sampler, range(s, min(s + size, 64)), size) for s in range(0, 64, size)]
        sketches = [
            trial.synthesizer.sketch(
                range(i * size, min((i + 1) * size, 64)), {n: _one(t) for n, t in made.tables.items()}
            )
            for i, made in enumerate(pieces)
        ]
        assert all(s.schema.names[0] == UNIT for s in sketches), f"the first column of a sketch is {UNIT!r}"
        found.append([r.unit for r in trial.synthesizer.select(trial.part, iter(sketches))])
    assert all(f == found[0] for f in found), "the cut of the sketches changes what is selected"
    assert 0 not in found[0], "the lowest number stays"
    assert found[0] == sorted(set(found[0])), "units are rejected once each, in their order"


def standing_tables_stand_apart(trial: KindTrial) -> None:
    """Tables that belong to no unit have names of their own, no unit, and follow from the model alone."""
    maker: Any = trial.synthesizer
    if not isinstance(maker, Standing):
        return
    found = maker.standing(trial.part, trial.model)
    both = set(found) & set(trial.synthesizer.schemas(trial.part, trial.model))
    assert not both, f"{', '.join(sorted(both))} is made by unit too"
    assert all(re.fullmatch(r"[A-Za-z0-9_]+", name) for name in found), "a table is called by letters, digits and _"
    again = maker.standing(trial.part, persist.loads(type(trial.model), persist.dumps(trial.model)))
    for name, table in found.items():
        assert UNIT not in table.schema.names, f"{name!r} belongs to no unit and has a column {UNIT!r}"
        assert table.equals(again[name]), f"a stored model gives another table {name!r}"


def nothing_given_is_fine_and_no_unit_is_no_row(trial: KindTrial) -> None:
    """A shard without units gives empty tables."""
    with trial.open() as sampler:
        made = trial.sample(sampler, range(9, 10))
        tables, notes = sampler.sample(Shard("trial", 0, range(9, 9), KEY), trial.given_for(range(9, 9)))
    assert made.tables
    assert {n: b.num_rows for n, b in tables.items()} == dict.fromkeys(tables, 0)
    assert not [n for n in notes if isinstance(n, Rejected)]


def the_road_gives_the_same_data(trial: KindTrial) -> None:
    """A whole run in worker processes, with other hash seeds, gives the rows of a run in this process."""
    if trial.given or trial.part.after is not None or trial.extension.kind not in installed("sundog.kinds"):
        return
    part = trial.part.model_copy(update={"units": 30})
    recipe = Recipe.model_validate({"name": "trial", "parts": {"trial": part}, "evidence": {"level": "none"}})
    made = []
    with TemporaryDirectory(prefix="sundog-conformance-") as folder:
        for workers, shard_units in ((1, 30), (2, 11)):
            out = f"{folder}/{workers}"
            bundle = make_bundle(recipe, out, MakeOptions(workers=workers, shard_units=shard_units))
            tables = {
                t: pa.Table.from_batches(bundle.scan("trial", t), bundle.schema("trial", t))
                for t in bundle.tables("trial")
            }
            made.append(Made(tables, ()))
    assert not made[0].differs(made[1]), made[0].differs(made[1])


QUESTIONS: tuple[Callable[[KindTrial], None], ...] = (
    model_is_of_its_type,
    preparing_again_gives_the_same_model,
    promised_tables_are_given,
    any_shard_size_gives_the_same_data,
    a_unit_alone_is_a_unit_in_a_crowd,
    the_same_key_gives_the_same_data,
    another_key_gives_other_data,
    a_stored_model_gives_the_same_data,
    no_state_is_shared_with_the_world,
    rejects_have_a_unit_and_a_reason,
    selection_goes_by_unit_order_alone,
    standing_tables_stand_apart,
    nothing_given_is_fine_and_no_unit_is_no_row,
    the_road_gives_the_same_data,
)


def _one(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def _only(made: Made, unit: int) -> Made:
    tables = {n: t.filter(pa.array(t.column(UNIT).to_numpy() == unit)) for n, t in made.tables.items()}
    return Made(tables, tuple(r for r in made.rejects if r.unit == unit))


def _same(left: pa.ChunkedArray, right: pa.ChunkedArray) -> bool:
    """Equal values; NaN equals NaN, and the cut into chunks does not matter."""
    if left.equals(right):
        return True
    return pa.types.is_floating(left.type) and np.array_equal(
        left.to_numpy(zero_copy_only=False), right.to_numpy(zero_copy_only=False), equal_nan=True
    )


@contextmanager
def _watched() -> Iterator[list[str]]:
    """Gives what of the world the block changed."""
    changed: list[str] = []

    def look() -> dict[str, Any]:
        return {
            "the generator of random": random.getstate(),
            "the generator of numpy.random": [np.asarray(v).tolist() for v in np.random.get_state()],  # noqa: NPY002
            "the environment": dict(os.environ),
            "the working folder": Path.cwd(),
        }

    before = look()
    yield changed
    after = look()
    changed += [name for name, value in before.items() if after[name] != value]
