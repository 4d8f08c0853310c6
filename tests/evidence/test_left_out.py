"""What is not compared is said once for each reason."""

from __future__ import annotations

from sundog.evidence._frames import describe_left_out
from sundog.lib.stats.align import Alignment


def test_each_reason_is_said_once() -> None:
    why = "identifiers are remade"
    left = (("id", why), ("free", "text"), ("phone", why), ("mail", why))
    assert describe_left_out(Alignment((), left)) == (
        "Left out: 'id', 'phone', 'mail' (identifiers are remade); 'free' (text)."
    )
    assert describe_left_out(Alignment((), left), most=2) == (
        "Left out: 'id' (identifiers are remade); 'free' (text) and 2 more columns."
    )
