"""Activation sparsity: limits, and the fits to checkpoints of Luo et al. 2024."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import RELU_ACTIVATION

# Raincleared-Song/SparsingLawData, data/0.8b_relu.txt: activation ratio of each checkpoint
RELU_STEP = 11.3503296e9
RELU = (
    "0.100040 0.097248 0.094683 0.092778 0.091202 0.089063 0.087992 0.086205 0.085213 0.083917 0.083048 0.081766 "
    "0.080955 0.079945 0.079102 0.078311 0.077357 0.077507 0.077020 0.076559 0.076201 0.075616 0.075549 0.075301"
)


def _numbers(text: str) -> np.ndarray:
    return np.array(text.split(), dtype=np.float64)


def _relu_runs() -> lj.Runs:
    ratio = _numbers(RELU)
    return lj.Runs.from_columns(D=RELU_STEP * np.arange(1, len(ratio) + 1), activation_ratio=ratio)


def test_the_fit_to_the_checkpoints_is_the_published_one():
    fit = lj.fit(RELU_ACTIVATION, _relu_runs(), loss="squared", residual="raw")
    params = {key: float(value) for key, value in fit.params.items()}
    billions = lj.laws.rescale(RELU_ACTIVATION, params, {"D": 1e9})
    assert billions == pytest.approx(dict(lj.laws.published("luo2024-relu-0.8b").printed), rel=2e-3)


def test_the_published_relu_curve_explains_all_but_a_thousandth_of_its_checkpoints():
    runs = _relu_runs()
    predicted = lj.predict("luo2024-relu-0.8b", {"D": runs["D"]}).median
    ratio = runs["activation_ratio"]
    assert 1 - np.sum((ratio - predicted) ** 2) / np.sum((ratio - ratio.mean()) ** 2) == pytest.approx(0.9988, abs=2e-4)


@pytest.mark.parametrize("size", ["0.1b", "0.2b", "0.4b", "0.8b", "1.2b"])
def test_relu_sheds_neurons_towards_its_limit_and_silu_gains_them(size):
    relu, silu = (lj.laws.published(f"luo2024-{kind}-{size}") for kind in ("relu", "silu"))
    with jax.enable_x64(True):
        falling, rising = (
            [float(entry.law(D, **entry.params)) for D in (1e10, 1e11, 1e12, 1e20)] for entry in (relu, silu)
        )
    assert falling == sorted(falling, reverse=True)
    assert rising == sorted(rising)
    assert falling[-1] == pytest.approx(relu.params["A_0"], rel=1e-3)
    assert rising[-1] == pytest.approx(silu.params["A_0"], rel=1e-3)
