"""When a learned task is forgotten."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import tasks_until_forgotten
from lawjax.laws import RETENTION, RETENTION_EXPONENTIAL


@pytest.mark.parametrize(("law", "rate"), [(RETENTION, dict(psi=0.4)), (RETENTION_EXPONENTIAL, dict(tau=5.0))])
def test_the_law_gives_the_threshold_after_that_many_tasks(law, rate):
    params = dict(a=0.95, c=0.1, **rate)
    tasks = tasks_until_forgotten(params, 0.6)["tasks"]
    with jax.enable_x64(True):
        assert float(law(tasks, **params)) == pytest.approx(0.6)


def test_a_task_that_never_was_that_good_is_forgotten_at_once():
    assert tasks_until_forgotten(dict(a=0.7, c=0.1, psi=0.5), 0.8)["tasks"] == 0.0


def test_a_threshold_below_chance_is_never_reached():
    answer = tasks_until_forgotten(dict(a=np.full(2, 0.9), c=np.array([0.1, 0.5]), psi=np.full(2, 0.5)), 0.4)
    assert answer.share_answered == 0.5
    assert np.isnan(answer.draws["tasks"][1])


def test_an_accuracy_outside_zero_to_one_is_refused():
    with pytest.raises(lj.InputError, match="`accuracy` must lie between 0 and 1, got 1"):
        tasks_until_forgotten(dict(a=0.9, c=0.1, psi=0.5), 1.0)
