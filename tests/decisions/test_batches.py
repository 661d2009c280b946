"""How large a batch and how many steps."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import critical_batch, steps_and_tokens
from lawjax.laws import KAPLAN_NSB, published


def test_the_critical_batch_of_kaplan_at_three_nats():
    assert critical_batch("kaplan2020-critical-batch", 3.0)["B_crit"] == pytest.approx(1.069e6, rel=1e-3)
    assert critical_batch("kaplan2020-nsb", 3.0)["B_crit"] == pytest.approx(1.069e6, rel=1e-3)


def test_the_critical_batch_costs_twice_the_least_steps_and_twice_the_least_tokens():
    answer = steps_and_tokens("nanogpt-nsb", 4.5, 1e6)
    assert answer["S"] == pytest.approx(2 * answer["S_min"], rel=1e-12)
    assert answer["tokens"] == pytest.approx(2 * answer["tokens_min"], rel=1e-12)
    assert answer["tokens"] == pytest.approx(answer["S"] * answer["B_crit"], rel=1e-12)


@pytest.mark.parametrize("batch", [524288.0, 16384.0])
def test_steps_to_a_loss_are_those_of_the_trajectory(batch):
    with jax.enable_x64(True):
        loss = float(KAPLAN_NSB(1e6, 1e4, batch, **published("nanogpt-nsb").params))
    answer = steps_and_tokens("nanogpt-nsb", loss, 1e6, B=batch)
    assert answer["S"] == pytest.approx(1e4, rel=1e-9)
    assert answer["tokens"] == pytest.approx(1e4 * batch, rel=1e-9)


def test_a_model_too_small_for_a_loss_never_reaches_it():
    assert np.isnan(steps_and_tokens("nanogpt-nsb", 3.0, 1e6)["S"])


def test_draws_that_never_reach_a_loss_are_counted():
    params = {name: np.full(2, value) for name, value in published("nanogpt-nsb").params.items()}
    params["N_c"] = np.array([3.81e13, 3.81e17])
    answer = steps_and_tokens(lj.Draws(law=KAPLAN_NSB, params=params), 4.5, 1e6)
    assert answer.share_answered == 0.5


def test_a_loss_that_is_not_positive_is_refused():
    with pytest.raises(lj.InputError, match="`loss` must be positive"):
        critical_batch("kaplan2020-critical-batch", 0.0)


@pytest.mark.parametrize("N", ["abc", None, [1e6, 1e7]])
def test_a_size_that_is_not_one_number_is_refused(N):
    with pytest.raises(lj.InputError, match="`N` must be"):
        steps_and_tokens("nanogpt-nsb", 4.4354, N)
