"""Calls a kind's ``prepare``, stores the model and its marker."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sundog.core.errors import Fault, Problem, RequestError, SundogError
from sundog.core.extension import implementation
from sundog.core.notes import Note, Used
from sundog.core.plan import Stage
from sundog.lib import persist
from sundog.run.opened import claim_folder, take_opened
from sundog.run.split import Split, split_source
from sundog.run.stage_files import merge_notes, notes_from_json, notes_to_json, part_folder
from sundog.run.store import Store, is_full


def split_stage(stage: Stage, scratch: Path) -> Split | None:
    """Both sides of the stage's real records, or None for a kind that learns from none."""
    spec = getattr(stage.part, "source", None)
    if spec is None:
        return None
    return split_source(
        spec,
        getattr(stage.part, "target", None),
        stage.key,
        scratch / stage.name,
        f"parts.{stage.name}.source",
        private=stage.part.claims_privacy(),
    )


def hide_source(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """Notes of a source as they may be published beside differentially private releases.

    Names and licences of files stay. Their hashes would let whoever knows all records but one find that one out, and what
    the reader remarked was counted without noise.
    """
    return tuple(replace(n, sha256="") for n in notes if isinstance(n, Used))


def prepare_stage(
    store: Store, stage: Stage, split: Split | None, checkpoints: Path, scratch: str = ""
) -> tuple[Note, ...]:
    """Prepare a stage unless its marker is there; gives the notes of the source and of the preparation.

    Args:
        store: the output.
        stage: what is prepared.
        split: real records; only the training side is handed on.
        checkpoints: folder that survives a kill.
        scratch: folder of the run's temporary files.
    """
    folder = part_folder(stage.name)
    marker = f"{folder}/prepared.json"
    train = None if split is None else split.train
    if store.exists(marker):
        said = store.read_json(marker)
        notes = notes_from_json(said["notes"])
        known = {*notes, *notes_from_json(said["source"])}
        used = () if train is None else train.notes
        changed = [n for n in used if isinstance(n, Used) and n not in known]
        if changed:
            what = f"{changed[0].what} is not what it was when the run began"
            mend = "Bring back the source as it was, or begin again with another output."
            raise RequestError(Problem("SD-RUN-044", f"parts.{stage.name}.source", what, mend))
        return notes
    synthesizer = implementation("sundog.kinds", stage.part.kind, f"parts.{stage.name}.kind")
    checkpoints.mkdir(parents=True, exist_ok=True, mode=0o700)  # what was learned from people is nobody else's
    try:
        model, notes = synthesizer.prepare(stage.part, train, stage.key.child("prepare"), checkpoints)
    except RequestError as error:
        raise name_places(error, stage) from error
    except (SundogError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and is_full(error):
            raise
        raise Fault(
            Problem(
                "SD-RUN-020",
                f"parts.{stage.name}",
                f"the kind {stage.part.kind!r} failed to prepare: {type(error).__name__}: {error}",
                "This is a fault of the kind.",
            )
        ) from error
    hashes = _store_model(store, f"{folder}/model", model)
    read = () if train is None else train.notes
    private = stage.part.claims_privacy()
    every = merge_notes(hide_source(read) if private else read, notes)
    rows = {
        "train": None if split is None else split.train.rows,
        "holdout": None if split is None or split.holdout is None else split.holdout.rows,
    }
    if private:
        rows = dict.fromkeys(rows)  # how many there are is told with noise, or not at all
    said = {
        "model": hashes,
        "rows": rows,
        "notes": notes_to_json(every),
        "source": notes_to_json(tuple(n for n in read if isinstance(n, Used))),
        "opened": take_opened(store.path(), scratch),
    }
    store.write_json(marker, said)
    return every


def name_places(error: RequestError, stage: Stage) -> RequestError:
    """The same with the name of the part in each place: a kind knows its part, and not what the recipe calls it.

    ``given.age`` and ``parts.given.age`` become ``parts.NAME.given.age``; what a reader says of a file stays.
    """
    fields, own = type(stage.part).model_fields, f"parts.{stage.name}"
    problems = []
    for problem in error.problems:
        place = problem.where.removeprefix("parts.")
        named = problem.where == own or problem.where.startswith((f"{own}.", f"{own}["))
        known = re.split(r"[.:\[]", place)[0] in fields and not problem.code.startswith("SD-SOURCE-")
        problems.append(replace(problem, where=f"{own}.{place}") if known and not named else problem)
    return type(error)(*problems)


def _store_model(store: Store, folder: str, model: Any) -> dict[str, str]:
    with TemporaryDirectory(prefix="sundog-model-") as local:
        claim_folder(local)
        files = persist.save(model, Path(local))
        return {f.name: store.write(f"{folder}/{f.name}", f.read_bytes()) for f in files}
