"""Slurs, insults, threats and sexual words, from a list of our own in six languages.

Limits: it is a list. It finds words and not meaning: hate in polite words passes, and so does irony; a quotation, a word that is claimed
by those whom it names, and a text *about* abuse are found like abuse. Words with a common harmless sense are left out. Use a trained
classifier, or people, where toxicity is what the data are about.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_SWAPPED = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "*": "", "’": "'"}
)
"""Digits and signs that stand for letters in hidden words."""

_PLAIN = (
    (
        "slur",
        r"nigg(?:er|a|uh)s?|fagg?ots?|kikes?|chinks?|spics?|wetbacks?|gooks?|ragheads?|towelheads?|sandnigg\w+|coons|darkies|trann(?:y|ies)|"
        r"shemales?|retards?|mongoloids?|untermensch\w*|kanake[nr]?|nutten?s[öo]hne?|schwuchteln?|zigeunerpack|bougnoules?|youpins?|"
        r"tarlouzes?|maric[óo]n(?:es|azo)?|sudacas?|negrata(?:s)?|viado(?:s)?|froci[oa]?s?|terron[ie]|kankerjood|kutmarokkaan(?:se|en)?",
    ),
    (
        "insult",
        r"motherf+uck\w*|f+uck(?:er|ers|face|wit|tard)\w*|f+uck (?:you|off|yourself)|c+unts?|assholes?|arseholes?|dickheads?|douchebags?|"
        r"sons? of (?:a )?bitch(?:es)?|you (?:stupid|dumb|fucking|filthy|worthless|pathetic|ugly) (?:bitch|whore|slut|idiot|moron|cow|pig|piece of shit)|"
        r"piece of shit|wankers?|whores?|sluts?|scumbags?|arschl[öo]ch(?:er)?|hurens[öo]hne?|fotzen?|wichser[ns]?|schlampen?|missgeburt(?:en)?|"
        r"encul[ée]s?|fils de pute|connards?|connasses?|salopes?|hijos? de puta|gilipollas|puta madre|cabr[óo]n(?:es)?|filho da puta|vai se foder|"
        r"figli[oa] di puttana|vaffanculo|stronz[oiea]|troi[ae]|klootzak(?:ken)?|kankerhoer|kutwijf",
    ),
    (
        "threat",
        r"i(?:'ll| will|'m going to| am going to) (?:kill|murder|rape|stab|shoot|strangle|hurt|beat) (?:you|her|him|them|your)|"
        r"(?:you|they|she|he) (?:deserves?|should) (?:to )?(?:die|be (?:killed|raped|shot|hanged|gassed))|go (?:and )?kill yourself|kys|"
        r"kill all (?:the )?(?:jews|muslims|blacks|whites|gays|women|men|immigrants|christians)|gas the jews|death to (?:all )?(?:jews|muslims|gays|infidels)|"
        r"ich (?:bringe|bring) dich um|ich werde dich (?:t[öo]ten|umbringen)|je vais te (?:tuer|buter|crever)|te voy a matar|vou te matar|ti ammazzo|ik maak je dood",
    ),
    (
        "sexual",
        r"blow ?jobs?|hand ?jobs?|gang ?bangs?|cum ?shots?|deep ?throat(?:ing|ed)?|jerk(?:ing|ed)? off|creampies?|milfs?|hentai|child porn\w*|kiddie porn\w*|"
        r"jailbait|fick(?:en|t|te) (?:mich|dich|sie|ihn)|b[äa]is(?:e|er) (?:moi|ta)|sucer? (?:ma|sa|ta) bite|ch[úu]pa(?:me|la) la (?:polla|verga)",
    ),
)
_LISTS = tuple((kind, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)) for kind, pattern in _PLAIN)
_QUICK = "|".join(f"(?:{pattern})" for _, pattern in _PLAIN)
MAY_BE_TOXIC = rf"{_QUICK}|[a-z][@$!*0134579]+[a-z]|[@$][a-z]"
"""What every toxic text holds one of (RE2, without case): a text that does not match is none."""

_HIDDEN = re.compile(r"\w*[0134579@$!*]+\w*[a-zA-Z]\w*|[a-zA-Z]+[@$!*0134579]+\w*")
_MILD = frozenset({"coons", "chinks", "chink", "gooks", "spics"})
"""Words that are a slur of persons only in a sentence about persons: they count where a person is spoken of nearby."""

_PERSONS = re.compile(
    r"\b(?:those|these|all|the|dirty|filthy|fucking|damn|stupid|bloody|you) (?:\w+ )?$", re.IGNORECASE
)


class Toxic(NamedTuple):
    """A word or phrase that was found: where, and of which kind (``slur``, ``insult``, ``threat``, ``sexual``)."""

    start: int
    stop: int
    kind: str


def find_toxic(text: str) -> list[Toxic]:
    """Toxic words and phrases of a text, in their order; hidden spellings (``f*ck``, ``a$$hole``) are read too."""
    found = list(_search(text))
    if _HIDDEN.search(text):
        plain = _HIDDEN.sub(_reveal, text)
        if plain != text and len(plain) == len(text):
            known = {(t.start, t.kind) for t in found}
            found += [t for t in _search(plain) if (t.start, t.kind) not in known]
    return sorted(set(found))


def _search(text: str) -> list[Toxic]:
    return [
        Toxic(m.start(), m.end(), kind)
        for kind, pattern in _LISTS
        for m in pattern.finditer(text)
        if m.group().lower() not in _MILD or _PERSONS.search(text[max(0, m.start() - 40) : m.start()])
    ]


def _reveal(match: re.Match[str]) -> str:
    """A word with the letters that its digits and signs stand for; ``*`` between letters stands for a vowel."""
    word = match.group()
    if word.isdigit():
        return word
    return re.sub(r"(?<=\w)\*(?=\w)", "u", word).translate(_SWAPPED) if len(word) > 3 else word
