"""``sundog advise-epsilon``: what utility an epsilon leaves, measured on a public table or on a stand-in, never on the real records.

Choosing epsilon by looking at the result on the real records would read them outside of every budget. So the curve is measured on rows that
nobody has to protect: made by rule from the declared columns, made by a recipe of one's own, or public.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from sundog import __version__
from sundog.core.bundle import BundleFiles
from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.findings import Finding
from sundog.core.recipe import Part, Recipe, SourceSpec
from sundog.core.tables import meaning_of
from sundog.evidence.report.advice import Advice, Measure, Point, render_advice
from sundog.lib.privacy.ledger import Budget
from sundog.lib.privacy.ledger_file import VARIABLE
from sundog.lib.privacy.purse import find_spend_problems
from sundog.run.make import MakeOptions, make_bundle
from sundog.run.recipe_files import built_in_recipes, read_recipe, validate_recipe
from sundog.run.scratch import open_scratch
from sundog.run.split import open_source
from sundog.run.stand_in import write_stand_in

EPSILONS: Final = (0.1, 0.3, 1.0, 3.0, 10.0)
HELD_OUT: Final = 0.2
_UNLEARNED: Final = frozenset({"identifier", "email", "phone", "iban", "name", "text"})

_MEASURES: Final = (
    ("fidelity.columns", "columns", "Columns", "1 - distance of a column's law, averaged"),
    ("fidelity.pairs", "pairs", "Pairs of columns", "1 - total variation of the joint shares of two columns, averaged"),
    ("fidelity.triples", "triples", "Triples of columns", "1 - total variation of the joint shares of three columns, averaged"),
    ("utility.tstr", "use", "Use for prediction", "AUC or R2 of a model trained on it, over that of one trained on as many stand-in rows"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AdviseOptions:
    """What is asked.

    Attributes:
        epsilons: where the curve is measured.
        delta: of all of them; None takes that of the recipe's part, and 1e-9 where it states none.
        rows: real records that there will be, about; from public knowledge. A public table has its own.
        repeats: runs for each epsilon, each with noise of its own.
        target: column whose prediction shows the use.
        part: part of the recipe; without it the first.
        public: SCHEMA is a table that is public.
        seed: of the stand-in and of sampling; noise has none.
        say: told what is being done.
    """

    epsilons: tuple[float, ...] = EPSILONS
    delta: float | None = None
    rows: int = 10_000
    repeats: int = 1
    target: str | None = None
    part: str | None = None
    public: bool = False
    seed: int = 0
    say: Callable[[str], None] = lambda text: None


@dataclass(frozen=True, slots=True)
class _Stand:
    """What the curve is measured on.

    Attributes:
        path: of the table.
        rows: that the generator learns from, about.
        what: in words.
        part: what the recipe of the measured part says beside source, units, epsilon and delta.
        delta: that the part states, if it does.
    """

    path: str
    rows: int
    what: str
    part: Mapping[str, Any]
    delta: float | None = None

    def choose_delta(self, asked: float | None) -> float:
        """The delta that is asked for, else the stated one, else 1e-9."""
        return next(d for d in (asked, self.delta, 1e-9) if d is not None)


def advise_epsilon(schema: str, options: AdviseOptions = AdviseOptions(), out: str | None = None) -> Advice:
    """Measure utility against epsilon.

    Args:
        schema: recipe (file or built-in name) whose part of kind tables declares its columns, or whose part makes rows by rule; or a public table.
        options: see ``AdviseOptions``.
        out: folder for advice.html and advice.json; nothing is written without it.

    Raises:
        RequestError: what is asked is wrong, or the schema leaves domains open.
        MissingExtra: OpenDP is not installed.
    """
    _check(options)
    target = None if out is None else _new_folder(out)
    with open_scratch() as scratch:
        stand = _find_stand(schema, options, scratch)
        points = tuple(_measure(stand, options, scratch, epsilon) for epsilon in sorted(set(options.epsilons)))
    advice = Advice(
        schema_name=Path(schema).name,
        stand_in=stand.what,
        rows=stand.rows,
        delta=stand.choose_delta(options.delta),
        repeats=options.repeats,
        target=options.target or "",
        points=points,
        version=__version__,
    )
    if target is not None:
        target.mkdir(parents=True, exist_ok=True)
        (target / "advice.json").write_text(advice.model_dump_json(indent=1) + "\n", encoding="utf-8")
        (target / "advice.html").write_text(render_advice(advice), encoding="utf-8")
    return advice


def _check(options: AdviseOptions) -> None:
    wrong = []
    if not options.epsilons or not all(0 < e < math.inf for e in options.epsilons):
        what = f"epsilons are {', '.join(map(str, options.epsilons)) or 'missing'}; finite numbers above 0 are needed"
        wrong.append(Problem("SD-ADVISE-005", "--epsilons", what, "Give, for example, 0.3,1,3."))
    if options.rows < 100:
        wrong.append(Problem("SD-ADVISE-006", "--rows", f"{options.rows} rows are too few", "Give at least 100."))
    if options.repeats < 1:
        wrong.append(
            Problem("SD-ADVISE-009", "--repeats", f"{options.repeats} runs measure nothing", "Give at least 1.")
        )
    # The measured runs would say so too, but only when the stand-in is made, and of a place that nobody wrote.
    if options.delta is not None:
        wrong += [replace(p, where="--delta") for p in find_spend_problems(Budget(1.0, options.delta), "")]
    if wrong:
        raise RequestError(*wrong)


def _new_folder(out: str) -> Path:
    path = Path(out)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        what = "the output holds other files"
        raise RequestError(Problem("SD-ADVISE-007", out, what, "Give an empty or a new folder with -o."))
    return path


@contextmanager
def _ledger_in(folder: Path) -> Iterator[None]:
    """A ledger of one run: what is nobody's has no budget over all runs, and no ledger of the user's is touched."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(folder)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = before


