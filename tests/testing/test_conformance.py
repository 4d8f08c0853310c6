"""Every question of the conformance suite has an extension to which the answer is no."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pytest
from sundog_toy import checks, extension, synthesize
from sundog_toy.recipe import CountCheck, NotePart, ShopPart

from sundog.core.errors import RequestError
from sundog.core.extension import Extension
from sundog.core.findings import Answer, Exhibit, Finding, Grid
from sundog.core.notes import Noted, Rejected, Remark
from sundog.core.recipe import Part, Recipe, SourceSpec, Spec
from sundog.core.tables import UNIT
from sundog.export.extension import CSV, TablesOut
from sundog.lib.rows.extension import FILES
from sundog.run.engines.extension import EngineSpec
from sundog.run.engines.local import LocalEngine
from sundog.testing import Example, check_extension, list_checks, parametrize_with_extensions
from sundog.testing.evidence import MemoryEvidence

SHOP = Example(part=ShopPart(units=64, odd=0.2, codes=100))


def answers(tried: Extension[Any], example: Example | None = None) -> dict[str, str]:
    """Question to what is wrong; empty text where nothing is."""
    found = {}
    for check in list_checks(tried, example):
        if check.name == "the_road_gives_the_same_data":
            continue
        try:
            check()
            found[check.name] = ""
        except Exception as error:  # noqa: BLE001 - as check_extension does
            found[check.name] = f"{type(error).__name__}: {error}"
    return found


def no(tried: Extension[Any], question: str, says: str, example: Example | None = None) -> None:
    (ask,) = [check for check in list_checks(tried, example) if check.name == question]
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever an extension raises is an answer
        ask()
    assert says in f"{type(caught.value).__name__}: {caught.value}"


# --- the suite itself


def test_a_good_extension_conforms_and_is_told_what_was_asked() -> None:
    asked = check_extension(extension.NOTE, Example(part=NotePart(units=5)))
    assert "any_shard_size_gives_the_same_data" in asked
    assert len(asked) == len(set(asked)) >= 15
    assert check_extension(CSV)
    assert "every_job_is_done_once" not in check_extension(extension.SHOP)  # no example: what it announces, alone
    assert all(c.about for c in list_checks(extension.SHOP, SHOP))


def test_all_failures_are_told_at_once() -> None:
    bad = replace(extension.NOTE, about="", kind="Bad Name")
    with pytest.raises(AssertionError) as caught:
        check_extension(bad)
    assert "'Bad Name' does not conform" in str(caught.value)
    assert "- names_are_plain" in str(caught.value)
    assert "- kind_is_a_literal" in str(caught.value)


def test_ids_for_pytest() -> None:
    mark = parametrize_with_extensions([(extension.NOTE, None), (CSV, None)])
    name, found = mark.mark.args
    assert name == "check"
    ids = [mark.mark.kwargs["ids"](c) for c in found]
    assert "csv-all_or_nothing" in ids
    assert "note-it_loads" in ids
    assert len(ids) == len(set(ids))


# --- what is announced


class Loose(Spec, frozen=True, extra="allow"):
    """Lets anything pass."""


class Vague(Part, frozen=True):
    """Does not say its kind."""


class Undecided(Part, frozen=True):
    """Two kinds at once."""

    kind: Literal["undecided", "shop"] = "undecided"


@pytest.mark.parametrize(
    ("change", "question", "says"),
    [
        ({"spec": Loose}, "spec_is_frozen_and_strict", "unknown names"),
        ({"spec": dict}, "spec_is_frozen_and_strict", "is no Spec"),
        ({"spec": Vague}, "kind_is_a_literal", "no Literal"),
        ({"spec": Undecided, "kind": "undecided"}, "kind_is_a_literal", "('undecided', 'shop')"),
        ({"kind": "Shop!"}, "names_are_plain", "no plain name"),
        ({"about": ""}, "names_are_plain", "'about' is empty"),
        ({"about": "two\nlines"}, "names_are_plain", "more than a line"),
        ({"needs": ("a.b",)}, "names_are_plain", "top-level"),
        ({"api": 0}, "names_are_plain", "version 0"),
        ({"recipes": {"gone": "sundog:nowhere.yaml"}}, "built_in_recipes_are_valid", "FileNotFoundError"),
        (
            {"recipes": {"census": "sundog.kinds.tables:recipes/census.yaml"}},
            "built_in_recipes_are_valid",
            "does not use the kind 'shop'",
        ),
        ({"load": lambda: None}, "it_loads", "AssertionError"),
        ({"load": lambda: 1 / 0}, "it_loads", "ZeroDivisionError"),
    ],
)
def test_announcements(change: dict[str, Any], question: str, says: str) -> None:
    no(replace(extension.SHOP, **change), question, says)


def test_a_heavy_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "import numpy\nfrom sundog.core.recipe import Spec\nclass Out(Spec, frozen=True):\n    'Heavy.'\n"
    (tmp_path / "zz_heavy.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    import zz_heavy  # type: ignore[import-not-found]

    no(Extension(kind="heavy", spec=zz_heavy.Out, load=dict, about="x"), "spec_imports_light", "loads numpy")
    monkeypatch.setattr(zz_heavy.Out, "__module__", "zz_nowhere")
    no(Extension(kind="heavy", spec=zz_heavy.Out, load=dict, about="x"), "spec_imports_light", "cannot be imported")


# --- kinds


Sample = Callable[[Any, Any, Any], Noted[Any]]
GOOD: Sample = synthesize.ShopSampler.sample
COUNTER = itertools.count()


def spoil_customers(change: Callable[[pa.RecordBatch, range], pa.Array]) -> Sample:
    """The good sampler with another column ``spend``."""

    def sample(self: Any, shard: Any, given: Any) -> Noted[Any]:
        tables, notes = GOOD(self, shard, given)
        found = tables["customers"]
        spend = pa.array(change(found, shard.units), pa.float64())
        return Noted({**tables, "customers": found.set_column(2, found.schema.field(2), spend)}, notes)

    return sample


def touch_environment(self: Any, shard: Any, given: Any) -> Noted[Any]:
    os.environ["SUNDOG_TRIAL"] = str(next(COUNTER))
    return GOOD(self, shard, given)


def spoil_rejects(reject: Callable[[range], Rejected]) -> Sample:
    def sample(self: Any, shard: Any, given: Any) -> Noted[Any]:
        tables, _ = GOOD(self, shard, given)
        return Noted(tables, (reject(shard.units),) if len(shard.units) else ())

    return sample


def spoil_empty(self: Any, shard: Any, given: Any) -> Noted[Any]:
    if len(shard.units) == 0:
        raise ZeroDivisionError("mean of nothing")
    return GOOD(self, shard, given)


def drop_a_table(self: Any, shard: Any, given: Any) -> Noted[Any]:
    tables, notes = GOOD(self, shard, given)
    return Noted({n: t for n, t in tables.items() if n != "gifts"}, notes)


def fixed_key(self: Any, shard: Any, given: Any) -> Noted[Any]:
    return GOOD(self, replace(shard, key=synthesize.Key.root(1)), given)


@pytest.mark.parametrize(
    ("sample", "question", "says"),
    [
        (
            spoil_customers(lambda b, u: np.full(len(u), float(len(u)))),
            "any_shard_size_gives_the_same_data",
            "with 1 units in a shard: column 'spend'",
        ),
        (
            spoil_customers(lambda b, u: np.full(len(u), float(u.start // 7))),
            "a_unit_alone_is_a_unit_in_a_crowd",
            "unit 41: column 'spend'",
        ),
        (
            spoil_customers(lambda b, u: np.full(len(u), float(next(COUNTER)))),
            "the_same_key_gives_the_same_data",
            "column 'spend'",
        ),
        (
            spoil_customers(lambda b, u: np.random.random(len(u))),  # noqa: NPY002
            "no_state_is_shared_with_the_world",
            "generator of numpy.random",
        ),
        (
            spoil_customers(lambda b, u: [random.random() for _ in u]),
            "no_state_is_shared_with_the_world",
            "generator of random",
        ),
        (touch_environment, "no_state_is_shared_with_the_world", "the environment"),
        (spoil_rejects(lambda u: Rejected(u.stop, "odd")), "rejects_have_a_unit_and_a_reason", "was not asked for"),
        (
            spoil_rejects(lambda u: Rejected(u.start, "It is odd!")),
            "rejects_have_a_unit_and_a_reason",
            "no short stable word",
        ),
        (spoil_empty, "nothing_given_is_fine_and_no_unit_is_no_row", "mean of nothing"),
        (drop_a_table, "promised_tables_are_given", "SD-RUN-016"),
        (fixed_key, "another_key_gives_other_data", "the key makes no difference"),
    ],
)
def test_kinds(monkeypatch: pytest.MonkeyPatch, sample: Sample, question: str, says: str) -> None:
    monkeypatch.setattr(synthesize.ShopSampler, "sample", sample)
    no(extension.SHOP, question, says, SHOP)


@dataclass
class Soft:
    """A model that can be changed."""

    names: tuple[str, ...] = ()


def spoil_synthesizer(monkeypatch: pytest.MonkeyPatch, **change: Any) -> None:
    for name, value in change.items():
        monkeypatch.setattr(synthesize.ShopSynthesizer, name, value)


def test_a_model_that_can_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    spoil_synthesizer(monkeypatch, model_type=Soft, prepare=lambda *_: Noted(Soft()))
    no(extension.SHOP, "model_is_of_its_type", "frozen", SHOP)


def test_a_preparation_that_does_not_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    good = synthesize.ShopSynthesizer.prepare

    def prepare(*args: Any) -> Noted[Any]:
        model, notes = good(*args)
        return Noted(replace(model, names=(f"n{next(COUNTER)}",)), notes)

    spoil_synthesizer(monkeypatch, prepare=prepare)
    no(extension.SHOP, "preparing_again_gives_the_same_model", "another model", SHOP)
    assert answers(replace(extension.SHOP, repeatable="recorded"), SHOP)["preparing_again_gives_the_same_model"] == ""


def test_a_note_that_does_not_belong_to_a_preparation(monkeypatch: pytest.MonkeyPatch) -> None:
    good = synthesize.ShopSynthesizer.prepare
    spoil_synthesizer(monkeypatch, prepare=lambda *a: Noted(good(*a).value, (Remark("a", "b"), Rejected(0, "odd"))))
    no(extension.SHOP, "model_is_of_its_type", "no note of a preparation", SHOP)


def test_a_sampler_that_needs_more_than_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[int, float] = {}

    def sample(self: Any, shard: Any, given: Any) -> Noted[Any]:
        spend = kept.setdefault(id(self.model), float(len(kept)))
        return spoil_customers(lambda b, u: np.full(len(u), spend))(self, shard, given)

    monkeypatch.setattr(synthesize.ShopSampler, "sample", sample)
    no(extension.SHOP, "a_stored_model_gives_the_same_data", "column 'spend'", SHOP)


def test_a_selection_that_looks_at_the_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_batch(self: Any, part: Any, sketches: Iterator[pa.RecordBatch]) -> Iterator[Rejected]:
        for batch in sketches:
            yield from (Rejected(u, "late") for u in batch.column(0).to_pylist()[1:])

    spoil_synthesizer(monkeypatch, select=by_batch)
    no(extension.SHOP, "selection_goes_by_unit_order_alone", "the cut of the sketches", SHOP)

    def the_first(self: Any, part: Any, sketches: Iterator[pa.RecordBatch]) -> Iterator[Rejected]:
        list(sketches)
        yield Rejected(0, "early")

    spoil_synthesizer(monkeypatch, select=the_first)
    no(extension.SHOP, "selection_goes_by_unit_order_alone", "lowest number stays", SHOP)
    spoil_synthesizer(monkeypatch, sketch=lambda self, units, tables: pa.record_batch({"code": [1]}))
    no(extension.SHOP, "selection_goes_by_unit_order_alone", f"is '{UNIT}'", SHOP)


def test_tables_that_cannot_be_files(monkeypatch: pytest.MonkeyPatch) -> None:
    spoil_synthesizer(monkeypatch, schemas=lambda *_: {"my table": pa.schema([])})
    no(extension.SHOP, "promised_tables_are_given", "letters, digits", SHOP)
    spoil_synthesizer(monkeypatch, schemas=lambda *_: {})
    no(extension.SHOP, "promised_tables_are_given", "no table is promised", SHOP)


def test_the_road_in_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What only a second process shows: here the spoilt sampler is in this one alone."""
    monkeypatch.setattr(synthesize.ShopSampler, "sample", spoil_customers(lambda b, u: np.full(len(u), 0.5)))
    ask = next(c for c in list_checks(extension.SHOP, SHOP) if c.name == "the_road_gives_the_same_data")
    with pytest.raises(AssertionError, match="column 'spend'"):
        ask()


