"""The privacy report beside the others: written when a bundle is published or a table audited, printed when somebody asks."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import fsspec
from pydantic import ValidationError

from sundog.core.errors import Problem, RequestError
from sundog.evidence.report.privacy.blocks import PrivacyReport
from sundog.evidence.report.privacy.facts import PrivacyFacts, is_public
from sundog.evidence.report.privacy.page import render_privacy_page
from sundog.evidence.report.privacy.printed import print_pdf
from sundog.evidence.report.privacy.write import write_private, write_public
from sundog.run.exporting import refuse_inside

PRIVATE, PUBLIC = "privacy", "privacy-public"
"""Names of the files of the two halves, without their endings."""

APART = "private-half.json"
"""What the manifest says of files and findings that read real records, where a part claims privacy: beside it, so that it can be published."""


def write_privacy_files(facts: PrivacyFacts) -> dict[str, str]:
    """Both halves as a page and as JSON, by the name of the file."""
    report = facts.report
    written: dict[str, str] = {}
    for name, half in ((PRIVATE, write_private(facts)), (PUBLIC, write_public(facts))):
        keep = (lambda item: True) if half.half == "private" else is_public
        exhibits, findings = ([e for e in report.exhibits if keep(e)], [f for f in report.findings if keep(f)])
        written[f"{name}.html"] = render_privacy_page(half, exhibits, findings)
        written[f"{name}.json"] = half.model_dump_json(indent=1) + "\n"
    return written


def read_privacy_report(url: str, public: bool = False) -> PrivacyReport:
    """The privacy report that lies in a bundle, or in the folder of an audit.

    Raises:
        RequestError: there is none, it cannot be read, or it is not what the manifest says.
    """
    name = f"{PUBLIC if public else PRIVATE}.json"
    fs, root = fsspec.core.url_to_fs(url)
    if not fs.exists(f"{root}/{name}"):
        mend = "Give a finished bundle, or the folder that `sundog audit -o` wrote; older ones have to be made again."
        raise RequestError(Problem("SD-REPORT-002", url, f"there is no {name} here", mend))
    data: bytes = fs.cat_file(f"{root}/{name}")
    _compare(fs, root, name, data)
    try:
        return PrivacyReport.model_validate_json(data)
    except ValidationError as error:
        what = f"{name} cannot be read: {error.errors()[0]['msg']}"
        mend = "It was changed, or written by another version of Sundog. Make the bundle again."
        raise RequestError(Problem("SD-REPORT-003", url, what, mend)) from error


def _compare(fs: Any, root: str, name: str, data: bytes) -> None:
    """A report that was changed after the seal is not printed: people sign what is printed."""
    if not fs.exists(f"{root}/manifest.json"):
        return  # an audit has none
    lists = [n for n in ("manifest.json", APART) if fs.exists(f"{root}/{n}")]
    said = [json.loads(fs.cat_file(f"{root}/{n}")).get("documents", ()) for n in lists]
    known = {f["path"]: f["sha256"] for documents in said for f in documents}
    if name in known and known[name] != sha256(data).hexdigest():
        what = f"{name} is not what the manifest of the bundle says: it was changed"
        raise RequestError(
            Problem("SD-REPORT-004", root, what, "Make the bundle again, or take it from where it was sealed.")
        )


def save_privacy_pdf(url: str, target: str, public: bool = False) -> str:
    """Print the privacy report of a bundle or an audit as a PDF; gives the path.

    Raises:
        RequestError: there is no report, there is a file of that name, or it cannot be written.
        MissingExtra: the extra ``pdf`` is not installed.
    """
    path = Path(target)
    refuse_inside(url, target)
    if path.exists():
        what = "there is a file of this name already"
        raise RequestError(Problem("SD-REPORT-005", target, what, "Give another name, or remove it."))
    printed = print_pdf(read_privacy_report(url, public))
    try:
        with path.open("xb") as stream:
            stream.write(printed)
    except OSError as error:
        what = f"it cannot be written: {error.strerror or error}"
        raise RequestError(Problem("SD-REPORT-006", target, what, "Give a place that you may write to.")) from error
    return str(path)
