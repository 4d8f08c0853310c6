"""The whole road: plan, split, prepare, shards, checks, bundle. Killed at any instant, it goes on where it was."""

from __future__ import annotations

import math
import os
import resource
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from sundog import __version__
from sundog.core.bundle import BundleFiles, open_files
from sundog.core.errors import Incomplete, Problem, RequestError
from sundog.core.extension import find, implementation
from sundog.core.findings import Answer
from sundog.core.plan import SHARD_UNITS, Plan, Stage, make_plan
from sundog.core.protocols import Engine, Expecting, Following, Foreseeing, Promising, Source
from sundog.core.recipe import Recipe
from sundog.run.checks import run_checks
from sundog.run.evidence import Gathered, open_parquet
from sundog.run.lock import hold
from sundog.run.opened import count_opened, find_cache, take_opened, unite_opened, watching
from sundog.run.prepare import prepare_stage, split_stage
from sundog.run.publish import finish, is_complete, publish
from sundog.run.recipe_files import name_differences, plain_recipe
from sundog.run.scratch import open_scratch
from sundog.run.shard import WORK, close_parts, load_model
from sundog.run.split import Split
from sundog.run.stage import Progress, StageRun, run_stage, stage_notes
from sundog.run.stage_files import STAGING, canonical_json, part_folder
from sundog.run.store import GONE, Store, open_store, write_error
from sundog.run.typed import Typed


@dataclass(frozen=True)
class MakeOptions:
    """How to run; nothing here changes the data.

    Attributes:
        engine: name of an installed engine.
        workers: how many at once; None for one a processor.
        address: address of a running Ray cluster.
        shard_units: units in a file.
        resume: go on with what is there.
        progress: told (part, units made, units asked for).
        say: told what is being done, in words.
    """

    engine: str = "local"
    workers: int | None = None
    address: str | None = None
    shard_units: int = SHARD_UNITS
    resume: bool = False
    progress: Progress = lambda part, made, wanted: None
    say: Any = lambda text: None


@dataclass
class Clock:
    """Seconds by phase, for run.json; the only thing here that looks at the clock."""

    phases: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time of the block to a phase."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.phases[name] = self.phases.get(name, 0.0) + time.perf_counter() - started


def make_bundle(recipe: Recipe, out: str, options: MakeOptions) -> BundleFiles:
    """Make the dataset of a recipe at ``out`` (a folder or fsspec URL).

    Raises:
        RequestError: the request is wrong; nothing was written.
        Exhausted: the limit of attempts was reached.
        Incomplete: it stopped after writing began and can be resumed.
    """
    plan = make_plan(recipe)
    engine: Engine = implementation("sundog.engines", options.engine, "--engine")(
        workers=options.workers, address=options.address
    )
    with closing(engine):
        _announce(plan, engine, options.shard_units)
        _find_faults(plan)
        store = open_store(out if "://" in out else str(Path(out).absolute()))
        finished = _look_at_output(store, recipe, options)
        return finished if finished is not None else _make_held(plan, store, engine, options)


def _announce(plan: Plan, engine: Engine, shard_units: int) -> None:
    """Let workers start while this process imports the kinds and prepares; where a kind learns, it needs the processors first."""
    parts = [stage.part for stage in plan.stages]
    if isinstance(engine, Expecting) and all(getattr(part, "source", None) is None for part in parts):
        jobs = max(math.ceil((part.units or 0) / shard_units) for part in parts)
        engine.expect(WORK, sorted({part.kind for part in parts}), jobs)


def _find_faults(plan: Plan) -> None:
    faults: list[Problem] = []
    for stage in plan.stages:
        kind = implementation("sundog.kinds", stage.part.kind, f"parts.{stage.name}.kind")
        faults += kind.find_faults(stage.part, f"parts.{stage.name}") if isinstance(kind, Foreseeing) else ()
    if not faults:  # tables of a part that has faults are not what they will be
        faults += _find_given_faults(plan)
    if faults:
        raise RequestError(*faults)


def _find_given_faults(plan: Plan) -> list[Problem]:
    """What chained parts miss among the tables of their earlier parts, as far as those can be told from the recipe."""
    faults: list[Problem] = []
    promised: dict[str, Mapping[str, tuple[str, ...]] | None] = {}
    for stage in plan.stages:
        kind = implementation("sundog.kinds", stage.part.kind, f"parts.{stage.name}.kind")
        promised[stage.name] = kind.promise_columns(stage.part) if isinstance(kind, Promising) else None
        given = None if stage.after is None else promised[stage.after]
        if given is not None and isinstance(kind, Following):
            faults += kind.find_given_faults(stage.part, f"parts.{stage.name}", given)
    return faults


