"""``sundog audit``: the evidence for a table that any tool made."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Literal

from sundog import __version__
from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.findings import Answer
from sundog.core.keys import Key
from sundog.core.notes import Remark, Used
from sundog.core.protocols import Source
from sundog.core.recipe import EvidenceSpec, Part, Recipe, SourceSpec
from sundog.core.tables import about_of, meaning_of
from sundog.evidence.report.data import ColumnFacts, PartFacts, Report, RunFacts, TableFacts, remarks_of, sources_of
from sundog.evidence.report.html import render_html
from sundog.evidence.report.privacy.facts import PrivacyFacts
from sundog.run.apart import need_apart
from sundog.run.checks import Release, decide, decide_publicly, run_checks
from sundog.run.evidence import Gathered
from sundog.run.make import Clock, measure_process
from sundog.run.privacy_report import write_privacy_files
from sundog.run.publish import report_json
from sundog.run.release_file import read_release
from sundog.run.scratch import open_scratch
from sundog.run.split import open_like, open_source
from sundog.run.stage_files import merge_notes
from sundog.run.store import open_store


class AuditPart(Part, frozen=True):
    """A table that came from elsewhere, in the shape that checks know."""

    count_noun: ClassVar[str] = "rows"

    kind: Literal["audit"] = "audit"
    source: SourceSpec
    target: str | None = None
    copies: Literal["count"] = "count"


@dataclass(frozen=True)
class Audited:
    """What an audit found.

    Attributes:
        verdict: ``released`` here means that every check that withholds was passed.
        reasons: why not.
        answer: all findings and exhibits.
        report: path of report.html, or None when nothing was written.
        remarks: columns that were not compared, since one of the tables lacks them.
    """

    verdict: str
    reasons: tuple[str, ...]
    answer: Answer = field(repr=False)
    report: str | None
    remarks: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        from sundog.evidence.report.notebook import findings_html

        return findings_html(self.answer.findings)


def audit_table(
    synthetic: str,
    train: str,
    holdout: str | None,
    target: str | None,
    out: str | None,
    level: str,
    release: str | None = None,
) -> Audited:
    """Judge a synthetic table against the real records that it was made from, and against others that it never saw.

    Raises:
        RequestError: a table cannot be read, the tables do not belong together, or the holdout was learned from.
    """
    if level not in ("quick", "full"):
        raise RequestError(
            Problem(
                "SD-AUDIT-005", "evidence", f"{level!r} is not a level of an audit", nearest(level, ("quick", "full"))
            )
        )
    stated = None if release is None else read_release(release)
    clock = Clock()
    with clock.phase("read"):
        sides = {"synthetic": synthetic, "train": train} | ({} if holdout is None else {"holdout": holdout})
        real = open_source(SourceSpec(path=train), train, "train")
        opened: dict[str, Source] = {
            role: real if role == "train" else open_like(SourceSpec(path=path), path, role, real.schema)
            for role, path in sides.items()
        }
        _need_same_columns(opened, target)
        if holdout is not None:
            need_apart(real, opened["holdout"], "--holdout")
    if out is not None:
        store = open_store(out if "://" in out else str(Path(out).absolute()))
        if store.exists() and store.entries():
            raise RequestError(
                Problem("SD-AUDIT-001", out, "the output holds other files", "Give an empty or a new folder with -o.")
            )
    part = AuditPart(
        units=max(1, opened["synthetic"].rows), source=SourceSpec(path=train, holdout=holdout), target=target
    )
    recipe = Recipe.model_construct(
        format=1, name="audit", seed=0, as_of=None, description=f"Audit of {Path(synthetic).name}.", licence="not stated",
        parts={"table": part}, evidence=EvidenceSpec(level=level), checks=(), release=stated,
    )  # fmt: skip
    notes = merge_notes(*(s.notes for s in opened.values()))
    if holdout is None:
        notes += (
            Remark("holdout", "no holdout was given: what a fresh real table scores is not known, and much is skipped"),
        )
    apart = _say_columns_apart(opened)
    notes += apart
    sources = {r: s for r, s in opened.items() if r != "synthetic"}
    with clock.phase("evidence"), open_scratch() as scratch:
        evidence = Gathered(
            recipe, "table", part, level, notes, None, {"rows": opened["synthetic"]}, sources, {}, scratch
        )
        answer = run_checks(evidence, Key.root(0).child("table"), {})
    decided = decide(answer.findings, recipe.evidence)
    report: str | None = None
    if out is not None:
        drawn = _report(recipe, decided, answer, evidence)
        store.write("report.html", render_html(drawn, _facts(clock)).encode())
        privacy = PrivacyFacts(
            report=drawn,
            recipe=recipe,
            public_verdict=decide_publicly(answer.findings, recipe.evidence),
            data_hash=_hash_table(opened["synthetic"]),
            real_rows={"table": {role: source.rows for role, source in sources.items()}},
        )
        for name, text in write_privacy_files(privacy).items():
            store.write(name, text.encode())
        store.write(
            "report.json",
            (
                json.dumps(report_json(decided, answer, level), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
            ).encode(),
        )
        report = store.path("report.html")
    return Audited(decided.verdict, decided.reasons, answer, report, tuple(f"{n.subject}: {n.text}" for n in apart))


def _hash_table(table: Source) -> str:
    """SHA-256 of the file that was judged; of several, over the lines of `sha256sum`."""
    used = sorted((n.what, n.sha256) for n in table.notes if isinstance(n, Used))
    if len(used) == 1:
        return used[0][1]
    return sha256("".join(f"{digest}  {what}\n" for what, digest in used).encode()).hexdigest() if used else ""


def _say_columns_apart(opened: dict[str, Source]) -> tuple[Remark, ...]:
    """Which columns only one of two tables has; nothing is said about those."""
    train = opened["train"].schema.names
    out = []
    for role, source in opened.items():
        lacks = [n for n in train if n not in source.schema.names]
        more = [n for n in source.schema.names if n not in train]
        said = [
            f"{how} {', '.join(map(repr, names[:8]))}{f' and {len(names) - 8} more' if len(names) > 8 else ''}"
            for how, names in (("it lacks", lacks), ("it also has", more))
            if names
        ]
        if said:
            text = f"its columns differ from those of the training table: {'; '.join(said)}. They are not compared"
            out.append(Remark(role, text))
    return tuple(out)


def _need_same_columns(opened: dict[str, Source], target: str | None) -> None:
    train = opened["train"].schema.names
    problems = []
    for role, source in opened.items():
        if role != "train" and not set(train) & set(source.schema.names):
            problems.append(
                Problem(
                    "SD-AUDIT-002",
                    role,
                    "it shares no column with the training table",
                    f"The training table has {', '.join(train[:8])}.",
                )
            )
        if source.rows == 0:
            problems.append(Problem("SD-AUDIT-003", role, "the table has no rows", "Give a table with rows."))
    if target is not None and target not in train:
        problems.append(
            Problem(
                "SD-AUDIT-004", "--target", f"{target!r} is not a column of the training table", nearest(target, train)
            )
        )
    if problems:
        raise RequestError(*problems)


def _report(recipe: Recipe, release: Release, answer: Answer, evidence: Gathered) -> Report:
    schema = evidence.schema("synthetic")
    columns = tuple(
        ColumnFacts(name=f.name, type=str(f.type), meaning=meaning_of(f), about=about_of(f)) for f in schema
    )
    rows = evidence.rows("synthetic")
    return Report(
        name="audit",
        title=recipe.description.rstrip("."),
        verdict=release.verdict,
        reasons=release.failures,
        not_run=release.not_run,
        level=recipe.evidence.level,
        description=recipe.description,
        findings=answer.findings,
        exhibits=tuple(sorted(answer.exhibits, key=lambda e: e.order)),
        parts=(
            PartFacts(
                name="table",
                kind="audit",
                count_noun="rows",
                accepted=rows,
                attempted=rows,
                tables=(TableFacts(name="rows", rows=rows, columns=columns),),
            ),
        ),
        sources=sources_of(evidence.notes),
        remarks=remarks_of(evidence.notes),
        version=__version__,
    )


def _facts(clock: Clock) -> RunFacts:
    measured = measure_process()
    return RunFacts(
        seconds=tuple((k, round(v, 3)) for k, v in clock.phases.items()),
        cpu_seconds=measured["cpu_seconds"],
        peak_memory_bytes=measured["peak_memory_bytes"],
        host=tuple((k, str(measured[k])) for k in ("processors", "python", "platform")),
    )
