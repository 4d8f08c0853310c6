from __future__ import annotations

import html
from types import ModuleType

from sundog.core.findings import Finding
from sundog.core.notes import PrivacySpend, Rejected, Remark, Used
from sundog.evidence.report.data import Report, remarks_of, sources_of, spends_of
from sundog.evidence.report.notebook import HEADLINES_SHOWN, finding_html, findings_html, report_summary_html


def test_a_finding_shows_its_number_beside_its_reference(sample: ModuleType) -> None:
    shown = html.unescape(finding_html(sample.headline_findings()[0]))
    for words in ("0.534 AUC", "95% interval 0.526 to 0.542", "0.501", "passed", "fidelity.c2st", "warns above 0.60"):
        assert words in shown


def test_a_finding_that_was_not_run_says_so() -> None:
    found = Finding(check="privacy.attacks", part="p", section="privacy", subject="s", value=None, unit="", verdict="skipped", why="Only in full.")  # fmt: skip
    shown = finding_html(found)
    assert "not run" in shown
    assert "Only in full." in shown


def test_a_summary_shows_the_verdict_its_reasons_and_the_headlines(sample: ModuleType) -> None:
    shown = html.unescape(report_summary_html(sample.make_report("withheld")))
    assert "Withheld" in shown
    assert "8.1% of rows" in shown
    assert shown.count("<tr>") == 1 + len(sample.headline_findings())
    assert report_summary_html(Report(name="x", title="x", verdict="unassessed"))


def test_failures_come_first_and_the_rest_is_counted(sample: ModuleType) -> None:
    report = sample.make_report("withheld")
    shown = findings_html(report.findings, HEADLINES_SHOWN)
    assert shown.index("failed") < shown.index("warning") < shown.index("passed")
    assert f"and {len(report.findings) - HEADLINES_SHOWN} findings more" in shown


def test_nothing_hostile_becomes_markup(sample: ModuleType) -> None:
    evil = '<script>alert("1")</script>'
    found = sample.headline_findings()[0].model_copy(update={"subject": evil, "why": evil, "check": evil, "unit": evil, "limit": evil, "baseline_is": evil})  # fmt: skip
    report = sample.make_report("withheld").model_copy(update={"title": evil, "reasons": (evil,), "findings": (found,)})
    for shown in (finding_html(found), report_summary_html(report), findings_html((found,))):
        assert "<script" not in shown


def test_notes_are_sorted_into_ledger_remarks_and_spend() -> None:
    used, remark = Used("a.csv", "00", "MIT"), Remark("age", "protected")
    spend = PrivacySpend("gaussian", 0.1, "add or remove one row")
    notes = (used, remark, spend, Rejected(1, "copy"), used, remark, spend)
    assert [s.what for s in sources_of(notes)] == ["a.csv"]
    assert [r.text for r in remarks_of(notes)] == ["protected"]
    assert len(spends_of(notes)) == 2, "two equal spends are two spends"