# --- checks


def evidence() -> MemoryEvidence:
    part = ShopPart(units=30)
    n = 30
    customers = pa.table([range(n), range(n), np.arange(n) / n, ["x"] * n], schema=synthesize.CUSTOMERS)
    orders = pa.table([range(n), np.ones(n)], schema=synthesize.ORDERS)
    tables = {"customers": customers, "gifts": pa.table([range(n)], schema=synthesize.GIFTS), "orders": orders}
    return MemoryEvidence(Recipe.model_construct(name="t", parts={"p": part}), part, "p", "quick", tables)


FINE = Finding(check="toy.fine", part="p", section="validity", subject="all", value=0.5, unit="share")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"check": "Fine"}, "section.name"),
        ({"part": "other"}, "speaks of 'other'"),
        ({"reads": ("synthetic", "train")}, "it read"),
        ({"reads": ()}, "read nothing"),
        ({"value": None}, "has no value"),
        ({"verdict": "skipped"}, "has no value"),
        ({"verdict": "skipped", "value": None}, "why it was skipped"),
        ({"verdict": "fail"}, "needs a limit or a reason"),
        ({"baseline": 0.5}, "what the baseline is"),
        ({"interval": (0.6, 0.7)}, "outside"),
    ],
)
def test_findings(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], says: str) -> None:
    bad = FINE.model_copy(update=change)
    monkeypatch.setattr(checks.Counting, "run", lambda *_: Answer(findings=(bad,)))
    no(extension.COUNT, "findings_are_well_formed", says, Example(evidence=evidence()))


