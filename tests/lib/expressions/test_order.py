"""Fields are computed after those that they read; a circle is named."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sundog.lib.expressions.order import Cycle, order_fields, say_cycle
from sundog.lib.expressions.parse import parse


def test_fields_come_after_what_they_read() -> None:
    fields = {"total": "net + tax", "tax": "net * rate", "net": "price * quantity", "code": "'x'"}
    assert order_fields({n: parse(t) for n, t in fields.items()}) == ("net", "tax", "total", "code")


def test_a_circle_is_named() -> None:
    fields = {
        n: parse(t) for n, t in {"z": "a", "a": "b + 1", "b": "if c then 1 else 2", "c": "d > a", "d": "1"}.items()
    }
    cycle = order_fields(fields)
    assert cycle == Cycle(("a", "b", "c"))
    assert str(cycle) == "a -> b -> c -> a"
    assert isinstance(cycle, Cycle)
    fault = say_cycle(cycle, fields)
    assert (fault.code, fault.span) == ("SD-EXPR-030", (0, 1))
    assert "a -> b -> c -> a" in fault.what
    assert order_fields({"a": parse("a + 1")}) == Cycle(("a",))


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=3)))
def test_any_graph_is_ordered_or_has_a_circle(graph: dict[str, list[str]]) -> None:
    found = order_fields({name: parse(" + ".join(names)) for name, names in graph.items()})
    if isinstance(found, Cycle):
        for name, needed in zip(found.names, (*found.names[1:], found.names[0]), strict=True):
            assert needed in graph[name]
    else:
        assert sorted(found) == sorted(graph)
        for i, name in enumerate(found):
            assert set(graph[name]) & set(graph) <= set(found[:i])
