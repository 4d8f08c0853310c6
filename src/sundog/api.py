"""The public names of Sundog. Everything that the command line does is one call here."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sundog.core.bundle import BundleFiles, open_files
from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.extension import implementation
from sundog.core.findings import Answer, Finding
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.core.recipe import Part, Recipe
from sundog.core.tables import UNIT, Tables
from sundog.lib import persist
from sundog.run.advise import AdviseOptions
from sundog.run.advise import advise_epsilon as _advise_epsilon
from sundog.run.audit import Audited, audit_table
from sundog.run.exporting import check_export, export_bundle
from sundog.run.make import MakeOptions, make_bundle
from sundog.run.privacy_report import read_privacy_report as _read_privacy_report
from sundog.run.privacy_report import save_privacy_pdf as _save_privacy_pdf
from sundog.run.progress import show_progress
from sundog.run.recipe_files import plain_recipe, read_recipe, validate_recipe
from sundog.run.replicate import ReplicateOptions, replicate_recipe
from sundog.run.rules import find_rules
from sundog.run.split import open_source
from sundog.run.streaming.stream import Streamed, StreamOptions, iterate_recipe, stream_recipe
from sundog.run.verify import Verification, verify_bundle

if TYPE_CHECKING:
    import pandas
    import polars

    from sundog.evidence.report.advice import Advice
    from sundog.evidence.report.privacy.blocks import PrivacyReport
    from sundog.lib.rows.inspect import Inspection

__all__ = [
    "Audited",
    "Bundle",
    "Finding",
    "FittedPart",
    "Recipe",
    "ReportView",
    "Streamed",
    "Verification",
    "advise_epsilon",
    "audit",
    "export",
    "fit",
    "inspect",
    "load_fitted",
    "make",
    "open_bundle",
    "read",
    "read_privacy_report",
    "replicate",
    "save_privacy_pdf",
    "stream",
    "stream_rows",
    "verify",
]


def read(recipe: str | Path | Mapping[str, Any], *, changes: Sequence[str] = ()) -> Recipe:
    """A recipe from a YAML file, a built-in name, or plain values.

    Args:
        recipe: path, name of a built-in recipe, or a mapping as the YAML file would hold it.
        changes: ``dotted.path=value``, as the option ``--set`` of the command line.

    Raises:
        RequestError: with every problem found, each named by its place.
    """
    return validate_recipe(recipe) if isinstance(recipe, Mapping) else read_recipe(str(recipe), changes)


def make(
    recipe: Recipe | str | Path | Mapping[str, Any],
    out: str | Path,
    *,
    engine: str = "local",
    workers: int | None = None,
    address: str | None = None,
    resume: bool = False,
    quiet: bool = True,
    export: tuple[str, str] | None = None,
    options: Mapping[str, object] | None = None,
) -> Bundle:
    """Make the dataset of a recipe.

    Args:
        recipe: a recipe, or whatever ``read`` takes.
        out: folder or fsspec URL; must be empty or new, or hold the same run unfinished (``resume``).
        engine: ``local`` or ``ray``. Never changes the data.
        workers: how many shards at once; without it one a processor.
        address: address of a running Ray cluster.
        resume: go on with an unfinished run.
        quiet: show no progress.
        export: format and target; the finished bundle is exported there too, unless it is withheld.
        options: of the format.

    Returns:
        The bundle; look at ``bundle.verdict`` before using the data.

    Raises:
        RequestError: the request is wrong, nothing was written.
        Incomplete: it stopped after writing began; the same call with ``resume=True`` goes on.
    """
    asked = recipe if isinstance(recipe, Recipe) else read(recipe)
    if export is not None:
        check_export(str(out), export[0], str(export[1]), _spell_options(options))
    with show_progress(quiet) as (progress, say):
        how = MakeOptions(engine=engine, workers=workers, address=address, resume=resume, progress=progress, say=say)
        made = Bundle(make_bundle(asked, str(out), how))
    if export is not None and made.verdict != "withheld":
        export_bundle(made.files, export[0], str(export[1]), None, _spell_options(options))
    return made


def _spell_options(options: Mapping[str, object] | None) -> tuple[tuple[str, str], ...]:
    """Options of a format as texts, as they stand on the command line."""
    spelled = {n: str(v).lower() if isinstance(v, bool) else str(v) for n, v in (options or {}).items()}
    return tuple(spelled.items())


def stream(
    recipe: Recipe | str | Path | Mapping[str, Any],
    to: str | Path = "-",
    *,
    table: str | None = None,
    time: str | None = None,
    speed: float | str | None = None,
    rate: float | None = None,
    skip: int = 0,
    options: Mapping[str, str] | None = None,
    workers: int | None = None,
    quiet: bool = True,
) -> Streamed:
    """Send the rows of one table of a recipe when they are due: the rows that ``make`` writes, in order of time.

    No evidence is gathered, and nothing is released: what a stream sends is unassessed.

    Args:
        recipe: a recipe, or whatever ``read`` takes.
        to: ``-`` for standard output, a file, or the URL of an installed sink: ``mqtt://HOST/TOPIC/{COLUMN}``, ``kafka://HOST/TOPIC``.
        table: TABLE or PART.TABLE; without it the only table, or the only one with a time.
        time: column to go by; without it the first timestamp.
        speed: seconds of the data in a second of the clock (60: a minute in a second), or ``max``; without it 1.
        rate: rows a second; without ``time`` they then come in the recipe's own order.
        skip: rows to leave out at the beginning, since they were sent already.
        options: of the sink: ``format`` (``json``, ``senml``), ``qos``, ``key`` and so on.
        workers: how many shards are made at once.
        quiet: say nothing on standard error.

    Returns:
        How many rows were sent, in how many seconds, and how late at most.

    Raises:
        RequestError: the request is wrong, nothing was sent.
        Incomplete: it was stopped or the other side is gone; the error says how many rows were sent.
        BrokenPipeError: nobody reads any more.
    """
    asked = recipe if isinstance(recipe, Recipe) else read(recipe)
    with show_progress(quiet) as (progress, say):
        wanted = StreamOptions(
            to=str(to),
            table=table,
            time=time,
            speed=speed,
            rate=rate,
            skip=skip,
            options=tuple((options or {}).items()),
            workers=workers,
            progress=progress,
            say=say,
        )
        return stream_recipe(asked, wanted)


def stream_rows(
    recipe: Recipe | str | Path | Mapping[str, Any],
    *,
    table: str | None = None,
    time: str | None = None,
    speed: float | str | None = "max",
    rate: float | None = None,
    skip: int = 0,
    workers: int | None = None,
) -> Iterator[pa.RecordBatch]:
    """The rows that ``stream`` sends, as they become due, in batches of those that are due together.

    Args:
        recipe: a recipe, or whatever ``read`` takes.
        table: as for ``stream``.
        time: as for ``stream``.
        speed: as for ``stream``; None for real time.
        rate: as for ``stream``; give ``speed`` None with it.
        skip: as for ``stream``.
        workers: as for ``stream``.
    """
    asked = recipe if isinstance(recipe, Recipe) else read(recipe)
    speed = None if rate is not None and speed == "max" else speed
    return iterate_recipe(
        asked, StreamOptions(table=table, time=time, speed=speed, rate=rate, skip=skip, workers=workers)
    )


def replicate(
    real: str | Path,
    out: str | Path,
    *,
    rows: int | None = None,
    target: str | None = None,
    method: str | None = None,
    holdout: str | Path | None = None,
    weights: str | None = None,
    person: str | None = None,
    privacy: str = "standard",
    pii: str = "withhold",
    copies: str = "count",
    evidence: str = "quick",
    policy: str = "standard",
    seed: int = 0,
    licence: str = "not stated",
    epsilon: float | None = None,
    delta: float | None = None,
    domain: str | Path | None = None,
    budget: float | None = None,
    person_rows: int | None = None,
    release: str | Path | None = None,
    engine: str = "local",
    workers: int | None = None,
    resume: bool = False,
    quiet: bool = True,
) -> Bundle:
    """Replicate a real table: a synthetic one that behaves like it, with the evidence.

    Args:
        real: file, folder of parts or URL of the real records.
        out: folder or fsspec URL of the bundle.
        rows: synthetic rows; without it as many as the real table has.
        target: column whose prediction shows the use of the data.
        method: ``trees`` (better), ``forest`` (faster) or ``marginals`` (differentially private); without it ``trees``, or
            ``marginals`` with an epsilon.
        holdout: real records that the synthesizer must never see; without it a fifth is held out.
        weights: column of row weights.
        person: column that names the person; holdout and copies then go by person.
        privacy: ``standard`` or ``strict``.
        pii: ``withhold``, or ``replace``: false persons, and free text from templates that enough persons share (extra ``pii``).
        copies: ``count``, or ``reject`` rows that equal a training row.
        evidence: ``none``, ``quick`` or ``full``; only ``full`` can release.
        policy: ``standard``, or ``strict``: an inconclusive risk withholds.
        seed: another seed gives other rows of the same kind.
        licence: licence of the real records, for the manifest.
        epsilon: what the whole table may cost in differential privacy.
        delta: chance that epsilon does not hold; without it 1e-9.
        domain: ``private``, or a YAML file that states the columns.
        budget: epsilon that all runs about this source may cost together; without it ``epsilon``.
        person_rows: with ``person`` and ``epsilon``: rows of one person that are read.
        release: YAML file with what the privacy report says of purpose, recipients and so on, as under ``release`` in a recipe.
        engine: ``local`` or ``ray``.
        workers: how many shards at once.
        resume: go on with an unfinished run.
        quiet: show no progress.
    """
    options = ReplicateOptions(
        rows=rows,
        target=target,
        method=method,
        holdout=None if holdout is None else _need_path(holdout, "holdout"),
        weights=weights,
        person=person,
        privacy=privacy,
        pii=pii,
        copies=copies,
        evidence=evidence,
        policy=policy,
        seed=seed,
        licence=licence,
        epsilon=epsilon,
        delta=delta,
        domain=None if domain is None else _need_path(domain, "domain"),
        budget=budget,
        person_rows=person_rows,
        release=None if release is None else _need_path(release, "release"),
    )
    return make(
        replicate_recipe(_need_path(real, "real"), options),
        out,
        engine=engine,
        workers=workers,
        resume=resume,
        quiet=quiet,
    )


def audit(
    synthetic: str | Path,
    *,
    train: str | Path,
    holdout: str | Path | None = None,
    target: str | None = None,
    out: str | Path | None = None,
    evidence: str = "full",
    release: str | Path | None = None,
) -> Audited:
    """The evidence for anybody's synthetic table.

    Args:
        synthetic: file, folder of parts or URL of the table to judge.
        train: the real records that it was made from.
        holdout: real records that its maker never saw; without them much cannot be measured.
        target: column whose prediction shows the use of the data.
        out: folder for report.html, report.json and the privacy report; nothing is written without it.
        evidence: ``quick`` or ``full``.
        release: YAML file with what the privacy report says of purpose, recipients and so on, as under ``release`` in a recipe.
    """
    return audit_table(
        _need_path(synthetic, "synthetic"),
        _need_path(train, "train"),
        None if holdout is None else _need_path(holdout, "holdout"),
        target,
        None if out is None else str(out),
        evidence,
        None if release is None else _need_path(release, "release"),
    )


def advise_epsilon(
    schema: str | Path,
    *,
    epsilons: Sequence[float] = (0.1, 0.3, 1.0, 3.0, 10.0),
    delta: float | None = None,
    rows: int = 10_000,
    repeats: int = 1,
    target: str | None = None,
    part: str | None = None,
    public: bool = False,
    seed: int = 0,
    out: str | Path | None = None,
) -> Advice:
    """What utility an epsilon leaves, measured on a public table or on a stand-in, never on the real records.

    Args:
        schema: recipe whose part of kind tables declares its columns (its source is not opened), or whose part makes rows by rule; with
            ``public``, a table that everybody may read.
        epsilons: where the curve is measured.
        delta: chance that epsilon does not hold; without it that of the recipe, or 1e-9.
        rows: real records that there will be, about, from public knowledge.
        repeats: runs for each epsilon, each with noise of its own.
        target: column whose prediction shows the use of the data.
        part: part of the recipe; without it the first.
        public: ``schema`` is a public table.
        seed: of the stand-in.
        out: folder for advice.html and advice.json; nothing is written without it.
    """
    options = AdviseOptions(tuple(map(float, epsilons)), delta, rows, repeats, target, part, public, seed)
    return _advise_epsilon(_need_path(schema, "schema"), options, None if out is None else str(out))


def inspect(source: str | Path, *, format: str = "auto", types: Mapping[str, str] | None = None) -> Inspection:
    """Columns, inferred types, identifiers and rules of a real table, and why.

    Args:
        source: file, directory of parts or fsspec URL.
        format: ``csv``, ``tsv``, ``jsonl``, ``parquet`` or ``arrow`` where the name does not say.
        types: types of columns where the inferred ones are wrong.
    """
    from sundog.core.recipe import SourceSpec
    from sundog.lib.rows.inspect import inspect_source

    # not validated: the reader knows the formats, and names the nearest
    path = _need_path(source, "source")
    spec = SourceSpec.model_construct(path=path, format=format, types=dict(types or {}))  # type: ignore[arg-type]
    opened = open_source(spec, path, "source")
    return inspect_source(opened, find_rules(opened))


def open_bundle(bundle: str | Path) -> Bundle:
    """Open a finished bundle: a folder or fsspec URL."""
    return Bundle(open_files(str(bundle)))


def verify(bundle: str | Path) -> Verification:
    """Hash a bundle again and run again the checks that read synthetic rows only."""
    return verify_bundle(str(bundle))


def read_privacy_report(bundle: Bundle | str | Path, *, public: bool = False) -> PrivacyReport:
    """The privacy report of a bundle, or of a folder that ``audit`` wrote, as it stands in privacy.json.

    Args:
        bundle: an opened bundle, or a folder or URL.
        public: the half that holds nothing read from real records.
    """
    return _read_privacy_report(bundle.path if isinstance(bundle, Bundle) else str(bundle), public)


def save_privacy_pdf(bundle: Bundle | str | Path, target: str | Path, *, public: bool = False) -> str:
    """Print the privacy report as a PDF; gives its path. Needs the extra ``pdf``.

    Args:
        bundle: an opened bundle, or a folder or URL of one, or a folder that ``audit`` wrote.
        target: file that is not there yet, outside of the bundle.
        public: the half that holds nothing read from real records.
    """
    return _save_privacy_pdf(bundle.path if isinstance(bundle, Bundle) else str(bundle), str(target), public)


def export(
    bundle: Bundle | str | Path,
    to: str,
    dest: str | Path,
    *,
    select: str | None = None,
    options: Mapping[str, object] | None = None,
) -> tuple[str, ...]:
    """Export the tables of a bundle.

    Args:
        bundle: an opened bundle or its folder.
        to: name of an installed exporter: ``parquet``, ``csv``, ``jsonl``, ``arrow``, ``sql``, ``duckdb``, ``postgresql``.
        dest: folder, file or URL.
        select: which rows: ``age >= 18 and sex = 'Female'``.
        options: of the format: ``{"dialect": "sqlite"}``.

    Returns:
        The paths written.
    """
    files = bundle.files if isinstance(bundle, Bundle) else open_files(str(bundle))
    return export_bundle(files, to, str(dest), select, _spell_options(options))


@dataclass(frozen=True)
class ReportView:
    """The findings of a bundle; shows itself in a notebook."""

    files: BundleFiles

    @property
    def answer(self) -> Answer:
        """All findings and exhibits."""
        return self.files.answer()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings."""
        return self.answer.findings

    def html(self) -> str:
        """The whole report as one page."""
        return self.files.read("report.html").decode()

    def show(self) -> Any:
        """The report inside a notebook; outside of one, the path of the page."""
        try:
            from IPython.display import HTML  # type: ignore[import-not-found,unused-ignore]
        except ImportError:
            return f"{self.files.url.rstrip('/')}/report.html"
        frame = html.escape(self.html(), quote=True)
        return HTML(
            f'<iframe srcdoc="{frame}" title="Sundog report" style="width:100%;height:42rem;border:1px solid #8884"></iframe>'
        )

    def _repr_html_(self) -> str:
        return Bundle(self.files)._repr_html_()


