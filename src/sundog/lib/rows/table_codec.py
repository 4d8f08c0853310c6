"""The stored codec of a table: its columns, its coded columns, and the steps from one to the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.lib.rows.settings import Rule
from sundog.lib.rows.steps import CategoryStep, ClockStep, FixedStep, NumberStep
from sundog.lib.rows.steps_echo import EchoStep
from sundog.lib.rows.steps_functions import CutStep, LineStep, LookupStep
from sundog.lib.rows.steps_point import PointStep
from sundog.lib.rows.steps_remade import RemadeStep
from sundog.lib.rows.steps_rules import GapStep, SumStep

Step: TypeAlias = (
    EchoStep
    | NumberStep
    | ClockStep
    | CategoryStep
    | FixedStep
    | PointStep
    | GapStep
    | SumStep
    | LookupStep
    | CutStep
    | LineStep
    | RemadeStep
)


@dataclass(frozen=True, slots=True)
class TableCodec:
    """How a table is coded.

    Attributes:
        fields: schema of the table that ``decode`` gives; each field is marked with its meaning.
        steps: how each column comes from codes, in order of evaluation.
        names: coded columns.
        sizes: int32 (n_coded,) number of codes of each.
        nominal: bool (n_coded,) whether codes have no order.
        missing: bool (n_coded,) whether the last code means missing.
        numbers: for each coded column float32 (size,): a representative value of each code, NaN for missing; codes themselves where nominal.
        rules: rules that ``decode`` keeps in every row.
    """

    fields: pa.Schema
    steps: tuple[Step, ...]
    names: tuple[str, ...]
    sizes: NDArray[np.int32]
    nominal: NDArray[np.bool_]
    missing: NDArray[np.bool_]
    numbers: tuple[NDArray[np.float32], ...]
    rules: tuple[Rule, ...]

    def schema(self) -> pa.Schema:
        """Schema of the table that ``decode`` gives."""
        return self.fields