def _find_stand(schema: str, options: AdviseOptions, scratch: Path) -> _Stand:
    if not schema.endswith((".yaml", ".yml")) and schema not in built_in_recipes():
        return _take_public(schema, options)
    recipe = read_recipe(schema)
    names = tuple(recipe.parts)
    if options.part is not None and options.part not in names:
        what = f"there is no part {options.part!r}"
        raise RequestError(Problem("SD-ADVISE-008", "--part", what, nearest(options.part, names)))
    name = options.part or names[0]
    part, place = recipe.parts[name], f"{schema}: parts.{name}"
    if part.kind == "tables":
        return _declare(part, place, options, scratch)
    return _make_own(recipe, name, place, options, scratch)


def _take_public(schema: str, options: AdviseOptions) -> _Stand:
    if not options.public:
        what = "this is a table of records, and the real ones must not be looked at to choose an epsilon"
        mend = "If everybody may read it, add --public. Else give a recipe that declares the columns."
        raise RequestError(Problem("SD-ADVISE-001", schema, what, mend))
    rows = open_source(SourceSpec(path=schema), schema, "SCHEMA").rows
    kept = max(1, round(rows * (1 - HELD_OUT)))
    return _Stand(str(Path(schema).absolute()), kept, f"the public table {Path(schema).name}", {})


def _declare(part: Part, place: str, options: AdviseOptions, scratch: Path) -> _Stand:
    """A stand-in from the columns that a recipe declares; its source is not opened."""
    columns: Mapping[str, Any] = getattr(part, "columns", {})
    recipe = write_stand_in(columns, _made(options), options.seed, f"{place}.columns")
    bundle = make_bundle(recipe, str(scratch / "stand-in"), MakeOptions(workers=1, say=options.say))
    said: dict[str, Any] = part.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    kept: dict[str, Any] = {k: said[k] for k in ("columns", "marginals", "impossible") if k in said}
    what = f"rows made by rule from the {len(columns)} columns that the recipe declares"
    delta: float | None = said.get("delta")
    return _Stand(_only_table(bundle, "table"), options.rows, what, {**kept, "domain": "declared"}, delta)


