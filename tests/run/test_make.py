"""The road from recipe to bundle: same data whatever the cut, exits that say what happened, nothing half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sundog_toy.bundles import HARD, make, read_content, read_findings, read_tables, shop

import sundog
from sundog.core.errors import Exhausted, Fault, Incomplete, RequestError, SundogError
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.core.tables import UNIT
from sundog.run.store import Store


@pytest.fixture(scope="module")
def whole(fresh: Callable[[], Path]) -> dict[str, Any]:
    """The hard recipe in shards that hold everything."""
    bundle = make(HARD, fresh() / "out")
    return {"tables": read_tables(bundle), "findings": read_findings(bundle), "parts": bundle.manifest["parts"]}


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shard_units=st.integers(1, 70))
def test_any_shard_size_gives_the_same_data(whole: dict[str, Any], fresh: Callable[[], Path], shard_units: int) -> None:
    bundle = make(HARD, fresh() / "out", shard_units=shard_units)
    assert read_tables(bundle) == whole["tables"]
    assert read_findings(bundle) == whole["findings"]
    for part, said in whole["parts"].items():
        assert bundle.manifest["parts"][part]["rejected"] == said["rejected"]
        assert bundle.manifest["parts"][part]["attempted"] == said["attempted"]


def test_workers_never_change_a_byte(tmp_path: Path) -> None:
    for workers in (1, 2):
        make(HARD, tmp_path / str(workers), shard_units=32, workers=workers)
    assert read_content(tmp_path / "1") == read_content(tmp_path / "2")
    said = json.loads((tmp_path / "2" / "run.json").read_text())
    assert (said["engine"], said["workers"]) == ("local", 2)


def test_another_seed_gives_other_data(whole: dict[str, Any], tmp_path: Path) -> None:
    assert read_tables(make({**HARD, "seed": 8}, tmp_path / "out")) != whole["tables"]


def test_what_watchers_saw_is_what_is_there(whole: dict[str, Any]) -> None:
    found = whole["findings"]
    watched = {k[1:]: v for k, v in found.items() if k[0] == "toy.watched"}
    assert watched
    assert watched == {k[1:]: v for k, v in found.items() if k[0] == "toy.counted"}
    rows = whole["tables"]["people.customers"]
    assert found["toy.spend", "people", "spend"] == max(r["spend"] for r in rows) <= 0.8


def test_a_unit_alone_is_a_unit_in_a_crowd(whole: dict[str, Any]) -> None:
    from sundog_toy.recipe import ShopPart
    from sundog_toy.synthesize import ShopSynthesizer

    people = Key.root(7).child("people")
    part = ShopPart(**HARD["parts"]["people"])
    model, _ = ShopSynthesizer().prepare(part, None, people.child("prepare"), Path("/dev/shm"))
    with ShopSynthesizer().open(model) as sampler:
        for row in whole["tables"]["people.customers"][::7]:
            unit = row["number"]
            tables, _ = sampler.sample(Shard("people", 0, range(unit, unit + 1), people), {})
            assert tables["customers"].to_pylist() == [row]


def test_rejects_are_accounted_for(whole: dict[str, Any], tmp_path: Path) -> None:
    make(HARD, tmp_path / "out", shard_units=16)
    said = whole["parts"]["people"]
    reasons = pq.read_table(tmp_path / "out" / "rejected" / "people" / "reasons.parquet").to_pylist()
    assert set(said["rejected"]) == {"odd", "secret", "rich", "duplicate"}
    counted = {r: sum(row["reason"] == r for row in reasons) for r in said["rejected"]}
    assert counted == said["rejected"]
    assert said["attempted"] == said["accepted"] + len({row["unit"] for row in reasons})
    assert max(row["unit"] for row in reasons) < said["attempted"]

    shown = {
        r["number"]
        for f in (tmp_path / "out/rejected/people/customers").iterdir()
        for r in pq.read_table(f).to_pylist()
    }
    hidden = {r["unit"] for r in reasons if r["reason"] == "secret" or (r["reason"] == "rich" and r["unit"] % 2 == 0)}
    assert shown == {r["unit"] for r in reasons} - hidden
    assert all(r["detail"] == "" for r in reasons if r["unit"] in hidden and r["reason"] in ("secret", "rich"))


def test_the_lowest_of_duplicates_stays(tmp_path: Path) -> None:
    rows = read_tables(make(shop(100, codes=128), tmp_path / "out", shard_units=8))["people.customers"]
    assert len(rows) == 100
    everything = read_tables(make(shop(500), tmp_path / "all"))
    codes = [r["code"] for r in rows]
    assert len(set(codes)) == 100
    # the same units, as if each had been asked whether a lower one has its code
    first: dict[int, int] = {}
    for r in everything["people.customers"]:
        first.setdefault(r["code"] % 128, r["number"])
    assert [r["number"] for r in rows] == sorted(first.values())[:100]


def test_n_counts_what_the_kind_counts(tmp_path: Path) -> None:
    bundle = make(shop(50, odd=0.7), tmp_path / "out", shard_units=7)
    tables = read_tables(bundle)
    assert len(tables["people.customers"]) == 50
    numbers = [r["number"] for r in tables["people.customers"]]
    assert numbers == sorted(numbers)
    assert bundle.manifest["parts"]["people"]["count_noun"] == "customers"
    assert {r["number"] for r in tables["people.orders"]} <= set(numbers)


def test_too_few_accepted_ends_with_the_reasons(tmp_path: Path) -> None:
    with pytest.raises(Exhausted, match="SD-RUN-021") as caught:
        make(shop(20, odd=0.97, attempts=2), tmp_path / "out")
    assert caught.value.exit_code == 3
    assert "rejected for odd" in str(caught.value)
    assert "40 units were attempted" in str(caught.value)
    assert not (tmp_path / "out" / "manifest.json").exists()


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(units=st.integers(1, 60), odd=st.floats(0, 0.8), seed=st.integers(0, 5))
def test_the_cut_is_by_unit_number(fresh: Callable[[], Path], units: int, odd: float, seed: int) -> None:
    tmp = fresh()
    few = read_tables(make({**shop(units, odd=odd), "seed": seed}, tmp / "few", shard_units=9))
    more = read_tables(make({**shop(units + 20, odd=odd), "seed": seed}, tmp / "more", shard_units=13))
    assert few["people.customers"] == more["people.customers"][:units]


def test_parquet_has_the_promised_columns_and_no_unit(tmp_path: Path) -> None:
    bundle = make(HARD, tmp_path / "out", shard_units=16)
    for path in (tmp_path / "out" / "data").rglob("*.parquet"):
        schema = pq.read_schema(path)
        assert UNIT not in schema.names
        assert b"sundog.units" in schema.metadata
    assert bundle.schema("people", "orders").names == ["number", "total"]
    assert next(iter(bundle.scan("people", "customers", ["spend", "code"]))).schema.names == ["spend", "code"]


# --- what the output holds


def test_a_finished_bundle_is_not_written_over(tmp_path: Path) -> None:
    make(shop(), tmp_path / "out")
    before = read_content(tmp_path / "out")
    with pytest.raises(RequestError, match="SD-RUN-025"):
        make(shop(), tmp_path / "out")
    with pytest.raises(RequestError, match=r"SD-RUN-025.*of another recipe: it differs in parts\.people\.units"):
        make(shop(99), tmp_path / "out", resume=True)
    assert make(shop(), tmp_path / "out", resume=True).verdict == "unassessed"
    assert read_content(tmp_path / "out") == before


@pytest.mark.parametrize("left", [[], ["lock"], ["request.json"], ["lock", "request.json", "parts/people/sealed.json"]])
def test_staging_left_behind_a_finished_bundle(tmp_path: Path, left: list[str]) -> None:
    """A run killed while it cleaned up, in whatever order the file system gave the files."""
    make(shop(), tmp_path / "out")
    before = read_content(tmp_path / "out")
    for name in left:
        path = tmp_path / "out" / ".sundog" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    if "request.json" in left:
        request = {"fingerprint": "of something else", "shard_units": 1, "recipe": {}}
        (tmp_path / "out" / ".sundog" / "request.json").write_text(json.dumps(request))
    (tmp_path / "out" / ".sundog").mkdir(exist_ok=True)
    with pytest.raises(RequestError, match="SD-RUN-025"):
        make(shop(99), tmp_path / "out", resume=True)
    make(shop(), tmp_path / "out", resume=True)
    assert read_content(tmp_path / "out") == before


def test_other_files_and_other_runs(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(RequestError, match="SD-RUN-027"):
        make(shop(), tmp_path / "mine")
    (tmp_path / "file").write_text("")
    with pytest.raises(RequestError, match="SD-RUN-024"):
        make(shop(), tmp_path / "file")
    with pytest.raises(Exhausted):
        make(shop(20, odd=1.0, attempts=1), tmp_path / "half")
    with pytest.raises(RequestError, match="SD-RUN-026"):
        make(shop(20, odd=1.0, attempts=1), tmp_path / "half")
    with pytest.raises(RequestError, match="SD-RUN-028"):
        make(shop(20), tmp_path / "half", resume=True)
    request = tmp_path / "half" / ".sundog" / "request.json"
    request.write_text(request.read_text().replace(f'"version": "{sundog.__version__}"', '"version": "0.0.9"'))
    with pytest.raises(RequestError, match="SD-RUN-046"):
        make(shop(20, odd=1.0, attempts=1), tmp_path / "half", resume=True)
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_unwritable_output(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RequestError, match="SD-RUN-005") as caught:
        make(shop(), tmp_path / "file" / "below")
    assert caught.value.exit_code == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="dropping privileges needs root")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_somebody_elses_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    pid = os.fork()
    if pid == 0:
        try:
            os.setuid(65_534)
            with pytest.raises(RequestError, match="SD-RUN-005"):
                make(shop(), tmp_path / "out")
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the parent hears of it
            os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0


@pytest.mark.parametrize("url", ["nosuch://bucket/x", "abfs://"])
def test_an_output_that_cannot_be_opened(url: str) -> None:
    with pytest.raises(RequestError, match="SD-RUN-001"):
        make(shop(), url)


def test_remote_outputs_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(HARD, tmp_path / "plain", shard_units=16)
    make(HARD, f"file://{tmp_path}/url", shard_units=16)
    assert read_content(tmp_path / "url") == read_content(tmp_path / "plain")
    fs = fsspec.filesystem("memory")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    bundle = make(HARD, "memory://made/here", shard_units=16)
    assert [p for p in (tmp_path / "cache").rglob("*") if p.is_file()] == []  # no checkpoint stays
    assert bundle.verdict == "unassessed"
    fs.get("/made/here", str(tmp_path / "fetched"), recursive=True)
    assert read_content(tmp_path / "fetched") == read_content(tmp_path / "plain")
    with pytest.raises(RequestError, match="SD-RUN-025"):
        make(HARD, "memory://made/here")
    fs.rm("/made", recursive=True)


# --- faults


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ("raise", Fault, "SD-RUN-015"),
        ("full", Incomplete, "SD-RUN-002"),
        ("memory", Fault, "SD-RUN-012"),
        ("prepare", Fault, "SD-RUN-020"),
    ],
)
def test_faults_of_a_kind(tmp_path: Path, workers: int, fault: str, error: type[SundogError], code: str) -> None:
    recipe = shop(30, trouble={"fault": fault, "unit": 17})
    with pytest.raises(error, match=code) as caught:
        make(recipe, tmp_path / "out", shard_units=10, workers=workers)
    assert type(caught.value) is error
    assert not (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [("tables", "SD-RUN-016"), ("columns", "SD-RUN-017"), ("units", "SD-RUN-018"), ("rows", "SD-RUN-019")],
)
def test_broken_promises_of_a_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: str, code: str) -> None:
    from sundog_toy.synthesize import ShopSampler

    good = ShopSampler.sample

    def bad(self: ShopSampler, shard: Shard, given: Any) -> Any:
        tables, notes = good(self, shard, given)
        if spoil == "tables":
            tables.pop("orders")
        elif spoil == "columns":
            tables["orders"] = tables["orders"].rename_columns(["number", "sum", UNIT])
        elif spoil == "units":
            tables["orders"] = tables["orders"].take(list(range(tables["orders"].num_rows))[::-1])
        else:
            tables["customers"] = tables["customers"].slice(1)
        return tables, notes

    monkeypatch.setattr(ShopSampler, "sample", bad)
    with pytest.raises(Fault, match=code):
        make(shop(30), tmp_path / "out")


def test_a_table_that_an_earlier_part_lacks(tmp_path: Path) -> None:
    recipe = shop(5)
    recipe["parts"]["notes"] = {"kind": "note", "each": "people.order"}
    with pytest.raises(RequestError, match=r"SD-RUN-014.*\n.*Did you mean 'orders'"):
        make(recipe, tmp_path / "out")


def test_chained_to_nothing(tmp_path: Path) -> None:
    recipe = shop(3)
    recipe["parts"]["notes"] = {"kind": "note", "of": "people", "blank": 1.0}
    recipe["parts"]["more"] = {"kind": "shop", "of": "notes"}
    recipe["parts"]["last"] = {"kind": "note", "each": "more.orders"}
    tables = read_tables(make(recipe, tmp_path / "out"))
    assert {t: len(r) for t, r in tables.items() if not t.startswith("people")} == {
        "notes.notes": 0,
        "more.customers": 0,
        "more.orders": 0,
        "more.gifts": 0,
        "last.notes": 0,
    }


def test_chains_get_accepted_units_renumbered(whole: dict[str, Any]) -> None:
    tables, parts = whole["tables"], whole["parts"]
    people, notes = tables["people.customers"], tables["notes.notes"]
    assert parts["notes"]["accepted"] + parts["notes"]["rejected"]["blank"] == len(people)
    numbers = [str(r["number"]) for r in people]
    assert all(any(f"('number', {n})" in note["text"] for n in numbers) for note in notes)
    assert len(tables["lines.notes"]) == len(tables["people.orders"])
    for line, order in zip(tables["lines.notes"], tables["people.orders"], strict=True):
        assert f"orders[('number', {order['number']}), ('total', {order['total']})]" in line["text"]
        assert line["text"].count("customers[") == 1
    assert parts["pairs"]["attempted"] == -(-len(notes) // 3)


# --- verdicts


@pytest.mark.parametrize(
    ("check", "evidence", "verdict"),
    [
        ({"verdict": "pass"}, {"level": "full"}, "released"),
        ({"verdict": "pass"}, {"level": "quick"}, "unassessed"),
        ({"verdict": "fail"}, {"level": "quick"}, "withheld"),
        ({"verdict": "fail", "withholds": False}, {"level": "full"}, "released"),
        ({"verdict": "inconclusive"}, {"level": "full"}, "released"),
        ({"verdict": "inconclusive"}, {"level": "full", "policy": "strict"}, "withheld"),
        ({"value": 0.7}, {"level": "quick", "limits": {"toy.verdict": 0.6}}, "withheld"),
        ({"value": 0.55}, {"level": "full", "limits": {"toy.verdict": 0.6}}, "released"),
        ({"value": 0.3}, {"level": "full", "limits": {"toy.verdict": 0.4}}, "withheld"),
        ({"verdict": "fail"}, {"level": "none"}, "withheld"),
    ],
)
def test_verdict(tmp_path: Path, check: dict[str, Any], evidence: dict[str, Any], verdict: str) -> None:
    recipe = {**shop(5), "checks": [{"kind": "toy_verdict", **check}], "evidence": evidence}
    bundle = make(recipe, tmp_path / "out")
    assert bundle.verdict == verdict
    assert bool(bundle.manifest["reasons"]) == (verdict != "released")
    assert json.loads((tmp_path / "out" / "report.json").read_text())["verdict"] == verdict


@pytest.mark.parametrize(("breaks", "code"), [("raise", "SD-RUN-022"), ("nan", "SD-RUN-022"), ("twice", "SD-RUN-030")])
def test_a_broken_check_is_a_fault_and_the_data_are_kept(tmp_path: Path, breaks: str, code: str) -> None:
    recipe = {**shop(5), "checks": [{"kind": "toy_verdict", "breaks": breaks}]}
    with pytest.raises(Fault, match=code):
        make(recipe, tmp_path / "out")
    assert (tmp_path / "out" / ".sundog" / "parts" / "people" / "sealed.json").exists()


def test_the_command_exits_as_it_should(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from sundog.cli import main

    def run(name: str, recipe: dict[str, Any]) -> tuple[int, str]:
        path = tmp_path / f"{name}.yaml"
        path.write_text(json.dumps(recipe))
        monkeypatch.setattr(sys, "argv", ["sundog", "make", str(path), "-o", str(tmp_path / name), "--workers", "1"])
        with pytest.raises(SystemExit) as caught:
            main()
        said = capsys.readouterr()
        return int(caught.value.code or 0), said.out + said.err

    assert run("fine", shop(5))[0] == 0
    code, said = run("withheld", {**shop(5), "checks": [{"kind": "toy_verdict", "verdict": "fail"}]})
    assert code == 3
    assert "withheld" in said
    assert run("fault", shop(5, trouble={"fault": "raise"}))[0] == 1
    code, said = run("wrong", {"name": "x", "parts": {"people": {"kind": "shp", "units": 3}}})
    assert code == 2
    assert "Did you mean 'shop'" in said
    assert run("exhausted", shop(5, odd=1.0, attempts=1))[0] == 3
    code, said = run("full", shop(5, trouble={"fault": "full"}))
    assert code == 4
    assert "SD-RUN-002" in said


# --- resuming


def test_a_full_disk_can_be_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(HARD, tmp_path / "whole", shard_units=16)
    written, room = 0, 0
    good = Store._write_local

    def fill(self: Store, name: str, data: bytes) -> None:
        nonlocal written
        written += len(data)
        if written > room:
            import errno

            raise OSError(errno.ENOSPC, "No space left on device")
        good(self, name, data)

    monkeypatch.setattr(Store, "_write_local", fill)
    for tried in range(5_000, 400_000, 25_000):  # each time a little more was freed
        written, room = 0, tried
        try:
            make(HARD, tmp_path / "out", shard_units=16, resume=True)
            break
        except Incomplete as error:
            assert error.exit_code == 4  # noqa: PT017
            assert error.problems[0].code == "SD-RUN-002"  # noqa: PT017
            assert not (tmp_path / "out" / "manifest.json").exists()
    else:
        pytest.fail("never had room enough")
    assert room > 5_000
    assert read_content(tmp_path / "out") == read_content(tmp_path / "whole")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets nobody mount")
    try:
        with pytest.raises(Incomplete, match="SD-RUN-002"):
            make(HARD, disk / "out", shard_units=16)
        subprocess.run(["mount", "-o", "remount,size=16m", str(disk)], check=True)
        make(HARD, disk / "out", shard_units=16, resume=True)
        make(HARD, tmp_path / "whole", shard_units=16)
        assert read_content(disk / "out") == read_content(tmp_path / "whole")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_an_interrupted_run_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(part: str, made: int, wanted: int) -> None:
        if made >= 20:
            raise KeyboardInterrupt

    with pytest.raises(Incomplete, match="SD-RUN-023"):
        make(shop(60), tmp_path / "out", shard_units=10, progress=interrupt)
    make(shop(60), tmp_path / "out", shard_units=99, resume=True)
    make(shop(60), tmp_path / "whole", shard_units=10)
    assert read_content(tmp_path / "out") == read_content(tmp_path / "whole")  # the shard size of the first run is kept


def test_resuming_makes_only_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(part: str, made: int, wanted: int) -> None:
        if made >= 40:
            raise KeyboardInterrupt

    with pytest.raises(Incomplete):
        make(shop(60), tmp_path / "out", shard_units=10, progress=interrupt)
    from sundog_toy.synthesize import ShopSampler, ShopSynthesizer

    made: list[int] = []
    good = ShopSampler.sample

    def sample(self: ShopSampler, shard: Shard, given: Any) -> Any:
        made.append(shard.index)
        return good(self, shard, given)

    def prepare(*_: object) -> None:
        raise AssertionError("prepared already")

    monkeypatch.setattr(ShopSampler, "sample", sample)
    monkeypatch.setattr(ShopSynthesizer, "prepare", prepare)
    make(shop(60), tmp_path / "out", resume=True)
    assert made == [4, 5]


def test_a_wrong_request_leaves_nothing(tmp_path: Path) -> None:
    recipe = shop(5, source={"path": str(tmp_path / "nowhere.csv")})
    with pytest.raises(RequestError):
        make(recipe, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_source_that_changed_between_runs(tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("name,age\n" + "".join(f"n{i},{i % 50}\n" for i in range(200)))
    recipe = shop(60, source={"path": str(names)})

    def interrupt(part: str, made: int, wanted: int) -> None:
        if made >= 20:
            raise KeyboardInterrupt

    with pytest.raises(Incomplete):
        make(recipe, tmp_path / "out", shard_units=10, progress=interrupt)
    was = names.read_text()
    names.write_text(was.replace("n7,", "n8,"))
    with pytest.raises(RequestError, match="SD-RUN-044"):
        make(recipe, tmp_path / "out", resume=True)
    names.write_text(was)
    assert make(recipe, tmp_path / "out", resume=True).verdict == "unassessed"
