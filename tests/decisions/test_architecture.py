"""Decisions on streams, sparsity, patches and attention, against worked numbers."""

import math

import numpy as np
import pytest

import lawjax as lj
from lawjax import decisions
from lawjax.laws import (
    LINEAR_ATTENTION,
    PARALLEL_STREAMS,
    PARALLEL_STREAMS_THEORY,
    PATCH_SIZE,
    QUADRATIC_ATTENTION,
    RETRIEVAL_ACCURACY,
)

SLOW, FAST = dict(c0=10.0, c1=0.01, c2=1e-6), dict(e0=12.0, e1=0.018)
# accuracy of pruned Qwen2.5 7B, 14B, 32B and 72B; arXiv:2510.05528, table 1
SIZES = (7.61e9, 14.7e9, 32.5e9, 72.7e9)
PRUNED = [
    ("mmlu", (0.6556, 0.7055, 0.7818, 0.8240), (0.25, 0.26, 0.40, 0.40)),
    ("mmlu", (0.5351, 0.5845, 0.7489, 0.7893), (0.06, 0.05, 0.23, 0.20)),
    ("bbh", (0.5511, 0.6724, 0.7656, 0.7942), (0.22, 0.40, 0.54, 0.36)),
    ("hellaswag", (0.5167, 0.5518, 0.5978, 0.6264), (0.075, 0.107, 0.187, 0.198)),
]


def _theory(rho: float) -> lj.Draws:
    params = dict(E=0.7, A=1e7, alpha=0.2, rho=rho)
    return lj.Draws(law=PARALLEL_STREAMS_THEORY, params={name: np.array([value]) for name, value in params.items()})


@pytest.mark.parametrize(("corpus", "worth"), [("stack", (1.273, 1.546, 1.818)), ("pile", (1.232, 1.464, 1.696))])
def test_streams_are_worth_what_the_paper_says(corpus, worth):
    found = [decisions.equal_loss_multiplier(f"chen2025parscale-{corpus}", P=P)["multiplier"] for P in (2.0, 4.0, 8.0)]
    assert found == pytest.approx(worth, abs=1e-3)


def test_a_larger_model_of_one_stream_has_the_loss_of_the_streams_it_equals():
    params = lj.laws.published("chen2025parscale-pile").params
    multiplier = decisions.equal_loss_multiplier("chen2025parscale-pile", P=8.0)["multiplier"]
    streams, larger = (
        lj.predict("chen2025parscale-pile", run).median[0]
        for run in ({"N": 1e9, "P": 8.0}, {"N": multiplier * 1e9, "P": 1.0})
    )
    assert multiplier == pytest.approx(params["k"] * math.log(8) + 1, rel=1e-12)
    assert larger == pytest.approx(streams, rel=1e-12)


@pytest.mark.parametrize("source", ["chen2025parscale-stack", _theory(0.7)], ids=["fitted", "theory"])
def test_streams_to_match_undoes_the_multiplier(source):
    multiplier = decisions.equal_loss_multiplier(source, P=6.0)["multiplier"]
    answer = decisions.streams_to_match(source, multiplier=multiplier)
    assert answer["P"] == pytest.approx(6.0, rel=1e-9)
    assert answer["whole"] == 6.0


def test_streams_whose_errors_are_correlated_never_equal_a_much_larger_model():
    answer = decisions.streams_to_match(_theory(0.9), multiplier=2.0)
    assert math.isnan(answer["P"])
    assert "no-answer" in answer.verdict.codes


def test_draws_of_a_fit_carry_into_an_interval_of_the_multiplier():
    k = np.array([0.3, 0.35, 0.4, 0.45, 0.5])
    answer = decisions.equal_loss_multiplier(dict(E=0.7, A=1e7, alpha=0.19, k=k), P=math.e, prob=0.5)
    assert len(answer) == 5
    assert answer["multiplier"] == pytest.approx(1.4)
    assert answer.interval("multiplier") == pytest.approx((1.35, 1.45))


@pytest.mark.parametrize(
    ("name", "billions"),
    [("relu-0.8b", 215.026), ("relu-2.4b", 295.733), ("silu-0.2b", 82.862), ("silu-1.2b", 126.226)],
)
def test_tokens_to_the_limit_are_those_of_the_closed_form(name, billions):
    answer = decisions.tokens_to_limit_sparsity(f"luo2024-{name}", tolerance=0.005)
    entry = lj.laws.published(f"luo2024-{name}")
    there = lj.predict(entry, {"D": answer["D"]}).median[0]
    assert answer["D"] / 1e9 == pytest.approx(billions, rel=1e-5)
    assert abs(there - entry.params["A_0"]) == pytest.approx(0.005, rel=1e-9)
    assert answer["sparsity"] == pytest.approx(1 - entry.params["A_0"])


def test_a_relu_model_that_starts_within_the_tolerance_needs_no_tokens():
    assert decisions.tokens_to_limit_sparsity("luo2024-relu-0.8b", tolerance=0.05)["D"] == 0.0


def test_a_budget_of_tokens_picks_the_smallest_patch_that_fits():
    answer = decisions.smallest_patch("wang2025patches-adv-b-224", image=224, budget=50176)
    assert (answer["patch"], answer["tokens"]) == (1.0, 50176.0)
    assert decisions.smallest_patch("wang2025patches-adv-b-224", image=224, budget=50175)["patch"] == 2.0


