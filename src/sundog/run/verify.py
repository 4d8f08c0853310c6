"""``sundog verify``: hash everything again, settle the verdict again, and run again what can be run without the real records.

A manifest is not signed: whoever rewrites files, findings and manifest so that they agree makes another bundle. What tells that one
from the first is the content hash, kept somewhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from sundog import __version__
from sundog.core.bundle import BundleFiles, open_files, reading_json, reading_table
from sundog.core.errors import Problem, RequestError
from sundog.core.extension import implementation
from sundog.core.findings import Finding
from sundog.core.plan import Stage, make_plan
from sundog.core.protocols import Source
from sundog.core.recipe import Recipe
from sundog.lib import persist
from sundog.run.checks import decide, run_checks
from sundog.run.evidence import Gathered, open_parquet
from sundog.run.privacy_report import APART
from sundog.run.publish import PAGES, FileEntry, hash_content, list_told
from sundog.run.scratch import open_scratch
from sundog.run.store import Store

_MEND = "Take the bundle from where it was made, or make it again."


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it.

    Attributes:
        problems: files that are gone, changed or new, a verdict that does not follow, findings that came out otherwise.
        files: how many files were hashed, pages among them.
        repeated: findings that were measured again.
        verdict: the verdict written in the bundle.
        settled: the verdict that follows from its findings; None where they are not as they were written.
    """

    problems: tuple[Problem, ...]
    files: int
    repeated: int
    verdict: str
    settled: str | None

    @property
    def ok(self) -> bool:
        """Whether the bundle is what its manifest says."""
        return not self.problems


def verify_bundle(url: str) -> Verification:
    """Verify a bundle.

    Raises:
        RequestError: it is not a finished bundle, or its manifest cannot be read.
    """
    bundle = open_files(url)
    with reading_json(f"{url}/manifest.json"):
        problems = [*_verify_listed(bundle, bundle.manifest["files"]), *_find_more(bundle)]
        beside = [f for said in _list_manifests(bundle) for n in ("documents", "pages") for f in said.get(n, ())]
        pages = list(_verify_listed(bundle, beside))
        unlisted = sorted({*PAGES} - {f["path"] for f in beside})
        pages += [_other_manifest(f"it lists no hash of {', '.join(unlisted)}")] if unlisted else []
        hashed = len(bundle.manifest["files"]) + len(beside)
    settled: str | None = None
    repeated = 0
    try:
        findings = _in_order(bundle)
        recipe = bundle.recipe
        if not problems:
            problems += _verify_content(bundle, findings)
        if not problems:
            settled, said = _verify_verdict(bundle, findings, recipe)
            problems += said
            for problem in _repeat(bundle, recipe, findings):
                repeated += 1
                problems += [] if problem is None else [problem]
    except RequestError as error:
        problems += error.problems
    return Verification((*problems, *pages), hashed, repeated, bundle.verdict, settled)


def _list_manifests(bundle: BundleFiles) -> list[Mapping[str, Any]]:
    """The manifest, and what stands apart from it where a part claims privacy."""
    there = bundle.fs.exists(f"{bundle.root}/{APART}")
    return [bundle.manifest, *([json.loads(bundle.read(APART))] if there else [])]


