"""Announces the reader of files, and joins it to what a recipe says of a source."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sundog.core.extension import Extension
from sundog.core.recipe import SourceSpec

if TYPE_CHECKING:
    from sundog.lib.rows.read import FileSource


class Files:
    """Opens files, directories of parts and fsspec URLs. Implements ``core.protocols.Reader``."""

    def accepts(self, spec: SourceSpec) -> bool:
        """Whether the path is a local one or a URL of a kind that fsspec knows."""
        import fsspec

        protocol, found, _ = spec.path.partition("://")
        return not found or "::" in protocol or protocol in fsspec.available_protocols()

    def open(self, spec: SourceSpec, path: str) -> FileSource:
        """The records at ``path``, which is the spec's own path or its holdout."""
        from sundog.core.notes import Used
        from sundog.lib.rows.read import open_files

        source = open_files(path, spec.format, spec.types)
        notes = tuple(replace(n, licence=spec.licence) if isinstance(n, Used) else n for n in source.notes)
        return replace(source, notes=notes)


def _load() -> Files:
    return Files()


FILES: Extension[Files] = Extension(
    kind="files",
    spec=SourceSpec,
    load=_load,
    about="CSV, TSV, Parquet, Arrow and JSONL files, gz and zst of them, directories of parts, fsspec URLs",
)
