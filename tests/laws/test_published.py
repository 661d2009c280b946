"""Published coefficients reproduce the numbers that were published with them; every paper's row holds."""

import ast
import re
from pathlib import Path

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import ALL, PAPERS, PUBLISHED

ROOT = Path(__file__).parents[2]
WORKED = [
    pytest.param(entry, case, id=f"{name}-{i}")
    for name, entry in PUBLISHED.items()
    for i, case in enumerate(entry.worked)
]


@pytest.mark.parametrize(("entry", "case"), WORKED)
def test_published_coefficients_reproduce_their_worked_number(entry, case):
    with jax.enable_x64(True):
        value = float(entry.law(*(case.inputs[name] for name in entry.law.inputs), **entry.params))
    np.testing.assert_allclose(value, case.value, rtol=case.rtol)


@pytest.mark.parametrize("entry", PUBLISHED.values(), ids=list(PUBLISHED))
def test_published_coefficients_say_where_they_are_from_and_have_a_worked_number(entry):
    assert entry.source
    assert entry.setting
    assert entry.worked
    assert entry.law in ALL.values()


@pytest.mark.parametrize("paper", PAPERS.values(), ids=list(PAPERS))
def test_a_paper_names_laws_decisions_and_tests_that_exist(paper):
    assert [name for name in paper.laws if name not in ALL] == []
    assert [name for name in paper.decision if not callable(getattr(lj.decisions, name, None))] == []
    assert bool(paper.laws) == (paper.status != "none")
    file, _, name = paper.test.partition("::")
    assert not paper.test or name in _functions(ROOT / file)
    assert paper.test or paper.reproduced.startswith(("none: ", "nothing: "))


@pytest.mark.parametrize("law", ALL.values(), ids=list(ALL))
def test_every_law_states_its_formula_and_belongs_to_a_paper(law):
    assert law.summary
    assert law.formula
    assert law.reference in PAPERS
    assert law.name in PAPERS[law.reference].laws


def test_the_table_covers_the_forty_four_papers():
    assert sum(not paper.further for paper in PAPERS.values()) == 44
    assert len({paper.arxiv for paper in PAPERS.values()}) == len(PAPERS)


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_arxiv_number_looks_like_one():
    assert all(re.fullmatch(r"\d{4}\.\d{4,5}", paper.arxiv) for paper in PAPERS.values())