def test_findings_twice_and_exhibits(monkeypatch: pytest.MonkeyPatch) -> None:
    example = Example(evidence=evidence())
    monkeypatch.setattr(checks.Counting, "run", lambda *_: Answer(findings=(FINE, FINE)))
    no(extension.COUNT, "findings_are_well_formed", "the same thing", example)
    grid = Grid(columns=("a",), rows=())
    plain = Exhibit(check="toy.fine", part="p", section="validity", title="t", how_to_read="so", drawing=grid)
    for change, says in (
        ({"part": "q"}, "speaks of"),
        ({"reads": ("holdout",)}, "it read"),
        ({"how_to_read": ""}, "how to read"),
    ):
        exhibit = plain.model_copy(update=change)
        monkeypatch.setattr(checks.Counting, "run", lambda *_, e=exhibit: Answer(exhibits=(e,)))
        no(extension.COUNT, "findings_are_well_formed", says, example)


def test_answers_that_change_or_do_not_survive(monkeypatch: pytest.MonkeyPatch) -> None:
    example = Example(evidence=evidence())

    def moody(*_: Any) -> Answer:
        return Answer(findings=(FINE.model_copy(update={"value": float(next(COUNTER))}),))

    monkeypatch.setattr(checks.Counting, "run", moody)
    no(extension.COUNT, "asking_again_gives_the_same_answer", "AssertionError", example)
    endless = FINE.model_copy(update={"value": float("inf")})  # past the validation of a finding
    monkeypatch.setattr(checks.Counting, "run", lambda *_: Answer.model_construct(findings=(endless,), exhibits=()))
    no(extension.COUNT, "findings_survive_json", "ValueError", example)


