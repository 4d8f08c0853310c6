"""Settings of the methods that learn a table. Imports in milliseconds."""

from __future__ import annotations

from pydantic import Field

from sundog.core.recipe import Spec


class TreesSpec(Spec, frozen=True):
    """Settings of `trees`: boosted trees on the questions by which each column's code is found."""

    trees: int = Field(
        60,
        ge=1,
        le=2000,
        description="Trees for the questions of one level of one column; fewer in proportion on tables of under 10,000 rows.",
    )
    most_trees: int = Field(600, ge=1, le=4000, description="Most trees of a level that has much to learn.")
    held_out: float = Field(
        0.1,
        ge=0,
        le=0.5,
        description="Share of the rows held out from a pilot fit that says how much there is to learn; 0: no pilot.",
    )
    beyond: float = Field(
        3.0,
        ge=0,
        le=10,
        description="Trees of a level as a multiple of the number that serves the rows held out best, where that is above "
        "`trees`. More trees follow the real table closer, and its single rows too.",
    )
    learning_rate: float = Field(0.15, gt=0, le=1)
    leaves: int = Field(31, ge=2, le=32)
    min_leaf: int = Field(20, ge=5, description="Smallest number of rows in a leaf.")
    l2: float = Field(1.0, ge=0, description="Rows' worth of curvature added to each leaf: pulls leaf values to 0.")
    features: int = Field(
        40,
        ge=1,
        description="Most earlier columns that a column looks at; those that tell the most about it are taken.",
    )
    compared: int = Field(
        4, ge=0, description="Most earlier columns that a number is also compared with, question by question."
    )
    bins: int = Field(64, ge=2, le=4096, description="Bins of a numeric column.")


class ForestSpec(Spec, frozen=True):
    """Settings of `forest`: smoothed forest on column codes."""

    trees: int = Field(8, ge=1, le=500)
    min_leaf: int = Field(20, ge=5)
    shrink: float = Field(
        5.0, ge=0, description="Rows' worth of the parent's distribution that each node's distribution is mixed with."
    )
    rows: float = Field(
        0.8,
        gt=0,
        le=1,
        description="Share of the rows from which a tree's splits are learned; its leaves hold all rows.",
    )
    try_features: float = Field(0.6, gt=0, le=1, description="Share of the features that a split chooses from.")
    features: int = Field(
        40,
        ge=1,
        description="Most earlier columns that a column looks at; those that tell the most about it are taken.",
    )
    bins: int = Field(64, ge=2, le=4096)


class MarginalsSpec(Spec, frozen=True):
    """Settings of `marginals`: noisy tables of counts of a few columns each, chosen one after the other, and a graphical model."""

    rounds: int = Field(14, ge=1, le=200, description="Tables of several columns that are counted, about.")
    columns: int = Field(3, ge=2, le=4, description="Most columns of a table.")
    bins: int = Field(
        32,
        ge=2,
        le=512,
        description="Most groups of values of a column; a group that noise would drown is joined to others.",
    )
    cells: int = Field(20_000, ge=16, le=1_000_000, description="Most cells of a table that is counted.")
    model_cells: int = Field(
        131_072, ge=1_024, le=16_777_216, description="Most cells of the graphical model: more is finer and slower."
    )
    first: float = Field(0.35, gt=0, lt=0.9, description="Part of the budget for counts of single columns.")
    found: float = Field(
        0.05,
        gt=0,
        lt=0.5,
        description="Part of the budget for types and ranges that are not stated (`domain: private`).",
    )
