"""The locks, and the package as somebody else gets it: a wheel in an empty environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted((ROOT / "requirements").rglob("*.txt"))
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+?)(?: ; (.*?))? ?\\$", re.MULTILINE)
CORE_LIMIT = 600_000_000
"""Bytes that the environment of the core may take."""


def _pins(lock: Path) -> set[tuple[str, ...]]:
    return set(PIN.findall(lock.read_text()))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_lock_is_complete_and_says_nothing_about_the_machine_it_was_made_on(lock: Path) -> None:
    """Each pin has hashes, and each line is a pin, a hash or a comment: no index, no path, no address."""
    lines = lock.read_text().splitlines()
    assert all(
        re.match(r"#|    #|    --hash=sha256:[0-9a-f]{64}( \\)?$|[a-z0-9_.-]+(\[.*\])?==", line) for line in lines
    )
    assert not re.search(r"https?:|file:|--(extra-)?index|find-links", "\n".join(lines))
    pins = [i for i, line in enumerate(lines) if re.match(r"[a-z]", line)]
    assert pins
    assert all("--hash=" in lines[i + 1] for i in pins)
    assert not any(lines[i].startswith(("torch==", "tensorflow==")) for i in pins)


def test_the_test_environment_holds_the_core_as_users_get_it() -> None:
    """Tests that ran with other versions would prove little."""
    core = _pins(ROOT / "requirements" / "core.txt")
    assert len(core) > 15
    assert core <= _pins(ROOT / "requirements" / "test.txt")


def test_the_core_lock_has_every_dependency_of_the_package() -> None:
    """Whoever adds a dependency runs `make lock`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.match(r"[a-z0-9-]+", line)[0] for line in project["dependencies"]}  # type: ignore[index]
    assert names <= {pin[0] for pin in _pins(ROOT / "requirements" / "core.txt")}
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    # torch is installed by itself: requirements/README.md says why.
    alone = (ROOT / "requirements" / "torch.in").read_text().splitlines()[-1]
    assert alone in project["optional-dependencies"]["distill"]
    extras.remove(alone)
    assert {re.match(r"[a-z0-9-]+", line)[0] for line in extras} <= {  # type: ignore[index]
        pin[0] for pin in _pins(ROOT / "requirements" / "test.txt")
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the tree."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(target)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    return next(target.glob("sundog-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an environment that holds the core lock and the wheel, and nothing else."""
    folder = tmp_path_factory.mktemp("a user") / "env"
    venv.create(folder, with_pip=True, symlinks=True)  # as `python -m venv` does: no copies of the interpreter
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-compile"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements" / "core.txt")], check=True)
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    return folder


def test_the_wheel_holds_the_package_its_data_and_its_licence(wheel: Path) -> None:
    """And nothing from outside the package."""
    names = zipfile.ZipFile(wheel).namelist()
    assert {"sundog/__init__.py", "sundog/py.typed", "sundog/data/adult.csv.gz"} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("licenses/NOTICE") for name in names)
    assert {name.split("/")[0] for name in names} == {
        "sundog",
        next(n for n in names if "dist-info" in n).split("/")[0],
    }
    sources = {str(p.relative_to(ROOT / "src")) for p in (ROOT / "src" / "sundog").rglob("*.py")}
    assert sources <= set(names)


def test_every_entry_point_of_the_wheel_loads_in_an_empty_environment(installed: Path) -> None:
    """The core lock is all they need; what an extra brings is named by the extension and not imported."""
    code = """
from importlib.metadata import distribution
points = distribution("sundog").entry_points
for point in points:
    point.load()
print(len(points))
"""
    done = subprocess.run([str(installed / "bin/python"), "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 10


@pytest.fixture(scope="module")
def demo(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Folder in which `sundog demo` of that environment ran, and how it ended."""
    folder = tmp_path_factory.mktemp("demo")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [str(installed / "bin" / "sundog"), "demo"]
    return folder, subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_demo_runs_from_the_wheel(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """What `make demo` does, without the tree."""
    folder, done = demo
    assert done.returncode == 0, done.stdout + done.stderr
    report = re.search(r"\S+report\.html", done.stdout)
    assert report is not None, done.stdout
    assert (folder / report[0]).stat().st_size > 10_000


@pytest.mark.usefixtures("demo")
def test_the_environment_of_the_core_stays_small(installed: Path) -> None:
    """All of it, after use: Python's compiled files and pip as well."""
    size = sum(path.lstat().st_size for path in installed.rglob("*"))
    assert size < CORE_LIMIT, f"{size / 1e6:.0f} MB"


@pytest.fixture
def find_python(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs tools/find_python.sh on a machine that has only the commands of ``programs``, each a shell script."""

    def run(**programs: str) -> subprocess.CompletedProcess[str]:
        tools = tmp_path / "bin"
        tools.mkdir()
        for name in ("sh", "id", "ls", "sed", "grep", "uname", "echo"):
            real = subprocess.run(["bash", "-c", f"type -P {name}"], capture_output=True, text=True, check=True)
            (tools / name).symlink_to(real.stdout.strip())
        for name, script in programs.items():
            path = tools / name.replace("_", "-")
            path.write_text("#!/bin/sh\n" + script)
            path.chmod(0o755)
        command = [str(tools / "sh"), str(ROOT / "tools" / "find_python.sh")]
        return subprocess.run(command, env={"PATH": str(tools)}, capture_output=True, text=True, check=False)

    return run


LACKS_VENV = 'case "$2" in *ensurepip*) exit 1;; esac; exit 0\n'
LACKS_LIBGOMP = 'case "$2" in *libgomp*) exit 1;; esac; exit 0\n'
LACKS_BOTH = 'case "$2" in *ensurepip* | *libgomp*) exit 1;; esac; exit 0\n'
OLD = 'case "$2" in *version_info*) exit 1;; esac; exit 0\n'
NO_LIBGOMP = "echo libc.so.6\n"
OLD_RELEASE = "echo '  Candidate: 3.10.6-1~22.04'\n"


@pytest.mark.parametrize(
    ("programs", "packages"),
    [
        ({"python3": LACKS_VENV}, "python3-venv"),
        ({"python3": LACKS_LIBGOMP}, "libgomp1"),
        ({"python3": LACKS_BOTH}, "python3-venv libgomp1"),
        ({"ldconfig": NO_LIBGOMP}, "python3 python3-venv libgomp1"),
        ({"ldconfig": "echo libgomp.so.1\n"}, "python3 python3-venv"),
        ({"python3": OLD, "apt_cache": OLD_RELEASE, "ldconfig": NO_LIBGOMP}, "python3.11 python3.11-venv libgomp1"),
    ],
)
def test_make_demo_prints_the_apt_line_for_what_is_missing(
    find_python: Callable[..., subprocess.CompletedProcess[str]], programs: dict[str, str], packages: str
) -> None:
    """One line brings all of it, whatever is missing."""
    done = find_python(**programs)
    assert done.returncode == 2
    lines = [line.strip() for line in done.stderr.splitlines() if "apt-get install" in line]
    assert len(lines) == 1
    assert lines[0].endswith(f"apt-get install -y {packages}")


def test_a_machine_that_has_everything_is_left_alone(
    find_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """The script then names the Python to use."""
    done = find_python(python3="exit 0\n")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "python3", "")


def test_linters_leave_alone_what_a_user_put_beside_the_tree() -> None:
    """A script pasted into the clone must not fail `make test`."""
    for goal in ("lint", "format"):
        done = subprocess.run(["make", "-n", goal], cwd=ROOT, capture_output=True, text=True, check=True)
        ruff = [line.split() for line in done.stdout.splitlines() if "/ruff " in line]
        assert len(ruff) == 2
        for words in ruff:
            folders = [w for w in words[2:] if not w.startswith("--")]
            assert {"src", "tests", "tools"} <= set(folders)
            assert all((ROOT / f).is_dir() and f != "." for f in folders)
