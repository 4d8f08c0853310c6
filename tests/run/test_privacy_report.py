"""The privacy report lies beside the others, belongs to the seal, and is printed on request."""

from __future__ import annotations

import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sundog
from sundog.cli import build
from sundog.core.errors import RequestError
from sundog.core.findings import Finding
from sundog.core.recipe import EvidenceSpec
from sundog.run.checks import decide, decide_publicly

NAMES = ("privacy.html", "privacy.json", "privacy-public.html", "privacy-public.json")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small bundle made by rule, with some of the release stated."""
    folder = tmp_path_factory.mktemp("privacy") / "out"
    changes = ("parts.shop.units=40", "release.purpose=Teaching.", "release.controller=Office of Statistics")
    sundog.make(sundog.read("customers", changes=changes), folder)
    return folder


@pytest.fixture
def copied(bundle: Path, tmp_path: Path) -> Path:
    """A copy of it, to be broken."""
    target = tmp_path / "copy"
    shutil.copytree(bundle, target)
    return target


def codes(call: object, *arguments: object, **more: object) -> list[str]:
    with pytest.raises(RequestError) as caught:
        call(*arguments, **more)  # type: ignore[operator]
    return [p.code for p in caught.value.problems]


def test_the_bundle_holds_both_halves_and_the_manifest_their_hashes(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))
    told = {d["path"]: d["sha256"] for d in manifest["documents"]}
    assert sorted(told) == sorted(NAMES)
    assert {n: sha256((bundle / n).read_bytes()).hexdigest() for n in NAMES} == told
    report = sundog.read_privacy_report(bundle)
    assert report.digest == manifest["content_hash"]
    assert report.digest_of == "bundle"
    assert "Purpose" not in report.left_blank
    assert "Recipients" in report.left_blank


def test_the_hash_of_the_data_is_that_of_sha256sum(bundle: Path) -> None:
    """Whoever has the data and no Sundog can compute it again."""
    command = "find data -type f | LC_ALL=C sort | xargs sha256sum | sha256sum"
    done = subprocess.run(["bash", "-c", command], cwd=bundle, capture_output=True, text=True, check=True)
    assert sundog.read_privacy_report(bundle, public=True).digest == done.stdout.split()[0]


def test_documents_stay_outside_of_the_content_hash(bundle: Path, tmp_path: Path) -> None:
    """The same recipe gives the same reports, and the recipe without a release the same data."""
    changes = ("parts.shop.units=40", "release.purpose=Teaching.", "release.controller=Office of Statistics")
    again = sundog.make(sundog.read("customers", changes=changes), tmp_path / "again")
    assert again.files.manifest["content_hash"] == sundog.open_bundle(bundle).files.manifest["content_hash"]
    for name in NAMES:
        assert (bundle / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name
    plain = sundog.make(sundog.read("customers", changes=changes[:1]), tmp_path / "plain")
    hashes = [sundog.read_privacy_report(b, public=True).digest for b in (plain, bundle)]
    assert hashes[0] == hashes[1]
    assert "release" not in plain.files.manifest["recipe"]


def test_data_by_rule_say_that_nothing_was_read(bundle: Path) -> None:
    report = sundog.read_privacy_report(bundle)
    assert "there is nothing to attack" in report.model_dump_json()


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_document_is_noticed(copied: Path, name: str) -> None:
    assert sundog.verify(copied).ok
    (copied / name).write_bytes((copied / name).read_bytes().replace(b"Teaching", b"Research"))
    assert ("SD-VERIFY-002", name) in [(p.code, p.where) for p in sundog.verify(copied).problems]
    (copied / name).unlink()
    assert ("SD-VERIFY-001", name) in [(p.code, p.where) for p in sundog.verify(copied).problems]


def test_a_changed_report_is_not_printed(copied: Path, tmp_path: Path) -> None:
    file = copied / "privacy.json"
    file.write_text(file.read_text("utf-8").replace("Teaching.", "Anything."), encoding="utf-8")
    assert codes(sundog.save_privacy_pdf, copied, tmp_path / "x.pdf") == ["SD-REPORT-004"]
    assert not (tmp_path / "x.pdf").exists()


def test_a_folder_without_a_report(tmp_path: Path) -> None:
    assert codes(sundog.read_privacy_report, tmp_path) == ["SD-REPORT-002"]
    assert codes(sundog.read_privacy_report, tmp_path / "nowhere") == ["SD-REPORT-002"]


def test_a_report_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "privacy.json").write_text('{"format": 2}')
    assert codes(sundog.read_privacy_report, tmp_path) == ["SD-REPORT-003"]


def test_where_the_pdf_may_not_go(bundle: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken.pdf"
    taken.write_text("mine")
    assert codes(sundog.save_privacy_pdf, bundle, taken) == ["SD-REPORT-005"]
    assert taken.read_text() == "mine"
    assert codes(sundog.save_privacy_pdf, bundle, tmp_path / "no" / "such.pdf") == ["SD-REPORT-006"]
    assert codes(sundog.save_privacy_pdf, bundle, bundle / "privacy.pdf") == ["SD-EXPORT-014"]


def test_the_command(bundle: Path, tmp_path: Path) -> None:
    run = CliRunner()
    told = run.invoke(build(), ["report", str(bundle)])
    assert told.exit_code == 0, told.output
    assert "left blank in the recipe (release:): recipients" in told.output
    assert "privacy.html" in told.output
    for half in ([], ["--public"]):
        target = tmp_path / f"privacy{len(half)}.pdf"
        done = run.invoke(build(), ["report", str(bundle), "--pdf", str(target), *half])
        assert done.exit_code == 0, done.output
        assert target.read_bytes().startswith(b"%PDF-1.7")
    machine = run.invoke(build(), ["report", str(bundle), "--json", "--public"])
    assert json.loads(machine.output)["half"] == "public"


def test_an_audit_writes_the_report_too(tmp_path: Path) -> None:
    """A table of another tool, which shuffled a column: nothing is claimed of it, and its rows are looked for."""
    rows = [f"{20 + i % 50},{['a', 'b', 'c'][i % 3]},{i * 37 % 1000}" for i in range(400)]
    for name, part in (("train", rows[:200]), ("holdout", rows[200:]), ("made", rows[100:300])):
        (tmp_path / f"{name}.csv").write_text("\n".join(["age,religion,income", *part]) + "\n")
    out = tmp_path / "audited"
    (tmp_path / "release.yaml").write_text("purpose: To see.\nmode: none\n")
    sundog.audit(tmp_path / "made.csv", train=tmp_path / "train.csv", holdout=tmp_path / "holdout.csv", out=out, evidence="quick", release=tmp_path / "release.yaml")  # fmt: skip
    report = sundog.read_privacy_report(out)
    told = report.model_dump_json()
    assert report.digest == sha256((tmp_path / "made.csv").read_bytes()).hexdigest()
    assert "a tool that this report does not know" in told
    assert "religious or philosophical beliefs, perhaps" in told
    assert "privacy.copies" in told
    assert "To see." in told
    assert report.left_blank[0] == "Recipients"
    assert "200 learned from and 200 held out" in told
    public = (out / "privacy-public.json").read_text("utf-8")
    assert "privacy.copies" not in public
    assert sha256((tmp_path / "train.csv").read_bytes()).hexdigest() not in public
    assert sundog.save_privacy_pdf(out, tmp_path / "audit.pdf") == str(tmp_path / "audit.pdf")


def test_a_release_that_is_wrong_is_told_before_a_table_is_read(tmp_path: Path) -> None:
    file = tmp_path / "release.yaml"
    file.write_text("purpos: x\nmode: [1]\n")
    assert codes(sundog.audit, "no.csv", train="no.csv", release=file) == ["SD-AUDIT-006", "SD-AUDIT-006"]
    file.write_text("{")
    assert codes(sundog.audit, "no.csv", train="no.csv", release=file) == ["SD-AUDIT-007"]
    assert codes(sundog.audit, "no.csv", train="no.csv", release=tmp_path / "none.yaml") == ["SD-AUDIT-007"]
    assert codes(sundog.replicate, "no.csv", tmp_path / "out", release=file) == ["SD-AUDIT-007"]


def test_a_replica_says_what_a_file_says_of_its_release(tmp_path: Path) -> None:
    """Days without quotes are texts, as under ``release`` in a recipe."""
    rows = [f"{20 + i % 50},{['a', 'b', 'c'][i % 3]},{i * 37 % 1000}" for i in range(200)]
    (tmp_path / "real.csv").write_text("\n".join(["age,religion,income", *rows]) + "\n")
    (tmp_path / "release.yaml").write_text(
        "purpose: To see.\nretest_after: 2028-01-01\ninventory: {religion: special category}\n"
    )
    command = ["replicate", str(tmp_path / "real.csv"), "-o", str(tmp_path / "out"), "-n", "50", "--evidence", "none"]
    done = CliRunner().invoke(build(), [*command, "--release", str(tmp_path / "release.yaml")])
    assert done.exit_code == 0, done.output
    report = sundog.read_privacy_report(tmp_path / "out")
    told = report.model_dump_json()
    assert "To see." in told
    assert "2028-01-01" in told
    assert report.left_blank[0] == "Recipients"
    release = sundog.read(tmp_path / "out" / "recipe.yaml").release
    assert release is not None
    assert release.retest_after == "2028-01-01"


def finding(check: str, verdict: str, *, real: bool) -> Finding:
    reads = ("synthetic", "train") if real else ("synthetic",)
    value = None if verdict == "skipped" else 0.5
    return Finding(check=check, part="p", section="privacy", subject=check, value=value, unit="risk", verdict=verdict, withholds=True, reads=reads, why="so")  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize("private", ["pass", "fail", "inconclusive", "skipped"])
@pytest.mark.parametrize(("public", "verdict"), [("pass", "released"), ("fail", "withheld")])
def test_the_public_verdict_does_not_depend_on_private_findings(private: str, public: str, verdict: str) -> None:
    spec = EvidenceSpec(level="full", limits={"privacy.a": 0.9})
    hidden, shown = finding("privacy.a", private, real=private != "skipped"), finding("privacy.b", public, real=False)
    assert decide_publicly([shown], spec) == decide_publicly([hidden, shown], spec) == verdict
    if private in ("fail", "skipped"):
        assert decide([hidden, shown], spec).verdict != "released", "on the whole bundle it does depend"
