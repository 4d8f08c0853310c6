"""Which files a run opens for reading: what the interpreter tells of its own opens while it is watched.

Seen is every file that Python opens by ``open``, ``os.open`` and whatever is built on them, in all processes of the run, through
the interpreter's audit events (PEP 578). Not seen is what a library opens in machine code of its own, such as Arrow when it is
given a path; one of the tests watches the system calls of a whole run for that. An audit hook cannot be taken out again: it stays,
and costs a test of one variable an event.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from sundog.core.recipe import Recipe, SourceSpec

PLACES = (
    "the program and its libraries",
    "data that come with libraries",
    "the output",
    "this run's scratch",
    "Sundog's caches",
    "the system",
)
"""What files belong to; all others are somebody's."""

_PROGRAM, _LIBRARY, _OUTPUT, _SCRATCH, _CACHES, _SYSTEM = PLACES
_CODE = (".py", ".pyc", ".so", ".pyd", ".pth", "/METADATA", "/RECORD", "/entry_points.txt", "/pyvenv.cfg")
_MACHINE = (
    "/proc",
    "/sys",
    "/dev/null",
    "/dev/urandom",
    "/dev/tty",
    "/usr/share/zoneinfo",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/apache2/mime.types",
)

_seen: set[str] = set()
_told: set[str] = set()
_own: set[str] = set()
_watched = 0
_hooked = False


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watched:
        return
    if event == "tempfile.mkdtemp":  # the folder is new: whatever will lie in it, this run laid there
        claim_folder(os.path.abspath(arguments[0]))  # noqa: PTH100
    elif event == "open":
        path, mode, flags = arguments
        reads = "r" in mode or "+" in mode if isinstance(mode, str) else flags & os.O_ACCMODE != os.O_WRONLY
        if reads and isinstance(path, str | bytes) and not (mode is None and _is_removal()):
            _seen.add(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 - as it was named: a link may be gone later


def _is_removal() -> bool:
    """Whether the caller's caller is about to remove a folder: shutil opens those, by names that are relative to one another."""
    code = sys._getframe(2).f_code
    return "rmtree" in code.co_name and code.co_filename == shutil.__file__


def start_watching() -> None:
    """See what this process opens from now on, as long as it lives."""
    global _hooked, _watched
    if not _hooked:
        sys.addaudithook(_hear)
        _hooked = True
    _watched += 1


@contextmanager
def watching() -> Iterator[None]:
    """See what this process opens in the block; what was seen before is forgotten, unless another watch is still going on."""
    global _watched
    if not _watched:
        _seen.clear()
        _told.clear()
    start_watching()
    try:
        yield
    finally:
        _watched -= 1


def claim_folder(folder: str) -> str:
    """Count files of a folder that the run itself made as its scratch, also when it is gone; gives the folder again."""
    _own.add(os.path.realpath(folder))
    return folder


def take_opened(output: str, scratch: str) -> dict[str, Any]:
    """What this process was seen to open and has not yet told of, sorted by what it belongs to; plain JSON.

    Args:
        output: folder of the output, or its URL.
        scratch: folder of the run's temporary files.

    Returns:
        ``places`` (place to paths), ``lists`` (files of data of ours) and ``others`` (paths).
    """
    new = sorted(_seen - _told)
    _told.update(new)
    code, data = _list_code(), os.path.realpath(str(files("sundog.data")))
    named = (
        (_OUTPUT, (output,)),
        (_SCRATCH, (scratch, *_own)),
        (_CACHES, (os.environ.get("NUMBA_CACHE_DIR", ""), os.environ.get("SUNDOG_CACHE", ""), str(find_cache()))),
        (_SYSTEM, _MACHINE),
    )
    # Files are judged by where they really lie: a link in the output may lead to anybody's.
    roots = [(place, [os.path.realpath(f) for f in folders if f]) for place, folders in named]
    found: dict[str, set[str]] = {}
    lists: set[str] = set()
    others: set[str] = set()
    for seen in new:
        path = os.path.realpath(seen)
        if Path(path).is_dir():  # opened to be flushed or listed; there is nothing in it to read
            continue
        place = next((name for name, folders in roots if _lies_in(path, folders)), None)
        if place is None and _lies_in(path, code):
            place = _PROGRAM if path.endswith(_CODE) else _LIBRARY
        if place is None and (Path(path).parent.name.endswith(".dist-info") or path in _list_modules()):
            place = _PROGRAM
        if _lies_in(path, (data,)) and not path.endswith(_CODE):
            lists.add(f"sundog/data/{os.path.relpath(path, data)}")
        elif place is None:
            others.add(seen)
        else:
            found.setdefault(place, set()).add(path)
    return {"places": {k: sorted(v) for k, v in found.items()}, "lists": sorted(lists), "others": sorted(others)}


def unite_opened(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What several processes opened, in the same form."""
    places: dict[str, set[str]] = {}
    for one in found:
        for place, paths in one["places"].items():
            places.setdefault(place, set()).update(paths)
    return {
        "places": {p: sorted(places[p]) for p in PLACES if p in places},
        "lists": sorted({x for one in found for x in one["lists"]}),
        "others": sorted({x for one in found for x in one["others"]}),
    }


def find_sources(others: Sequence[str], recipe: Recipe) -> tuple[str, ...]:
    """Which of these files are what the recipe names as its sources, or what is opened on the way of reading them.

    Args:
        others: paths that belong to no place.
        recipe: files and folders that its parts name, ``holdout`` among them; files of readers' scratch; privacy ledgers.
    """
    from sundog.lib.privacy.ledger_file import find_folder  # workers, which import this module, need none of it

    specs = [s for s in (getattr(p, "source", None) for p in recipe.parts.values()) if isinstance(s, SourceSpec)]
    named = [p for s in specs for p in (s.path, s.holdout) if p is not None and "://" not in p]
    roots = [os.path.realpath(p) for p in (*named, str(find_folder()))]
    if not specs:
        return ()
    temporary = Path(tempfile.gettempdir())

    def is_scratch(path: Path) -> bool:
        return path.parent.parent == temporary and path.parent.name.lstrip(".").startswith("sundog-records-")

    return tuple(f for f in others if _lies_in(os.path.realpath(f), roots) or is_scratch(Path(f)))


def count_opened(found: Mapping[str, Any]) -> dict[str, Any]:
    """For run.json: how many files of each place, and the names of those that could hold data of somebody."""
    places: Mapping[str, Sequence[str]] = found["places"]
    return {
        "places": {place: len(paths) for place, paths in places.items()},
        "library_data": list(places.get(_LIBRARY, ())),
        "lists": found["lists"],
        "others": found["others"],
    }


def _list_code() -> tuple[str, ...]:
    """Folders of the interpreter's library, of what is installed, and of Sundog itself; never the whole of /usr."""
    named = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    named += [
        str(Path(os.__file__).parent),
        str(Path(__file__).parent.parent),
        str(Path(sys.prefix) / "pyvenv.cfg"),
    ]
    return tuple(dict.fromkeys(os.path.realpath(p) for p in named if p))


def _list_modules() -> frozenset[str]:
    """Files of the modules that are loaded: extensions need not lie where libraries are installed."""
    archive = Path(os.__file__).parent.parent / "python{}{}.zip".format(*sys.version_info)  # looked for, seldom there
    found = {os.path.realpath(archive)}
    for module in list(sys.modules.values()):
        for name in ("__file__", "__cached__"):
            path = getattr(module, name, None)
            if isinstance(path, str):
                found.add(_resolve(path))
    return frozenset(found)


@cache
def _resolve(path: str) -> str:
    """Where a module's file really lies, looked up once: there are thousands, and they are asked for after every shard."""
    return os.path.realpath(path)


def find_cache() -> Path:
    """Sundog's own folder among the user's caches."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sundog"


def _lies_in(path: str, folders: Sequence[str]) -> bool:
    return any(f and (path == f or path.startswith(f.rstrip("/") + "/")) for f in folders)
