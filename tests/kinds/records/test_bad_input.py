"""Bad recipes: every fault is found before a row is made, all of them at once; no recipe gives anything but rows or coded faults."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sundog.core.errors import Problem, RequestError
from sundog.core.extension import implementation
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.kinds.records.synthesize import RecordsSynthesizer
from sundog.run.make import MakeOptions, make_bundle
from sundog.run.recipe_files import _Loader, parse_recipe, read_built_in, validate_recipe

BAD = """
name: bad
parts:
  shop:
    kind: records
    units: 3000
    locale: xx_YY
    tables:
      customers:
        fields:
          id: {type: sequence, start: 9223372036854775807}
          a: {type: normall, mean: 1}
          b: {type: normal, mean: 1}
          c: {type: normal, mean: 1, sd: -1}
          d: = a + 1
          e: = nothing + 1
          f: = g
          g: = f
          n: {type: integer, low: 0, high: 5}
          h: = 1 / n
          i: = n + 'x'
          j: {type: pattern, regex: "(?=x)a*"}
          k: {type: integer, low: 1, high: 9223372036854775807}
          l: = 9223372036854775807 * n
          m: {type: uniform, low: 5, high: 1}
          u: {type: uniform, low: 0, high: 1}
          v: {type: uniform, low: 0, high: 1}
          w: {type: uniform, low: 0, high: 1}
          z: {type: pattern, regex: "a(b"}
        correlated: [{fields: [u, v, w], spearman: [[1, .9, -.9], [.9, 1, .9], [-.9, .9, 1]]}]
        ruls: [n > 1]
      orders:
        parent: customers
        count: {type: integer, low: -2, high: 1}
        fields: {x: 1}
      visits:
        parent: customers
        count: {type: poisson, mean: "n - 1"}
        fields: {x: 1}
      calls:
        parent: customers
        events: {start: "date('2025-01-01')", stop: as_of, per_year: "n - 2"}
        fields: {at: {type: event_time}}
  other:
    kind: records
    units: 3
    tables:
      t: {fields: {x: {type: exponential, mean: 0}}}
