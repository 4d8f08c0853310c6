"""From what the recipe says to what the engines take, the strict privacy mode among it."""

from __future__ import annotations

from sundog.kinds.tables.recipe import ForestSpec, TablesPart, TreesSpec
from sundog.lib.rows.codec import CodecSettings, ColumnOverride


def codec_settings(part: TablesPart) -> CodecSettings:
    """Settings of the column codec. ``strict`` doubles the support that everything needs."""
    support = 20 if part.privacy == "strict" else 10
    overrides = {
        name: ColumnOverride(
            meaning=c.meaning,
            protect=c.protect,
            minimum=c.minimum,
            maximum=c.maximum,
            decimals=c.decimals,
            min_support=c.min_support,
        )
        for name, c in part.columns.items()
    }
    dropped = tuple(n for n, c in part.columns.items() if c.drop) + (
        (part.weights,) if part.weights is not None else ()
    )
    bins = part.trees.bins if part.method == "trees" else part.forest.bins
    rules = part.rules if isinstance(part.rules, str) else tuple(_rule(r) for r in part.rules)
    return CodecSettings(
        bins=bins, min_support=support, end_support=support, overrides=overrides, rules=rules, drop=dropped
    )


def trees_settings(part: TablesPart) -> TreesSpec:
    """Settings of ``trees``; ``strict`` takes fewer steps over larger leaves."""
    return part.trees


def forest_settings(part: TablesPart) -> ForestSpec:
    """Settings of ``forest``."""
    return part.forest
