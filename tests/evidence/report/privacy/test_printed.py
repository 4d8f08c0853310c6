"""The PDF, read by a reader of PDFs."""

from __future__ import annotations

import importlib.util
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from sundog.core.errors import Fault, MissingExtra
from sundog.core.recipe import ReleaseSpec
from sundog.evidence.report.data import ColumnFacts, TableFacts
from sundog.evidence.report.privacy import printed
from sundog.evidence.report.privacy.facts import PrivacyFacts
from sundog.evidence.report.privacy.printed import print_pdf
from sundog.evidence.report.privacy.write import write_private, write_public

Make = Callable[..., PrivacyFacts]


def read(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data), strict=True)


def words(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def with_columns(facts: PrivacyFacts, names: tuple[str, ...]) -> PrivacyFacts:
    columns = tuple(ColumnFacts(name=n, type="string", meaning="category") for n in names)
    part = facts.report.parts[0].model_copy(update={"tables": (TableFacts(name="rows", rows=1, columns=columns),)})
    return replace(facts, report=facts.report.model_copy(update={"parts": (part,)}))


def tags(node: Any, found: list[str]) -> list[str]:
    """Names of all tags of a structure tree."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for child in node:
            tags(child, found)
    elif isinstance(node, dict):
        if "/S" in node:
            found.append(str(node["/S"]))
        if "/K" in node:
            tags(node["/K"], found)
    return found


@pytest.mark.parametrize("how", ["records", "releases", "nothing", "audit"])
def test_the_file_is_titled_tagged_and_numbered(facts: Make, how: str) -> None:
    reader = read(print_pdf(write_private(facts(how))))
    root = reader.trailer["/Root"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Privacy report: people"
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    used = set(tags(root["/StructTreeRoot"], []))
    assert {"/H1", "/H2", "/P", "/Table", "/TR", "/TH", "/TD", "/L", "/LI"} <= used | {"/H1"}
    pages = [" ".join(p.extract_text().split()) for p in reader.pages]
    assert len(pages) > 2
    digest = "3c" * 32 if how == "audit" and not facts(how).report.content_hash else "9f" * 32
    for number, text in enumerate(pages, 1):
        assert digest in text
        assert f"page {number} of {len(pages)}" in text
    assert len(reader.outline) >= 8


def test_everything_that_is_stated_can_be_searched_for(facts: Make, stated: ReleaseSpec) -> None:
    text = words(read(print_pdf(write_private(facts("releases", release=stated)))))
    for word in ("birth_date", "Teaching statistics at two schools.", "Art. 6(1)(e) GDPR", "ε = 1.25", "discrete laplace", "0.048", "multivariate", "Signature", "To fill in by hand: retention of the source"):  # fmt: skip
        assert word in text, word


def test_the_public_half_says_on_each_page_that_it_is_one(facts: Make) -> None:
    reader = read(print_pdf(write_public(facts("records"))))
    assert all("3c" * 32 in page.extract_text() for page in reader.pages)
    assert "4,711" not in words(reader)
    assert "public half" in words(reader).lower()


def test_the_same_report_gives_the_same_bytes(facts: Make) -> None:
    report = write_private(facts("records"))
    assert print_pdf(report) == print_pdf(report)
    assert read(print_pdf(report)).metadata["/Title"]
    assert b"/home" not in print_pdf(report)


def test_hostile_words_are_set_as_they_are(facts: Make, hostile: tuple[str, ...]) -> None:
    """No name is read as Typst's markup, and each short one can be found."""
    text = words(read(print_pdf(write_private(with_columns(facts("records"), hostile)))))
    assert '#panic("typst")' in text
    assert "#let x = 1; $x$ *bold* _it_ <label> @ref" in text
    assert "<script>window.hacked" in text
    assert "= Heading" in text


def test_a_character_without_a_font_is_written_as_its_code(facts: Make) -> None:
    """Whatever fonts this machine has: a character for private use has none."""
    report = write_private(with_columns(facts("records"), ("a\U0010f123b", "\U000f1234")))
    text = words(read(print_pdf(report)))
    assert "aU+10F123b" in text
    assert "U+F1234" in text


def test_columns_have_room_for_codes(facts: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of two characters that no font has is measured as the fourteen that stand for it."""
    import typst

    set_words: list[dict[str, Any]] = []
    compile_as_ever = typst.compile

    def record(template: bytes, **options: Any) -> bytes:
        set_words.append(json.loads(options["sys_inputs"]["report"]))
        return compile_as_ever(template, **options)

    monkeypatch.setattr(typst, "compile", record)
    print_pdf(write_private(with_columns(facts("records"), ("\U000f1234\U000f1235",))))
    widths = []
    for document in (set_words[0], set_words[-1]):
        blocks = [b for s in document["sections"] if s["key"] == "inventory" for b in s["blocks"]]
        widths.append(next(b["widths"][0] for b in blocks if b["block"] == "table"))
    assert "U+F1234U+F1235" in json.dumps(set_words[-1])
    assert widths[1] >= len("U+F1234U+F1235") > widths[0]


def test_long_words_stay_on_the_page(facts: Make) -> None:
    reader = read(print_pdf(write_private(with_columns(facts("records"), ("x" * 400, "some_" * 40)))))
    right = []
    for page in reader.pages:
        page.extract_text(visitor_text=lambda t, _cm, tm, _f, size, w=right, b=page.mediabox.width: w.append(float(tm[4]) / float(b)) if t.strip() else None)  # fmt: skip
    assert max(right) < 1


def test_without_typst_the_error_names_the_extra(facts: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=r"SD-REPORT-001.*typst") as caught:
        print_pdf(write_private(facts("records")))
    assert "pip install '.[pdf]'" in str(caught.value)


def test_a_template_that_typst_refuses_is_a_fault_of_ours(
    facts: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "document.typ").write_text("#nonsense()")
    monkeypatch.setattr(printed, "files", lambda _package: tmp_path)
    with pytest.raises(Fault, match="SD-REPORT-007"):
        print_pdf(write_private(facts("records")))


def test_a_second_reader_finds_the_same(facts: Make, tmp_path: Path, artefacts: Path) -> None:
    """Poppler: text, and every page as a picture that is not blank."""
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler-utils is not installed")
    file = tmp_path / "privacy.pdf"
    file.write_bytes(print_pdf(write_private(facts("releases"))))
    done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True)
    assert "birth_date" in done.stdout
    assert "Ledger of releases" in done.stdout
    info = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True).stdout
    assert "Tagged:          yes" in info
    assert "Title:           Privacy report: people" in info
    subprocess.run(["pdftoppm", "-r", "60", "-png", str(file), str(artefacts / "privacy-print")], check=True)
    pictures = sorted(artefacts.glob("privacy-print-*.png"))
    assert len(pictures) >= len(read(file.read_bytes()).pages)
    assert all(p.stat().st_size > 2_000 for p in pictures)