"""
FOUND = [
    ("SD-RECIPE-006", "parts.shop.tables.customers.ruls", "Did you mean 'rules'"),
    ("SD-RECIPE-007", "parts.shop.tables.customers.fields.b.sd", "is needed"),
    ("SD-RECIPE-008", "parts.shop.tables.customers.fields.a", "Did you mean 'normal'"),
    ("SD-RECIPE-008", "parts.shop.tables.customers.fields.k.high", "within 2**62"),
    ("SD-RECORDS-011", "parts.shop.locale", "xx_YY"),
    ("SD-RECORDS-002", "parts.shop.tables.customers.fields.f", "customers.f -> customers.g -> customers.f"),
    ("SD-RECORDS-030", "parts.shop.tables.customers.fields.id", "beyond 64 bits"),
    ("SD-RECORDS-001", "parts.shop.tables.customers.fields.c", "sd must be above 0"),
    ("SD-EXPR-010", "parts.shop.tables.customers.fields.e, characters 1-7", "'nothing'"),
    ("SD-EXPR-023", "parts.shop.tables.customers.fields.h, character 5", "can be 0"),
    ("SD-EXPR-013", "parts.shop.tables.customers.fields.i, characters 1-7", "string"),
    ("SD-WORDS-003", "parts.shop.tables.customers.fields.j", "look-around"),
    ("SD-WORDS-002", "parts.shop.tables.customers.fields.z", "missing )"),
    ("SD-EXPR-021", "parts.shop.tables.customers.fields.l, characters 1-23", "2**63"),
    ("SD-RECORDS-001", "parts.shop.tables.customers.fields.m", "low (5) must be below high (1)"),
    ("SD-RECORDS-001", "parts.shop.tables.customers.correlated", "nearest that can: v and u: 0.4826"),
    ("SD-RECORDS-003", "parts.shop.tables.orders.count", "can be -2"),
    ("SD-RECORDS-003", "parts.shop.tables.visits.count", "its mean can be -1"),
    ("SD-RECORDS-001", "parts.shop.tables.calls.events.per_year", "can be -2"),
    ("SD-RECORDS-001", "parts.other.tables.t.fields.x", "not 0"),
]


def test_faults_of_all_kinds_are_told_at_once() -> None:
    with pytest.raises(RequestError) as caught:
        parse_recipe(BAD, "bad.yaml")
    told = [(p.code, p.where, f"{p.what} {p.fix}") for p in caught.value.problems]
    for code, where, text in FOUND:
        assert [t for t in told if t[:2] == (code, where) and text in t[2]], (code, where, told)
    assert len(told) == len(FOUND), told  # nothing that only follows from another fault


def test_a_fault_of_a_later_part_is_found_before_anything_is_written(tmp_path: Path) -> None:
    said = yaml.safe_load(BAD)
    said["parts"]["shop"] = {"kind": "records", "units": 3, "tables": {"t": {"fields": {"x": 1}}}}
    with pytest.raises(RequestError, match=r"SD-RECORDS-001 at parts\.other\.tables\.t\.fields\.x"):
        make_bundle(validate_recipe(said), str(tmp_path / "out"), MakeOptions())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ({"type": "constant", "value": 2**63}, "64 bits"),
        (
            {"type": "mixture", "parts": [{"weight": 1, "law": {"type": "normal", "mean": "x", "sd": 1}}]},
            "in a mixture",
        ),
        ({"type": "mixture", "parts": [{"weight": 1, "law": {"type": "constant", "value": "x"}}]}, "no number"),
        ({"type": "integer", "low": 3, "high": [1]}, "valid integer"),
    ],
)
def test_values_that_no_law_can_take(field: dict[str, Any], what: str) -> None:
    said = {"name": "t", "parts": {"p": {"kind": "records", "units": 1, "tables": {"t": {"fields": {"f": field}}}}}}
    with pytest.raises(RequestError, match=what) as caught:
        make_bundle(validate_recipe(said), "nowhere", MakeOptions())
    assert len(caught.value.problems) == 1


RECIPES = ("customers", "orders", "payments", "insurance", "telecom", "iot")
READ = {name: yaml.load(read_built_in(name), _Loader) for name in RECIPES}
VALUES: tuple[Any, ...] = (
    None, -1, 0, 1, 0.5, -0.5, 1e308, -1e308, float("inf"), 2**62, 2**63, -(2**63), 1000, True, False, "", "x", "= x", "= 1 / 0",
    "now", "2020-01-01", "9999-12-31", "(", "{x}", "C-###", "age", "orders.amount", "count(x)", "as_of", [], {}, [1], ["a", "b"], [[1]],
    {"a": 1}, {"a": 0}, {"a": -1}, {"type": "normal", "mean": 0, "sd": 1}, {"type": "parent", "field": "x"},
    {"type": "reference", "to": "x"}, {"type": "referred", "by": "x", "field": "x"}, {"type": "as_of", "field": "x.y", "at": "x"},
    {"type": "split", "of": "x"}, {"type": "piece", "of": "amount"}, {"type": "under", "key": "x"}, {"type": "listed", "values": [1]},
)  # fmt: skip
NAMES = ("zz", "type", "count", "fields", "missing", "weights", "a b", "rows", "parent", "history", "one_of")


def list_places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in list_places(part, (*path, key)))]


def take(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


@st.composite
def mutants(draw: st.DrawFn) -> dict[str, Any]:
    """A built-in recipe with one to four things in it that are gone, replaced, renamed or taken from elsewhere."""
    said: dict[str, Any] = copy.deepcopy(READ[draw(st.sampled_from(RECIPES))])
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 4)))):
        places = [place for place in list_places(said) if len(place) > 2]
        place = draw(st.sampled_from(places))
        parent, last = take(said, place[:-1]), place[-1]
        how = draw(st.sampled_from(("value", "value", "value", "gone", "copy", "name")))
        if how == "gone":
            del parent[last]
        elif how == "copy":
            parent[last] = copy.deepcopy(take(said, draw(st.sampled_from(places))))
        elif how == "name" and isinstance(parent, dict):
            parent[draw(st.sampled_from(NAMES))] = parent.pop(last)
        else:
            parent[last] = copy.deepcopy(draw(st.sampled_from(VALUES)))
    return said


def make_or_refuse(said: dict[str, Any], folder: Path) -> tuple[Problem, ...]:
    try:
        recipe = validate_recipe(said)
        for name, part in recipe.parts.items():
            maker = implementation("sundog.kinds", part.kind)
            assert isinstance(maker, RecordsSynthesizer)
            key = Key.root(1)
            with maker.open(maker.prepare(part, None, key, folder).value) as sampler:
                sampler.sample(Shard(name, 0, range(3), key), {})
    except RequestError as error:
        return error.problems
    return ()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of numbers near 1e308 that are refused afterwards
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutants())
def test_a_broken_recipe_never_gives_a_traceback(said: dict[str, Any]) -> None:
    assert all(problem.code.startswith("SD-") and problem.where for problem in make_or_refuse(said, Path()))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutants())
def test_many_broken_recipes_never_give_a_traceback(said: dict[str, Any]) -> None:
    assert all(problem.code.startswith("SD-") and problem.where for problem in make_or_refuse(said, Path()))


TREES = """
name: trees
parts:
  p:
    kind: records
    tables:
      a: {fields: {id: {type: sequence}, x: {type: normal, mean: 0, sd: -1}, n: = count(b) + 1, z: {type: nosuch}}}
      b:
        parent: aa
        count: {type: constant, value: 2}
        fields: {up: {type: parent, field: nothing}, y: = up + 1, w: = 1 / 0}
      c: {parent: d, count: {type: constant, value: 1}, fields: {v: = nme + 1}}
      d: {parent: c, count: {type: constant, value: 1}, fields: {v: {type: poisson, mean: -1}}}
      e: {parent: a, fields: {u: {type: unique, pattern: "#"}}}
  q:
    kind: recods
    units: 3