@dataclass(frozen=True)
class Bundle:
    """A finished dataset."""

    files: BundleFiles

    @property
    def path(self) -> str:
        """Where it lies."""
        return self.files.url

    @property
    def verdict(self) -> str:
        """``released``, ``withheld`` or ``unassessed``."""
        return self.files.verdict

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is withheld or unassessed."""
        return tuple(self.files.manifest["reasons"])

    @property
    def recipe(self) -> Recipe:
        """The recipe that made it."""
        return self.files.recipe

    @property
    def report(self) -> ReportView:
        """The evidence."""
        return ReportView(self.files)

    def to_arrow(self, table: str | None = None, part: str | None = None) -> pa.Table:
        """A table of the bundle; the first one when none is named."""
        part = part if part is not None else self.files.parts()[0]
        table = table if table is not None else self.files.tables(part)[0]
        schema = self.files.schema(part, table)
        return pa.Table.from_batches(list(self.files.scan(part, table)), schema=schema)

    def to_pandas(self, table: str | None = None, part: str | None = None) -> pandas.DataFrame:
        """A table of the bundle as a pandas data frame."""
        _need("pandas")
        frame: pandas.DataFrame = self.to_arrow(table, part).to_pandas()
        return frame

    def to_polars(self, table: str | None = None, part: str | None = None) -> polars.DataFrame:
        """A table of the bundle as a Polars data frame."""
        _need("polars")
        import polars

        frame = polars.from_arrow(self.to_arrow(table, part))
        assert isinstance(frame, polars.DataFrame)
        return frame

    def fitted(self, part: str | None = None) -> FittedPart:
        """The fitted model of a part, which samples without the source."""
        name = part if part is not None else self.files.parts()[0]
        spec = self.recipe.parts.get(name)
        if spec is None:
            raise RequestError(
                Problem("SD-API-001", self.path, f"there is no part {name!r}", nearest(name, self.files.parts()))
            )
        return load_fitted(f"{self.path}/model/{name}", spec)

    def _repr_html_(self) -> str:
        from sundog.evidence.report.data import PartFacts, Report
        from sundog.evidence.report.notebook import report_summary_html

        manifest = self.files.manifest
        withheld = manifest["verdict"] == "withheld"
        parts = tuple(
            PartFacts(
                name=name, kind=p["kind"], count_noun=p["count_noun"], accepted=p["accepted"], attempted=p["attempted"]
            )
            for name, p in manifest["parts"].items()
        )
        report = Report(
            name=manifest["name"],
            title=manifest["name"],
            verdict=manifest["verdict"],
            reasons=self.reasons if withheld else (),
            not_run=() if withheld else self.reasons,
            level=self.recipe.evidence.level,
            findings=self.report.findings,
            parts=parts,
        )
        return report_summary_html(report)


@dataclass(frozen=True)
class FittedPart:
    """A prepared part. Sampling needs nothing else: the real records are not at hand."""

    part: Part
    model: Any

    def sample(
        self, units: int, *, seed: int = 0, given: Mapping[str, Any] | pa.Table | None = None, start: int = 0
    ) -> dict[str, pa.Table]:
        """Tables of new units.

        Args:
            units: how many.
            seed: another seed gives other units.
            given: one value a column that holds for every unit, or a table with one row a unit.
            start: number of the first unit; unit u is the same whatever the range it is asked for in.
        """
        wanted: tuple[tuple[str, object], ...] = (("units", units), ("start", start))
        for name, number in wanted:
            if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 0:
                raise RequestError(
                    Problem(
                        "SD-API-006", name, f"{number!r} is not a whole number of at least 0", f"Give {name} as one."
                    )
                )
        synthesizer = implementation("sundog.kinds", self.part.kind)
        numbers = range(int(start), int(start) + int(units))
        if given is not None and self.part.after is None:
            _need_columns(given, synthesizer.schemas(self.part, self.model))
        with synthesizer.open(self.model) as sampler:
            tables, notes = sampler.sample(
                Shard("part", 0, numbers, Key.root(seed).child("part")), _given_tables(given, numbers)
            )
        del notes
        return {
            n: pa.Table.from_batches([b.drop_columns([UNIT]) if UNIT in b.schema.names else b])
            for n, b in tables.items()
        }

    def save(self, folder: str | Path) -> None:
        """Store it in a folder, in the place of what was stored there before: the part as JSON, the model as Arrow and JSON.

        Raises:
            RequestError: a file lies there, or it cannot be written.
        """
        target = Path(folder)
        try:
            target.mkdir(parents=True, exist_ok=True)
            persist.save(self.model, target)
            (target / "part.json").write_text(self.part.model_dump_json(indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            what = "a file lies here" if target.is_file() else f"it cannot be written here: {error.strerror or error}"
            raise RequestError(
                Problem("SD-API-008", str(folder), what, "Give a folder that you may write to.")
            ) from error


def fit(recipe: Recipe | str | Path | Mapping[str, Any], part: str | None = None) -> FittedPart:
    """Prepare one part of a recipe without sampling: what ``make`` does first."""
    from sundog.core.plan import make_plan
    from sundog.run.prepare import name_places, split_stage
    from sundog.run.scratch import open_scratch

    asked = recipe if isinstance(recipe, Recipe) else read(recipe)
    name = part if part is not None else next(iter(asked.parts))
    stages = {s.name: s for s in make_plan(asked).stages}
    if name not in stages:
        raise RequestError(Problem("SD-API-002", "part", f"there is no part {name!r}", nearest(name, stages)))
    stage = stages[name]
    synthesizer = implementation("sundog.kinds", stage.part.kind, f"parts.{name}.kind")
    with open_scratch() as scratch:
        split = split_stage(stage, scratch)
        train = None if split is None else split.train
        try:
            model, _ = synthesizer.prepare(stage.part, train, stage.key.child("prepare"), scratch)
        except RequestError as error:
            raise name_places(error, stage) from error
        # the model must not look into the scratch folder, which is removed
        stored = scratch / "fitted"
        stored.mkdir()
        persist.save(model, stored)
        return FittedPart(stage.part, persist.load(synthesizer.model_type, stored))


def load_fitted(folder: str | Path, part: Part | None = None) -> FittedPart:
    """Read what ``FittedPart.save`` wrote, or the model of a bundle with its part."""
    if part is None:
        import json

        try:
            value = json.loads((Path(folder) / "part.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            mend = "Give a folder that `save` wrote; of a bundle: sundog.open_bundle(BUNDLE).fitted()."
            raise RequestError(
                Problem("SD-API-005", str(folder), "there is no saved model here that can be read", mend)
            ) from error
        part = validate_recipe({"name": "fitted", "parts": {"part": value}}).parts["part"]
    synthesizer = implementation("sundog.kinds", part.kind)
    return FittedPart(part, persist.load(synthesizer.model_type, Path(folder)))


def _need_columns(given: Mapping[str, Any] | pa.Table, schemas: Mapping[str, pa.Schema]) -> None:
    """Refuse names that are no column of what is sampled; a chained part is given columns of another part, of any name."""
    known = sorted({name for schema in schemas.values() for name in schema.names})
    wrong = [name for name in (given.column_names if isinstance(given, pa.Table) else given) if name not in known]
    if wrong:
        raise RequestError(
            *(Problem("SD-API-009", f"given.{name}", "there is no such column", nearest(name, known)) for name in wrong)
        )


def _given_tables(given: Mapping[str, Any] | pa.Table | None, units: range) -> Tables:
    if given is None:
        return {}
    table = given if isinstance(given, pa.Table) else _repeat_values(given, len(units))
    if table.num_rows != len(units):
        raise RequestError(
            Problem(
                "SD-API-003",
                "given",
                f"the table has {table.num_rows} rows for {len(units)} units",
                "Give one row for each unit.",
            )
        )
    numbered = table.add_column(0, UNIT, pa.array(np.arange(units.start, units.stop, dtype=np.uint64)))
    batches = numbered.combine_chunks().to_batches()
    return {"given": batches[0]} if batches else {}


def _repeat_values(given: Mapping[str, Any], rows: int) -> pa.Table:
    """A table in which each row has the given values; what is no single value is refused, all at once."""
    columns, problems = {}, []
    for name, value in given.items():
        try:
            columns[name] = pa.array([value] * rows)
            single = not pa.types.is_nested(columns[name].type)
        except (pa.ArrowException, OverflowError, TypeError):
            single = False
        if not single:
            what = f"a {type(value).__name__} is no single value: {value!r:.60}"
            problems.append(Problem("SD-API-010", f"given.{name}", what, _ONE_VALUE))
    if problems:
        raise RequestError(*problems)
    return pa.table(columns)


_ONE_VALUE = (
    "Give one value a column: a number, a text, a date. Ranges, choices and shares are conditions of a recipe's 'given': "
    "{between: [low, high]}, {one_of: [values]} or {shares: {value: share}}."
)


def _need_path(value: object, where: str) -> str:
    """The path as text; a table in memory is told apart, instead of being looked for under its own text."""
    if isinstance(value, str | os.PathLike):
        return str(os.fspath(value))
    what = f"a {type(value).__name__} is not a path"
    raise RequestError(
        Problem("SD-API-007", where, what, "Write the table to a file, such as Parquet, and give its path.")
    )


def _need(package: str) -> None:
    import importlib.util

    if importlib.util.find_spec(package) is None:
        from sundog.core.errors import MissingExtra, install_extra

        raise MissingExtra(
            Problem("SD-API-004", f"to_{package}", f"{package} is not installed", install_extra(package))
        )


def describe_recipe(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain values, every default written out."""
    return plain_recipe(recipe)