def _make_own(recipe: Recipe, name: str, place: str, options: AdviseOptions, scratch: Path) -> _Stand:
    """The rows of a recipe that reads nothing."""
    part = recipe.parts[name]
    if any(getattr(p, "source", None) is not None for p in recipe.parts.values()) or part.after is not None:
        what = f"part {name!r} of kind {part.kind} reads records, or units of another part"
        mend = "Give a recipe that makes its rows by rule, or one of kind tables that declares its columns."
        raise RequestError(Problem("SD-ADVISE-003", place, what, mend))
    alone = recipe.model_copy(
        update={
            "parts": {name: part.model_copy(update={"units": _made(options)})},
            "evidence": recipe.evidence.model_copy(update={"level": "none", "limits": {}}),
            "checks": (),
        }
    )
    bundle = make_bundle(alone, str(scratch / "stand-in"), MakeOptions(workers=1, say=options.say))
    table = bundle.tables(name)[0]
    dropped = {f.name: {"drop": True} for f in bundle.schema(name, table) if meaning_of(f) in _UNLEARNED}
    what = f"rows of table {table} of the recipe, by rule"
    if dropped:
        what += f", without {', '.join(dropped)}"
    rows = round(bundle.rows(name, table) * (1 - HELD_OUT))
    return _Stand(_only_table(bundle, name), rows, what, {"columns": dropped} if dropped else {})


def _made(options: AdviseOptions) -> int:
    return math.ceil(options.rows / (1 - HELD_OUT))


def _only_table(bundle: BundleFiles, part: str) -> str:
    table = bundle.tables(part)[0]
    return f"{bundle.root}/data/{part}/{table}"


def _measure(stand: _Stand, options: AdviseOptions, scratch: Path, epsilon: float) -> Point:
    """One point of the curve: runs of the method with noise of their own, judged by the checks that judge every table."""
    found: list[Mapping[str, Finding]] = []
    for run in range(options.repeats):
        options.say(f"epsilon {epsilon:g}, run {run + 1} of {options.repeats}")
        part: dict[str, Any] = {
            "kind": "tables",
            "method": "marginals",
            "units": stand.rows,
            "source": {"path": stand.path, "holdout_share": HELD_OUT},
            "epsilon": epsilon,
            "delta": stand.choose_delta(options.delta),
            **stand.part,
            **({} if options.target is None else {"target": options.target}),
        }
        checks = ["columns", "associations", *(() if options.target is None else ("utility",))]
        recipe = validate_recipe(
            {
                "name": "advice",
                "seed": options.seed + run,
                "parts": {"table": part},
                "evidence": {"level": "none"},
                "checks": [{"kind": kind} for kind in checks],
            }
        )
        folder = scratch / f"run-{epsilon:g}-{run}"
        with _ledger_in(scratch / f"ledger-{epsilon:g}-{run}"):
            bundle = make_bundle(recipe, str(folder), MakeOptions(workers=1))
        found.append({f.check: f for f in bundle.answer().findings if f.value is not None})
    return Point(epsilon=epsilon, measures=tuple(_summarise(found)))


def _summarise(found: Sequence[Mapping[str, Finding]]) -> Iterator[Measure]:
    for check, key, name, about in _MEASURES:
        findings = [f[check] for f in found if check in f]
        if not findings:
            continue

        def turn(value: float, check: str = check) -> float:
            return 1.0 - value if check == "fidelity.columns" else value  # a distance becomes an agreement

        values = [turn(f.value) for f in findings if f.value is not None]
        references = [turn(f.baseline) for f in findings if f.baseline is not None]
        yield Measure(
            key=key,
            name=name,
            about=about,
            value=math.fsum(values) / len(values),
            low=min(values),
            high=max(values),
            reference=math.fsum(references) / len(references) if references else None,
        )


def read_advice(path: str) -> Advice:
    """What ``advise_epsilon`` wrote."""
    return Advice.model_validate(json.loads(Path(path).read_text(encoding="utf-8")))
