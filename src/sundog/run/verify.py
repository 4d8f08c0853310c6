"""``sundog verify``: hash everything again, and run again what can be run without the real records."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sundog.core.bundle import BundleFiles, open_files
from sundog.core.extension import implementation
from sundog.core.findings import Finding
from sundog.core.plan import Stage, make_plan
from sundog.core.protocols import Source
from sundog.lib import persist
from sundog.run.checks import run_checks
from sundog.run.evidence import Gathered, open_parquet
from sundog.run.publish import FileEntry, hash_content
from sundog.run.scratch import open_scratch
from sundog.run.store import Store


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it.

    Attributes:
        problems: a sentence each: files that are gone, changed or new, findings that came out otherwise.
        files: how many files were hashed.
        repeated: findings that were measured again.
        verdict: the verdict written in the bundle.
    """

    problems: tuple[str, ...]
    files: int
    repeated: int
    verdict: str

    @property
    def ok(self) -> bool:
        """Whether the bundle is what its manifest says."""
        return not self.problems


def verify_bundle(url: str) -> Verification:
    """Verify a bundle.

    Raises:
        RequestError: it is not a finished bundle.
    """
    bundle = open_files(url)
    problems = _verify_files(bundle)
    stored = {(f.check, f.part, f.subject): f for f in bundle.answer().findings}
    repeated = 0
    if not problems:
        for finding in _repeat(bundle):
            repeated += 1
            known = stored.get((finding.check, finding.part, finding.subject))
            if known is None:
                problems.append(f"{finding.check} ({finding.subject}) was measured again and is not in the report")
            elif (known.value, known.verdict) != (finding.value, finding.verdict):
                problems.append(
                    f"{finding.check} ({finding.subject}): the report says {known.value} ({known.verdict}), measured again {finding.value} ({finding.verdict})"
                )
    return Verification(tuple(problems), len(bundle.manifest["files"]), repeated, bundle.verdict)


def _verify_files(bundle: BundleFiles) -> list[str]:
    problems: list[str] = []
    listed = {f["path"]: f for f in bundle.manifest["files"]}
    entries = []
    for path, said in listed.items():
        if not bundle.fs.exists(f"{bundle.root}/{path}"):
            problems.append(f"{path} is gone")
            continue
        data = bundle.read(path)
        digest = sha256(data).hexdigest()
        if digest != said["sha256"]:
            problems.append(f"{path} was changed: sha256 {digest[:12]}… where the manifest says {said['sha256'][:12]}…")
        entries.append(FileEntry(path, "", digest, len(data)))
    for said in bundle.manifest.get("documents", ()):
        if not bundle.fs.exists(f"{bundle.root}/{said['path']}"):
            problems.append(f"{said['path']} is gone")
        elif sha256(bundle.read(said["path"])).hexdigest() != said["sha256"]:
            problems.append(f"{said['path']} was changed: it has another sha256 than the manifest says")
    for top in ("data", "rejected", "model"):
        if bundle.fs.exists(f"{bundle.root}/{top}"):
            for found in bundle.fs.find(f"{bundle.root}/{top}"):
                name = str(found).split(f"{bundle.root}/", 1)[-1]
                if name not in listed:
                    problems.append(f"{name} is not in the manifest")
    if not problems and hash_content(entries, _in_order(bundle)) != bundle.manifest["content_hash"]:
        problems.append(
            "report.json was changed: the content hash of files and findings is not the one in the manifest"
        )
    return problems


def _in_order(bundle: BundleFiles) -> tuple[Finding, ...]:
    """Findings in the order in which they were hashed, which the manifest keeps."""
    known = {(f.check, f.part, f.subject): f for f in bundle.answer().findings}
    order = [tuple(o) for o in bundle.manifest["findings"]]
    if set(order) != set(known):
        return ()
    return tuple(known[o] for o in order)


def _repeat(bundle: BundleFiles) -> list[Finding]:
    """Checks that read synthetic rows only, run again."""
    store = Store(bundle.url, bundle.fs, bundle.root)
    recipe = bundle.recipe
    if recipe.evidence.level == "none" and not recipe.checks:
        return []
    with open_scratch() as scratch:
        return [found for stage in make_plan(recipe).stages for found in _repeat_part(bundle, store, stage, scratch)]


def _repeat_part(bundle: BundleFiles, store: Store, stage: Stage, scratch: Path) -> tuple[Finding, ...]:
    recipe = bundle.recipe
    synthesizer = implementation("sundog.kinds", stage.part.kind)
    tables: dict[str, Source] = {t: open_parquet(store, bundle.files(stage.name, t)) for t in bundle.tables(stage.name)}
    folder = store.local_path(f"model/{stage.name}") if store.local else scratch / stage.name
    if not store.local:
        folder.mkdir()
        for name in store.entries(f"model/{stage.name}"):
            (folder / name).write_bytes(store.read(f"model/{stage.name}/{name}"))
    model = persist.load(synthesizer.model_type, folder)
    rejects = bundle.manifest["parts"][stage.name]["rejected"]
    evidence = Gathered(recipe, stage.name, stage.part, recipe.evidence.level, (), model, tables, {}, rejects, scratch)
    return run_checks(evidence, stage.key, {}, only_reading=frozenset({"synthetic"})).findings