def test_a_cost_that_grows_with_pairs_of_tokens_picks_a_larger_patch_than_one_per_token():
    def pairs(tokens: float) -> float:
        return tokens**2

    source = "wang2025patches-deit-b-64"
    linear, square = (decisions.smallest_patch(source, image=64, budget=5000, cost=cost) for cost in (None, pairs))
    assert (linear["patch"], square["patch"]) == (1.0, 8.0)
    assert square["loss"] > linear["loss"]


def test_the_crossing_of_both_attentions_is_the_root_of_their_difference():
    n = decisions.attention_crossover(SLOW, FAST)["n"]
    slow, fast = SLOW["c0"] + SLOW["c1"] * n + SLOW["c2"] * n**2, FAST["e0"] + FAST["e1"] * n
    assert n == pytest.approx(8242.640687, rel=1e-9)
    assert slow == pytest.approx(fast, rel=1e-12)


def test_draws_of_both_attentions_go_together_in_pairs():
    slow, fast = SLOW | {"c2": np.array([1e-6, 2e-6])}, FAST | {"e0": np.array([12.0, 20.0])}
    both = decisions.attention_crossover(slow, fast)
    apart = [
        decisions.attention_crossover(SLOW | {"c2": c2}, FAST | {"e0": e0})["n"]
        for c2, e0 in ((1e-6, 12.0), (2e-6, 20.0))
    ]
    np.testing.assert_allclose(both.draws["n"], apart, rtol=1e-12)


@pytest.mark.slow
def test_the_crossing_carries_the_noise_of_both_timings():
    design = {"n": np.geomspace(512, 65536, 60)}
    fits = [
        lj.fit(law, lj.simulate(law, truth, design, noise=0.02, key=key), loss="squared", num_starts=8)
        for key, law, truth in ((1, QUADRATIC_ATTENTION, SLOW), (2, LINEAR_ATTENTION, FAST))
    ]
    answer = decisions.attention_crossover(*(lj.bootstrap(fit, num=40, key=3) for fit in fits))
    low, high = answer.interval("n")
    assert len(answer) == 40
    assert low < 8242.6 < high
    assert high / low < 1.5


@pytest.mark.parametrize("fast", [dict(e0=1.0, e1=0.001), dict(e0=9.0, e1=0.0099)])
def test_linear_attention_that_is_always_faster_is_so_from_the_first_token_on(fast):
    assert decisions.attention_crossover(SLOW, fast)["n"] == 0.0


def test_the_longest_context_has_the_accuracy_that_was_asked():
    params = dict(n_50=30000.0, width=0.14)
    n = decisions.longest_context(params, accuracy=0.9)["n"]
    draws = lj.Draws(law=RETRIEVAL_ACCURACY, params={name: np.array([value]) for name, value in params.items()})
    assert lj.predict(draws, {"n": n}).median[0] == pytest.approx(0.9, rel=1e-9)


@pytest.mark.parametrize(
    ("benchmark", "accuracies", "worth"), PRUNED, ids=["armor-mmlu", "nowag-mmlu", "armor-bbh", "armor-hellaswag"]
)
def test_pruned_models_are_worth_a_share_of_their_size_that_is_no_constant(benchmark, accuracies, worth):
    found = [
        decisions.size_of_equal_accuracy(f"liu2025armor-{benchmark}", accuracy=accuracy, N=N)["multiplier"]
        for accuracy, N in zip(accuracies, SIZES, strict=True)
    ]
    assert found == pytest.approx(worth, abs=0.006)


@pytest.mark.parametrize(
    ("ask", "match"),
    [
        (lambda: decisions.equal_loss_multiplier("chen2025parscale-stack", P=0.5), "`P` must be 1 or more"),
        (
            lambda: decisions.streams_to_match("chen2025parscale-stack", multiplier=0.9),
            "`multiplier` must be 1 or more",
        ),
        (lambda: decisions.equal_loss_multiplier("luo2024-relu-0.8b", P=2.0), PARALLEL_STREAMS.name),
        (lambda: decisions.tokens_to_limit_sparsity("luo2024-relu-0.8b", tolerance=5.0), "`tolerance` must lie"),
        (lambda: decisions.smallest_patch("wang2025patches-deit-b-64", image=64, budget=3), "no patch fits"),
        (lambda: decisions.smallest_patch("wang2025patches-deit-b-64", image=-1, budget=9), "`image` must be positive"),
        (lambda: decisions.smallest_patch("luo2024-relu-0.8b", image=64, budget=999), PATCH_SIZE.name),
        (lambda: decisions.attention_crossover(SLOW, "luo2024-relu-0.8b"), "linear-attention"),
        (lambda: decisions.longest_context(dict(n_50=3e4, width=0.1), accuracy=90), "`accuracy` must lie"),
        (lambda: decisions.size_of_equal_accuracy("liu2025armor-bbh", accuracy=0.7, N=-1.0), "`N` must be positive"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(ask, match):
    with pytest.raises(lj.InputError, match=match):
        ask()


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (dict(cost="abc"), "`cost` must be a function"),
        (dict(cost=lambda tokens: None), "`cost` must be"),
        (dict(patches=4), "`patches` must be a list"),
        (dict(patches="abc"), "`patches` must be a list"),
        (dict(patches=[]), "`patches` must be a list"),
        (dict(patches=["a"]), "`patches` must be a number"),
    ],
)
def test_a_patch_is_chosen_from_a_list_at_a_cost_that_can_be_worked_out(held, said):
    with pytest.raises(lj.InputError, match=said):
        decisions.smallest_patch("wang2025patches-deit-b-64", image=64, budget=1000, **held)
