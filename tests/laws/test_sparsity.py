"""Activation sparsity: limits, and the fits to checkpoints of Luo et al. 2024."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import RELU_ACTIVATION, SILU_ACTIVATION

# Raincleared-Song/SparsingLawData, data/0.8b_relu.txt and data/0.2b_silu.txt: activation ratio of each checkpoint
RELU_STEP = 11.3503296e9
RELU = (
    "0.100040 0.097248 0.094683 0.092778 0.091202 0.089063 0.087992 0.086205 0.085213 0.083917 0.083048 0.081766 "
    "0.080955 0.079945 0.079102 0.078311 0.077357 0.077507 0.077020 0.076559 0.076201 0.075616 0.075549 0.075301"
)
SILU_BILLIONS = (
    "2.837403 5.675553 8.512674 11.336902 14.363826 17.390471 19.660450 22.687155 24.956956 27.983478 31.010107 "
    "34.037162 37.064050 39.333610 42.360687 45.387451 48.413737 50.683481 53.710916 56.737908 59.764783 62.034986 "
    "65.062657 68.090322 71.117154 74.144062 76.414465 79.440947 82.467557 84.738016 87.764865 90.791686 92.823107"
)
SILU = (
    "0.329075 0.348612 0.360551 0.365907 0.369555 0.370198 0.372726 0.374608 0.376536 0.377488 0.377375 0.379216 "
    "0.379322 0.379657 0.380776 0.381673 0.381626 0.383581 0.382170 0.383007 0.383030 0.384587 0.382491 0.383270 "
    "0.383892 0.383632 0.384950 0.384315 0.384601 0.385000 0.383873 0.384922 0.386004"
)
LEFT_OUT = 6
"""Early checkpoints of the 0.2B SiLU model without which the published coefficients come out."""


def _numbers(text: str) -> np.ndarray:
    return np.array(text.split(), dtype=np.float64)


def _relu_runs() -> lj.Runs:
    ratio = _numbers(RELU)
    return lj.Runs.from_columns(D=RELU_STEP * np.arange(1, len(ratio) + 1), activation_ratio=ratio)


def _silu_runs(skip: int) -> lj.Runs:
    D, ratio = 1e9 * _numbers(SILU_BILLIONS), _numbers(SILU)
    return lj.Runs.from_columns(D=D[skip:], activation_ratio=ratio[skip:])


@pytest.mark.parametrize(
    ("law", "runs", "name"),
    [
        (RELU_ACTIVATION, _relu_runs(), "luo2024-relu-0.8b"),
        (SILU_ACTIVATION, _silu_runs(LEFT_OUT), "luo2024-silu-0.2b"),
    ],
    ids=["relu", "silu"],
)
def test_the_fit_to_the_checkpoints_is_the_published_one(law, runs, name):
    fit = lj.fit(law, runs, loss="squared", residual="raw")
    billions = lj.laws.rescale(law, {key: float(value) for key, value in fit.params.items()}, {"D": 1e9})
    assert billions == pytest.approx(dict(lj.laws.published(name).printed), rel=2e-3)


def test_with_all_checkpoints_the_silu_limit_comes_out_higher():
    fit = lj.fit(SILU_ACTIVATION, _silu_runs(0), loss="squared", residual="raw")
    assert float(fit.params["A_0"]) == pytest.approx(0.3934, abs=1e-4)
    assert float(fit.params["alpha"]) == pytest.approx(0.600, abs=1e-3)


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


def test_larger_models_have_nearly_the_same_limit():
    relu, silu = (
        [lj.laws.published(f"luo2024-{kind}-{size}").params["A_0"] for size in ("0.1b", "0.2b", "0.4b", "0.8b", "1.2b")]
        for kind in ("relu", "silu")
    )
    assert relu == sorted(relu)
    assert silu == sorted(silu, reverse=True)
    assert max(silu) - min(silu) < 0.03
