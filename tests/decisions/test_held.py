"""What a caller holds is checked by every decision, whatever it is used for."""

import dataclasses
import inspect

import numpy as np
import pytest

import lawjax as lj
from lawjax.cli import deciding
from lawjax.errors import InputError
from tests.helpers import question_of

SCALARS = [
    pytest.param(fn, name, id=f"{label}-{name}")
    for label, fn in sorted(deciding._decisions().items())
    for name, parameter in inspect.signature(fn).parameters.items()
    if deciding._forms(parameter) == {"number"} and name != "prob"
]
WRONG = ("abc", [1.0, 2.0], {"a": 1.0}, float("nan"))


@pytest.mark.parametrize(("fn", "name"), SCALARS)
def test_a_held_value_that_is_not_one_finite_number_is_refused_by_name(fn, name, monkeypatch):
    asked = question_of(fn, monkeypatch)
    for wrong in WRONG:
        with pytest.raises(InputError, match=f"`{name}`"):
            fn(**{**asked, name: wrong})


@pytest.mark.parametrize(("N", "outside"), [(1e7, False), (1e9, False), (0.999e7, True), (1.001e9, True)])
def test_a_held_input_at_the_edge_of_the_runs_is_not_outside_them(N, outside):
    rounded = {"N": (float(np.exp(np.log(1e7))), float(np.exp(np.log(1e9))))}
    draws = dataclasses.replace(lj.draws.as_draws("besiroglu2024"), observed=rounded)
    answer = lj.decisions.tokens_for_target(draws, 2.6, N=N)
    assert rounded["N"] != (1e7, 1e9)
    assert ("extrapolation" in answer.verdict.codes) == outside
