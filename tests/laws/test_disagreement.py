"""Disagreement between groups: its noise floor, and the components of variance behind it."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import GROUP_DISAGREEMENT, group_components


def predictions(between, within, num_groups=6, num_replicates=4, num_cases=2000):
    """Models whose groups shift each case by `between`, and whose seeds shift it by `within`."""
    generator = np.random.default_rng(0)
    case = generator.normal(size=num_cases)
    group = between * generator.normal(size=(num_groups, 1, num_cases))
    return case + group + within * generator.normal(size=(num_groups, num_replicates, num_cases))


@pytest.mark.parametrize(("between", "within"), [(0.5, 1.0), (2.0, 0.3)])
def test_components_are_those_that_the_predictions_were_made_with(between, within):
    found = group_components(predictions(between, within))
    assert float(found["between"]) == pytest.approx(between, rel=0.06)
    assert float(found["within"]) == pytest.approx(within, rel=0.02)


def test_models_of_equal_groups_disagree_by_training_noise_alone():
    y = predictions(0.0, 1.0)
    seen = np.sqrt(np.mean(np.var(y.mean(axis=1), axis=0, ddof=1)))
    assert seen == pytest.approx(0.5, rel=0.02)
    assert float(group_components(y)["between"]) < 0.1


def test_the_law_gives_the_disagreement_that_models_show():
    y = predictions(0.8, 1.0)
    seen = np.sqrt(np.mean(np.var(y.mean(axis=1), axis=0, ddof=1)))
    with jax.enable_x64(True):
        predicted = float(GROUP_DISAGREEMENT(4.0, **group_components(y)))
    assert predicted == pytest.approx(seen, rel=1e-6)


def test_many_models_per_group_leave_what_is_the_groups():
    with jax.enable_x64(True):
        assert float(GROUP_DISAGREEMENT(1e12, between=0.7, within=3.0)) == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("shape", "match"), [((4, 1, 10), "Without replicates"), ((1, 4, 10), "2 or more groups"), ((4, 10), "got")]
)
def test_predictions_without_replicates_are_refused(shape, match):
    with pytest.raises(lj.InputError, match=match):
        group_components(np.zeros(shape))


def test_a_case_that_a_model_did_not_answer_is_refused():
    y = predictions(0.5, 0.5, num_cases=5)
    y[0, 0, 0] = np.nan
    with pytest.raises(lj.InputError, match="`predictions` must be finite"):
        group_components(y)
