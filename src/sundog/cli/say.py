"""What commands print: errors, verdicts, findings."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from sundog.api import Bundle
    from sundog.core.errors import Problem, SundogError
    from sundog.core.findings import Finding

_VERDICTS = {
    "pass": "passed",
    "warn": "warning",
    "fail": "failed",
    "inconclusive": "inconclusive",
    "skipped": "not run",
}
EXIT_WITHHELD = 3
EXIT_INCOMPLETE = 4


def print_error(error: SundogError) -> None:
    """Every problem on standard error: code, place, what was found, the mend."""
    for problem in error.problems:
        print(str(problem), file=sys.stderr)


def end_with(code: int, problems: Sequence[Problem]) -> NoReturn:
    """End with an exit code; where ``--json`` was asked for, the problems go to standard output, unless rows of a stream do."""
    words = sys.argv[1:]
    if "--json" in words and "--stream" not in words:
        print_json({"exit_code": code, "problems": [problem_as_json(p) for p in problems]})
    sys.exit(code)


def end_interrupted() -> NoReturn:
    """One line for an interrupt that came before or after there was anything to resume."""
    from sundog.core.errors import Problem

    problem = Problem("SD-CLI-004", "sundog", "interrupted")
    print(problem, file=sys.stderr)
    end_with(EXIT_INCOMPLETE, (problem,))


def problem_as_json(problem: Problem) -> dict[str, str]:
    """A problem for machines."""
    return {"code": problem.code, "where": problem.where, "what": problem.what, "fix": problem.fix}


def read_pairs(options: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """What ``--option NAME=VALUE`` says."""
    from sundog.core.errors import Problem, RequestError

    pairs = []
    for option in options:
        name, equals, value = option.partition("=")
        if not equals:
            what, mend = "an option is written NAME=VALUE", "For example: --option formulas=true"
            raise RequestError(Problem("SD-CLI-001", f"--option {option}", what, mend))
        pairs.append((name, value))
    return tuple(pairs)


def print_json(value: Any) -> None:
    """JSON for machines on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def format_finding(finding: Finding) -> str:
    """One line: what was measured, its interval, what a fresh real table scores, and the verdict where a rule gives one."""
    if finding.value is None:
        return f"{finding.check}: not measured, {finding.why}"
    value = f"{finding.value:.4g}"
    if finding.interval is not None:
        value += f" ({finding.interval[0]:.4g} to {finding.interval[1]:.4g})"
    if finding.baseline is not None:
        value += f"; {finding.baseline_is or 'reference'} {finding.baseline:.4g}"
    elif finding.unit and finding.unit != "share":  # beside a reference it is plain what the number is
        value += f" {finding.unit}"
    word = "" if finding.verdict == "info" else f" [{_VERDICTS[finding.verdict]}]"
    return f"{finding.check} ({finding.subject}): {value}{word}"


def headlines(findings: Sequence[Finding], most: int) -> list[Finding]:
    """The findings for a summary: what fails, the answer to what was asked (utility for a target), then one of each section in turn."""
    failed = [f for f in findings if f.verdict == "fail"]
    shown = [f for f in findings if f.headline and f.verdict != "fail"]
    asked = [f for f in shown if f.section == "utility"][: max(0, most - 1)]
    turns: dict[str, int] = {}
    ranked: list[tuple[int, Finding]] = []
    for finding in shown:
        if finding not in asked:
            turns[finding.section] = turns.get(finding.section, 0) + 1
            ranked.append((turns[finding.section], finding))
    rest = [f for _, f in sorted(ranked, key=lambda r: r[0])]
    return [*failed[: most - len(asked)], *asked, *rest][:most]


def summarise(bundle: Bundle, most: int = 5) -> list[str]:
    """Lines about a bundle: verdict and reasons, what was made, headline numbers, where the report is."""
    manifest = bundle.files.manifest
    made = ", ".join(f"{p['accepted']:,} {p['count_noun']} ({name})" for name, p in manifest["parts"].items())
    verdict = bundle.verdict.upper()
    reasons = "; ".join(bundle.reasons[:3])
    lines = [f"{verdict}: {reasons}" if reasons else verdict, f"made: {made}"]
    lines += [f"warning: {r['text']}" for r in manifest.get("remarks", ()) if _is_warning(r)]
    lines += [format_finding(f) for f in headlines(bundle.report.findings, most)]
    return [*lines, f"report: {bundle.path.rstrip('/')}/report.html"]


def _is_warning(remark: Mapping[str, str]) -> bool:
    """Whether a remark is on what epsilon is worth; a column may have the same name."""
    return remark["subject"] == "privacy" and remark["text"].startswith("delta ")


def bundle_as_json(bundle: Bundle) -> dict[str, Any]:
    """What ``--json`` prints of a bundle."""
    manifest = bundle.files.manifest
    return {
        "path": bundle.path,
        "verdict": bundle.verdict,
        "reasons": list(bundle.reasons),
        "content_hash": manifest["content_hash"],
        "parts": {
            n: {"accepted": p["accepted"], "attempted": p["attempted"], "rejected": p["rejected"]}
            for n, p in manifest["parts"].items()
        },
        "findings": [f.model_dump(mode="json") for f in bundle.report.findings],
        "report": f"{bundle.path.rstrip('/')}/report.html",
    }
