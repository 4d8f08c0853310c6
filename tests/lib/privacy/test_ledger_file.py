"""The ledger on disk: it adds up over runs and processes, counts what was killed, and refuses what it cannot read."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from sundog.core.errors import RequestError
from sundog.lib.privacy.ledger import Budget, Release
from sundog.lib.privacy.ledger_file import VARIABLE, _digest, charge, find_folder, name_source, read_ledger
from sundog.lib.privacy.losses import Loss

SOURCE = "ab" * 32
RELEASE = Release(
    asked="number of rows",
    columns=(),
    unit="add or remove one row",
    contribution=1,
    bounds=(0.0, 10.5),
    mechanism="discrete laplace",
    norm="l1",
    sensitivity=1,
    step=1.0,
    scale=10.0,
    threshold=0,
    loss=Loss(0.1, 0.005),
)
GAUSSIAN = replace(
    RELEASE, mechanism="discrete gaussian", bounds=None, columns=("a", "b"), loss=Loss(math.inf, 0.01, 1e-9)
)


NEWER = '{"version":2,"releases":[]}'


def _file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_charges_add_up_over_runs(tmp_path: Path) -> None:
    """What is read back is what was written, in order; the total is that of all charges."""
    folder = tmp_path / "made" / "here"
    assert read_ledger(SOURCE, folder).releases == ()
    charge((RELEASE, GAUSSIAN), SOURCE, Budget(9, 1e-6), folder)
    total = charge((RELEASE,), SOURCE, Budget(9, 1e-6), folder)
    ledger = read_ledger(SOURCE, folder)
    assert ledger.releases == (RELEASE, GAUSSIAN, RELEASE)
    assert total == ledger.total(1e-6)
    assert read_ledger("cd" * 32, folder).releases == ()


def test_the_budget_holds_over_runs_and_nothing_is_written_past_it(tmp_path: Path) -> None:
    """Two charges of .4 fit into 1, the third does not; all or none of a charge."""
    four = (RELEASE,) * 4
    charge(four, SOURCE, Budget(1.0), tmp_path)
    charge(four, SOURCE, Budget(1.0), tmp_path)
    before = _file(tmp_path).read_bytes()
    with pytest.raises(RequestError, match="SD-PRIVACY-004"):
        charge(four, SOURCE, Budget(1.0), tmp_path)
    assert _file(tmp_path).read_bytes() == before
    charge(four[:2], SOURCE, Budget(1.0), tmp_path)
    assert len(read_ledger(SOURCE, tmp_path).releases) == 10


def test_a_request_that_can_never_be_met_makes_no_file(tmp_path: Path) -> None:
    """Refused before the folder is touched."""
    with pytest.raises(RequestError, match="SD-PRIVACY-004"):
        charge((RELEASE,), SOURCE, Budget(0.05), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_ledger_is_private_to_the_user(tmp_path: Path) -> None:
    """It names columns and bounds of somebody's data."""
    charge((RELEASE,), SOURCE, Budget(1), tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert _file(tmp_path / "new").stat().st_mode & 0o777 == 0o600


def test_where_ledgers_lie(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The variable wins, then the user's data folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv(VARIABLE, raising=False)
    assert find_folder() == tmp_path / ".local" / "share" / "sundog" / "privacy"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert find_folder() == tmp_path / "data" / "sundog" / "privacy"
    monkeypatch.setenv(VARIABLE, str(tmp_path / "mine"))
    charge((RELEASE,), SOURCE, Budget(1))
    assert _file(tmp_path / "mine").name == f"{SOURCE}.jsonl"


def test_a_line_that_was_never_finished_is_dropped(tmp_path: Path) -> None:
    """Its charge never came back, so nothing was read for it; the next charge writes over it."""
    charge((RELEASE,), SOURCE, Budget(1), tmp_path)
    whole = _file(tmp_path).read_bytes()
    charge((RELEASE,), SOURCE, Budget(1), tmp_path)
    both = _file(tmp_path).read_bytes()
    for cut in (len(whole) + 1, len(both) - 1):
        _file(tmp_path).write_bytes(both[:cut])
        assert len(read_ledger(SOURCE, tmp_path).releases) == 1
        charge((RELEASE,), SOURCE, Budget(1), tmp_path)
        assert _file(tmp_path).read_bytes() == both


@pytest.mark.parametrize("damage", ["cheaper", "line gone", "noise", "negative", "newer"])
def test_a_damaged_ledger_releases_nothing(tmp_path: Path, damage: str) -> None:
    """A changed or removed line is seen; what was spent is then unknown."""
    for _ in range(3):
        charge((RELEASE,), SOURCE, Budget(1), tmp_path)
    path = _file(tmp_path)
    text = path.read_text()
    lines = text.splitlines(keepends=True)
    changed = {
        "cheaper": text.replace('"epsilon":0.1', '"epsilon":0.0', 1),
        "line gone": lines[0] + lines[2],
        "noise": lines[0] + "\0\0\0\n" + lines[1],
        "newer": f"{_digest('', NEWER)} {NEWER}\n",
        "negative": text.replace('"epsilon":0.1', '"epsilon":-1.0', 1),
    }[damage]
    path.write_text(changed)
    with pytest.raises(RequestError, match="SD-PRIVACY-005"):
        charge((RELEASE,), SOURCE, Budget(1), tmp_path)
    with pytest.raises(RequestError, match="Bring back a copy"):
        read_ledger(SOURCE, tmp_path)
    assert path.read_text() == changed


def test_a_folder_that_cannot_be_written_refuses(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").touch()
    with pytest.raises(RequestError, match="SD-PRIVACY-006"):
        charge((RELEASE,), SOURCE, Budget(1), tmp_path / "file")


def test_a_full_disk_leaves_the_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a line is taken back."""
    charge((RELEASE,), SOURCE, Budget(1), tmp_path)
    before = _file(tmp_path).read_bytes()
    write = os.pwrite

    def run_full(handle: int, data: bytes, at: int) -> int:
        if len(data) < 20:
            raise OSError(28, "No space left on device")
        return write(handle, data[:-10], at)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", run_full)
        with pytest.raises(RequestError, match="No space left"):
            charge((RELEASE,), SOURCE, Budget(1), tmp_path)
    assert _file(tmp_path).read_bytes() == before


def test_the_name_of_several_files_is_that_of_all_of_them() -> None:
    """In whatever order; of one file it is its own hash."""
    assert name_source([SOURCE]) == SOURCE
    both = name_source([SOURCE, "cd" * 32])
    assert both == name_source(["cd" * 32, SOURCE]) != SOURCE
    assert len(both) == 64


def test_a_source_is_named_by_its_hash(tmp_path: Path) -> None:
    """Anything else could be a path out of the folder."""
    with pytest.raises(ValueError, match="SHA-256"):
        charge((RELEASE,), "../elsewhere", Budget(1), tmp_path)


CHARGE_UNTIL_REFUSED = """
    import sys
    from pathlib import Path
    from sundog.core.errors import RequestError
    from sundog.lib.privacy.ledger import Budget
    from sundog.lib.privacy.ledger_file import charge, read_ledger
    folder, source = Path(sys.argv[1]), sys.argv[2]
    release = read_ledger(source, folder).releases[0]
    done = 0
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        while True:
            charge((release,), source, Budget(4.0), folder)
            done += 1
    except RequestError as error:
        assert error.problems[0].code == "SD-PRIVACY" + "-004", error
    print(done)
"""


def test_two_processes_at_once_never_overspend(tmp_path: Path) -> None:
    """Both charge a tenth until they are refused: together with the first, exactly forty times."""
    charge((RELEASE,), SOURCE, Budget(4.0), tmp_path)
    command = [sys.executable, "-c", textwrap.dedent(CHARGE_UNTIL_REFUSED), str(tmp_path), SOURCE]
    both = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    done = [int(process.communicate(timeout=60)[0]) for process in both]
    assert sum(done) + 1 == 40
    assert read_ledger(SOURCE, tmp_path).total(0).epsilon == pytest.approx(4.0)


KILLED_WHILE_READING = """
    import os, signal, sys
    from pathlib import Path
    import pyarrow as pa
    from sundog.lib.privacy.asking import ask
    from sundog.lib.privacy.ledger import Budget
    from sundog.lib.privacy.losses import Pure
    from sundog.lib.privacy.questions import CountCategories
    def read(columns):
        os.kill(os.getpid(), signal.SIGKILL)
    question = CountCategories("sex", ("f", "m"), Pure(0.6))
    schema = pa.schema([("sex", pa.string())])
    ask([question], schema=schema, read=read, source=sys.argv[2], budget=Budget(1.0), folder=Path(sys.argv[1]))
"""


def test_a_killed_prepare_counts_as_spent(tmp_path: Path) -> None:
    """Killed between the ledger and the release: the cost is there, and the same again does not fit any more."""
    command = [sys.executable, "-c", textwrap.dedent(KILLED_WHILE_READING), str(tmp_path), SOURCE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert read_ledger(SOURCE, tmp_path).total(0).epsilon == 0.6
    with pytest.raises(RequestError, match="SD-PRIVACY-004"):
        charge(read_ledger(SOURCE, tmp_path).releases, SOURCE, Budget(1.0), tmp_path)
