"""Announces the engines."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from sundog.core.extension import Extension
from sundog.core.recipe import Spec


class EngineSpec(Spec, frozen=True):
    """How shards are spread. Never changes the data."""

    workers: int | None = Field(None, ge=1, description="How many at once; without it, one for each processor.")
    address: str | None = Field(
        None, description="Address of a running Ray cluster; without it, one is started on this machine."
    )


def _local() -> Any:
    from sundog.run.engines.local import LocalEngine

    return LocalEngine


def _ray() -> Any:
    from sundog.run.engines.on_ray import RayEngine

    return RayEngine


LOCAL: Extension[Any] = Extension(kind="local", spec=EngineSpec, load=_local, about="worker processes on this machine")
RAY: Extension[Any] = Extension(
    kind="ray",
    spec=EngineSpec,
    load=_ray,
    needs=("ray",),
    extra="ray",
    about="shards as tasks of a Ray cluster whose workers share the output URL",
)
