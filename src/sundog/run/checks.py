"""Runs the checks of a part, and draws the verdict on the bundle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from sundog.core.errors import Fault, Problem, SundogError, nearest
from sundog.core.extension import Broken, find, implementation, installed
from sundog.core.findings import Answer, Finding
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.core.recipe import CheckSpec, EvidenceSpec
from sundog.evidence.report.fill import fill_grids
from sundog.lib import persist
from sundog.lib.processors import count_processors

Verdict = Literal["released", "withheld", "unassessed"]


@dataclass(frozen=True)
class Release:
    """Whether the data may be used, and why.

    Attributes:
        verdict: the word.
        reasons: why not; where it is unassessed, what failed comes first, then what was not measured.
        failed: how many of the reasons are failures.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    failed: int = 0

    @property
    def failures(self) -> tuple[str, ...]:
        """Reasons that are failures."""
        return self.reasons[: self.failed]

    @property
    def not_run(self) -> tuple[str, ...]:
        """Reasons that are gaps."""
        return self.reasons[self.failed :]


def choose_checks(spec: EvidenceSpec, asked: Sequence[CheckSpec], name: str) -> dict[str, CheckSpec]:
    """The checks of a part by kind: those the recipe asks for, and those that the level brings."""
    wanted = {c.kind: c for c in asked if c.of in (None, name)}
    for kind, extension in installed("sundog.checks").items():
        if not isinstance(extension, Broken) and kind not in wanted and spec.level in extension.when:
            wanted[kind] = always_asked(kind)
    return dict(sorted(wanted.items()))


def always_asked(kind: str) -> CheckSpec:
    """The spec of a check that a level brings along: its defaults."""
    spec = find("sundog.checks", kind, "checks").spec.model_validate({"kind": kind})
    assert isinstance(spec, CheckSpec)
    return spec


def run_checks(
    evidence: Evidence, key: Key, states: Mapping[str, str], only_reading: frozenset[str] | None = None
) -> Answer:
    """All checks of a part, side by side on the processors of this machine; the order of the answer is fixed.

    Args:
        evidence: what they look at.
        key: stream of the part.
        states: what the shard checks saw beside generation, by kind.
        only_reading: run only the checks that read nothing else than these roles.
    """
    spec = evidence.recipe.evidence
    chosen = choose_checks(spec, evidence.recipe.checks, evidence.name)
    work: list[tuple[str, CheckSpec, Any]] = []
    for kind, check_spec in chosen.items():
        check = implementation("sundog.checks", kind, f"checks.{kind}")
        if only_reading is not None and not check.reads <= only_reading:
            continue
        work.append((kind, check_spec, check))
    with ThreadPoolExecutor(max_workers=max(1, count_processors())) as pool:
        answers = list(
            pool.map(lambda w: _run_one(w[0], w[1], w[2], evidence, key.child("check").child(w[0]), states), work)
        )
    findings = tuple(_apply_limit(f, spec) for a in answers for f in a.findings)
    twice = [name for name, n in Counter((f.check, f.subject) for f in findings).items() if n > 1]
    if twice:  # a finding is told apart by these two, in the report and by `sundog verify`
        raise Fault(
            Problem(
                "SD-RUN-030",
                f"checks.{twice[0][0]}",
                f"two findings about {twice[0][1]!r}",
                "This is a fault of the check.",
            )
        )
    return fill_grids(Answer(findings=findings, exhibits=tuple(e for a in answers for e in a.exhibits)))


def _run_one(kind: str, spec: CheckSpec, check: Any, evidence: Evidence, key: Key, states: Mapping[str, str]) -> Answer:
    try:
        findings: tuple[Finding, ...] = ()
        exhibits: tuple[Any, ...] = ()
        if kind in states:
            said = check.conclude(spec, persist.loads(check.state_type, states[kind]), evidence)
            findings, exhibits = said.findings, said.exhibits
        if hasattr(check, "run") and check.applies(evidence):
            more = check.run(spec, evidence, key)
            findings, exhibits = findings + more.findings, exhibits + more.exhibits
        return Answer(findings=findings, exhibits=exhibits)
    except (SundogError, MemoryError, OSError):
        raise
    except Exception as error:
        raise Fault(
            Problem(
                "SD-RUN-022",
                f"checks.{kind}",
                f"the check failed: {type(error).__name__}: {error}",
                "This is a fault of the check; the data are kept, --resume goes on.",
            )
        ) from error


