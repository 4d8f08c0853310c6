"""Licences by the names that people write: the identifier that Hugging Face knows, and the address of the text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence.

    Attributes:
        name: as it was written.
        hub: identifier in the front matter of a dataset card; ``other`` where the hub has none, ``unknown`` where none is stated.
        url: the text of the licence; empty where it is not known.
    """

    name: str
    hub: str
    url: str

    @property
    def stated(self) -> bool:
        """Whether there is one."""
        return self.hub != "unknown"


_KNOWN: Final[Mapping[str, str]] = {
    "apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
    "mit": "https://opensource.org/license/mit",
    "bsd-3-clause": "https://opensource.org/license/bsd-3-clause",
    "bsd-2-clause": "https://opensource.org/license/bsd-2-clause",
    "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "cc-by-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "cc-by-3.0": "https://creativecommons.org/licenses/by/3.0/",
    "cc-by-sa-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "cc-by-sa-3.0": "https://creativecommons.org/licenses/by-sa/3.0/",
    "cc-by-nc-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "cc-by-nd-4.0": "https://creativecommons.org/licenses/by-nd/4.0/",
    "cc-by-nc-sa-4.0": "https://creativecommons.org/licenses/by-nc-sa/4.0/",
    "cc-by-nc-nd-4.0": "https://creativecommons.org/licenses/by-nc-nd/4.0/",
    "odbl": "https://opendatacommons.org/licenses/odbl/1-0/",
    "odc-by": "https://opendatacommons.org/licenses/by/1-0/",
    "pddl": "https://opendatacommons.org/licenses/pddl/1-0/",
    "cdla-permissive-2.0": "https://cdla.dev/permissive-2-0/",
    "cdla-sharing-1.0": "https://cdla.dev/sharing-1-0/",
    "gpl-3.0": "https://www.gnu.org/licenses/gpl-3.0.html",
}

_ALIASES: Final[Mapping[str, str]] = {
    "apache-2": "apache-2.0",
    "apache-license-2.0": "apache-2.0",
    "cc0": "cc0-1.0",
    "public-domain": "cc0-1.0",
    "odbl-1.0": "odbl",
    "odc-by-1.0": "odc-by",
    "pddl-1.0": "pddl",
    "gpl-3.0-only": "gpl-3.0",
    "gpl-3.0-or-later": "gpl-3.0",
}


def find_licence(written: str) -> Licence:
    """The licence that these words name.

    >>> find_licence("CC BY 4.0").hub, find_licence("ours alone").hub, find_licence("not stated").hub
    ('cc-by-4.0', 'other', 'unknown')
    """
    words = written.strip()
    if not words or words.lower() in ("not stated", "unknown", "none"):
        return Licence(words or "not stated", "unknown", "")
    key = re.sub(r"[\s_]+", "-", words.lower()).strip("-.")
    key = _ALIASES.get(key, key)
    if key in _KNOWN:
        return Licence(words, key, _KNOWN[key])
    if re.fullmatch(r"https?://\S+", words):
        known = next((k for k, url in _KNOWN.items() if url.rstrip("/") == words.rstrip("/")), "other")
        return Licence(words, known, words)
    return Licence(words, "other", "")
