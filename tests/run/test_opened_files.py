"""A recipe that reads no private record makes a run that opens none: whole runs, watched from outside by system calls.

The watch of a run (``sundog.run.opened``) sees what the interpreter opens. Here strace sees what the kernel is asked for, by any
library in any language, so that the one is held against the other.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import sundog
from sundog.api import make, read
from sundog.run import opened

PACKAGE = Path(sundog.__file__).resolve().parent
PEOPLE = "name,age,city\n" + "".join(f"Person {i},{20 + i % 60},City {i % 7}\n" for i in range(400))

SYSTEM = (
    "/proc/",
    "/sys/",
    "/dev/null",
    "/dev/urandom",
    "/dev/tty",
    "/lib/",
    "/lib64/",
    "/usr/lib/",
    "/usr/lib64/",
    "/usr/local/lib/",
    "/etc/ld.so",
    "/etc/locale.alias",
    "/etc/localtime",
    "/usr/share/zoneinfo/",
    "/usr/share/locale/",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/ssl/",
    "/usr/bin/uname",  # how Python learns the processor's name
)
"""What a process of any program may open: the loader, the C library, the kernel's own files, time zones."""

RESULT = re.compile(r"= \d+<(?P<path>/[^>]*)>")


@dataclass(frozen=True)
class Traced:
    """What the processes of a command asked the kernel for.

    Attributes:
        strangers: files opened for reading that belong neither to Python, the package, the system, nor the run.
        lists: files of data of the package that were opened.
        network: attempts to reach another machine.
    """

    strangers: frozenset[str]
    lists: frozenset[str]
    network: tuple[str, ...]