def _make_held(plan: Plan, store: Store, engine: Engine, options: MakeOptions) -> BundleFiles:
    """Make it while no other run can write there."""
    recipe, out = plan.recipe, store.url
    with hold(store), open_scratch() as scratch, watching():
        finished = _look_at_output(store, recipe, options)  # again: another run may have ended just before
        if finished is not None:
            return finished
        shard_units = _open_request(store, recipe, options)
        try:
            return _run(plan, store, engine, scratch, shard_units, options)
        except RequestError:
            if not any(store.exists(f"{part_folder(s.name)}/prepared.json") for s in plan.stages):
                _withdraw(store)
            raise
        except KeyboardInterrupt as error:
            if _keeps_anything(store, plan):
                mend = "Run the same command with --resume: what is finished is kept."
            else:
                _withdraw(store)
                mend = "Run the same command again: nothing was finished, and nothing is left here."
            raise Incomplete(Problem("SD-RUN-023", out, "the run was interrupted", mend)) from error
        except OSError as error:
            raise write_error(error, getattr(error, "filename", None) or out) from error
        finally:
            close_parts(str(scratch))


def _look_at_output(store: Store, recipe: Recipe, options: MakeOptions) -> BundleFiles | None:
    """Refuse an output that holds something else; give the bundle when a resumed run is already finished."""
    there = store.entries() if store.exists() else ()
    for left in [n for n in there if n.startswith(f"{STAGING}{GONE}")]:
        store.remove(left)
    there = tuple(n for n in there if not n.startswith(f"{STAGING}{GONE}"))
    if store.local and store.exists() and not store.local_path().is_dir():
        raise RequestError(Problem("SD-RUN-024", store.url, "the output is a file", "Give another output with -o."))
    if "manifest.json" in there:  # it moves last; a run that was killed after that may have left its staging folder
        bundle = open_files(store.url)
        apart = name_differences(plain_recipe(bundle.recipe), plain_recipe(recipe))
        if options.resume and not apart:
            return bundle if STAGING not in there else None
        what = "there is a finished bundle here already"
        if options.resume:
            what += f", and it is of another recipe: it differs in {_list_apart(apart)}"
        raise RequestError(Problem("SD-RUN-025", store.url, what, "Give another output with -o, or remove it."))
    if there and STAGING not in there:
        raise RequestError(
            Problem(
                "SD-RUN-027",
                store.url,
                f"the output holds other files ({', '.join(there[:3])})",
                "Give an empty or a new folder with -o.",
            )
        )
    return None


def _list_apart(places: tuple[str, ...]) -> str:
    return ", ".join(places[:5]) + (", ..." if len(places) > 5 else "") or "the order of its names"


def _open_request(store: Store, recipe: Recipe, options: MakeOptions) -> int:
    """Write the request, or check that the one there is the same. Gives the shard size, which a resumed run keeps."""
    name = f"{STAGING}/request.json"
    plain = plain_recipe(recipe)
    fingerprint = sha256(canonical_json(plain).encode()).hexdigest()
    if store.exists(name) and not store.exists("manifest.json"):
        if not options.resume:
            raise RequestError(
                Problem(
                    "SD-RUN-026",
                    store.url,
                    "an unfinished run is here",
                    "Add --resume to go on with it, or give another output with -o.",
                )
            )
        said = store.read_json(name)
        if said.get("version") != __version__:
            what = f"the unfinished run here was started by Sundog {said.get('version')}, this is {__version__}"
            mend = "Resume with that version, or start anew in another output with -o."
            raise RequestError(Problem("SD-RUN-046", store.url, what, mend))
        if said["fingerprint"] != fingerprint:
            raise RequestError(
                Problem(
                    "SD-RUN-028",
                    store.url,
                    f"the unfinished run here is of another recipe: it differs in {_list_apart(name_differences(said['recipe'], plain))}",
                    "Give the recipe that it was started with, or another output with -o.",
                )
            )
        return int(said["shard_units"])
    request = {
        "version": __version__,
        "fingerprint": fingerprint,
        "shard_units": options.shard_units,
        "recipe": plain,
    }
    store.write_json(name, request)
    return options.shard_units


def _keeps_anything(store: Store, plan: Plan) -> bool:
    """Whether a run that stops now has finished something: a preparation, or a checkpoint on the way to one."""
    for stage in plan.stages:
        if store.exists(f"{part_folder(stage.name)}/prepared.json"):
            return True
        checkpoints = _checkpoints(store, stage)
        if checkpoints.is_dir() and any(checkpoints.iterdir()):
            return True
    return False


def _withdraw(store: Store) -> None:
    """Take back a run that stopped before it made anything."""
    store.remove(STAGING)
    if store.local and store.exists() and not store.entries():
        store.local_path().rmdir()


