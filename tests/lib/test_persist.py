"""Models on disk: whatever is saved comes back, from the same bytes, and nothing in a file can make anything run."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hn

from sundog.lib import persist


@dataclass(frozen=True)
class Leaf:
    value: float
    counts: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass(frozen=True)
class Stump:
    value: int


@dataclass(frozen=True)
class Tree:
    name: str
    left: Tree | Leaf | Stump | None
    leaves: tuple[Leaf, ...]
    pair: tuple[int, str]
    by_name: Mapping[str, Leaf | Stump]
    maybe: float | None
    blob: bytes
    flag: bool
    arrays: tuple[np.ndarray, ...]
    schema: pa.Schema
    table: pa.Table
    numbers: Mapping[str, tuple[float, ...]]


TREE = Tree(
    name="é\u2028\0",
    left=Tree("", None, (), (0, ""), {}, None, b"", False, (), pa.schema([]), pa.table({}), {}),
    leaves=(Leaf(1.0), Leaf(-0.0, np.arange(3))),
    pair=(2**80, "x"),
    by_name={"a": Leaf(2.0), "b": Stump(3), "@type": Stump(4)},
    maybe=1e-300,
    blob=b"\x00\xff",
    flag=True,
    arrays=(np.zeros((2, 0, 3), np.float32), np.array(5, np.uint8), np.array([[True], [False]])),
    schema=pa.schema([pa.field("a", pa.timestamp("us", "UTC"), metadata={"m": "n"})]),
    table=pa.table({"a": [1, None], "b": pa.array(["x", "y"]).dictionary_encode()}),
    numbers={"n": (1.0, 2.0), "": (math.inf, -math.inf)},
)


def same(a: Any, b: Any) -> bool:
    """Equal down to types, NaN and the sign of zero."""
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, float):
        return (
            type(b) is float
            and (math.isnan(a) == math.isnan(b))
            and (math.isnan(a) or (a == b and math.copysign(1, a) == math.copysign(1, b)))
        )
    if hasattr(a, "__dataclass_fields__"):
        return type(a) is type(b) and all(same(getattr(a, n), getattr(b, n)) for n in a.__dataclass_fields__)
    if isinstance(a, tuple):
        return type(b) is tuple and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, Mapping):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, pa.Schema):
        return bool(a.equals(b, check_metadata=True))
    return type(a) is type(b) and bool(a == b)


def test_everything_comes_back(tmp_path: Path) -> None:
    persist.save(TREE, tmp_path)
    assert same(TREE, persist.load(Tree, tmp_path))
    assert same(TREE, persist.loads(Tree, persist.dumps(TREE)))
    assert not same(TREE.leaves[1], Leaf(0.0, np.arange(3)))  # the comparison itself


arrays = hn.arrays(
    st.sampled_from(["i1", "u1", "i2", "i8", "u8", "f4", "f8", "?"]).map(np.dtype),
    hn.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


@given(st.floats(), arrays)
def test_any_number_and_array(value: float, array: np.ndarray) -> None:
    leaf = Leaf(value, array)
    assert same(leaf, persist.loads(Leaf, persist.dumps(leaf)))


@given(st.text(), st.dictionaries(st.text(), st.builds(Stump, st.integers())))
def test_any_text_and_mapping(name: str, found: dict[str, Stump]) -> None:
    tree = Tree(
        name,
        Stump(1),
        (),
        (1, name),
        found,
        None,
        name.encode("utf-8", "surrogatepass"),
        False,
        (),
        pa.schema([]),
        pa.table({}),
        {},
    )
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    assert same(tree, persist.loads(Tree, persist.dumps(tree)))


def test_the_same_value_gives_the_same_bytes(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        assert [p.name for p in persist.save(TREE, folder)] == ["model.json", "arrays.arrow"]
    assert [(folders[0] / n).read_bytes() for n in ("model.json", "arrays.arrow")] == [
        (folders[1] / n).read_bytes() for n in ("model.json", "arrays.arrow")
    ]
    other = np.asfortranarray(np.arange(6).reshape(2, 3))
    assert persist.dumps(Leaf(1.0, other)) == persist.dumps(Leaf(1.0, np.ascontiguousarray(other)))


def test_arrays_are_read_only_views_of_the_file(tmp_path: Path) -> None:
    persist.save(Leaf(1.0, np.arange(10)), tmp_path)
    found = persist.load(Leaf, tmp_path).counts
    assert not found.flags.writeable
    assert not found.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 1


def test_numpy_scalars_become_plain(tmp_path: Path) -> None:
    leaf = persist.loads(Leaf, persist.dumps(Leaf(np.float64(0.1))))
    assert type(leaf.value) is float
    assert type(persist.loads(Stump, persist.dumps(Stump(np.int32(4)))).value) is int  # type: ignore[arg-type]
    assert type(persist.loads(Leaf, persist.dumps(Leaf(3))).value) is float


@pytest.mark.parametrize(
    "value",
    [
        Leaf(1.0, np.array(["text"])),
        Leaf(1.0, np.array([object()])),
        Leaf(1.0, np.array([1j])),
        Leaf({1: "a number as a name"}),  # type: ignore[arg-type]
        Leaf(object()),  # type: ignore[arg-type]
        Leaf(Leaf),  # type: ignore[arg-type]
        Leaf({1.5}),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_stored_is_refused(value: Leaf) -> None:
    with pytest.raises(TypeError, match="stored"):
        persist.dumps(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"tree": {}, "arrays": ""}',
        '{"tree": {"@type": "Path"}, "arrays": ""}',
        '{"tree": {"@type": "Tree"}, "arrays": ""}',
        '{"tree": {"@type": "Stump", "value": 1}, "arrays": ""}',
        '{"tree": {"@type": "Leaf"}, "arrays": ""}',
        '{"tree": {"@type": "Leaf", "value": 1.0, "__class__": "x"}, "arrays": ""}',
        '{"tree": {"@type": ["Leaf"], "value": 1.0}, "arrays": ""}',
        '{"tree": {"@type": "Leaf", "value": 1.0, "counts": {"@array": 0}}, "arrays": ""}',
        '{"tree": {"@type": "Leaf", "value": 1.0, "counts": {"@array": -1}}, "arrays": ""}',
        '{"tree": {"@type": "Leaf", "value": 1.0, "counts": {"@array": "0"}}, "arrays": ""}',
        '{"tree": {"@type": "Leaf", "value": {"@float": "__import__"}}, "arrays": ""}',
        '{"tree": {"@type": "Leaf", "value": {"@schema": "AAAA"}}, "arrays": ""}',
        '{"tree": {"@type": "Leaf", "value": {"@table": "!!"}}, "arrays": ""}',
        '{"tree": {"@type": "Leaf", "value": {"@map": [1]}}, "arrays": ""}',
        '{"tree": {"@type": "Leaf", "value": 1.0}, "arrays": "bm90IGFycm93"}',
        '{"tree": ' + "[" * 100_000 + "]" * 100_000 + ', "arrays": ""}',
    ],
)
def test_hostile_files_end_in_one_kind_of_error(text: str) -> None:
    with pytest.raises(ValueError, match="what is stored is no Leaf"):
        persist.loads(Leaf, text)


def test_damaged_files(tmp_path: Path) -> None:
    persist.save(Leaf(1.0, np.arange(1000)), tmp_path)
    whole = (tmp_path / "arrays.arrow").read_bytes()
    (tmp_path / "arrays.arrow").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="no Leaf"):
        persist.load(Leaf, tmp_path)
    tree = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps({**tree, "@type": "Tree"}))
    (tmp_path / "arrays.arrow").write_bytes(whole)
    with pytest.raises(ValueError, match="does not fit"):
        persist.load(Leaf, tmp_path)
