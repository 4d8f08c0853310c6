"""NeMo Data Designer with its samplers alone: no model is asked, nothing leaves the machine, telemetry is off.

Makes: persons by its Faker sampler (name, telephone, street, city, post code of a person that is drawn as a whole, the post code not of the
city), income from SciPy's lognormal, a weighted category, instants. The persons are taken apart, and the e-mail put together, in pandas:
expression columns in its own Jinja, the other way, take more than ten times as long. The person data with real demographics have to be
downloaded and are not used. Its profiling of the finished table is part of what it does and of the time.
One table a run, no keys between tables: no shop.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ["NEMO_TELEMETRY_ENABLED"] = "false"

import numpy as np
import pyarrow.parquet as pq
from data_designer.config import (
    DataDesignerConfigBuilder,
    ModelProvider,
    SamplerColumnConfig,
)
from data_designer.config import sampler_params as p
from data_designer.interface import DataDesigner
from records_lists import SEGMENTS, SHARES

PACKAGES = ("data-designer", "Faker", "numpy", "pyarrow")


def start() -> None:
    """Nothing beyond the imports."""


def make_customers(rows: int, seed: int, folder: Path) -> dict[str, int]:
    """The table of customers."""
    np.random.seed(seed)  # noqa: NPY002 - it draws from the global stream
    builder = DataDesignerConfigBuilder(model_configs=[])
    sampler, kind = SamplerColumnConfig, p.SamplerType
    builder.add_column(sampler(name="id", sampler_type=kind.UUID, params=p.UUIDSamplerParams()))
    person = p.PersonFromFakerSamplerParams(locale="en_US", age_range=[18, 85])
    builder.add_column(sampler(name="person", sampler_type=kind.PERSON_FROM_FAKER, params=person))
    income = p.ScipySamplerParams(dist_name="lognorm", dist_params={"s": 0.6, "scale": 38000}, decimal_places=2)
    builder.add_column(sampler(name="income", sampler_type=kind.SCIPY, params=income))
    segment = p.CategorySamplerParams(values=list(SEGMENTS), weights=list(SHARES))
    builder.add_column(sampler(name="segment", sampler_type=kind.CATEGORY, params=segment))
    signup = p.DatetimeSamplerParams(start="2018-01-01", end="2026-01-01", unit="s")
    builder.add_column(sampler(name="signup", sampler_type=kind.DATETIME, params=signup))
    nobody = ModelProvider(
        name="nobody", endpoint="http://127.0.0.1:9", api_key="none"
    )  # it wants one; no column asks it
    designer = DataDesigner(artifact_path=folder / "artefacts", model_providers=[nobody])
    made = designer.create(builder, num_records=rows).load_dataset()
    persons = list(made.pop("person"))
    for name in ("city", "postcode", "country", "birth_date"):
        made[name] = [one[name] for one in persons]
    made["phone"] = [one["phone_number"] for one in persons]
    made["name"] = [f"{one['first_name']} {one['last_name']}" for one in persons]
    made["email"] = [f"{one['first_name']}.{one['last_name']}@example.com".lower() for one in persons]
    made["street"] = [f"{one['street_number']} {one['street_name']}" for one in persons]
    path = folder / "customers.parquet"
    made.to_parquet(path, compression="snappy")
    return {"customers": pq.read_metadata(path).num_rows}
