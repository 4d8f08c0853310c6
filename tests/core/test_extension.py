"""Extensions: found by name, broken ones told apart from absent ones, a missing package named."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sundog.core.errors import Fault, MissingExtra, RequestError
from sundog.core.extension import Broken, Extension, find, implementation, installed, spec_of

GOOD = """
from sundog.core.extension import Extension
from sundog.core.recipe import Spec
class Out(Spec, frozen=True):
    pass
GOOD = Extension(kind="good", spec=Out, load=lambda: "loaded")
OLD = Extension(kind="old", spec=Out, load=lambda: "loaded", api=0)
NEEDY = Extension(kind="needy", spec=Out, load=lambda: "loaded", needs=("json", "no_such_module"), extra="deluxe")
LONE = Extension(kind="lone", spec=Out, load=lambda: "loaded", needs=("no_such_module",))
def _fail():
    import no_such_module
IMPORTS = Extension(kind="imports", spec=Out, load=_fail)
"""


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str, str], None]]:
    """Installs a distribution of one module with these entry points of the exporters."""

    def install(name: str, source: str, points: str) -> None:
        (tmp_path / f"{name}.py").write_text(source)
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[sundog.exporters]\n{points}\n")
        installed.cache_clear()

    monkeypatch.syspath_prepend(str(tmp_path))
    yield install
    installed.cache_clear()
    for name in [n for n in sys.modules if n.startswith("zz_")]:
        del sys.modules[name]


def test_ours_are_there_in_alphabetical_order() -> None:
    for group in (
        "sundog.kinds",
        "sundog.checks",
        "sundog.exporters",
        "sundog.sinks",
        "sundog.engines",
        "sundog.sources",
    ):
        known = installed(group)
        assert list(known) == sorted(known)
        assert known
    assert {"csv", "jsonl", "parquet"} <= set(installed("sundog.exporters"))
    assert {"local", "ray"} <= set(installed("sundog.engines"))
    assert {"shop", "note", "tables"} <= set(installed("sundog.kinds"))


def test_a_third_party_takes_the_same_road(distribution: Callable[[str, str, str], None]) -> None:
    distribution("zz_good", GOOD, "good = zz_good:GOOD")
    extension = find("sundog.exporters", "good")
    assert isinstance(extension, Extension)
    assert implementation("sundog.exporters", "good") == "loaded"
    assert spec_of("sundog.exporters", {"kind": "good"}) is extension.spec


def test_broken_ones_are_listed_and_harm_nobody_else(distribution: Callable[[str, str, str], None]) -> None:
    points = "raises = zz_raises:X\nlacks = zz_good:X\nold = zz_good:OLD\nnowhere = zz_nowhere:X"
    distribution("zz_raises", "raise ZeroDivisionError('at import')", "")
    distribution("zz_good", GOOD, points)
    known = installed("sundog.exporters")
    assert not isinstance(known["csv"], Broken)
    said = {"raises": "at import", "lacks": "X", "old": "version 0", "nowhere": "zz_nowhere"}
    for kind, text in said.items():
        broken = known[kind]
        assert isinstance(broken, Broken)
        assert text in broken.traceback
        with pytest.raises(RequestError, match="SD-EXTENSION-003") as caught:
            find("sundog.exporters", kind, "--to")
        assert text in str(caught.value)


def test_an_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(
        RequestError, match=r"(?s)SD-EXTENSION-002 at --to: no exporter named 'parket'.*Did you mean 'parquet'"
    ):
        find("sundog.exporters", "parket", "--to")


def test_two_owners_of_a_name(distribution: Callable[[str, str, str], None]) -> None:
    distribution("zz_good", GOOD, "csv = zz_good:GOOD")
    with pytest.raises(RequestError, match=r"SD-EXTENSION-001 .*csv.*sundog.export.extension:CSV and by zz_good:GOOD"):
        installed("sundog.exporters")


def test_the_same_distribution_seen_twice_is_no_clash(
    distribution: Callable[[str, str, str], None], tmp_path: Path
) -> None:
    distribution("zz_good", GOOD, "good = zz_good:GOOD")
    info = tmp_path / "zz_again-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: zz_again\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[sundog.exporters]\ngood = zz_good:GOOD\n")
    assert isinstance(installed("sundog.exporters")["good"], Extension)


def test_missing_packages_are_named(distribution: Callable[[str, str, str], None]) -> None:
    distribution("zz_good", GOOD, "needy = zz_good:NEEDY\nlone = zz_good:LONE\nimports = zz_good:IMPORTS")
    with pytest.raises(
        MissingExtra, match=r"(?s)SD-EXTENSION-004.*no_such_module.*pip install '\.\[deluxe\]'"
    ) as caught:
        implementation("sundog.exporters", "needy")
    assert caught.value.exit_code == 2
    assert "json" not in caught.value.problems[0].what
    with pytest.raises(MissingExtra, match="pip install no_such_module"):
        implementation("sundog.exporters", "lone")
    with pytest.raises(Fault, match="SD-EXTENSION-005"):
        implementation("sundog.exporters", "imports")


def test_a_spec_needs_a_kind() -> None:
    for value in ({}, {"kind": 3}, None, "csv"):
        with pytest.raises(ValueError, match="'kind' is needed"):
            spec_of("sundog.exporters", value)
    with pytest.raises(ValueError, match="Did you mean 'csv'"):
        spec_of("sundog.exporters", {"kind": "cvs"})
