"""The sample report and its page, written once for all tests of the folder."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from sundog.evidence.report.html import render_html


@pytest.fixture(scope="session")
def sample() -> ModuleType:
    """tests/evidence/report/sample.py, which builds reports that never were measured."""
    spec = importlib.util.spec_from_file_location("sundog_sample_report", Path(__file__).with_name("sample.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def page(sample: ModuleType) -> str:
    """The report page of the sample at quick evidence."""
    return render_html(sample.make_report(), sample.make_run())
