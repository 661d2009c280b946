"""The page on comparisons runs as it stands, and quotes what docs/comparing.py prints."""

import doctest
import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def parts():
    """The functions whose lines the page quotes."""
    return runpy.run_path(str(DOCS / "comparing.py"))


@pytest.fixture(scope="module")
def page():
    return (DOCS / "comparing.md").read_text(encoding="utf-8")


def test_every_example_of_the_page_prints_what_it_says():
    found = doctest.testfile(str(DOCS / "comparing.md"), module_relative=False)
    assert found.attempted > 7
    assert found.failed == 0


def test_the_recipes_on_the_page_are_those_of_the_public_table(parts, page, shared_data):
    assert "\n".join(parts["recipes"](shared_data)) in page


def test_the_curves_are_as_near_as_the_page_says(parts, page):
    assert "\n".join(parts["accuracy"]()) in page


@pytest.mark.slow
@pytest.mark.parametrize("name", ["laws", "losses", "routed"])
def test_every_printed_line_is_on_the_page(parts, page, shared_data, name):
    assert "\n".join(parts[name](shared_data)) in page


@pytest.mark.slow
def test_the_coverage_on_the_page_is_what_the_study_gives(parts, page):
    assert "\n".join(parts["coverage"]()) in page
