"""The fixed sentences of the privacy report. What is measured is called measured, and what is for people to conclude is left to them."""

from __future__ import annotations

import re
from typing import Final

PRIVATE_HALF: Final = (
    "This half holds numbers that were read from real records. No privacy budget covers them: keep it with the real records, and show it "
    "to those who may see these."
)

PUBLIC_HALF: Final = (
    "This half holds no number that was read from real records: it is written from the recipe, from the layout of the synthetic tables, "
    "from releases under differential privacy where there are any, and from measurements on synthetic rows alone. It may go wherever the "
    "data go. Attacks and comparisons that read real records stand in the private half, which the controller keeps; not even their outcome "
    "is told here."
)

CONCLUSION: Final = (
    "Whether the data are anonymous for these recipients (Recital 26 GDPR: the means reasonably likely to be used), or remain personal "
    "data, is a conclusion for the controller, with the advice of the data protection officer. This report measures; it does not draw that "
    "conclusion."
)

NOT_EXHAUSTIVE: Final = (
    "The list of attacks is not exhaustive. Attacks that were not run, attackers who know more, later releases about the same people, and "
    "better methods may succeed where these did not."
)

MEASURED: Final = (
    "What follows is measured residual risk: how often stated attacks succeeded against stated records, with intervals. An interval says "
    "what chance can do to this measurement, and nothing about attacks that were not run."
)

NO_RECORDS: Final = (
    "There is no real table whose records these data could reveal, so there is nothing to attack. In place of attacks stands the argument "
    "in the section on the generator, with its limits."
)

DISTANCE: Final = (
    "Copies and distances are an alarm and no proof: tables with quiet alarms have been broken by membership inference "
    "(Yao et al. 2025, arXiv:2505.01524)."
)

NOT_CLAIMED: Final = "No such guarantee is claimed."

WATCHED: Final = (
    "The run was watched: besides the recipe it opened files of the program, of its output, of its scratch folder and caches, and of the "
    "machine's settings for reading, and no others. report.html counts them."
)

UNWATCHED: Final = (
    "Nobody watched which files the run opened: this rests on the recipe, and on Sundog's tests of what a run opens."
)

TRIGGERS: Final = (
    "The source gains, loses or corrects records, and the data are made again.",
    "The data, the fitted model or this generator go to recipients, or are used for a purpose, that are not named above.",
    "Another dataset about the same people is released, by anybody, that shares columns with this one.",
    "A published attack succeeds against this kind of generator, or the version of Sundog that made the data is corrected for privacy.",
    "Somebody reports having recognised a person.",
)

DECISIONS: Final = (
    "The data may be released to the recipients named above, as anonymous for them.",
    "The data remain personal data: they may be used on the legal basis named above, under its safeguards.",
    "The data must not be released as they are.",
)

_USUAL = re.compile(r"^passes when the upper bound is at most ([\d.]+%?), fails when the lower bound is above it")


def shorten_limit(limit: str) -> str:
    """The limit of the usual rule as a number: the report says once how it is judged.

    >>> shorten_limit("passes when the upper bound is at most 0.09, fails when the lower bound is above it; a small group")
    'at most 0.09; a small group'
    """
    return _USUAL.sub(r"at most \1", limit)