def _apply_limit(finding: Finding, spec: EvidenceSpec) -> Finding:
    """A limit stated in the recipe turns a number into a verdict that withholds.

    It fails when the whole interval lies beyond the limit, passes when none of it does, and is inconclusive between.
    """
    limit = spec.limits.get(finding.check)
    if limit is None or finding.value is None:
        return finding
    high_is_bad = finding.baseline is None or limit >= finding.baseline
    low, high = finding.interval if finding.interval is not None else (finding.value, finding.value)
    good_end, bad_end = (low, high) if high_is_bad else (-high, -low)
    bound = limit if high_is_bad else -limit
    verdict = "fail" if good_end > bound else "pass" if bad_end <= bound else "inconclusive"
    said = f"{'at most' if high_is_bad else 'at least'} {limit:g} (stated in the recipe)"
    return finding.model_copy(update={"limit": said, "verdict": verdict, "withholds": True})


def decide(findings: Sequence[Finding], spec: EvidenceSpec, private: Collection[str] = ()) -> Release:
    """The verdict on a bundle (DESIGN: release).

    Of the parts in ``private``, which claim privacy, only findings that read no real row count: a verdict that depends on
    others would tell of the records outside of epsilon.

    A failed finding that withholds withholds; under the strict policy an inconclusive one does too; only full evidence releases,
    and only where everything that can withhold was measured (without a holdout it was not).
    """
    findings = [f for f in findings if f.part not in private or _is_public(f)]
    reasons = [f"{f.check} ({f.subject}): {f.why or f.limit}" for f in findings if f.withholds and f.verdict == "fail"]
    if spec.policy == "strict":
        reasons += [
            f"{f.check} ({f.subject}) is inconclusive: {f.why or f.limit}"
            for f in findings
            if f.withholds and f.verdict == "inconclusive"
        ]
    if reasons:
        return Release("withheld", tuple(reasons), len(reasons))
    unknown = tuple(_not_measured(findings, spec, private))
    if spec.level == "none":
        unknown = ("no evidence was gathered",)
    elif spec.level != "full":
        unknown = ("quick evidence only; --evidence full runs the rest", *unknown)
    if not unknown:
        return Release("released", ())
    # At this level they withhold nothing, and whoever reads one line must read them all the same.
    failed = tuple(_say_failed(f) for f in findings if f.verdict == "fail")
    return Release("unassessed", (*failed, *unknown), len(failed))


def _say_failed(finding: Finding) -> str:
    why = finding.why or finding.limit
    return f"{finding.check} ({finding.subject}) failed{f': {why}' if why else ''}"


def _is_public(finding: Finding) -> bool:
    """Whether a finding tells nothing of real records; one that was skipped may owe that to them."""
    return set(finding.reads) <= {"synthetic"} and finding.verdict != "skipped"


def decide_publicly(findings: Sequence[Finding], spec: EvidenceSpec) -> Verdict:
    """The verdict that findings on synthetic rows alone would give: it tells nothing of real records, not even whether attacks passed."""
    public = [f for f in findings if _is_public(f)]
    known = {f.check for f in public}
    limits = {check: limit for check, limit in spec.limits.items() if check in known}
    return decide(public, spec.model_copy(update={"limits": limits})).verdict


def _not_measured(findings: Sequence[Finding], spec: EvidenceSpec, private: Collection[str] = ()) -> Iterator[str]:
    """What could have withheld and has no number: skipped findings, and stated limits on what was not measured."""
    apart = (
        f"what reads real rows of {', '.join(map(repr, private))} has no part in the verdict, which would tell of them"
    )
    skipped = [f for f in findings if f.withholds and f.verdict == "skipped"]
    yield from (f"{f.check} was not measured: {f.why}" for f in skipped)
    measured = {f.check for f in findings if f.value is not None}
    for name in spec.limits:
        if name not in measured and name not in {f.check for f in skipped}:
            known = any(f.check == name for f in findings)
            unnamed = apart if private else f"no finding has this name. {nearest(name, measured)}"
            why = "it was skipped" if known else unnamed
            yield f"the limit on {name!r} could not be judged: {why}"
