"""Rules that cannot be kept are told before anything is written, all at once, each at its place."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sundog.kinds.text._rules_faults import find_rule_faults
from sundog.kinds.text.recipe_accept import AcceptSpec, DuplicatesSpec

HARD = AcceptSpec.model_validate(
    {"languages": ["en", "xx"], "contamination": {"against": ["humanevel", "gone.jsonl"], "neighbour": 0.9}}
)


def test_all_faults_at_once() -> None:
    found = find_rule_faults(HARD, DuplicatesSpec(semantic=0.95), "parts.notes")
    assert [(p.code, p.where) for p in found] == [
        ("SD-TEXT-222", "parts.notes.accept.languages"),
        ("SD-TEXT-231", "parts.notes.accept.contamination.against"),
        ("SD-TEXT-231", "parts.notes.accept.contamination.against"),
        ("SD-TEXT-212", "parts.notes.accept.contamination.neighbour"),
        ("SD-TEXT-212", "parts.notes.duplicates.semantic"),
    ]


@pytest.mark.usefixtures("embedder")
def test_rules_that_can_be_kept() -> None:
    assert find_rule_faults(AcceptSpec(), DuplicatesSpec(), "parts.notes") == ()
    assert find_rule_faults(AcceptSpec(languages=("en",)), DuplicatesSpec(semantic=0.9), "parts.notes") == ()
    off = AcceptSpec.model_validate({"contamination": {"against": ["gone.jsonl"], "handling": "off"}})
    assert find_rule_faults(off, DuplicatesSpec(), "parts.notes") == ()


def test_no_near_duplicates_survive_a_recipe_file() -> None:
    """What is written leaves out what is null, so null must not be what differs from the default."""
    for said in (None, 0, 0.0):
        spec = DuplicatesSpec.model_validate({"near": said})
        assert DuplicatesSpec.model_validate(spec.model_dump(exclude_none=True)).near == 0
    with pytest.raises(ValidationError, match="'near' is 0\\.3"):
        DuplicatesSpec(near=0.3)