@pytest.fixture(scope="module")
def strace(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The program, if this machine has it and lets it trace."""
    path = shutil.which("strace")
    if path is None:
        pytest.skip("strace is not installed")
    probe = tmp_path_factory.mktemp("probe") / "trace"
    done = subprocess.run([path, "-f", "-o", str(probe), "true"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"strace may not trace here: {done.stderr[-200:]}")
    return path


def run_traced(strace: str, folder: Path, *arguments: str) -> Traced:
    """Run ``sundog`` with these arguments in a folder under strace."""
    home, temporary, trace = folder / "home", folder / "tmp", folder / "trace"
    home.mkdir()
    temporary.mkdir()
    (home / "patients.csv").write_text(PEOPLE)  # what lies about on a machine, where it might be found
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"NUMBA_CACHE_DIR": os.environ["NUMBA_CACHE_DIR"]}
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "PYTHONPATH", "COVERAGE_PROCESS_START"):
        environment.pop(name, None)
    command = [strace, "-f", "-y", "--seccomp-bpf", "-e", "trace=open,openat,openat2,execve,connect", "-o", str(trace)]
    done = subprocess.run(
        [*command, sys.executable, "-m", "sundog", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return read_trace(trace.read_text(errors="replace"), folder)


def read_trace(text: str, folder: Path) -> Traced:
    """What stands in a trace."""
    own = [folder / "out", folder / "tmp", Path(os.environ["NUMBA_CACHE_DIR"])]
    program = [
        Path(p) for p in {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()} if p not in ("/", "/usr")
    ]
    known = [str(p.resolve()) + "/" for p in (*own, *program)] + [str(PACKAGE) + "/", str(PACKAGE.parent) + "/sundog"]
    data = str(PACKAGE / "data") + "/"
    strangers, lists = set(), set()
    for path in find_reads(text):
        if Path(path).is_dir():  # to list it
            continue
        if path.startswith(data) and not path.endswith((".py", ".pyc")):
            lists.add(path.removeprefix(data))
        elif not path.startswith((*known, *SYSTEM)):
            strangers.add(path)
    network = tuple(line for line in text.splitlines() if "connect(" in line and "AF_INET" in line)
    return Traced(frozenset(strangers), frozenset(lists), network)


def find_reads(text: str) -> Iterator[str]:
    """Paths that were opened otherwise than for writing alone or as new, empty files; and programs that were started."""
    for line in text.splitlines():
        found = RESULT.search(line)
        if found and not any(word in line for word in ("O_WRONLY", "O_EXCL", "connect(")):
            yield found["path"].removesuffix(" (deleted)")
        elif started := re.search(r'execve\("([^"]+)".*= 0', line):
            yield str(Path(started[1]).resolve())


def read_run(folder: Path) -> Mapping[str, list[str]]:
    """What the run itself says it opened."""
    said: Mapping[str, list[str]] = json.loads((folder / "out" / "run.json").read_text())["opened"]
    return said


def test_system_calls_of_a_run_by_rule_touch_no_file_of_anybody(strace: str, tmp_path: Path) -> None:
    """Nothing but Python, the package, the output, scratch, compiled kernels and the system; and its watch says the same."""
    (tmp_path / "patients.csv").write_text(PEOPLE)
    traced = run_traced(strace, tmp_path, "make", "customers", "-n", "400", "-o", "out", "--shard-units", "200")
    assert traced.strangers == frozenset()
    assert traced.network == ()
    assert traced.lists == {"words/ORIGINS.tsv", *(f"words/{name}.arrow" for name in ("en_US", "en_GB", "de_DE"))}
    said = read_run(tmp_path)
    assert said["others"] == []
    assert {name.removeprefix("sundog/data/") for name in said["lists"]} == traced.lists


def test_system_calls_of_a_run_that_learns_show_what_it_learned_from(strace: str, tmp_path: Path) -> None:
    """The negative control: the same harness sees the real file, and so does the run's own watch."""
    real = tmp_path / "patients.csv"
    real.write_text(PEOPLE)
    (tmp_path / "learn.yaml").write_text(
        "name: learn\nparts:\n  people:\n    kind: tables\n    units: 50\n    source: {path: patients.csv}\nevidence: {level: none}\n"
    )
    traced = run_traced(strace, tmp_path, "make", "learn.yaml", "-o", "out", "--workers", "1")
    assert str(real) in traced.strangers
    assert traced.strangers <= {str(real), str(tmp_path / "learn.yaml")}
    assert str(real) in read_run(tmp_path)["others"]


def test_what_is_opened_for_reading_is_sorted(tmp_path: Path) -> None:
    """Somebody's file is told apart from the output's, the program's and the lists'; what is only written is not read."""
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    for folder in (out, scratch):
        folder.mkdir()
        (folder / "x").write_text("x")
    somebody = tmp_path / "patients.csv"
    somebody.write_text(PEOPLE)
    with opened.watching():
        (out / "x").read_text()
        (scratch / "x").read_text()
        somebody.read_bytes()
        os.close(os.open(tmp_path / "patients.csv", os.O_RDONLY))
        (tmp_path / "written.csv").write_text("new")
        (PACKAGE / "data" / "words" / "ORIGINS.tsv").read_text()
        Path(opened.__file__).read_text()
        Path("/proc/self/status").read_text()
        with opened.watching():  # a shard made in the process of the run
            first = opened.take_opened(str(out), str(scratch))
        assert opened.take_opened(str(out), str(scratch))["others"] == [], "told once"
    somebody.read_bytes()
    assert first["others"] == [str(somebody)]
    assert first["lists"] == ["sundog/data/words/ORIGINS.tsv"]
    assert {k: len(v) for k, v in first["places"].items() if k != "Sundog's caches"} == {
        "the output": 1,
        "this run's scratch": 1,
        "the program and its libraries": 1,
        "the system": 1,
    }
    both = opened.count_opened(opened.unite_opened([first, first]))
    assert both["others"] == [str(somebody)]
    assert both["places"]["the output"] == 1
    with opened.watching():  # another run: what an earlier one opened is not its own
        assert opened.take_opened(str(out), str(scratch))["others"] == []


def test_a_temporary_folder_of_the_run_is_its_scratch(tmp_path: Path) -> None:
    """A library lays files into a new folder and reads them again; a folder that was there before is somebody's."""
    before = Path(tempfile.mkdtemp(dir=tmp_path))
    (before / "x").write_text("x")
    with opened.watching():
        with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
            (Path(folder) / "keys").write_text("x")
            (Path(folder) / "keys").read_text()
        (before / "x").read_text()
        found = opened.take_opened(str(tmp_path / "out"), "")
    assert found["others"] == [str(before / "x")]
    assert len(found["places"]["this run's scratch"]) == 1


def test_sources_are_what_the_recipe_names_and_what_reading_them_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files and folders of records, ledgers, a reader's scratch; a file beside them is somebody's."""
    monkeypatch.setenv("SUNDOG_PRIVACY_LEDGER", str(tmp_path / "ledgers"))
    (tmp_path / "parts").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "parts")
    source = {"path": str(tmp_path / "link"), "holdout": str(tmp_path / "held.csv")}
    learned = read({"name": "x", "parts": {"p": {"kind": "tables", "units": 1, "source": source}}})
    scratch = f"{tempfile.gettempdir()}/.sundog-records-abc/lock"
    own = [f"{tmp_path}/parts/a.csv", f"{tmp_path}/held.csv", f"{tmp_path}/ledgers/0.jsonl", scratch]
    strays = [f"{tmp_path}/held.csv.bak", f"{tmp_path}/else/sundog-records-abc/lock", "/etc/passwd"]
    assert opened.find_sources([*own, *strays], learned) == tuple(own)
    assert opened.find_sources([*own, *strays], read("customers")) == (), "a recipe without a source has none"


def test_a_folder_that_is_removed_is_not_read(tmp_path: Path) -> None:
    """shutil opens folders inside it by their bare names; a file of somebody that is opened by its bare name is still seen."""
    (tmp_path / "gone" / "keys").mkdir(parents=True)
    (tmp_path / "gone" / "keys" / "x").write_text("x")
    here = Path.cwd()
    with opened.watching():
        shutil.rmtree(tmp_path / "gone")
        assert opened.take_opened(str(tmp_path / "out"), "")["others"] == []
        (tmp_path / "patients.csv").write_text(PEOPLE)
        os.chdir(tmp_path)
        try:
            os.close(os.open("patients.csv", os.O_RDONLY))
        finally:
            os.chdir(here)
        assert opened.take_opened(str(tmp_path / "out"), "")["others"] == [str(tmp_path / "patients.csv")]


def test_memory_that_looks_like_a_device_is_somebodys(tmp_path: Path) -> None:
    """/dev/shm holds files of anybody; a link does not hide what it points to."""
    shared = Path("/dev/shm") if Path("/dev/shm").is_dir() else tmp_path
    somebody = shared / f"sundog-test-{os.getpid()}.csv"
    link = tmp_path / "out" / "innocent.csv"
    link.parent.mkdir()
    somebody.write_text(PEOPLE)
    link.symlink_to(somebody)
    try:
        with opened.watching():
            somebody.read_text()
            direct = opened.take_opened(str(tmp_path / "out"), "")["others"]
        with opened.watching():
            link.read_text()
            linked = opened.take_opened(str(tmp_path / "out"), "")["others"]
    finally:
        somebody.unlink()
    assert direct == [str(somebody)]
    assert linked == [str(link)]


def test_a_kind_that_reads_behind_the_recipe_loses_the_argument(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The same recipe, once as it is and once with a kind that looks into a file: the report of the second claims nothing."""
    from sundog.evidence.report.dependence import ARGUMENT
    from sundog.kinds.records.synthesize import RecordsSynthesizer

    somebody = tmp_path / "patients.csv"
    somebody.write_text(PEOPLE)
    recipe = read("customers", changes=["parts.shop.units=50", "evidence.level=none"])
    honest = make(recipe, out=str(tmp_path / "honest"), workers=1)
    prepare = RecordsSynthesizer.prepare

    def look(self: RecordsSynthesizer, *arguments: object) -> object:
        somebody.read_text()
        return prepare(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(RecordsSynthesizer, "prepare", look)
    prying = make(recipe, out=str(tmp_path / "prying"), workers=1)
    said = [(Path(b.path) / "README.md").read_text() for b in (honest, prying)]
    assert [ARGUMENT.split(":")[0] in text for text in said] == [True, False]
    assert "the run opened 1 file that belong" in said[1]
    assert json.loads((tmp_path / "prying" / "run.json").read_text())["opened"]["others"] == [str(somebody)]
    assert str(somebody) not in said[1] + (tmp_path / "prying" / "report.html").read_text(), "paths are of a machine"
    assert honest.files.manifest["content_hash"] == prying.files.manifest["content_hash"]
