"""Export through the installed exporters."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from sundog.core.bundle import BundleFiles
from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.extension import find, implementation


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
    spec_type = find("sundog.exporters", to, "--to").spec
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
    _refuse_inside(bundle, dest)
    try:
        spec = spec_type.model_validate(asked)
    except ValidationError as error:
        raise RequestError(
            *(
                Problem("SD-EXPORT-002", f"--{e['loc'][0]}", str(e["msg"]), "See `sundog export --help`.")
                for e in error.errors()
            )
        ) from error
    written: tuple[str, ...] = implementation("sundog.exporters", to, "--to").write(spec, bundle, dest)
    return written


def _refuse_inside(bundle: BundleFiles, dest: str) -> None:
    """A file more in a bundle is one that its manifest does not know: `sundog verify` would fail."""
    if "://" in bundle.url or "://" in dest:
        return
    root, target = Path(bundle.url).resolve(), Path(dest).resolve()
    if target.is_relative_to(root):
        what = f"{dest!r} lies in the bundle, which would no longer be as it was made"
        raise RequestError(Problem("SD-EXPORT-014", "dest", what, "Give a folder outside of the bundle."))
