"""Times of attention, retrieval, and what pruning costs and is worth."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import LINEAR_ATTENTION, QUADRATIC_ATTENTION, RETRIEVAL_ACCURACY, SIZE_ACCURACY, block_overhead

SLOW, FAST = dict(c0=10.0, c1=0.01, c2=1e-6), dict(e0=12.0, e1=0.018)
# width, width of the feed-forward layers and width of keys and values of Qwen2.5
QWEN = {"7B": (3584, 18944, 512), "14B": (5120, 13824, 1024), "32B": (5120, 27648, 1024), "72B": (8192, 29568, 1024)}
OVERHEADS = [("7B", 4.949, 4.95), ("14B", 4.167, 4.17), ("32B", 3.441, 3.44), ("72B", 2.399, 2.4)]
# accuracy in per cent of dense Qwen2.5, arXiv:2510.05528, table 1; sizes as the models' authors give them
SIZES = np.array([7.61e9, 14.7e9, 32.5e9, 72.7e9])
DENSE = {
    "mmlu": [74.19, 79.8, 83.24, 86.06],
    "bbh": [69.16, 75.18, 81.72, 85.01],
    "hellaswag": [60.03, 63.46, 65.12, 67.63],
}


def _layers(width: int, hidden: int, keys: int) -> list[tuple[int, int]]:
    attention = [(width, width), (width, keys), (width, keys), (width, width)]
    return [*attention, (width, hidden), (width, hidden), (hidden, width)]


def test_linear_attention_overtakes_once_and_for_good():
    with jax.enable_x64(True):
        lead = [
            float(QUADRATIC_ATTENTION(n, **SLOW)) - float(LINEAR_ATTENTION(n, **FAST)) for n in (1e3, 8e3, 8.3e3, 1e5)
        ]
    assert [gap > 0 for gap in lead] == [False, False, True, True]


def test_quadratic_attention_without_pairs_is_linear():
    with jax.enable_x64(True):
        pairless = float(QUADRATIC_ATTENTION(4096.0, c0=12.0, c1=0.018, c2=0.0))
        assert pairless == pytest.approx(float(LINEAR_ATTENTION(4096.0, **FAST)), rel=1e-12)


def test_noisy_times_give_back_the_quadratic():
    design = {"n": np.geomspace(256, 65536, 40)}
    runs = lj.simulate(QUADRATIC_ATTENTION, SLOW, design, noise=0.01, key=1)
    fit = lj.fit(QUADRATIC_ATTENTION, runs, loss="squared")
    assert {name: float(value) for name, value in fit.params.items()} == pytest.approx(SLOW, rel=0.05)


def test_half_of_the_facts_are_found_at_n_50_and_the_width_sets_the_fall():
    with jax.enable_x64(True):
        half, near = (float(RETRIEVAL_ACCURACY(n, n_50=3e4, width=0.2)) for n in (3e4, 3e4 * np.exp(-0.2)))
    assert half == pytest.approx(0.5, abs=1e-12)
    assert near == pytest.approx(1 / (1 + np.exp(-1)), rel=1e-12)


@pytest.mark.parametrize(("size", "exact", "printed"), OVERHEADS)
def test_block_factors_cost_what_the_paper_says(size, exact, printed):
    share = 100 * block_overhead(_layers(*QWEN[size]), block=128)
    assert share == pytest.approx(exact, abs=5e-4)
    assert share == pytest.approx(printed, abs=5e-3)


def test_overhead_grows_with_the_block_and_not_with_the_depth():
    layers = _layers(*QWEN["7B"])
    assert block_overhead(layers, block=64) == pytest.approx(block_overhead(layers, block=128) / 2)
    assert block_overhead(layers * 28, block=128) == pytest.approx(block_overhead(layers, block=128))


@pytest.mark.parametrize(
    ("shapes", "block", "match"),
    [([], 128, "`shapes` must hold"), ([(4096, 0)], 128, "`shapes` must hold"), ([(4096, 4096)], 0, "`block` must be")],
)
def test_an_overhead_of_nothing_is_refused(shapes, block, match):
    with pytest.raises(lj.InputError, match=match):
        block_overhead(shapes, block)


@pytest.mark.parametrize("benchmark", DENSE)
def test_a_line_through_the_logits_of_the_dense_models_gives_the_coefficients(benchmark):
    runs = lj.Runs.from_columns(N=SIZES, accuracy=np.array(DENSE[benchmark]) / 100)
    fit = lj.fit(SIZE_ACCURACY, runs, loss="squared")
    printed = lj.laws.published(f"liu2025armor-{benchmark}").printed
    assert {name: float(value) for name, value in fit.params.items()} == pytest.approx(dict(printed), rel=1e-3)