def test_the_form_of_a_check(monkeypatch: pytest.MonkeyPatch) -> None:
    no(replace(extension.COUNT, beside=False), "it_has_the_form_of_a_check", "beside=True")
    no(replace(extension.VERDICT, beside=True), "it_has_the_form_of_a_check", "beside=True")
    no(replace(extension.COUNT, when=("always",)), "it_has_the_form_of_a_check", "AssertionError")
    monkeypatch.setattr(checks.Telling, "reads", frozenset({"everything"}))
    no(extension.VERDICT, "it_has_the_form_of_a_check", "no roles")
    monkeypatch.setattr(checks.Telling, "reads", frozenset({"synthetic"}))
    monkeypatch.delattr(checks.Telling, "applies")
    no(extension.VERDICT, "it_has_the_form_of_a_check", "needs 'applies'")
    monkeypatch.delattr(checks.Telling, "run")
    no(extension.VERDICT, "it_has_the_form_of_a_check", "neither")


def test_watchers(monkeypatch: pytest.MonkeyPatch) -> None:
    question, example = "watching_in_pieces_is_watching_the_whole", Example(evidence=evidence(), check=CountCheck())
    good = checks.CountingWatcher.observe

    def outside(self: Any, units: range, tables: Any) -> Any:
        return good(self, units, tables)[0], (Rejected(units.stop, "odd"),)

    def again(self: Any, units: range, tables: Any) -> Any:
        return good(self, units, tables)[0], (Rejected(units.start, "odd"),)

    def by_shard(self: Any, units: range, tables: Any) -> Any:
        state, _ = good(self, units, tables)
        return replace(state, codes=1), ()

    for observe, says in (
        (outside, "was not shown"),
        (again, "rejected when seen again"),
        (by_shard, "the cut into shards"),
    ):
        monkeypatch.setattr(checks.CountingWatcher, "observe", observe)
        no(extension.COUNT, question, says, example)
    monkeypatch.setattr(checks.CountingWatcher, "observe", good)
    monkeypatch.setattr(checks.Counting, "merge", lambda self, a, b: replace(a, codes=a.codes - b.codes))
    no(extension.COUNT, question, "not associative", example)