"""


def test_faults_of_the_tree_of_tables_hide_no_others() -> None:
    for text in (TREES, TREES.replace(", z: {type: nosuch}", "").replace("kind: recods", "kind: records")):
        with pytest.raises(RequestError) as caught:
            parse_recipe(text, "trees.yaml")
        told = sorted((p.where, p.code) for p in caught.value.problems)
        tables = "parts.p.tables"
        wanted = [
            ("parts.p", "SD-RECIPE-008"),  # no units
            (f"{tables}.a.fields.x", "SD-RECORDS-001"),
            (f"{tables}.b.fields.w, character 5", "SD-EXPR-022"),
            (f"{tables}.b.parent", "SD-RECIPE-008"),
            (f"{tables}.c.fields.v, characters 1-3", "SD-EXPR-010"),
            (f"{tables}.c.parent", "SD-RECIPE-008"),
            (f"{tables}.d.fields.v", "SD-RECORDS-001"),
            (f"{tables}.d.parent", "SD-RECIPE-008"),
            (f"{tables}.e", "SD-RECIPE-008"),
            (f"{tables}.e.fields.u", "SD-RECORDS-013"),
        ]
        if text is TREES:
            wanted.append((f"{tables}.a.fields.z", "SD-RECIPE-008"))
        found = [t for t in told if t[0].startswith("parts.p")]
        assert found == sorted(wanted)
        parent = next(p for p in caught.value.problems if p.where.endswith("b.parent"))
        assert "Did you mean 'a'?" in parent.fix or "Valid names" in parent.fix
        assert any(p.where.startswith("parts.q") for p in caught.value.problems)
