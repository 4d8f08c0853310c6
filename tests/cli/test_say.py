"""Which findings a summary shows."""

from __future__ import annotations

from typing import Any, cast

from sundog.cli.say import format_finding, headlines
from sundog.core.findings import Finding


def find(check: str, verdict: str = "info", headline: bool = True) -> Finding:
    said: dict[str, Any] = {"section": check.split(".")[0], "subject": "x", "unit": "share", "value": 0.5, "why": "x"}
    return Finding(check=check, part="table", verdict=cast(Any, verdict), headline=headline, reads=("train",), **said)


SHOWN = ["fidelity.columns", "fidelity.pairs", "fidelity.c2st", "privacy.copies", "privacy.membership"]


def test_the_utility_that_was_asked_for_is_among_the_five_and_the_three() -> None:
    findings = [*map(find, SHOWN), find("utility.tstr"), find("utility.model", headline=False)]
    assert [f.check for f in headlines(findings, 5)] == [
        "utility.tstr", "fidelity.columns", "privacy.copies", "fidelity.pairs", "privacy.membership",
    ]  # fmt: skip
    assert [f.check for f in headlines(findings, 3)] == ["utility.tstr", "fidelity.columns", "privacy.copies"]
    assert {f.check for f in headlines([*map(find, SHOWN)], 5)} == set(SHOWN)


def test_what_fails_comes_first_and_leaves_room_for_utility() -> None:
    failed = [find(f"privacy.a{i}", "fail", headline=False) for i in range(7)]
    shown = headlines([*failed, *map(find, SHOWN), find("utility.tstr")], 5)
    assert [f.verdict for f in shown] == ["fail"] * 4 + ["info"]
    assert shown[-1].check == "utility.tstr"


def test_a_line_tells_the_verdict() -> None:
    """A number beside its reference does not say by itself whether the rule was kept."""
    assert format_finding(find("privacy.membership", "fail")).endswith(" [failed]")
    assert format_finding(find("fidelity.c2st", "warn")).endswith(" [warning]")
    assert format_finding(find("fidelity.c2st", "info")) == "fidelity.c2st (x): 0.5"
