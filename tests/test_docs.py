"""Every code block of the documentation is run, page by page, in a folder of its own.

What a comment before a block may say:

* ``<!-- given: FILE ROWS -->``: the page needs a file of real records; the first ROWS of the sample are put there.
* ``<!-- file: NAME -->``: the block is the content of that file.
* ``<!-- exits: N -->``: the block's last command ends with that exit code.
* ``<!-- not run: REASON -->``: the block is shown and not run.
"""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "src" / "sundog" / "kinds").rglob("README.md")),
]
RUN = {"python", "bash", "sh", "console"}
SHOWN = {"text", "json", "html"}
"""Languages of what a command prints or writes: nothing to run."""

FENCE = re.compile(
    r"(?P<notes>(?:^<!--[^\n]*-->\n+)*)^```(?P<language>[a-z]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
NOTE = re.compile(r"<!-- *(given|file|exits|not run): *(.*?) *-->")


@dataclass(frozen=True)
class Block:
    """One fenced block with the notes before it."""

    language: str
    body: str
    notes: tuple[tuple[str, str], ...]

    def note(self, name: str) -> str | None:
        """What the note of this name says."""
        return dict(self.notes).get(name)


def read_blocks(text: str) -> list[Block]:
    """The blocks of a page in order."""
    return [Block(m["language"], m["body"], tuple(NOTE.findall(m["notes"]))) for m in FENCE.finditer(text)]


def _commands(body: str) -> list[str]:
    """Command lines of a shell block: with a prompt, the lines that have one; continued lines are joined."""
    joined = body.replace("\\\n", " ")
    prompted = [line[2:] for line in joined.splitlines() if line.startswith("$ ")]
    return prompted or [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def _put_sample(path: Path, rows: int) -> None:
    with gzip.open(files("sundog.data") / "adult.csv.gz", "rt", encoding="utf-8") as lines:
        path.write_text("".join(line for _, line in zip(range(rows + 1), lines, strict=False)), encoding="utf-8")


def _run(block: Block, folder: Path) -> None:
    bin_folder = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "PATH": bin_folder + os.pathsep + os.environ["PATH"],
        "NO_COLOR": "1",
        "SUNDOG_PRIVACY_LEDGER": str(folder / "ledgers"),  # of this page alone, so that it can be run again
    }
    expected = int(block.note("exits") or 0)
    if block.language == "python":
        commands = [[sys.executable, "-c", block.body]]
    else:
        commands = [["bash", "-c", line.removeprefix(".venv/bin/")] for line in _commands(block.body)]
    assert commands, f"an empty block:\n{block.body}"
    for i, command in enumerate(commands):
        words = command[-1].split()
        if words[0] == "make":  # what the make targets do has its own tests; here they must exist
            done = subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
        else:
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600
            )
        last = i == len(commands) - 1
        assert done.returncode == (expected if last else 0), f"{command[-1]}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_the_page_runs(page: Path, tmp_path: Path) -> None:
    """Blocks run in order; what one writes, the next one finds."""
    text = page.read_text("utf-8")
    blocks = read_blocks(text)
    assert text.count("\n```") == 2 * len(blocks), "a fence was not understood"
    for name, what in NOTE.findall(text):
        if name == "given":
            file, rows = what.split()
            _put_sample(tmp_path / file, int(rows))
    for block in blocks:
        reason = block.note("not run")
        if reason is not None:
            assert len(reason.split()) >= 3, f"why is this block not run?\n{block.body}"
        elif (file := block.note("file")) is not None:
            (tmp_path / file).parent.mkdir(exist_ok=True)
            (tmp_path / file).write_text(block.body, encoding="utf-8")
        elif block.language in RUN:
            _run(block, tmp_path)
        else:
            assert block.language in SHOWN, f"a block of {block.language or 'no language'} is neither run nor a file"


def test_few_blocks_are_not_run() -> None:
    """Documentation that is not run goes stale."""
    blocks = [block for page in PAGES for block in read_blocks(page.read_text("utf-8"))]
    unrun = [block.body for block in blocks if block.note("not run") is not None]
    assert blocks
    assert len(unrun) <= 4, unrun


def test_the_reference_says_what_the_source_says() -> None:
    """The pages of commands and recipes are written from the source."""
    command = [sys.executable, str(ROOT / "tools" / "write_reference.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_tree_lead_somewhere(page: Path) -> None:
    """A link to a file of ours names a file that is there."""
    targets = re.findall(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_a_broken_block_is_noticed(tmp_path: Path) -> None:
    """The runner itself: blocks that fail, or that end otherwise than stated, fail the page."""
    good, bad, stated = read_blocks(
        "```python\nprint(1)\n```\n\n```bash\nfalse\n```\n<!-- exits: 3 -->\n```sh\nexit 3\n```\n"
    )
    _run(good, tmp_path)
    _run(stated, tmp_path)
    with pytest.raises(AssertionError, match="false"):
        _run(bad, tmp_path)
