"""From a path or URL to the files that hold the records, and what format they are in."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal, TypeAlias

import fsspec

from sundog.core.errors import MissingExtra, Problem, RequestError, nearest

Format: TypeAlias = Literal["csv", "tsv", "parquet", "arrow", "jsonl"]
Packing: TypeAlias = Literal["", "gzip", "zstd"]

SUFFIXES: dict[str, Format] = {
    ".csv": "csv", ".txt": "csv", ".data": "csv", ".tsv": "tsv", ".tab": "tsv", ".parquet": "parquet", ".pq": "parquet",
    ".arrow": "arrow", ".arrows": "arrow", ".feather": "arrow", ".ipc": "arrow", ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip
PACKINGS: dict[str, Packing] = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}

_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow"),  # the IPC stream's continuation marker
)
_STRANGERS: tuple[tuple[bytes, str, str], ...] = (
    (
        b"PK\x03\x04",
        "a ZIP archive (an .xlsx workbook is one too)",
        "Unpack it, or save the sheet as CSV, and give that file.",
    ),
    (b"PK\x05\x06", "an empty ZIP archive", "Give the table itself."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", "Save the sheet as CSV and give that file."),
    (b"BZh", "a bzip2 archive", "Unpack it with `bunzip2`, or pack it with gzip or zstd."),
    (b"\xfd7zXZ\x00", "an xz archive", "Unpack it with `unxz`, or pack it with gzip or zstd."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it and give the table itself."),
    (
        b"SQLite format 3",
        "an SQLite database",
        "Export the table as CSV: sqlite3 -header -csv FILE 'select * from TABLE' > TABLE.csv",
    ),
    (b"%PDF", "a PDF document", "Give the table itself as CSV."),
    (b"\x89HDF", "an HDF5 file", "Export the table as Parquet or CSV."),
    (b"RDX", "an R data file", "Export the table: write.csv(x, 'x.csv', row.names = FALSE)"),
    (b"Obj\x01", "an Avro file", "Export the table as Parquet."),
    (b"ORC", "an ORC file", "Export the table as Parquet."),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the source.

    Attributes:
        path: path inside its file system.
        name: what it is called in notes and errors: the file name, in a directory ``DIRECTORY/NAME``.
        files: the fsspec file system.
        size: bytes, or None where the file system does not say.
        format: format of the records.
        packing: how the bytes are packed.
    """

    path: str
    name: str
    files: Any
    size: int | None
    format: Format
    packing: Packing

    @property
    def local(self) -> bool:
        """Whether the file lies on this machine."""
        return "file" in _protocols(self.files)


def find_parts(path: str, format: str) -> tuple[Part, ...]:
    """The files of a source, in order of their names.

    Args:
        path: a file, a directory of parts, or any fsspec URL of one.
        format: ``auto`` or the format of every file.

    Raises:
        RequestError: nothing is there, or it is no table that can be read.
    """
    files, root = _open_system(path)
    with guard(path):
        try:
            info = files.info(root)
        except FileNotFoundError:
            raise _explain_missing(files, root, path) from None
        names = sorted(_list_directory(files, root, path)) if info["type"] == "directory" else [root]
    base = posixpath.basename(root.rstrip("/"))
    parts = []
    for name in names:
        with guard(name):
            size = files.info(name).get("size")
            head = files.cat_file(name, start=0, end=64) if size != 0 else b""
        shown = posixpath.basename(name) if len(names) == 1 and name == root else f"{base}/{posixpath.basename(name)}"
        if name.startswith("/dev/"):  # the last word of /dev/null, /dev/stdin or /dev/fd/63 names no file
            shown = name
        kind, packing = _tell_format(shown, head, format)
        parts.append(Part(name, shown, files, size, kind, packing))
    formats = sorted({p.format for p in parts})
    if len(formats) > 1:
        examples = ", ".join(f"{next(p.name for p in parts if p.format == f)} is {f}" for f in formats)
        raise RequestError(
            Problem(
                "SD-SOURCE-003",
                path,
                f"the parts have different formats: {examples}",
                "Keep the parts of one table in a directory of their own.",
            )
        )
    return tuple(parts)


@contextmanager
def guard(where: str) -> Iterator[None]:
    """Turn whatever a file system raises into an error that names the file.

    fsspec's file systems (S3, HTTP, ...) raise errors of their own libraries, so everything but our own is caught.
    """
    try:
        yield
    except (RequestError, KeyboardInterrupt, MemoryError):
        raise
    except PermissionError as error:
        raise RequestError(
            Problem(
                "SD-SOURCE-004",
                where,
                f"it may not be read: {error.strerror or error}",
                f"Give yourself the right to read it (ls -l {where}).",
            )
        ) from error
    except Exception as error:
        raise RequestError(
            Problem(
                "SD-SOURCE-005",
                where,
                f"it could not be read: {type(error).__name__}: {error}",
                "Check the path, the connection and the credentials.",
            )
        ) from error


def open_bytes(part: Part) -> BinaryIO:
    """The bytes of a part as they are stored."""
    with guard(part.name):
        opened: BinaryIO = part.files.open(part.path, "rb")
        return opened


