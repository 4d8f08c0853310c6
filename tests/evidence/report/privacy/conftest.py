"""Facts of three datasets that never were made: one learned from records, one released through noise, one made by rule."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Literal

import pytest

from sundog.core.findings import Exhibit, Finding, Intervals
from sundog.core.recipe import EvidenceSpec, Part, Recipe, ReleaseSpec, SourceSpec
from sundog.evidence.report.data import (
    ColumnFacts,
    DependenceFacts,
    OpenedFacts,
    PartFacts,
    RemarkFacts,
    Report,
    SourceFacts,
    SpendFacts,
    TableFacts,
)
from sundog.evidence.report.privacy.facts import PrivacyFacts

How = Literal["records", "releases", "nothing", "audit"]
Make = Callable[..., PrivacyFacts]

COLUMNS = (("birth_date", "date"), ("full_name", "name"), ("race", "category"), ("age", "integer"), ("note", "text"))
RELEASE = ReleaseSpec(
    purpose="Teaching statistics at two schools.",
    recipients="Teachers and pupils of both schools.",
    mode="under a contract",
    legal_basis="Art. 6(1)(e) GDPR",
    controller="Office of Statistics",
    contact="privacy@example.org",
    inventory={"age": "quasi-identifier", "shoe": "other"},
)


class LearnedPart(Part, frozen=True):
    """A part as the checks of a learned table see it."""

    kind: Literal["learned"] = "learned"
    source: SourceSpec | None = None
    method: str = "trees"
    domain: str | None = None


def attack(check: str, subject: str, value: float | None, half: float = 0.01, **more: Any) -> Finding:
    """A finding of the attack battery."""
    given: dict[str, Any] = {
        "unit": "risk", "baseline": 0.01, "baseline_is": "the same attack on the holdout", "verdict": "pass", "withholds": True,
        "limit": "at most 0.09", "why": f"The attack of {subject} succeeded no more often than on fresh people.", "reads": ("synthetic", "train", "holdout"),
    }  # fmt: skip
    interval = None if value is None else (value - half, value + half)
    told = {**given, **more}
    return Finding(
        check=check, part="people", section="privacy", subject=subject, value=value, interval=interval, **told
    )


def attacks() -> tuple[Finding, ...]:
    """One finding of each of the battery."""
    return (
        attack("privacy.singling_out", "univariate", 0.0123),
        attack("privacy.singling_out", "multivariate", 0.0377, verdict="inconclusive"),
        attack("privacy.linkability", "age and race", 0.0111),
        attack("privacy.inference", "race", 0.0542, half=0.05, verdict="fail"),
        attack("privacy.membership_ensemble", "nine attacks", 0.5181, unit="AUC", baseline=0.5, limit="at most 0.55"),
        attack("privacy.membership_outliers", "312 outliers", 0.5571, unit="AUC", baseline=0.5, limit="at most 0.60"),
        attack("privacy.membership_tpr", "at 1% false alarms", 0.0133, unit="share", limit="at most 2%"),
        attack("privacy.copies", "rows that equal a training row", 0.0004, unit="share"),
        attack("privacy.canaries", "1,000 canaries", 0.4141, unit="epsilon", limit="at most the claim"),
        attack("privacy.positive_control", "copy of the training rows", 0.9191, verdict="pass"),
        attack("privacy.detectable", "all attacks", 0.0077, verdict="info", withholds=False),
        attack("privacy.identifiers", "2 columns of names", 2.0, unit="columns", verdict="warn", withholds=False),
    )


def make(
    how: How = "records", *, findings: tuple[Finding, ...] | None = None, release: ReleaseSpec | None = None
) -> PrivacyFacts:
    """The facts of one of the datasets, all findings in them."""
    said = {
        "records": DependenceFacts(means="records", text="It was learned from 4,711 records."),
        "releases": DependenceFacts(means="releases", text="Two-way marginals were read through noise.", epsilon=1.25, delta=1e-9),
        "nothing": DependenceFacts(means="nothing", text="Every parameter stands in the recipe or in a list."),
        "audit": None,
    }[how]  # fmt: skip
    spends = (
        SpendFacts(mechanism="rows: discrete laplace, scale 3.2", rho=0.01, neighbours="add or remove one row", epsilon=0.25),
        SpendFacts(mechanism="pairs of age: discrete gaussian, scale 8", rho=0.05, neighbours="add or remove one row", delta=1e-9),
    )  # fmt: skip
    tables = (
        TableFacts(
            name="rows",
            rows=5_000,
            columns=tuple(
                ColumnFacts(name=n, type="string", meaning=m, about=f"{61 + i} values that ten rows share") for i, (n, m) in enumerate(COLUMNS)
            ),
        ),
    )  # fmt: skip
    chance = Finding(
        check="privacy.coincidence", part="people", section="privacy", subject="name and birth date", value=0.00031, unit="share",
        why="Of a million rows this many are like a real person by chance.",
    )  # fmt: skip
    given = findings if findings is not None else (() if how == "nothing" else attacks())
    drawn = Exhibit(
        check="privacy.inference", part="people", section="privacy", title="Risks by column", how_to_read="Left is better.",
        drawing=Intervals(labels=("race",), value=(0.0545,), low=(0.0045,), high=(0.1045,), unit="risk"), reads=("train",),
    )  # fmt: skip
    report = Report(
        name="people", title="people", verdict="withheld" if how == "records" else "unassessed", level="full",
        reasons=("privacy.inference (race): 5.45% of the secrets were guessed.",) if how == "records" else (),
        description="People who never were.", licence="CC BY 4.0",
        findings=(*given, chance) if how != "audit" else given,
        exhibits=(drawn,) if given else (),
        parts=(PartFacts(name="people", kind="audit" if how == "audit" else "learned", count_noun="rows", accepted=5_000, attempted=5_017, rejected=(("copy", 17),), tables=tables, dependence=said),),
        sources=(SourceFacts(what="/data/secret.csv", sha256="5b" * 32, licence="closed"),) if how != "nothing" else (),
        remarks=(RemarkFacts(subject="age", text="The 20 highest of 4,711 values are not shown."),) if how != "nothing" else (),
        spends=spends if how == "releases" else (), content_hash="9f" * 32, version="0.1.0",
    )  # fmt: skip
    part = LearnedPart(
        units=5_000, source=SourceSpec(path="/data/secret.csv"), domain="private" if how == "releases" else None
    )
    recipe = Recipe.model_construct(
        name="people", seed=7, parts={"people": part}, release=release, evidence=EvidenceSpec(level="full", limits={"privacy.inference": 0.05})
    )  # fmt: skip
    return PrivacyFacts(
        report=report,
        recipe=recipe,
        public_verdict="unassessed",
        data_hash="3c" * 32,
        opened=OpenedFacts(places=(("the program and its libraries", 716),)),
        real_rows={"people": {"train": 4_711, "holdout": 1_171}} if how != "nothing" else {},
    )


@pytest.fixture(scope="session")
def facts() -> Make:
    """Makes facts: ``facts("releases")``."""
    return make


@pytest.fixture(scope="session")
def stated() -> ReleaseSpec:
    """A release block with most of it stated."""
    return RELEASE


@pytest.fixture(scope="session")
def hostile(sample: ModuleType) -> tuple[str, ...]:
    """Names as an attacker would choose them, for pages and for Typst."""
    return (
        *sample.hostile_names(),
        '#panic("typst")',
        "#let x = 1; $x$ *bold* _it_ <label> @ref `raw`",
        "= Heading",
        "\\u{41}",
        "#" * 50,
    )
