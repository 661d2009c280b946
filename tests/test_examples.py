"""Every example in a public docstring runs and prints what it says."""

import doctest
import importlib
import inspect

import pytest

import lawjax as lj

ROOMS = (
    "lawjax.cli.app",
    "lawjax.cli.parsing",
    "lawjax.reporting.writing",
    "lawjax.checking.rolling",
    "lawjax.checking.comparison",
    "lawjax.data.reading",
    "lawjax.data.runs",
    "lawjax.datasets",
    "lawjax.decisions.capability",
    "lawjax.decisions.coverage",
    "lawjax.decisions.data_quality",
    "lawjax.decisions.disagreement",
    "lawjax.decisions.fewshot",
    "lawjax.decisions.languages",
    "lawjax.decisions.rehearsal",
    "lawjax.decisions.repetition",
    "lawjax.decisions.shares",
    "lawjax.decisions.continual",
    "lawjax.decisions.mixture",
    "lawjax.decisions.precision",
    "lawjax.decisions.quantisation",
    "lawjax.decisions.batches",
    "lawjax.decisions.size",
    "lawjax.decisions.targets",
    "lawjax.decisions.experts",
    "lawjax.decisions.vocabulary",
    "lawjax.decisions.architecture",
    "lawjax.decisions.attention",
    "lawjax.decisions.training",
    "lawjax.fitting.estimate",
    "lawjax.fitting.resample",
    "lawjax.inference.sampling",
    "lawjax.laws",
    "lawjax.laws.base",
    "lawjax.laws.roots",
    "lawjax.laws.composition.variants",
    "lawjax.laws.formulas.units",
    "lawjax.laws.formulas.syntax",
    "lawjax.laws.neural",
    "lawjax.laws.composition.making",
    "lawjax.laws.composition.linking",
    "lawjax.laws.formulas.formula",
    "lawjax.laws.composition.compose",
    "lawjax.laws.data_quality.filtering",
    "lawjax.laws.data_quality.projektor",
    "lawjax.laws.downstream.capability",
    "lawjax.laws.downstream.coverage",
    "lawjax.laws.downstream.disagreement",
    "lawjax.laws.downstream.rehearsal",
    "lawjax.laws.gaussian",
    "lawjax.laws.mixture.mixing",
    "lawjax.laws.size.curves",
    "lawjax.laws.architecture.overhead",
    "lawjax.laws.training.schedules",
    "lawjax.laws.published",
    "lawjax.planning",
    "lawjax.planning.allocation",
    "lawjax.planning.sweeping",
    "lawjax.prediction",
    "lawjax.simulation.runs",
    "lawjax.storage",
    "lawjax.decisions.agents",
    "lawjax.decisions.chains",
    "lawjax.decisions.density",
    "lawjax.decisions.distillation",
    "lawjax.decisions.gain",
    "lawjax.decisions.held",
    "lawjax.decisions.overoptimisation",
    "lawjax.decisions.plateau",
    "lawjax.decisions.transfer",
    "lawjax.laws.downstream.chains",
    "lawjax.laws.downstream.gain",
    "lawjax.laws.downstream.metric",
)
FUNCTIONS = [name for name in lj.__all__ if inspect.isfunction(getattr(lj, name, None))]


@pytest.mark.parametrize("module", ROOMS)
def test_the_examples_of_a_module_run(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert found.failed == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_says_what_it_gives_and_shows_an_example(name):
    text = inspect.getdoc(getattr(lj, name))
    assert text
    assert "Example" in text or ">>>" in text, f"{name} has no example"
