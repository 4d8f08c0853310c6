"""The studio in headless Chromium."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Open = Callable[..., "Page"]


@pytest.fixture
def load(chromium: Browser, address: str) -> Iterator[Open]:
    """Opens a page of the studio and fails, in the end, on any complaint of the browser."""
    complaints: list[str] = []
    contexts = []

    def open_page(path: str = "", *, width: int = 1280, scheme: str = "light", scripts: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
        )  # type: ignore[arg-type]
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(address + path)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def test_from_the_overview_to_rows_and_back(load: Open, artefacts: Path) -> None:
    tab = load()
    assert "Withheld" in tab.inner_text("main")
    tab.screenshot(path=artefacts / "studio-overview.png")
    tab.get_by_role("link", name="people").first.click()
    assert "rows 1 to 50 of 120" in tab.inner_text("caption")
    tab.screenshot(path=artefacts / "studio-rows.png")
    tab.get_by_role("link", name="Rows after").click()
    assert "rows 51 to 100 of 120" in tab.inner_text("caption")
    tab.get_by_role("link", name="Last rows").click()
    assert tab.locator("tbody tr").last.locator("th").inner_text() == "120"
    tab.get_by_role("link", name="First rows").click()
    tab.get_by_label("from row").fill("77")
    tab.get_by_role("button", name="Show").click()
    assert "rows 77 to 120 of 120" in tab.inner_text("caption")


def test_searching_and_clearing(load: Open) -> None:
    tab = load("rows")
    tab.get_by_label("Rows whose column").select_option(label="job")
    tab.get_by_label("contains").fill("NURSE")
    tab.get_by_label("contains").press("Enter")
    expect(tab.locator("tbody tr")).to_have_count(3)  # waits for the page that answers
    assert "3 rows found" in tab.inner_text("caption")
    assert tab.get_by_label("contains").input_value() == "NURSE"
    tab.get_by_role("link", name="Show all rows").click()
    expect(tab.locator("tbody tr")).to_have_count(50)


def test_values_are_text_and_never_markup(load: Open) -> None:
    tab = load("rows")
    assert tab.evaluate("window.hacked") is None
    assert tab.locator("tbody img").count() == 1, "the one picture"
    assert tab.evaluate("document.querySelector('tbody img').naturalWidth") == 1
    assert "missing" in tab.locator("td.none").first.inner_text()
    assert len(tab.inner_text("tbody tr:first-child")) < 1_500, "long values are clipped"


def test_rejected_units_with_their_reasons(load: Open, artefacts: Path) -> None:
    tab = load("rejected")
    assert "constraint\t2\t1.63%" in tab.inner_text("main")
    tab.get_by_role("link", name="people / people").click()
    first = tab.locator(".rows tbody tr").first.inner_text()
    assert "constraint" in first
    assert "Person 0" in first
    assert "1,000,003" in tab.inner_text(".rows")
    tab.screenshot(path=artefacts / "studio-rejected.png")


def test_the_report_is_shown_in_a_frame_of_its_own(load: Open, address: str) -> None:
    tab = load("report")
    frame = tab.frame_locator("iframe")
    assert frame.locator("h1").inner_text() == "Twin"
    frame.locator("#theme").click()
    assert frame.locator("html").get_attribute("data-theme") == "dark"
    child = tab.frames[1]
    assert child.evaluate("self.origin") == "null"


def test_manifest_and_files(load: Open) -> None:
    tab = load("manifest")
    assert "content_hash" in tab.inner_text("pre")
    tab.get_by_role("link", name="recipe.yaml").click()
    assert tab.inner_text("body") == "name: twin\n" or "name: twin" in tab.inner_text("body")


def test_without_scripts_everything_works(load: Open) -> None:
    tab = load("rows", scripts=False)
    tab.get_by_label("contains").fill("1")
    tab.get_by_label("contains").press("Enter")
    assert "rows found" in tab.inner_text("caption")


@pytest.mark.parametrize("path", ["", "rows", "rows?part=wide&table=wide", "rejected", "report", "manifest"])
def test_nothing_is_wider_than_a_phone(load: Open, path: str) -> None:
    tab = load(path, width=390)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("path", ["", "rows", "rejected"])
def test_axe_finds_nothing_serious(load: Open, axe_script: str, path: str) -> None:
    tab = load(path, scheme="dark" if path == "rows" else "light")
    tab.evaluate(axe_script)
    found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [{"id": v["id"], "nodes": [n["html"][:200] for n in v["nodes"][:3]]} for v in found["violations"] if v["impact"] in ("serious", "critical")]  # fmt: skip
    assert serious == [], json.dumps(serious, indent=1)


def test_the_toggle_is_reached_by_keyboard(load: Open) -> None:
    tab = load()
    for _ in range(7):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.id") == "theme":
            break
    tab.keyboard.press("Enter")
    assert tab.get_attribute("html", "data-theme") == "dark"
