"""The report says what a data protection officer asks for, in words that claim no more than was shown."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from sundog.core.recipe import ReleaseSpec
from sundog.evidence.report.privacy.blocks import (
    Fields,
    Notice,
    Numbers,
    Points,
    PrivacyReport,
    Signatures,
    Table,
    Text,
)
from sundog.evidence.report.privacy.facts import PrivacyFacts
from sundog.evidence.report.privacy.write import write_private, write_public

Make = Callable[..., PrivacyFacts]

TOO_STRONG = re.compile(r"impossib|guarantees? anonym|fully anonym|completely|zero risk|no risk|risk-free|cannot be (?:re-?)?identif|100 ?% safe|proves that", re.I)  # fmt: skip


def say(report: PrivacyReport, key: str = "") -> str:
    """The words of a section, or of all."""
    out = []
    for section in report.sections:
        if key and section.key != key:
            continue
        out += [section.title, section.intro]
        for block in section.blocks:
            if isinstance(block, Fields):
                out += [f"{e.name}: {e.value}" for e in block.entries]
            elif isinstance(block, Text):
                out += block.paragraphs
            elif isinstance(block, Points):
                out += block.items
            elif isinstance(block, Notice):
                out += [block.title, *block.said, *block.limits]
            elif isinstance(block, Table):
                out += [" | ".join(r) for r in (block.columns, *block.rows)] + [block.note]
            elif isinstance(block, Numbers):
                out += [f"{f.check} {f.subject} {f.value} {f.why}" for f in block.findings]
            else:
                assert isinstance(block, Signatures)
                out += block.roles
    return "\n".join(out)


def fields(report: PrivacyReport) -> dict[str, str]:
    return {e.key: e.value for s in report.sections for b in s.blocks if isinstance(b, Fields) for e in b.entries}


def test_a_learned_dataset_has_every_section(facts: Make) -> None:
    keys = [s.key for s in write_private(facts("records")).sections]
    assert keys == ["purpose", "inventory", "generator", "threats", "risks", "membership", "copies", "canaries", "control", "coincidence", "policy", "residual", "after", "decision"]  # fmt: skip
    claimed, learned = write_private(facts("releases", findings=())), write_private(facts("records", findings=()))
    assert "canaries" in [s.key for s in claimed.sections]
    assert "canaries" not in [s.key for s in learned.sections], "nothing is claimed that they could contradict"


def test_what_the_recipe_does_not_state_is_left_blank_and_said(facts: Make, stated: ReleaseSpec) -> None:
    empty, full = write_private(facts("records")), write_private(facts("records", release=stated))
    assert len(empty.left_blank) == 9
    assert full.left_blank == ("Retention of the source", "Retention of the fitted model", "Next test")
    assert fields(full)["legal_basis"] == "Art. 6(1)(e) GDPR"
    assert fields(empty)["legal_basis"] == ""
    blank = [e for s in empty.sections for b in s.blocks if isinstance(b, Fields) for e in b.entries if e.blank]
    assert {e.key for e in blank} == {"purpose", "recipients", "mode", "legal_basis", "controller", "contact", "retention_source", "retention_model", "retest_after"}  # fmt: skip


def test_a_blank_that_is_only_spaces_is_blank(facts: Make) -> None:
    assert "Purpose" in write_private(facts("records", release=ReleaseSpec(purpose="  \n"))).left_blank


def test_the_inventory_names_identifiers_and_special_categories(facts: Make, stated: ReleaseSpec) -> None:
    told = say(write_private(facts("records", release=stated)), "inventory")
    assert "birth_date | string, date | Safe Harbor C (dates other than years, and ages over 89), perhaps" in told
    assert "full_name | string, name | Safe Harbor A (names), perhaps" in told
    assert "race | string, category |  | racial or ethnic origin, perhaps" in told
    assert "age | string, integer | quasi-identifier, perhaps |  | quasi-identifier" in told
    assert "1 column of free text may hold any of them" in told
    assert "release.inventory names 'shoe', and no table has such a column" in told
    assert "privacy.identifiers 2 columns of names" in told
    assert "Real records: 4,711 learned from and 1,171 held out" in told


def test_the_inventory_says_what_recognition_found_in_the_values(facts: Make) -> None:
    """By name and meaning alone nothing of it would be on the list; the values say cards, and a column that was left out is named too."""
    from dataclasses import replace

    from sundog.core.findings import Exhibit, Grid
    from sundog.evidence.report.data import ColumnFacts, TableFacts

    made = facts("records")
    rows = (
        ("ref", "payment cards", "J, account numbers", "99%", "100% of 400 different values have right check digits", "replaced"),
        ("remarks", "free text, which may hold any of them", "inside: A, D", "95%", "free text", "left out"),
    )  # fmt: skip
    heads = ("column", "personal data", "Safe Harbor", "sure", "why", "in the synthetic rows")
    drawn = Exhibit(
        check="identifiers", part="people", section="privacy", title="Personal data", how_to_read="Each line is a column.",
        drawing=Grid(columns=heads, rows=rows), reads=("train", "synthetic"),
    )  # fmt: skip
    columns = (
        ColumnFacts(name="ref", type="int64", meaning="number", about=""),
        ColumnFacts(name="phone_kind", type="string", meaning="category", about=""),
    )
    part = made.report.parts[0].model_copy(update={"tables": (TableFacts(name="rows", rows=1, columns=columns),)})
    report = made.report.model_copy(update={"parts": (part,), "exhibits": (drawn,)})
    told = say(write_private(replace(made, report=report)), "inventory")
    assert "ref | int64, number | payment cards: Safe Harbor J (account numbers) |" in told
    assert (
        "phone_kind | string, category | Safe Harbor D (telephone numbers), perhaps, by its name; nothing was recognised in the values"
        in told
    )
    assert "In the real values of 1 of 2 columns identifiers were recognised; 1 more may be on the list" in told
    assert "remarks | free text, which may hold any of them | inside: A, D | 95% | free text | left out" in told
    public = say(write_public(replace(made, report=report)), "inventory")
    assert "payment cards" not in public
    assert "1 of 2 columns may be on the list" in public


def test_the_public_half_speaks_of_no_attacks_below(facts: Make) -> None:
    assert "attacks below" in say(write_private(facts("records")), "generator")
    told = say(write_public(facts("records")))
    assert "below go by" not in told
    assert "attacks below" not in told
    assert "the attacks of the private half go by row" in told
    assert "note | string, text | free text, which may hold any of them" in told


def test_numbers_that_may_be_somebodys_are_said_as_residual_risk(facts: Make) -> None:
    from dataclasses import replace

    from sundog.evidence.report.data import ColumnFacts, TableFacts
    from sundog.lib.pii.kinds import MAY_BE_SOMEBODYS

    made = facts("records")
    assert "outside of the source" not in say(write_private(made), "residual")
    columns = (ColumnFacts(name="dni", type="string", meaning="identifier", about=f"replaced; {MAY_BE_SOMEBODYS}"),)
    part = made.report.parts[0].model_copy(update={"tables": (TableFacts(name="rows", rows=1, columns=columns),)})
    told = say(write_private(replace(made, report=made.report.model_copy(update={"parts": (part,)}))), "residual")
    assert "False values of 'dni' are none of the records that were learned from, but no office keeps a range" in told


def test_without_the_search_in_values_the_inventory_says_so(facts: Make) -> None:
    assert "The values were not searched" in say(write_private(facts("records", findings=())), "inventory")


def test_noisy_releases_are_told_in_the_terms_of_the_guideline(facts: Make) -> None:
    told = fields(write_public(facts("releases")))
    assert told["dp.unit.people"].startswith("one row. Somebody with k rows")
    assert told["dp.neighbours.people"] == "add or remove one row"
    assert "zero-concentrated" in told["dp.variant.people"]
    assert "ε = 1.25, δ = 1e-09" in told["dp.loss.people"]
    assert "ρ = 0.06 (zCDP)" in told["dp.loss.people"].replace("0.0600", "0.06")
    assert told["dp.composition.people"].startswith("2 releases")
    assert told["dp.public.people"].startswith("found within the budget")
    assert "central" in told["dp.trust.people"]
    assert "discrete laplace and discrete gaussian" in told["dp.side.people"]
    assert "not covered" in told["dp.collection.people"]
    ledger = [b for s in write_public(facts("releases")).sections for b in s.blocks if isinstance(b, Table) and b.title.startswith("Ledger")]  # fmt: skip
    assert [r[0] for r in ledger[0].rows] == ["together, by basic composition", "rows: discrete laplace, scale 3.2", "pairs of age: discrete gaussian, scale 8"]  # fmt: skip


def test_where_there_is_no_noise_the_same_terms_say_that_nothing_is_claimed(facts: Make) -> None:
    for how in ("records", "audit"):
        told = fields(write_private(facts(how)))
        assert told["dp.variant.people"] == told["dp.neighbours.people"] == "No such guarantee is claimed."
        assert "neither ε nor δ is stated" in told["dp.loss.people"]
        assert set(told) >= {f"dp.{k}.people" for k in ("unit", "composition", "public", "trust", "side", "collection")}


def test_data_by_rule_have_nothing_to_attack(facts: Make) -> None:
    report = write_private(facts("nothing"))
    assert [s.key for s in report.sections] == ["purpose", "inventory", "generator", "threats", "risks", "policy", "residual", "after", "decision"]  # fmt: skip
    assert fields(report)["dp.loss.people"] == "ε = 0, δ = 0"
    assert "there is nothing to attack" in say(report, "risks")
    assert "privacy.coincidence" in say(report, "risks")
    assert "The values were not searched" not in say(report)
    assert "What was not run" not in say(report)


def test_a_run_that_opened_other_files_claims_nothing(facts: Make) -> None:
    from dataclasses import replace

    from sundog.evidence.report.data import OpenedFacts

    report = write_private(replace(facts("nothing"), opened=OpenedFacts(others=("/home/x/patients.csv",))))
    assert fields(report)["dp.variant.people"] == "No such guarantee is claimed."
    assert "membership" in [s.key for s in report.sections], "then the attacks are asked for again"


def test_every_attack_stands_in_its_section_with_the_worst_first(facts: Make) -> None:
    report = write_private(facts("releases"))
    risks = [b for s in report.sections if s.key == "risks" for b in s.blocks if isinstance(b, Numbers)]
    assert [f.subject for b in risks for f in b.findings] == ["multivariate", "univariate", "age and race", "race"]
    for key, check in (("membership", "privacy.membership_tpr"), ("copies", "privacy.copies"), ("canaries", "privacy.canaries"), ("control", "privacy.detectable")):  # fmt: skip
        assert check in say(report, key)
    for section in report.sections:
        assert "What was not run" not in say(report, section.key), section.key


def test_a_skipped_finding_says_why_and_not_how(facts: Make) -> None:
    """Where the rest of a topic was run, the reason is enough."""
    found = facts("records").report.findings
    why = "Fewer than 100 people have an uncommon value of 'gain'."
    skipped = found[0].model_copy(update={"check": "privacy.inference", "subject": "gain", "value": None, "interval": None, "verdict": "skipped", "why": why})  # fmt: skip
    told = say(write_private(facts("records", findings=(*found[:-1], skipped))), "risks")
    assert f"Inference: in part not run. {why}" in told
    assert "evidence.level=full" not in told


def test_the_usual_limit_is_told_as_a_number(facts: Make) -> None:
    rule = "passes when the upper bound is at most 0.09, fails when the lower bound is above it"
    found = facts("records").report.findings[0].model_copy(update={"limit": rule})
    assert "(univariate) | at most 0.09 |" in say(write_private(facts("records", findings=(found,))), "policy")


def test_what_another_check_measured_is_shown_too(facts: Make) -> None:
    own = (
        facts("records")
        .report.findings[0]
        .model_copy(update={"check": "privacy.of_somebody_else", "subject": "an attack of another package"})
    )
    report = write_private(facts("records", findings=(own,)))
    assert "an attack of another package" in say(report, "others")


def test_what_was_not_run_is_said_with_how_to_run_it(facts: Make) -> None:
    report = write_private(facts("releases", findings=()))
    for key in ("risks", "membership", "copies", "canaries", "control"):
        told = say(report, key)
        assert "What was not run" in told, key
        assert "nothing is known of it here" in told, key
        assert "evidence.level=full" in told, key
    assert "Whether these attacks would have noticed a leak was not tested" in say(report, "residual")


def test_the_residual_risk_names_the_worst_of_each_kind(facts: Make) -> None:
    told = say(write_private(facts("records")), "residual")
    assert "Of 12 measurements of privacy: 8 passed, 1 inconclusive, 1 failed and 2 shown only." in told
    assert "Positive control: 1 of 1 attack fired on a copy that leaks on purpose." in told
    assert "The smallest risk that this run could have told from none: all attacks 0.008 risk." in told
    assert (
        "Singling out: the highest of 2 findings: 0.038 risk, at most 0.048 at 95% confidence (multivariate); inconclusive."
        in told
    )
    assert "Inference: 0.054 risk, at most 0.104 at 95% confidence (race); failed." in told
    assert "The list of attacks is not exhaustive" in told
    assert "a conclusion for the controller" in told


def test_the_policy_shows_each_limit_with_what_was_measured(facts: Make) -> None:
    told = say(write_private(facts("records")), "policy")
    assert "They are no legal thresholds" in told
    assert "privacy.inference: 0.05" in told
    assert "0.104 | failed" in told


def test_the_verdict_and_its_reasons_come_first(facts: Make) -> None:
    told = say(write_private(facts("records")), "purpose")
    assert "Withheld: the dataset failed its checks" in told
    assert "5.45% of the secrets were guessed" in told


@pytest.mark.parametrize("how", ["records", "releases", "nothing", "audit"])
def test_no_word_is_too_strong(facts: Make, stated: ReleaseSpec, how: str) -> None:
    """The report measures; it never says that identification cannot happen."""
    for findings in (None, ()):
        known = facts(how, findings=findings, release=stated)
        for half in (write_private(known), write_public(known)):
            assert TOO_STRONG.findall(say(half)) == []
            assert "is a conclusion for the controller" in say(half, "residual")


def test_a_word_that_is_too_strong_would_be_noticed() -> None:
    assert TOO_STRONG.findall("Identification is impossible: fully anonymous.") == ["impossib", "fully anonym"]


def test_a_table_of_another_tool_is_said_to_be_one(facts: Make) -> None:
    told = say(write_private(facts("audit")), "generator")
    assert "a tool that this report does not know" in told
    assert "No formal guarantee is known" in told


@pytest.mark.parametrize("how", ["records", "releases", "nothing", "audit"])
def test_the_report_reads_back_from_json(facts: Make, how: str) -> None:
    for half in (write_private(facts(how)), write_public(facts(how))):
        assert PrivacyReport.model_validate_json(half.model_dump_json()) == half
