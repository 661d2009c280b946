"""The best vocabulary by each approach against the repository's own answers."""

from typing import Any

import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import cheapest_vocabulary, optimal_vocabulary
from lawjax.laws import VOCABULARY_LOSS, VOCABULARY_LOSS_UNTIED, published

ANSWERS = [
    (2.87e9, 3200, 37942, 40993, 35271),
    (3e9, 3200, 39367, 42538, 36648),
    (7e9, 4096, 62280, 67450, 59547),
    (13e9, 5120, 83429, 90503, 81347),
    (30e9, 6048, 141711, 154071, 141898),
    (70e9, 8192, 211860, 230861, 217961),
    (130e9, 12288, 236500, 258138, 248187),
    (300e9, 16384, 355894, 389324, 383659),
]
"""N_nv, width, and the words of approaches 1 to 3: `optimal_Nv_predict.py` of sail-sg/scaling-with-vocab."""


def budget_of(N_nv):
    """The budget that the repository takes for a size."""
    return N_nv**2 * published("tao2024-isoflop-size").params["C_N"]


@pytest.mark.parametrize(("N_nv", "d", "by_compute", "by_growth", "by_loss"), ANSWERS)
def test_each_approach_gives_the_words_that_the_code_gives(N_nv, d, by_compute, by_growth, by_loss):
    C = budget_of(N_nv)
    assert int(optimal_vocabulary("tao2024-isoflop", C=C, d=d)["V"]) == by_compute
    assert int(optimal_vocabulary("tao2024-growth", N_nv=N_nv, d=d)["V"]) == by_growth
    assert int(optimal_vocabulary("tao2024-loss", N_nv=N_nv, C=C, d=d)["V"]) == by_loss


def test_seventy_billion_parameters_want_at_least_the_words_of_the_abstract():
    assert optimal_vocabulary("tao2024-loss", N_nv=70e9, C=budget_of(70e9), d=8192)["V"] > 216e3


def test_no_other_vocabulary_has_a_lower_loss_at_the_same_compute():
    N_nv, d, C = 7e9, 4096, budget_of(7e9)
    best = optimal_vocabulary("tao2024-loss", N_nv=N_nv, C=C, d=d)["N_v"]
    N_v = best * np.array([1.0, 0.5, 0.99, 1.01, 2.0])
    loss = lj.predict("tao2024-loss", {"N_nv": np.full(5, N_nv), "N_v": N_v, "D": C / (6 * (N_nv + N_v))}).median
    assert np.all(loss[1:] > loss[0])


def test_more_compute_for_the_same_model_wants_more_words():
    C = budget_of(302e6)
    words = [optimal_vocabulary("tao2024-loss", N_nv=302e6, C=C * more, d=1024)["V"] for more in (0.2, 1.0, 6.0)]
    assert words == sorted(words)


def test_the_untied_loss_answers_as_the_tied_one_where_its_exponents_are_tied():
    tied = published("tao2024-loss").params
    draws = lj.Draws(
        law=VOCABULARY_LOSS_UNTIED,
        params={k: np.array([v]) for k, v in tied.items()} | {"alpha1": np.array([tied["beta"]])},
    )
    held: dict[str, Any] = dict(N_nv=7e9, C=budget_of(7e9), d=4096)
    assert optimal_vocabulary(draws, **held)["V"] == pytest.approx(optimal_vocabulary("tao2024-loss", **held)["V"])


def test_the_answer_has_one_value_a_draw_and_an_interval():
    tied = published("tao2024-loss").params
    beta = np.linspace(0.44, 0.45, 5)
    params = {name: np.full(5, value) for name, value in tied.items()} | {"beta": beta}
    answer = optimal_vocabulary(lj.Draws(law=VOCABULARY_LOSS, params=params), N_nv=7e9, C=budget_of(7e9), d=4096)
    low, high = answer.interval("V")
    assert len(answer) == 5
    assert low < answer["V"] < high
    np.testing.assert_allclose(answer.draws["N_v"], 4096 * answer.draws["V"])


def test_the_cheapest_vocabularies_are_those_of_the_code():
    """`approach2_derivative.py`, seven sizes."""
    sizes = [(33e6, 512), (85e6, 768), (151e6, 768), (302e6, 1024), (631e6, 1536), (1130e6, 2048), (2870e6, 3200)]
    found = [int(cheapest_vocabulary("tao2024-tokens", N_nv=N_nv, d=d)["V"]) for N_nv, d in sizes]
    assert found == [10322, 15939, 24593, 32776, 40941, 49416, 65928]


def test_a_very_large_model_reads_cheapest_where_more_words_make_no_fewer_tokens():
    assert cheapest_vocabulary("tao2024-tokens", N_nv=1e13, d=16384)["V"] == 200_000


def test_what_is_held_must_fit_the_law():
    with pytest.raises(lj.InputError, match="`N_nv` and `C` beside `d`"):
        optimal_vocabulary("tao2024-loss", N_nv=7e9, d=4096)
    with pytest.raises(lj.InputError, match="`C` beside `d`, got \\['N_nv'\\]"):
        optimal_vocabulary("tao2024-isoflop", N_nv=7e9, d=4096)
    with pytest.raises(lj.InputError, match="`d` must be positive"):
        optimal_vocabulary("tao2024-growth", N_nv=7e9, d=0)
    with pytest.raises(lj.InputError, match="the source is of 'chinchilla'"):
        optimal_vocabulary("hoffmann2022", N_nv=7e9, d=4096)
    with pytest.raises(lj.InputError, match="`N_nv` must be positive"):
        cheapest_vocabulary("tao2024-tokens", N_nv=-1.0, d=4096)


def test_a_budget_for_less_than_one_word_has_no_best_vocabulary():
    assert optimal_vocabulary("tao2024-isoflop", d=4096, C=1e3).share_answered == 0.0
    assert optimal_vocabulary("tao2024-isoflop", d=4096, C=1e20)["V"] > 1


def test_plain_parameters_of_any_of_the_laws_find_theirs():
    growth = optimal_vocabulary("tao2024-growth", N_nv=7e9, d=4096)
    plain = optimal_vocabulary(dict(lj.laws.published("tao2024-growth").params), N_nv=7e9, d=4096)
    assert plain.law is growth.law
    assert plain["V"] == growth["V"]