def _verify_listed(bundle: BundleFiles, listed: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Files of the manifest's list ``files`` (in the content hash), ``documents`` or ``pages`` (beside it) that are gone or changed."""
    for said in listed:
        path = said["path"]
        if not bundle.fs.exists(f"{bundle.root}/{path}"):
            yield Problem("SD-VERIFY-001", path, "the file is gone", _MEND)
            continue
        digest = sha256(bundle.read(path)).hexdigest()
        if digest != said["sha256"]:
            what = f"the file was changed: sha256 {digest[:12]}… where the manifest says {said['sha256'][:12]}…"
            yield Problem("SD-VERIFY-002", path, what, _MEND)


def _find_more(bundle: BundleFiles) -> Iterator[Problem]:
    listed = {f["path"] for f in bundle.manifest["files"]}
    for top in ("data", "rejected", "model"):
        if bundle.fs.exists(f"{bundle.root}/{top}"):
            for found in bundle.fs.find(f"{bundle.root}/{top}"):
                name = str(found).split(f"{bundle.root}/", 1)[-1]
                if name not in listed:
                    yield Problem("SD-VERIFY-003", name, "the file is not in the manifest", "Remove it.")


def _other_manifest(what: str) -> Problem:
    return Problem("SD-VERIFY-006", "manifest.json", what, "It was changed, or is of another version of Sundog.")


def _other_verdict(name: str, said: str, follows: str) -> Problem:
    what = f"it says {said}, and from the findings and the recipe follows {follows}"
    return Problem("SD-VERIFY-005", name, what, "Trust the findings: what the file says was changed.")


def _other_finding(finding: Finding, what: str) -> Problem:
    mend = "The data are not those that the report speaks of, or this version of Sundog measures otherwise."
    return Problem("SD-VERIFY-007", f"{finding.check} ({finding.subject})", what, mend)


def _verify_content(bundle: BundleFiles, findings: tuple[Finding, ...]) -> Iterator[Problem]:
    """The content hash, and the recipe in the manifest against the one that is hashed."""
    entries = [FileEntry(f["path"], "", f["sha256"], f["bytes"]) for f in bundle.manifest["files"]]
    told = list_told(findings, _list_private(bundle.recipe))
    if hash_content(entries, told) != bundle.manifest["content_hash"]:
        what = "findings were changed: the content hash of files and findings is not the one in the manifest"
        yield Problem("SD-VERIFY-004", "report.json", what, _MEND)
    with reading_json(f"{bundle.url}/recipe.yaml"):
        stated = yaml.safe_load(bundle.read("recipe.yaml"))
    if stated != bundle.manifest["recipe"]:
        yield _other_manifest("its recipe is not the one in recipe.yaml")


def _verify_verdict(
    bundle: BundleFiles, findings: tuple[Finding, ...], recipe: Recipe
) -> tuple[str, tuple[Problem, ...]]:
    """The verdict that follows from the hashed findings, against the one in the manifest and in report.json.

    Another version may word its reasons otherwise, so they are compared only where this one wrote them.
    """
    release = decide(findings, recipe.evidence, _list_private(recipe))
    with reading_json(f"{bundle.url}/report.json"):
        report = json.loads(bundle.read("report.json"))
        written = bundle.manifest.get("versions", {}).get("sundog")
        problems = []
        for name, told in (("manifest.json", bundle.manifest), ("report.json", report)):
            if told["verdict"] != release.verdict:
                problems.append(_other_verdict(name, repr(told["verdict"]), repr(release.verdict)))
            elif written == __version__ and list(told["reasons"]) != list(release.reasons):
                said, follow = ("; ".join(map(str, r)) or "no reasons" for r in (told["reasons"], release.reasons))
                problems.append(_other_verdict(name, said, follow))
        if report["level"] != recipe.evidence.level:
            problems.append(_other_verdict("report.json", f"level {report['level']!r}", repr(recipe.evidence.level)))
    return release.verdict, tuple(problems)


def _list_private(recipe: Recipe) -> list[str]:
    """Parts that claim privacy."""
    return [stage.name for stage in make_plan(recipe).stages if stage.part.claims_privacy()]


def _in_order(bundle: BundleFiles) -> tuple[Finding, ...]:
    """Findings in the order in which they were hashed, which the manifest keeps."""
    known = {(f.check, f.part, f.subject): f for f in bundle.answer().findings}
    order = [tuple(o) for o in _list_manifests(bundle)[-1]["findings"]]
    if set(order) != set(known):
        return ()
    return tuple(known[o] for o in order)


def _repeat(bundle: BundleFiles, recipe: Recipe, findings: tuple[Finding, ...]) -> Iterator[Problem | None]:
    """What is wrong with each finding of the checks that read synthetic rows only, measured again; None where it is as it was."""
    stored = {(f.check, f.part, f.subject): f for f in findings}
    store = Store(bundle.url, bundle.fs, bundle.root)
    if recipe.evidence.level == "none" and not recipe.checks:
        return
    with open_scratch() as scratch:
        for stage in make_plan(recipe).stages:
            for found in _repeat_part(bundle, recipe, store, stage, scratch):
                known = stored.get((found.check, found.part, found.subject))
                if known is None:
                    yield _other_finding(found, "it was measured again and is not in the report")
                elif (known.value, known.verdict) != (found.value, found.verdict):
                    what = f"the report says {known.value} ({known.verdict}), measured again {found.value} ({found.verdict})"
                    yield _other_finding(found, what)
                else:
                    yield None


def _repeat_part(bundle: BundleFiles, recipe: Recipe, store: Store, stage: Stage, scratch: Path) -> tuple[Finding, ...]:
    synthesizer = implementation("sundog.kinds", stage.part.kind)
    with reading_table(f"{bundle.url}/data/{stage.name}"):
        tables: dict[str, Source] = {
            t: open_parquet(store, bundle.files(stage.name, t)) for t in bundle.tables(stage.name)
        }
    folder = store.local_path(f"model/{stage.name}") if store.local else scratch / stage.name
    if not store.local:
        folder.mkdir()
        for name in store.entries(f"model/{stage.name}"):
            (folder / name).write_bytes(store.read(f"model/{stage.name}/{name}"))
    model = persist.load(synthesizer.model_type, folder)
    rejects = bundle.manifest["parts"][stage.name]["rejected"]
    evidence = Gathered(recipe, stage.name, stage.part, recipe.evidence.level, (), model, tables, {}, rejects, scratch)
    return run_checks(evidence, stage.key, {}, only_reading=frozenset({"synthetic"})).findings
