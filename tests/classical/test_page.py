"""docs/classical.md quotes what docs/classical.py prints."""

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def parts():
    """The functions whose lines the page quotes."""
    return runpy.run_path(str(DOCS / "classical.py"))


@pytest.fixture(scope="module")
def page():
    return (DOCS / "classical.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["example", "biases", "same_sizes", "envelopes", "floors"])
def test_every_printed_line_is_on_the_page(parts, page, name):
    assert "\n".join(parts[name]()) in page


@pytest.mark.slow
def test_the_coverage_on_the_page_is_what_the_studies_give(parts, page):
    assert "\n".join(parts["coverage"]()) in page
