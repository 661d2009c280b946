"""How often to sample each of two tasks, against closed forms and a search by hand."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import best_task_weight
from lawjax.laws import MULTILINGUAL

RIVALS = dict(E=1.2, A=60.0, alpha=0.25, c1=0.0, c2=0.8, c3=1.5)
HELPED = dict(E=1.0, A=90.0, alpha=0.3, c1=0.6, c2=0.5, c3=2.0)


@pytest.mark.parametrize("importance", [0.01, 0.3, 0.5, 0.9])
def test_rivals_of_one_law_are_sampled_by_a_power_of_their_importance(importance):
    p = best_task_weight(RIVALS, RIVALS, N=1e9, importance=importance)["p"]
    assert p / (1 - p) == pytest.approx((importance / (1 - importance)) ** (1 / 1.25), rel=1e-6)


@pytest.mark.parametrize("importance", [0.2, 0.7])
def test_no_other_weight_gives_less_of_the_weighted_loss(importance):
    answer = best_task_weight(RIVALS, HELPED, N=3e8, importance=importance)
    p = np.linspace(1e-4, 1 - 1e-4, 9999)
    first, second = (
        lj.predict(lj.draws.as_draws(task, MULTILINGUAL), {"N": np.full_like(p, 3e8), "p": share}).median
        for task, share in ((RIVALS, p), (HELPED, 1 - p))
    )
    total = importance * first + (1 - importance) * second
    assert answer["p"] == pytest.approx(p[np.argmin(total)], abs=1e-4)
    assert importance * answer["first"] + (1 - importance) * answer["second"] <= total.min()


def test_draws_of_both_tasks_are_paired():
    draws = lj.draws.as_draws(RIVALS | {"alpha": np.linspace(0.2, 0.3, 7)}, MULTILINGUAL)
    answer = best_task_weight(draws, draws, N=1e9, importance=0.8)
    by_hand = 4 ** (1 / (1 + draws["alpha"]))
    np.testing.assert_allclose(answer.draws["p"], by_hand / (1 + by_hand), rtol=1e-6)


def test_an_importance_of_one_is_refused():
    with pytest.raises(lj.InputError, match="`importance` must lie between 0 and 1, got 1"):
        best_task_weight(RIVALS, RIVALS, N=1e9, importance=1.0)
