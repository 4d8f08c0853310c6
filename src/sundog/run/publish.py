"""The bundle: report, card, manifest, and the move from staging to the output. Nothing is measured here."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import pyarrow.parquet as pq

from sundog import __version__
from sundog.core.findings import Answer, Finding
from sundog.core.notes import Note
from sundog.core.plan import Plan, Stage
from sundog.core.recipe import Recipe
from sundog.core.tables import about_of, meaning_of
from sundog.evidence.report.card import render_card
from sundog.evidence.report.croissant import render_croissant
from sundog.evidence.report.data import (
    ColumnFacts,
    DataFile,
    OpenedFacts,
    PartFacts,
    Report,
    RunFacts,
    TableFacts,
    dependence_of,
    origins_of,
    remarks_of,
    sources_of,
    spends_of,
)
from sundog.evidence.report.html import render_html
from sundog.evidence.report.privacy.facts import PrivacyFacts, is_public
from sundog.run.accepted import read_accepted
from sundog.run.checks import Release, decide, decide_publicly
from sundog.run.opened import find_sources
from sundog.run.privacy_report import APART, write_privacy_files
from sundog.run.recipe_files import dump_recipe, plain_recipe
from sundog.run.stage import stage_notes
from sundog.run.stage_files import STAGING, canonical_json, merge_notes, part_folder
from sundog.run.store import Store

_TOP = ("data", "rejected", "model")
PAGES = ("README.md", "croissant.json", "report.html", "report.json", "run.json")
"""Files beside those of the content hash, which quote times and the host; the manifest has their hashes in a list of its own."""
PUBLIC_PAGES = ("README.md", "croissant.json", "privacy-public.html", "privacy-public.json")
"""Those of them, and of the halves of the privacy report, that tell nothing of real records where a part claims privacy."""
_VERSIONED = ("sundog", "numpy", "pyarrow", "lightgbm", "numba")


@dataclass(frozen=True)
class FileEntry:
    """One file of the bundle. ``path`` is relative to the bundle, ``staged`` where it lies until the seal."""

    path: str
    staged: str
    sha256: str
    bytes: int
    rows: int = 0


def publish(store: Store, plan: Plan, answers: Mapping[str, Answer], run: Mapping[str, Any]) -> None:
    """Write everything beside the data, move the data into place, and write the manifest last.

    May be killed anywhere and run again: what has been moved is not moved twice.
    """
    parts = {s.name: _part_files(store, s) for s in plan.stages}
    answer = Answer(
        findings=tuple(f for s in plan.stages if s.name in answers for f in answers[s.name].findings),
        exhibits=tuple(e for s in plan.stages if s.name in answers for e in answers[s.name].exhibits),
    )
    private = [s.name for s in plan.stages if s.part.claims_privacy()]
    release = decide(answer.findings, plan.recipe.evidence, private)
    notes = merge_notes(*(stage_notes(store, s.name) for s in plan.stages))
    recipe_yaml = dump_recipe(plan.recipe)
    files = [FileEntry("recipe.yaml", "", sha256(recipe_yaml.encode()).hexdigest(), len(recipe_yaml.encode()))]
    files += [f for group in parts.values() for kind in group.values() for f in kind]
    told = list_told(answer.findings, private)
    content = hash_content(files, told)
    facts = tuple(_part_facts(store, s) for s in plan.stages)
    report = Report(
        name=plan.recipe.name,
        title=plan.recipe.name,
        verdict=release.verdict,
        reasons=release.failures,
        not_run=release.not_run,
        level=plan.recipe.evidence.level,
        description=plan.recipe.description,
        licence=plan.recipe.licence,
        findings=answer.findings,
        exhibits=tuple(sorted(answer.exhibits, key=lambda e: e.order)),
        parts=facts,
        sources=sources_of(notes),
        remarks=remarks_of(notes),
        spends=spends_of(notes),
        recipe_yaml=recipe_yaml,
        content_hash=content,
        version=__version__,
    )
    shown = _without_private(report, private)
    run_facts = _run_facts(run, facts, plan.recipe)
    data_files = tuple(
        DataFile(path=f.path, sha256=f.sha256, bytes=f.bytes, part=name, table=f.path.split("/")[2])
        for name, group in parts.items()
        for f in group["data"]
    )
    privacy = PrivacyFacts(
        report=report,
        recipe=plan.recipe,
        public_verdict=decide_publicly(answer.findings, plan.recipe.evidence),
        data_hash=hash_data(f for f in files if f.path.startswith("data/")),
        opened=run_facts.opened,
        real_rows={s.name: _count_real(store, s) for s in plan.stages},
    )
    documents = write_privacy_files(privacy)
    top = {
        **documents,
        "recipe.yaml": recipe_yaml,
        "report.json": _to_json(report_json(release, answer, plan.recipe.evidence.level)),
        "report.html": render_html(report, run_facts),
        "README.md": render_card(shown, data_files, run_facts.opened),
        "croissant.json": _to_json(render_croissant(shown, data_files, run_facts.opened)),
        "run.json": _to_json(dict(run)),
    }
    written = {}
    for name, text in top.items():
        data = text.encode()
        written[name] = FileEntry(name, "", store.write(f"{STAGING}/top/{name}", data), len(data))
    manifest = _manifest(store, plan, release, notes, facts, parts, files, told, content)
    beside = {"documents": sorted(documents), "pages": list(PAGES)}
    listed = {
        n: [_list_entry(written[f]) for f in names if not private or f in PUBLIC_PAGES] for n, names in beside.items()
    }
    if private:
        apart = {n: [_list_entry(written[f]) for f in names if f not in PUBLIC_PAGES] for n, names in beside.items()}
        order = [[f.check, f.part, f.subject] for f in answer.findings]
        store.write(f"{STAGING}/top/{APART}", _to_json({"format": 1, **apart, "findings": order}).encode())
    manifest |= listed
    store.write(f"{STAGING}/manifest.json", _to_json(manifest).encode())
    finish(store, plan)


def _without_private(report: Report, private: Sequence[str]) -> Report:
    """The report as the dataset card tells it: it goes with the data, so of private parts only what reads no real row."""
    exhibits = tuple(e for e in report.exhibits if e.part not in private or is_public(e))
    return report.model_copy(update={"findings": list_told(report.findings, private), "exhibits": exhibits})


def list_told(findings: Sequence[Finding], private: Collection[str]) -> tuple[Finding, ...]:
    """What the manifest may tell of findings: of parts in ``private``, which claim privacy, only those that read no real row.

    Which of the others there are, and a hash of their numbers, would tell of records outside of epsilon.
    """
    return tuple(f for f in findings if f.part not in private or is_public(f))


def finish(store: Store, plan: Plan) -> None:
    """Move the bundle, complete in staging, into place; the manifest comes last."""
    for name in plan.recipe.parts:
        for kind in _TOP:
            _move(store, f"{part_folder(name)}/{kind}", f"{kind}/{name}")
    for name in store.entries(f"{STAGING}/top"):
        _move(store, f"{STAGING}/top/{name}", name)
    _move(store, f"{STAGING}/manifest.json", "manifest.json")
    store.remove(STAGING)


def is_complete(store: Store) -> bool:
    """Whether everything is made and only the moves are left."""
    return store.exists(f"{STAGING}/manifest.json") or (store.exists("manifest.json") and store.exists(STAGING))


def _to_json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _move(store: Store, source: str, target: str) -> None:
    # On an object store the target may be there in part: a move that was killed.
    if store.exists(source) and not (store.local and store.exists(target)):
        store.move(source, target)


def hash_content(files: Sequence[FileEntry], findings: Sequence[Finding]) -> str:
    """The content hash: recipe.yaml, data/, rejected/, model/ and the findings; what every run of the recipe has in common."""
    lines = [f"{f.sha256}  {f.path}" for f in sorted(files, key=lambda f: f.path)]
    lines.append(
        sha256(canonical_json([f.model_dump(mode="json") for f in findings]).encode()).hexdigest() + "  findings"
    )
    return sha256("\n".join(lines).encode()).hexdigest()


def hash_data(files: Iterable[FileEntry]) -> str:
    """A hash that whoever holds the data can compute again: SHA-256 over the lines of `sha256sum`, sorted by path."""
    lines = sorted(f"{f.path}\0{f.sha256}" for f in files)
    text = "".join(f"{digest}  {path}\n" for path, digest in (line.split("\0") for line in lines))
    return sha256(text.encode()).hexdigest()


def report_json(release: Release, answer: Answer, level: str) -> dict[str, Any]:
    """report.json: findings in a public half, which read synthetic rows only, and a private half, outside any epsilon."""

    def half(public: bool) -> dict[str, Any]:
        return {
            "findings": [f.model_dump(mode="json") for f in answer.findings if is_public(f) == public],
            "exhibits": [e.model_dump(mode="json") for e in answer.exhibits if is_public(e) == public],
        }

    return {
        "format": 1,
        "verdict": release.verdict,
        "reasons": list(release.reasons),
        "level": level,
        "public": half(True),
        "private": half(False),
    }


def _part_files(store: Store, stage: Stage) -> dict[str, list[FileEntry]]:
    """Files of a sealed part by what they are."""
    folder = part_folder(stage.name)
    sealed, prepared = store.read_json(f"{folder}/sealed.json"), store.read_json(f"{folder}/prepared.json")

    def entry(f: Mapping[str, Any], kind: str) -> FileEntry:
        inside = f["file"].removeprefix(f"{folder}/{kind}/")
        return FileEntry(f"{kind}/{stage.name}/{inside}", f["file"], f["sha256"], f["bytes"], f["rows"])

    model = []
    for name, digest in prepared["model"].items():
        staged = f"{folder}/model/{name}"
        model.append(FileEntry(f"model/{stage.name}/{name}", staged, digest, int(store.fs.size(store.path(staged)))))
    return {
        "data": [entry(f, "data") for files in sealed["tables"].values() for f in files],
        "rejected": [entry(f, "rejected") for f in sealed["rejected_files"]],
        "model": model,
    }


def _part_facts(store: Store, stage: Stage) -> PartFacts:
    folder = part_folder(stage.name)
    sealed, notes = store.read_json(f"{folder}/sealed.json"), stage_notes(store, stage.name)
    origins = origins_of(notes)
    stated = {o.subject: o.parameters for o in origins}
    tables = []
    for table, files in sealed["tables"].items():
        with store.fs.open(store.path(files[0]["file"]), "rb") as stream:
            schema = pq.ParquetFile(stream).schema_arrow
        columns = tuple(
            ColumnFacts(
                name=f.name,
                type=str(f.type),
                meaning=meaning_of(f),
                about=about_of(f) or stated.get(f"{table}.{f.name}", ""),
            )
            for f in schema
        )
        tables.append(TableFacts(name=table, rows=sum(f["rows"] for f in files), columns=columns))
    return PartFacts(
        name=stage.name,
        kind=stage.part.kind,
        count_noun=type(stage.part).count_noun,
        accepted=len(read_accepted(sealed["accepted"])),
        attempted=sealed["attempted"],
        rejected=tuple((str(r), int(n)) for r, n in sealed["rejected"].items()),
        tables=tuple(tables),
        after=stage.after or "",
        dependence=dependence_of(notes, store.read_json(f"{folder}/prepared.json")["rows"]["train"]),
        origins=origins,
    )


def _count_real(store: Store, stage: Stage) -> dict[str, int]:
    rows: Mapping[str, int | None] = store.read_json(f"{part_folder(stage.name)}/prepared.json")["rows"]
    return {role: n for role, n in rows.items() if n is not None}


def _list_entry(file: FileEntry) -> dict[str, Any]:
    return {"path": file.path, "bytes": file.bytes, "sha256": file.sha256}


def _run_facts(run: Mapping[str, Any], parts: Sequence[PartFacts], recipe: Recipe) -> RunFacts:
    phases: Mapping[str, float] = run["phases"]
    sampling = phases.get("sample", 0.0)
    total = sum(p.accepted for p in parts)
    rates = ((parts[0].name if len(parts) == 1 else "all parts", round(total / sampling, 1)),) if sampling > 0 else ()
    return RunFacts(
        seconds=tuple((k, round(v, 3)) for k, v in phases.items()),
        cpu_seconds=run["cpu_seconds"],
        peak_memory_bytes=run["peak_memory_bytes"],
        engine=str(run["engine"]),
        workers=int(run["workers"]),
        host=tuple((k, str(run[k])) for k in ("processors", "python", "platform")),
        rates=rates,
        opened=OpenedFacts(
            places=tuple(run["opened"]["places"].items()),
            lists=tuple(run["opened"]["lists"]),
            others=tuple(run["opened"]["others"]),
            sources=find_sources(run["opened"]["others"], recipe),
        ),
    )


def _manifest(
    store: Store,
    plan: Plan,
    release: Release,
    notes: tuple[Note, ...],
    facts: Sequence[PartFacts],
    parts: Mapping[str, Mapping[str, Sequence[FileEntry]]],
    files: Sequence[FileEntry],
    told: Sequence[Finding],
    content: str,
) -> dict[str, Any]:
    said: dict[str, Any] = {}
    known = {f.name: f for f in facts}
    for stage in plan.stages:
        folder = part_folder(stage.name)
        sealed, prepared = store.read_json(f"{folder}/sealed.json"), store.read_json(f"{folder}/prepared.json")
        tables: dict[str, Any] = {}
        for f in parts[stage.name]["data"]:
            entry = tables.setdefault(f.path.split("/")[2], {"rows": 0, "files": []})
            entry["rows"] += f.rows
            entry["files"].append({"file": f.path, "rows": f.rows, "bytes": f.bytes, "sha256": f.sha256})
        said[stage.name] = {
            "kind": stage.part.kind,
            "count_noun": type(stage.part).count_noun,
            "accepted": len(read_accepted(sealed["accepted"])),
            "attempted": sealed["attempted"],
            "rejected": sealed["rejected"],
            "real_rows": prepared["rows"],
            "dependence": said_of.model_dump() if (said_of := known[stage.name].dependence) is not None else None,
            "origins": [o.model_dump() for o in known[stage.name].origins],
            "tables": tables,
            "model": [f.path for f in parts[stage.name]["model"]],
        }
    return {
        "format": 1,
        "name": plan.recipe.name,
        "verdict": release.verdict,
        "reasons": list(release.reasons),
        "content_hash": content,
        "versions": {p: version(p) for p in _VERSIONED},
        "recipe": plain_recipe(plan.recipe),
        "parts": said,
        "files": [_list_entry(f) for f in sorted(files, key=lambda f: f.path)],
        "findings": [[f.check, f.part, f.subject] for f in told],
        "ledger": [s.model_dump() for s in sources_of(notes)],
        "remarks": [r.model_dump() for r in remarks_of(notes)],
        "privacy_spend": [s.model_dump() for s in spends_of(notes)],
    }
