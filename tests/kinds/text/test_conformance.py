"""The kind keeps the contract of kinds: on a stub endpoint alone, and chained to rows that are given."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from sundog.kinds.text.extension import EXTENSION
from sundog.kinds.text.recipe import TextPart
from sundog.testing import Example, check_extension


def part_of(url: str, **more: Any) -> TextPart:
    return TextPart.model_validate({"kind": "text", "model": {"endpoint": url, "name": "stub"}, **more})


def test_labels_on_an_endpoint(stub_endpoint: Any) -> None:
    task = {"type": "classification", "labels": ["good", "bad"]}
    asked = check_extension(
        EXTENSION, Example(part=part_of(stub_endpoint.url, units=30, task=task, topics=["sea", "wood"]))
    )
    assert {
        "any_shard_size_gives_the_same_data",
        "selection_goes_by_unit_order_alone",
        "the_road_gives_the_same_data",
    } <= set(asked)


def test_rows_that_are_given(stub_endpoint: Any) -> None:
    given = {
        "visits": pa.record_batch(
            {
                "_unit": pa.array(range(64), pa.uint64()),
                "text": [f"Patient {i} came with a cough and went home." for i in range(64)],
            }
        )
    }
    part = part_of(stub_endpoint.url, of="people", task={"type": "qa"})
    assert check_extension(EXTENSION, Example(part=part, given=given))
