"""What known ranges and values show to be wrong is a fault before a row is made; what they don't is none."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.synthesize import RecordsSynthesizer

FIELDS = """
w: {type: integer, low: 2, high: 5}
w0: {type: integer, low: 0, high: 5}
u: {type: uniform, low: 0, high: 5}
q: {type: uniform, low: 0, high: 1}
b: {type: boolean, share: .5}
cat: {type: category, values: {a: 1, c: 2}}
day: {type: date, start: 2024-01-01, stop: 2024-12-31}
x: {type: normal, mean: 0, sd: 1}
"""


def _part(field: str, **table: Any) -> RecordsPart:
    fields = {**yaml.safe_load(FIELDS.replace("2024-01-01, stop: 2024-12-31", "'2024-01-01', stop: '2024-12-31'"))}
    if field:
        fields |= yaml.safe_load(field)
    tables = {"a": {"fields": fields, **table.pop("own", {})}, **table}
    return RecordsPart.model_validate({"units": 50, "tables": tables})


def _find(part: RecordsPart) -> list[tuple[str, str, str]]:
    return [(p.code, p.where, f"{p.what} {p.fix}") for p in RecordsSynthesizer().find_faults(part, "p")]


@pytest.mark.parametrize(
    ("field", "code", "where", "what"),
    [
        ("f: {type: integer, low: 3, high: w0}", "SD-RECORDS-009", ".high", "'w0' can give"),
        ("f: {type: normal, mean: 0, sd: w0}", "SD-RECORDS-009", ".sd", "sd must be above 0"),
        ("f: {type: normal, mean: x, sd: w0 - 1}", "SD-RECORDS-009", ".sd", "sd must be above 0"),
        ("f: {type: boolean, share: w}", "SD-RECORDS-009", ".share", "[0, 1]"),
        ("f: {type: uniform, low: w + 9, high: w0}", "SD-RECORDS-009", "", "all values"),
        ("f: {type: conditional, given: cat, cases: {a: {type: boolean, share: w}, c: true}}", "SD-RECORDS-009", "cases.a.share", "'w'"),
        ("f: {type: normal, mean: 0, sd: 1, missing: {share: w}}", "SD-RECORDS-009", "missing.share", "'w' can be 2"),
        ("f: {type: normal, mean: 0, sd: 1, missing: {share: q - .5}}", "SD-RECORDS-009", "missing.share", "can be -0.5"),
        ("f: '= date(2024, w0, 5)'", "SD-EXPR-024", "characters 12-13", "month of a date lies between 1 and 12"),
        ("f: {type: conditional, given: cat, cases: {q: 1}}", "SD-RECORDS-041", "cases.q", "'q' is no value of 'cat' (a, c)"),
        ("f: {type: conditional, given: b, cases: {'yes': 1}}", "SD-RECORDS-041", "cases.yes", "true, false"),
        ("f: {type: conditional, given: w, cases: {'2': 1, '7': 2}}", "SD-RECORDS-041", "cases.7", "2, 3, 4, 5"),
        ("f: {type: conditional, given: q, cases: {'1.0': 1}}", "SD-RECORDS-041", "cases.1.0", "Write '1'"),
        ("f: {type: conditional, given: day, cases: {'1.5.2024': 1}}", "SD-RECORDS-041", "", "date"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(field: str, code: str, where: str, what: str) -> None:
    found = _find(_part(field))
    assert len(found) == 1, found
    assert found[0][0] == code
    assert where in found[0][1]
    assert what in found[0][2]


@pytest.mark.parametrize(
    "field",
    [
        "f: {type: integer, low: 3, high: w + 1}",
        "f: {type: integer, low: w0, high: w0 + w}",  # by themselves the ends overlap, together never
        "f: {type: normal, mean: 0, sd: u}",  # 0 with a chance of 2**-53
        "f: {type: normal, mean: x, sd: w0 + 1}",
        "f: {type: boolean, share: q}",
        "f: {type: boolean, share: x}",  # nothing is known; rows will tell
        "f: {type: conditional, given: w0, cases: {'0': 1, '1': {type: poisson, mean: w0 - 1}}, otherwise: 3}",
        "f: {type: normal, mean: 0, sd: 1, missing: {share: .1 + .2 + .7 * q}}",
        "f: '= date(2024, w, 5)'",
        "f: {type: conditional, given: day, cases: {'2024-05-01': 1}}",
        "f: {type: conditional, given: q, cases: {'0.5': 1}}",
        "f: {type: conditional, given: b, cases: {'true': 1, 'false': 2}}",
    ],
)
def test_what_can_be_is_no_fault(field: str) -> None:
    assert _find(_part(field)) == []


RULES = [
    ("q > 5", True), ("q > 5 and x > 0", True), ("w0 = 7", True), ("w in (7, 8)", True), ("w between 6 and 9", True), ("not q <= 1", True),
    ("if b then q > 2 else q < 0", True), ("q < 0 or w > 5", True), ("false", True), ("q != q + 2", False), ("q > 0.5", False),
    ("q > 5 or x > 0", False), ("w between 5 and 9", False), ("b", False), ("x > 5", False), ("missing(q) or q > .1", False),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "never"), [r for r in RULES if "missing(" not in r[0]])
def test_a_rule_that_no_row_can_keep_is_a_fault(rule: str, never: bool) -> None:
    found = _find(_part("", own={"rules": [rule]}))
    assert [f[:2] for f in found] == ([("SD-RECORDS-044", "p.tables.a.rules.0")] if never else [])


def test_a_share_that_only_rows_show_to_be_none_stops_the_run_and_is_not_cut_off() -> None:
    part = _part("f: {type: normal, mean: 0, sd: 1, missing: {share: x}}")
    maker = RecordsSynthesizer()
    model = maker.prepare(part, None, Key.root(1), None).value  # type: ignore[arg-type]
    with (
        maker.open(model) as sampler,
        pytest.raises(RequestError, match=r"SD-RECORDS-009.*a share lies between 0 and 1, not at -?[\d.]+, in unit \d"),
    ):
        sampler.sample(Shard("p", 0, range(50), Key.root(1)), {})


@pytest.mark.parametrize("share", [1.5, -0.5])
def test_a_share_of_missing_values_beyond_its_ends_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match=r"missing"):
        _part(f"f: {{type: normal, mean: 0, sd: 1, missing: {share}}}")


def test_groups_name_fields_that_are_there() -> None:
    found = _find(
        _part(
            "",
            own={
                "one_of": [{"fields": ["q", "zz"]}],
                "correlated": [{"fields": ["m", "n"], "spearman": [[1, 0], [0, 1]]}],
            },
        )
    )
    assert [(c, w) for c, w, _ in found] == [
        ("SD-RECORDS-005", "p.tables.a.one_of.0"),
        ("SD-RECORDS-005", "p.tables.a.correlated"),
        ("SD-RECORDS-005", "p.tables.a.correlated"),
    ]


def test_fields_that_are_missing_together_have_one_share() -> None:
    two = "{{f: {{type: integer, low: 1, high: 2, missing: {{share: .2, together: g}}}}, h: {{type: integer, low: 1, high: 2, missing: {{share: {}, together: g}}}}}}"
    assert _find(_part(two.format(0.2))) == []
    found = _find(_part(two.format(0.3)))
    assert [(c, w) for c, w, _ in found] == [("SD-RECORDS-042", "p.tables.a.fields.h.missing")]


@pytest.mark.parametrize(
    ("kind", "start", "stop", "fault"),
    [
        ("events", "date('2025-01-01')", "date('2024-01-01')", True),
        ("events", "date('2025-01-01')", "day", True),
        ("events", "date('2024-06-01')", "day", False),
        ("history", "date('2027-01-01')", "as_of", True),
        ("history", "day", "date('2023-12-31')", True),
        ("history", "day", "as_of", False),
    ],
)
def test_a_window_that_ends_before_it_starts_in_every_row(kind: str, start: str, stop: str, fault: bool) -> None:
    child = {"parent": "a", kind: {"start": start, "stop": stop, "per_year": 2}, "fields": {"one": 1}}
    found = _find(_part("", e=child))
    assert [f[:2] for f in found] == ([("SD-RECORDS-043", f"p.tables.e.{kind}")] if fault else [])


def test_built_in_recipes_have_no_such_fault() -> None:
    from sundog.run.recipe_files import read_recipe

    for name in ("customers", "orders", "payments", "insurance", "telecom", "iot"):
        for part in read_recipe(name).parts.values():
            assert isinstance(part, RecordsPart)
            compile_part(part)