# --- exporters, sources, engines


def exporter(write: Callable[[Any, Any, str], tuple[str, ...]]) -> Extension[Any]:
    class Tried:
        def write(self, spec: Any, bundle: Any, target: str) -> tuple[str, ...]:
            return write(spec, bundle, target)

    return Extension(kind="tried", spec=TablesOut, load=Tried, about="an exporter on trial")


def carefully(spec: Any, bundle: Any, target: str) -> tuple[str, ...]:
    from sundog.export.extension import PARQUET

    written: tuple[str, ...] = PARQUET.load().write(spec, bundle, target)
    return written


def beside(spec: Any, bundle: Any, target: str) -> tuple[str, ...]:
    return carefully(spec, bundle, target)[1:]


def nowhere(spec: Any, bundle: Any, target: str) -> tuple[str, ...]:
    return (*carefully(spec, bundle, target), f"{target}/more.parquet")


def moodily(spec: Any, bundle: Any, target: str) -> tuple[str, ...]:
    Path(target).mkdir(parents=True, exist_ok=True)
    Path(target, "a.txt").write_text(str(next(COUNTER)))
    return (f"{target}/a.txt",)


def half(spec: Any, bundle: Any, target: str) -> tuple[str, ...]:
    Path(target).mkdir(parents=True, exist_ok=True)
    path = Path(target, "a.txt")
    with path.open("w") as stream:
        for part in bundle.parts():
            for table in bundle.tables(part):
                stream.writelines(str(b.to_pydict()) for b in bundle.scan(part, table))
    return (str(path),)


