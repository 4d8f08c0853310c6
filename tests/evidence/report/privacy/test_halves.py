"""What was read from real records is in the private half, and in no way in the public one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from sundog.core.findings import Finding, Role, Verdict
from sundog.evidence.report.data import RemarkFacts, SourceFacts
from sundog.evidence.report.privacy.blocks import PrivacyReport
from sundog.evidence.report.privacy.facts import PrivacyFacts, is_public
from sundog.evidence.report.privacy.page import render_privacy_page
from sundog.evidence.report.privacy.write import write_private, write_public
from sundog.evidence.report.words import measure

Make = Callable[..., PrivacyFacts]

_WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=6, max_size=12).map(lambda t: f"Zq{t}")
_NUMBERS = st.floats(0, 1, allow_subnormal=False).map(lambda x: round(x, 6))
_READS = st.sampled_from([("train",), ("holdout",), ("synthetic", "train"), ("synthetic", "train", "holdout")])
_CHECKS = st.sampled_from(["privacy.inference", "privacy.membership", "privacy.copies", "privacy.coincidence", "fidelity.c2st"])  # fmt: skip


@st.composite
def secrets(draw: st.DrawFn) -> Finding:
    """A finding that read real records, with words that stand nowhere else."""
    value = draw(st.none() | _NUMBERS)
    reads: tuple[Role, ...] = draw(_READS)
    verdict: Verdict = (
        draw(st.sampled_from(["pass", "warn", "fail", "inconclusive", "info"])) if value is not None else "skipped"
    )
    return Finding(
        check=draw(_CHECKS), part="people", section="privacy", subject=draw(_WORDS), value=value, unit="share", verdict=verdict,
        interval=None if value is None else (value / 2, value), baseline=draw(_NUMBERS), baseline_is=draw(_WORDS),
        limit=draw(_WORDS), why=draw(_WORDS), withholds=draw(st.booleans()), headline=draw(st.booleans()), reads=reads if value is not None else ("synthetic",),
    )  # fmt: skip


def page_of(facts: PrivacyFacts, half: PrivacyReport) -> str:
    keep = is_public if half.half == "public" else (lambda _: True)
    exhibits = [e for e in facts.report.exhibits if keep(e)]
    return render_privacy_page(half, exhibits, [f for f in facts.report.findings if keep(f)])


@settings(max_examples=60)
@given(
    st.lists(secrets(), max_size=6), _WORDS, st.integers(0, 10**6), st.sampled_from(["records", "releases", "audit"])
)
def test_the_public_half_does_not_depend_on_what_was_read_from_real_records(
    facts: Make, found: list[Finding], word: str, rows: int, how: str
) -> None:
    """Everything that can come from real records is exchanged; not a byte of the public half changes."""
    plain = facts(how)
    own = tuple(f for f in plain.report.findings if is_public(f))
    changed = replace(
        plain,
        real_rows={"people": {"train": rows, "holdout": rows}},
        report=plain.report.model_copy(
            update={
                "findings": (*found, *own),
                "exhibits": (),
                "verdict": "released",
                "reasons": (word,),
                "not_run": (word,),
                "remarks": (RemarkFacts(subject=word, text=word),),
                "sources": (SourceFacts(what=word, sha256="0" * 64, licence=word),),
                "content_hash": "1" * 64,
                "parts": tuple(
                    p.model_copy(
                        update={
                            "attempted": 5_000 + rows,
                            "rejected": ((word, rows),),
                            "tables": tuple(
                                t.model_copy(
                                    update={"columns": tuple(c.model_copy(update={"about": word}) for c in t.columns)}
                                )
                                for t in p.tables
                            ),
                        }
                    )
                    for p in plain.report.parts
                ),
            }
        ),
    )
    before, after = write_public(plain), write_public(changed)
    assert before == after
    page = page_of(changed, after)
    assert page == page_of(plain, before)
    told = page + after.model_dump_json()
    for text in (word, *(t for f in found for t in (f.subject, f.why, f.limit, f.baseline_is))):
        assert text not in told


@pytest.mark.parametrize("how", ["records", "releases", "audit"])
def test_the_private_half_holds_what_the_public_one_does_not(facts: Make, how: str) -> None:
    """The property above is worth something only where the same words do reach the private half."""
    known = facts(how)
    private, public = write_private(known), write_public(known)
    texts = [page_of(known, h) + h.model_dump_json() for h in (private, public)]
    secrets_told = [f.why for f in known.report.findings if not is_public(f)]
    secrets_told += [
        "4,711",
        "1,171",
        "5b" * 32,
        "secret.csv",
        "values that ten rows share",
        "The 20 highest of",
        "9f" * 32,
    ]
    if how == "releases":
        assert known.report.parts[0].dependence is not None
    assert [s for s in secrets_told if s not in texts[0]] == []
    assert [s for s in secrets_told if s in texts[1]] == []
    assert private.half == "private"
    assert "Risks by column" in texts[0]
    assert "Risks by column" not in texts[1]


def test_numbers_of_private_findings_stand_nowhere_in_the_public_half(facts: Make) -> None:
    """As they are, and as they are written for people."""
    known = facts("records")
    public = write_public(known)
    told = page_of(known, public) + public.model_dump_json()
    for finding in known.report.findings:
        if not is_public(finding) and finding.value is not None and finding.value != int(finding.value):
            assert str(finding.value) not in told
            assert measure(finding.value, finding.unit) not in told
            assert f"{finding.value:.2%}" not in told


def test_what_synthetic_rows_alone_show_is_in_both(facts: Make) -> None:
    """The coincidence of made-up people with real ones is computed from the recipe."""
    known = facts("records")
    for half in (write_private(known), write_public(known)):
        assert "0.031%" in page_of(known, half)


def test_a_skipped_finding_is_private(facts: Make) -> None:
    """Why something was not measured can tell what the real records are like, although nothing was read."""
    why = "Fewer than 50 rows on a side tell nothing."
    skipped = Finding(check="privacy.membership", part="people", section="privacy", subject="x", value=None, unit="AUC", verdict="skipped", why=why)  # fmt: skip
    known = facts("records", findings=(skipped,))
    assert why in page_of(known, write_private(known))
    assert why not in page_of(known, write_public(known))