def compare_columns(part: Part, before: list[str], found: list[str]) -> None:
    """Refuse a part whose column names are not those of the parts before it."""
    lacks = [n for n in before if n not in set(found)]
    more = [n for n in found if n not in set(before)]
    if lacks or more:
        said = [f"lacks {', '.join(map(repr, lacks[:10]))}"] if lacks else []
        said += [f"also has {', '.join(map(repr, more[:10]))}"] if more else []
        what = f"its columns differ from those of the parts before it: it {'; it '.join(said)}"
        raise RequestError(Problem("SD-SOURCE-015", part.name, what, "Give parts with the same columns, in any order."))


def refuse_no_record(parts: tuple[Part, ...], columns: list[str]) -> RequestError:
    """The error about column names without a record."""
    where = parts[0].name if len(parts) == 1 else f"{parts[0].name} and {len(parts) - 1} others"
    what = f"there are column names ({', '.join(columns[:5])}) and no record"
    return RequestError(Problem("SD-SOURCE-014", where, what, "Give at least one record."))


def _protocols(files: Any) -> tuple[str, ...]:
    return (files.protocol,) if isinstance(files.protocol, str) else tuple(files.protocol)


def _open_system(path: str) -> tuple[Any, str]:
    if not path:
        raise RequestError(
            Problem("SD-SOURCE-006", "source.path", "the path is empty", "Name a file, a directory of parts, or a URL.")
        )
    try:
        files, root = fsspec.core.url_to_fs(path)
    except ImportError as error:
        raise MissingExtra(
            Problem(
                "SD-SOURCE-007",
                path,
                f"this kind of URL needs a package that is not installed: {error}",
                "Install it into the same environment.",
            )
        ) from error
    except ValueError as error:
        protocol = path.split("://", maxsplit=1)[0]
        raise RequestError(
            Problem(
                "SD-SOURCE-008",
                path,
                f"{protocol!r} is not a kind of URL that can be read: {error}",
                nearest(protocol, fsspec.available_protocols()),
            )
        ) from error
    except Exception as error:  # a file system's own errors
        raise RequestError(
            Problem(
                "SD-SOURCE-009",
                path,
                f"the file system could not be opened: {type(error).__name__}: {error}",
                "Check the URL and the credentials.",
            )
        ) from error
    return files, root


def _explain_missing(files: Any, root: str, path: str) -> RequestError:
    try:
        siblings = [posixpath.basename(n) for n in files.ls(posixpath.dirname(root) or ".", detail=False)]
    except Exception:  # noqa: BLE001 - only for the hint
        siblings = []
    hint = nearest(posixpath.basename(root), siblings) if siblings else "Check the path."
    return RequestError(
        Problem(
            "SD-SOURCE-001",
            path,
            "there is no such file or directory",
            hint if hint.startswith("Did") else "Check the path.",
        )
    )


def _list_directory(files: Any, root: str, path: str) -> list[str]:
    found = files.ls(root, detail=True)
    names = [
        f["name"] for f in found if f["type"] == "file" and not posixpath.basename(f["name"]).startswith((".", "_"))
    ]
    names = [
        n
        for n in names
        if not n.endswith((".crc", ".md", ".sha256"))
        and f"{posixpath.basename(n)}".upper() not in ("README", "LICENSE")
    ]
    if not names:
        folders = sorted(posixpath.basename(f["name"].rstrip("/")) for f in found if f["type"] == "directory")
        hint = (
            f"It holds the directories {', '.join(folders[:5])}: name one of them."
            if folders
            else "Put the files of the table there, or name the file."
        )
        raise RequestError(Problem("SD-SOURCE-002", path, "the directory holds no part of a table", hint))
    return names


def _tell_format(name: str, head: bytes, stated: str) -> tuple[Format, Packing]:
    """Format and packing of a file from its first bytes and its name."""
    for sign, what, fix in _STRANGERS:
        if head.startswith(sign):
            raise RequestError(Problem("SD-SOURCE-010", name, f"this is {what}, which is not read", fix))
    signed = next((kind for start, kind in _SIGNS if head.startswith(start)), "")
    packing: Packing = "gzip" if signed == "gzip" else "zstd" if signed == "zstd" else ""
    stem, suffix = posixpath.splitext(name.lower())
    if suffix in PACKINGS:
        suffix = posixpath.splitext(stem)[1]
    named = SUFFIXES.get(suffix)
    if signed in ("parquet", "arrow"):
        found: Format = "parquet" if signed == "parquet" else "arrow"
    elif stated != "auto":
        found = _as_format(stated)
    else:
        found = named or ("jsonl" if head.lstrip().startswith(b"{") else "csv")
    if stated != "auto" and found != stated:
        raise RequestError(
            Problem(
                "SD-SOURCE-011",
                name,
                f"the format is stated as {stated}, and the file is {found}",
                "State the right format, or none.",
            )
        )
    if found in ("parquet", "arrow") and packing:
        raise RequestError(
            Problem(
                "SD-SOURCE-012",
                name,
                f"a {found} file packed with {packing}",
                f"Unpack it first; {found} packs its columns itself.",
            )
        )
    return found, packing


def _as_format(text: str) -> Format:
    for known in SUFFIXES.values():
        if known == text:
            return known
    raise RequestError(
        Problem("SD-SOURCE-013", "source.format", f"{text!r} is not a format", nearest(text, set(SUFFIXES.values())))
    )