def _run(
    plan: Plan, store: Store, engine: Engine, scratch: Path, shard_units: int, options: MakeOptions
) -> BundleFiles:
    if is_complete(store):
        finish(store, plan)
        remove_checkpoints(store, plan)
        return open_files(store.url)
    clock = Clock()
    run = StageRun(plan.recipe, store, engine, str(scratch), shard_units, options.progress)
    answers: dict[str, Answer] = {}
    for stage in plan.stages:
        with clock.phase("read"):
            if getattr(stage.part, "source", None) is not None:
                options.say(f"{stage.name}: reading")
            split = split_stage(stage, scratch)
        with clock.phase("prepare"):
            options.say(f"{stage.name}: learning" if split is not None else f"{stage.name}: preparing")
            prepare_stage(store, stage, split, _checkpoints(store, stage), str(scratch))
        with clock.phase("sample"):
            options.say(f"{stage.name}: sampling")
            run_stage(run, stage)
        if plan.recipe.evidence.level != "none" or plan.recipe.checks:
            with clock.phase("evidence"):
                options.say(f"{stage.name}: gathering evidence ({plan.recipe.evidence.level})")
                evidence = gather(store, plan.recipe, stage, split, scratch)
                states = store.read_json(f"{part_folder(stage.name)}/sealed.json")["states"]
                answers[stage.name] = run_checks(evidence, stage.key, states)
    options.say("writing the report")
    described = engine.describe()
    engine.close()  # what workers used is known when they have ended
    facts = {"phases": clock.phases, **measure_process(), **described, "repeatable": _repeatable(plan)}
    facts["opened"] = _list_opened(store, plan, str(scratch))
    publish(store, plan, answers, facts)
    remove_checkpoints(store, plan)
    return open_files(store.url)


def _checkpoints(store: Store, stage: Stage) -> Path:
    """Folder for a kind's checkpoints: in the staging folder, or a private one of this machine for a remote output."""
    if store.local:
        return store.local_path(f"{part_folder(stage.name)}/checkpoints")
    return find_cache() / "checkpoints" / sha256(store.url.encode()).hexdigest()[:16] / stage.name


def gather(store: Store, recipe: Recipe, stage: Stage, split: Split | None, scratch: Path) -> Gathered:
    """What the checks of a sealed stage may look at."""
    sealed = store.read_json(f"{part_folder(stage.name)}/sealed.json")
    synthetic: dict[str, Source] = {
        t: open_parquet(store, [f["file"] for f in files]) for t, files in sealed["tables"].items()
    }
    real: dict[str, Source] = {}
    if split is not None:
        real["train"] = split.train
        if split.holdout is not None:
            real["holdout"] = split.holdout
    kind = implementation("sundog.kinds", stage.part.kind)
    model = load_model(store, stage.name, kind.model_type)
    if stage.part.claims_privacy():
        made = next(iter(kind.schemas(stage.part, model).values()))
        written = stage.part.source.types if hasattr(stage.part, "source") and stage.part.source is not None else {}
        real = {role: Typed(side, made, written) for role, side in real.items()}
    return Gathered(
        recipe,
        stage.name,
        stage.part,
        recipe.evidence.level,
        stage_notes(store, stage.name),
        model,
        synthetic,
        real,
        sealed["rejected"],
        scratch,
    )


def measure_process() -> Mapping[str, Any]:
    """What this process and its workers used so far."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    scale = 1 if sys.platform == "darwin" else 1024
    return {
        "cpu_seconds": round(own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime, 3),
        "peak_memory_bytes": max(own.ru_maxrss, children.ru_maxrss) * scale,
        "processors": os.cpu_count() or 1,
        "python": sys.version.split()[0],
        "platform": sys.platform,
    }


def _list_opened(store: Store, plan: Plan, scratch: str) -> Mapping[str, Any]:
    """What all processes opened for reading, those of an interrupted run that this one resumed among them."""
    told = [take_opened(store.path(), scratch)]
    for stage in plan.stages:
        folder = part_folder(stage.name)
        told += [store.read_json(f"{folder}/{marker}.json")["opened"] for marker in ("prepared", "sealed")]
    return count_opened(unite_opened(told))


def _repeatable(plan: Plan) -> str:
    """The weakest promise of the kinds in the recipe."""
    order = ("bytes", "platform", "recorded")
    return max((find("sundog.kinds", s.part.kind).repeatable for s in plan.stages), key=order.index)


def remove_checkpoints(store: Store, plan: Plan) -> None:
    """Remove what kinds left for a resumed preparation; in a local output it went with the staging folder."""
    for stage in plan.stages:
        shutil.rmtree(_checkpoints(store, stage), ignore_errors=True)
