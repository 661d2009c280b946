"""Patch size: the error rates of Wang et al. 2025, table 1."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import PATCH_SIZE

# top-1 accuracy in per cent on ImageNet-1k for patches of 16, 8, 4, 2 and 1 pixels; arXiv:2502.03738, table 1
ACCURACY = {
    "deit-b-64": [68.2, 76.9, 80.1, 80.8, 81.3],
    "deit-b-128": [78.1, 81.0, 82.3, 82.9],
    "adv-b-64": [69.2, 77.2, 80.0, 80.5, 80.9],
    "adv-b-128": [79.0, 81.5, 81.8, 82.2, 82.4],
    "adv-b-224": [82.6, 83.9, 84.3, 84.5, 84.6],
}
SIDES = np.array([16.0, 8.0, 4.0, 2.0, 1.0])


def _runs(model: str) -> lj.Runs:
    error = 1 - np.array(ACCURACY[model]) / 100
    return lj.Runs.from_columns(P=SIDES[: len(error)], loss=error)


@pytest.mark.parametrize("model", ACCURACY)
def test_the_law_follows_the_published_error_rates(model):
    runs = _runs(model)
    predicted = lj.predict(f"wang2025patches-{model}", {"P": runs["P"]}).median
    np.testing.assert_allclose(predicted, runs["loss"], rtol=0.013)


@pytest.mark.parametrize("model", ACCURACY)
def test_a_fit_by_least_squares_gives_the_coefficients(model):
    fit = lj.fit(PATCH_SIZE, _runs(model), loss="squared", residual="raw")
    printed = lj.laws.published(f"wang2025patches-{model}").printed
    assert {name: float(value) for name, value in fit.params.items()} == pytest.approx(dict(printed), rel=1e-3)


@pytest.mark.parametrize("model", ACCURACY)
def test_halving_the_patch_divides_what_it_costs_by_two_to_alpha(model):
    params = lj.laws.published(f"wang2025patches-{model}").params
    with jax.enable_x64(True):
        whole, half = (float(PATCH_SIZE(P, **params)) - params["E"] for P in (8.0, 4.0))
    assert whole / half == pytest.approx(2 ** params["alpha"], rel=1e-9)
