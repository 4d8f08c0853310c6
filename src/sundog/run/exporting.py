"""Export through the installed exporters."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from sundog.core.bundle import BundleFiles
from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.extension import find, implementation
from sundog.core.protocols import TargetCheck
from sundog.core.recipe import Spec


def export_bundle(
    bundle: BundleFiles, to: str, dest: str, select: str | None, options: tuple[tuple[str, str], ...] = ()
) -> tuple[str, ...]:
    """Write a bundle in another format; gives the paths.

    Args:
        bundle: an opened bundle.
        to: name of the exporter.
        dest: folder or URL.
        select: which rows.
        options: further options of the exporter, name and value.
    """
    spec = _read_spec(to, "--to", select, options)
    refuse_inside(bundle.url, dest)
    written: tuple[str, ...] = implementation("sundog.exporters", to, "--to").write(spec, bundle, dest)
    return written


def check_export(out: str, to: str, dest: str, options: tuple[tuple[str, str], ...] = ()) -> None:
    """Find out what is wrong with the export of a bundle that is not made yet.

    Args:
        out: where the bundle will be.
        to: name of the exporter.
        dest: folder or URL.
        options: further options of the exporter, name and value.

    Raises:
        RequestError: there is no such format, it does not know an option, or the target is none.
    """
    spec = _read_spec(to, "--export", None, options)
    refuse_inside(out, dest)
    exporter = implementation("sundog.exporters", to, "--export")
    if isinstance(exporter, TargetCheck):
        exporter.check_target(spec, dest)


def _read_spec(to: str, where: str, select: str | None, options: tuple[tuple[str, str], ...]) -> Spec:
    spec_type = find("sundog.exporters", to, where).spec
    asked: dict[str, str] = dict(options)
    if select is not None:
        asked["select"] = select
    unknown = [n for n in asked if n not in spec_type.model_fields]
    if unknown:
        raise RequestError(
            *(
                Problem(
                    "SD-EXPORT-001",
                    f"--{n}",
                    f"the format {to!r} does not know {n!r}",
                    nearest(n, spec_type.model_fields),
                )
                for n in unknown
            )
        )
    try:
        return spec_type.model_validate(asked)
    except ValidationError as error:
        raise RequestError(
            *(
                Problem("SD-EXPORT-002", f"--{e['loc'][0]}", str(e["msg"]), "See `sundog export --help`.")
                for e in error.errors()
            )
        ) from error


def refuse_inside(bundle: str, dest: str) -> None:
    """A file more in a bundle is one that its manifest does not know: `sundog verify` would fail."""
    if "://" in bundle or "://" in dest:
        return
    root, target = Path(bundle).resolve(), Path(dest).resolve()
    if target.is_relative_to(root):
        what = f"{dest!r} lies in the bundle, which would no longer be as it was made"
        raise RequestError(Problem("SD-EXPORT-014", "dest", what, "Give a folder outside of the bundle."))
