"""What all tests share: their order, the account of what was skipped, and environments of other people's validators."""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "stub_endpoint"))

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from stub_server import RunningStub

EXPECTED_SKIPS: dict[str, str] = {
    "tests/export/test_tables.py::test_a_folder_of_somebody_else": "root alone can become somebody else",
    "tests/run/test_make.py::test_somebody_elses_folder": "root alone can become somebody else",
    "tests/run/test_make.py::test_a_disk_that_is_really_full": "a container may forbid to mount a small disk",
    "tests/run/test_opened_files.py::test_system_calls": "a container may forbid to trace processes",
}
"""Start of a test's id to the reason why it may be skipped. In CI any other skip fails the run: a test that
never runs proves nothing."""

# One thread for each test process: the processes themselves fill the machine.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# No deadline, since a slow machine is no fault of the code; the same examples everywhere, so that a red run stays red.
hypothesis.settings.register_profile("sundog", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("sundog")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the slow tests last: most faults show in the fast ones."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


def _skipped(config: pytest.Config) -> dict[str, str]:
    """Id of each skipped test or file to the reason given."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    found = {}
    for report in reporter.stats.get("skipped", []) if reporter is not None else []:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        found[report.nodeid] = reason.removeprefix("Skipped: ")
    return found


def _unexpected(config: pytest.Config) -> list[str]:
    return [name for name in _skipped(config) if not name.startswith(tuple(EXPECTED_SKIPS) or ("\0",))]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in CI that skipped what it should have run."""
    is_worker = hasattr(session.config, "workerinput")
    if os.environ.get("CI") and not is_worker and session.exitstatus == 0 and _unexpected(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name what was skipped, and why."""
    skipped = _skipped(config)
    if not skipped:
        return
    unexpected = set(_unexpected(config))
    terminalreporter.section(f"{len(skipped)} skipped, {len(unexpected)} of them unexpected")
    for name, reason in sorted(skipped.items()):
        terminalreporter.write_line(f"{'UNEXPECTED ' if name in unexpected else ''}{name}: {reason}")
    if unexpected and os.environ.get("CI"):
        terminalreporter.write_line("In CI an unexpected skip fails the run; see EXPECTED_SKIPS in tests/conftest.py.")


@pytest.fixture(scope="session")
def root() -> Path:
    """Top folder of the tree."""
    return ROOT


@pytest.fixture(scope="session")
def validator_python() -> Callable[[str], Path]:
    """Gives the Python of the environment that ``requirements/validators/NAME.txt`` locks, made when it is missing.

    The environments lie outside the tree, in ``SUNDOG_TEST_CACHE`` or ``~/.cache/sundog-test``, one for each lock.
    """

    def find(name: str) -> Path:
        lock = ROOT / "requirements" / "validators" / f"{name}.txt"
        cache = Path(os.environ.get("SUNDOG_TEST_CACHE") or Path.home() / ".cache" / "sundog-test")
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        digest = hashlib.sha256(lock.read_bytes() + version.encode()).hexdigest()[:12]
        folder = cache / f"{name}-{digest}"
        python = folder / "bin" / "python"
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / f"{name}.lock").open("w") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)  # two test processes may want it at once
            if not (folder / "ready").exists():
                shutil.rmtree(folder, ignore_errors=True)
                subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
                command = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode != 0:
                    pytest.skip(f"the environment of the validator {name} could not be made: {done.stderr[-300:]}")
                (folder / "ready").touch()
        return python

    return find


@pytest.fixture(scope="module")  # playwright keeps an event loop running, in which nothing else can run one
def chromium() -> Iterator[Browser]:
    """Debian's Chromium without a window; its pages are driven by playwright."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("Chromium is not installed")
    quiet = ("quic", "gpu", "background-networking", "component-update", "sync")
    switches = ["--no-sandbox", "--no-first-run", *(f"--disable-{what}" for what in quiet)]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=switches)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe_script(validator_python: Callable[[str], Path]) -> str:
    """The script of axe-core, which looks for faults of accessibility in a page."""
    folder = validator_python("axe").parent.parent
    return next(folder.glob("lib/*/site-packages/axe_core_python/axe.min.js")).read_text(encoding="utf-8")


@pytest.fixture
def stub_endpoint() -> Iterator[RunningStub]:
    """A server on this machine that speaks the protocol of language model endpoints: see tests/stub_endpoint/stub_server.py."""
    from stub_server import running_stub

    with running_stub() as stub:
        yield stub


@pytest.fixture(scope="session")
def artefacts(root: Path) -> Path:
    """Where screenshots are kept; CI stores the folder."""
    folder = root / "artefacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a PostgreSQL server that ends with the tests, without a database's name; its user may do all, with a password.

    PostgreSQL refuses to run as root: then it runs as nobody. Its files lie in a folder of its own with a short name, since
    the path of a socket is short.
    """
    from adbc_driver_postgresql import dbapi

    programs = {name: _find_postgresql(name) for name in ("initdb", "postgres")}
    folder = Path(tempfile.mkdtemp(prefix="sundog-pg-"))
    password = folder / "password"
    password.write_text(PASSWORD)
    somebody: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        somebody = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        for path in (folder, password):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
    access = ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password}", "--username=sundog"]
    quick = ["--no-sync", "--no-locale", "--encoding=UTF8"]
    made = [programs["initdb"], f"--pgdata={folder / 'data'}", *access, *quick]
    subprocess.run(made, check=True, cwd=folder, capture_output=True, env={"PATH": os.environ["PATH"]}, **somebody)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = [f"-k{folder}", f"-p{port}", "-clisten_addresses=127.0.0.1", "-cfsync=off", "-cfull_page_writes=off"]
    command = [programs["postgres"], f"-D{folder / 'data'}", *settings]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **somebody)
    url = f"postgresql://sundog:{quote(PASSWORD, safe='')}@127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                dbapi.connect(f"{url}/postgres").close()
                break
            except dbapi.OperationalError:  # it answers before it takes anybody in
                running = server.poll() is None and time.monotonic() < deadline
                assert running, (folder / "log").read_text()
                time.sleep(0.05)
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # a fast end: it does not wait for who is connected
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


PASSWORD = "open: sesame/7"
"""Of the user of ``postgresql_server``, with letters that a URL must spell."""


def _find_postgresql(name: str) -> str:
    """A program of PostgreSQL; Debian puts those of servers where no path leads."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[4]))
    found = shutil.which(name) or (str(places[-1]) if places else None)
    if found is None:
        pytest.skip("PostgreSQL is not installed")
    return found


@pytest.fixture
def postgresql(postgresql_server: str) -> Iterator[str]:
    """URL of an empty database, one for each test, in a server that all of them share."""
    from adbc_driver_postgresql import dbapi

    name = f"test_{next(_NUMBERS)}"
    with dbapi.connect(f"{postgresql_server}/postgres", autocommit=True) as server, server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        yield f"{postgresql_server}/{name}"
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


_NUMBERS = itertools.count()