@pytest.mark.parametrize(
    ("write", "question", "says"),
    [
        (lambda *_: (), "what_is_written_is_told", "nothing was written"),
        (beside, "what_is_written_is_told", "not told of"),
        (nowhere, "what_is_written_is_told", "are not there"),
        (moodily, "writing_again_gives_the_same_bytes", "AssertionError"),
        (moodily, "all_or_nothing", "was exported"),
        (half, "all_or_nothing", "left behind"),
        (half, "urls_are_targets_too", "Error"),
    ],
)
def test_exporters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Any, question: str, says: str) -> None:
    monkeypatch.chdir(tmp_path)  # where one that takes a URL for a folder writes
    no(exporter(write), question, says)
    assert set(answers(exporter(carefully)).values()) == {""}


@pytest.fixture
def csv(tmp_path: Path) -> SourceSpec:
    (tmp_path / "a.csv").write_text("a,b\n" + "".join(f"{i},x{i}\n" for i in range(50)))
    return SourceSpec(path=str(tmp_path / "a.csv"))


@pytest.mark.parametrize(
    ("change", "question", "says"),
    [
        ({"accepts": lambda self, spec: True}, "it_accepts_what_it_opens", "AssertionError"),
        ({"rows": property(lambda self: 3)}, "batches_are_as_promised", "50 rows came where 3"),
        (
            {"schema": property(lambda self: pa.schema([("a", pa.int8()), ("b", pa.string())]))},
            "batches_are_as_promised",
            "another schema",
        ),
        ({"scan": lambda self, columns=None: self.good.scan()}, "columns_can_be_chosen", "AssertionError"),
        (
            {"scan": lambda self, columns=None: itertools.islice(self.good.scan(columns), next(COUNTER) % 2, None)},
            "reading_again_gives_the_same_rows",
            "AssertionError",
        ),
        ({"notes": ()}, "notes_name_what_was_read", "no note"),
    ],
)
def test_sources(csv: SourceSpec, change: dict[str, Any], question: str, says: str) -> None:
    class Opened:
        def __init__(self, good: Any) -> None:
            self.good = good

        schema = property(lambda self: self.good.schema)
        rows = property(lambda self: self.good.rows)
        notes = property(lambda self: self.good.notes)

        def scan(self, columns: Any = None) -> Any:
            return self.good.scan(columns)

    class Reader:
        def accepts(self, spec: SourceSpec) -> bool:
            return FILES.load().accepts(spec)

        def open(self, spec: SourceSpec, path: str) -> Opened:
            return Opened(FILES.load().open(spec, path))

    for name, value in change.items():
        setattr(Reader if name == "accepts" else Opened, name, value)
    no(replace(FILES, load=Reader), question, says, Example(source=csv))


def test_engines() -> None:
    class Here(LocalEngine):
        def describe(self) -> dict[str, str | int]:
            return {"engine": "here", "workers": 2}

        def map(self, work: str, jobs: Any) -> Any:
            from sundog.run.engines.worker import find_work

            return (find_work(work)(j) for j in jobs)

    class Twice(Here):
        def map(self, work: str, jobs: Any) -> Any:
            return list(super().map(work, jobs)) * 2

    class Deaf(Here):
        def map(self, work: str, jobs: Any) -> Any:
            try:
                yield from super().map(work, jobs)
            except RequestError:
                return

    def tried(made: type[Here], kind: str = "here") -> Extension[Any]:
        return Extension(kind=kind, spec=EngineSpec, load=lambda: made, about="an engine on trial")

    assert set(answers(tried(Here)).values()) == {""}
    no(tried(Twice), "every_job_is_done_once", "AssertionError")
    no(tried(Deaf), "errors_arrive_whole", "the error came as []")
    no(tried(Here, "there"), "it_describes_itself", "AssertionError")
