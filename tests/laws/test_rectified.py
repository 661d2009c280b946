"""The rectified law: its two forms, and ninety fine-tuning curves."""

import csv

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import RECTIFIED, RECTIFIED_HILL
from lawjax.laws.data_quality.rectified import as_hill, as_rectified

GOLDEN = {
    ("flan", "MBZUAI/LaMini-GPT-124M"): (1.0692, 0.4553, 166.06, 563.82, 11.229, 0.002701),
    ("flan", "gpt2"): (1.2423, 0.5005, 260.71, 856.37, 11.116, 0.007474),
    ("gigaword", "MBZUAI/LaMini-GPT-124M"): (0.9194, 0.2780, 16.830, 36.173, 10.155, 0.003686),
    ("gigaword", "gpt2"): (0.9797, 0.2834, 14.751, 32.892, 9.495, 0.002956),
    ("wmt19", "MBZUAI/LaMini-GPT-124M"): (0.8064, 0.7066, 1844.8, 4262.6, 10.642, 0.010790),
    ("wmt19", "gpt2"): (0.7809, 0.6505, 754.92, 1821.5, 10.187, 0.008893),
}
"""E, beta, D_l, B, c and error of least squares in log loss."""


@pytest.fixture(scope="module")
def curves(shared_data):
    """The runs of each data set and model, without fine-tuning left out."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    with (shared_data / "rectified_sft" / "finetuning_losses.csv").open() as file:
        for row in csv.DictReader(file):
            point = float(row["finetune_samples"]), float(row["test_loss"])
            found.setdefault((row["dataset"], row["model"]), []).append(point)
    return {key: lj.Runs.from_columns(D=D[D > 0], loss=L[D > 0]) for key, (D, L) in _split(found)}


@pytest.fixture(scope="module")
def published_errors(shared_data):
    """The authors' error of each curve."""
    with (shared_data / "rectified_sft" / "published_rmsd.csv").open() as file:
        return {(row["dataset"], row["model"]): float(row["rmsd_log_rectified"]) for row in csv.DictReader(file)}


def _split(found):
    return ((key, np.array(points).T) for key, points in found.items())


@pytest.fixture(scope="module")
def fits(curves):
    """Every curve fitted, all in one batch. Some are all power law, and their start runs away: hence the many steps."""
    return lj.fit_each(RECTIFIED_HILL, curves, loss="squared", residual="log", num_starts=16, max_steps=600)


def rmsd(fit):
    return float(np.sqrt(np.mean(fit.residuals**2)))


@pytest.mark.parametrize("key", GOLDEN, ids=lambda key: "-".join(key).replace("/", "-"))
def test_a_curve_is_fitted_with_the_reference_parameters(fits, published_errors, key):
    fit = fits[key]
    E, beta, D_l, B, c, error = GOLDEN[key]
    found = as_rectified(fit.params)
    np.testing.assert_allclose([found["E"], found["beta"], fit.params["c"]], [E, beta, c], rtol=2e-4)
    np.testing.assert_allclose([found["D_l"], found["B"]], [D_l, B], rtol=2e-3)
    assert rmsd(fit) == pytest.approx(error, abs=1e-6)
    assert rmsd(fit) <= published_errors[key] * 1.001


def test_every_one_of_ninety_curves_is_fitted_as_well_as_by_the_authors(fits, published_errors):
    errors = {key: rmsd(fit) for key, fit in fits.items()}
    assert len(errors) == 90
    assert [key for key, error in errors.items() if error > 1.001 * published_errors[key]] == []
    assert np.mean(list(errors.values())) == pytest.approx(0.00769, rel=0.01)


def test_both_forms_are_the_same_curve():
    params = dict(E=1.2423, B=856.37, D_l=260.71, beta=0.5005)
    with jax.enable_x64(True):
        for D in (10.0, 1e4, 1e7):
            assert float(RECTIFIED(D, **params)) == pytest.approx(
                float(RECTIFIED_HILL(D, **as_hill(params))), rel=1e-12
            )
    back = as_rectified(as_hill(params))
    assert back == pytest.approx(params, rel=1e-12)


def test_half_of_the_gain_is_made_at_the_location():
    params = dict(E=1.0, A=4.0, beta=0.5, c=9.0)
    with jax.enable_x64(True):
        assert float(RECTIFIED_HILL(np.exp(9.0), **params)) == pytest.approx(2.5, rel=1e-12)


def test_without_learning_before_it_is_a_power_law_with_a_floor():
    with jax.enable_x64(True):
        ours = float(RECTIFIED(1e5, E=1.0, B=50.0, D_l=1e-9, beta=0.4))
        power_law = float(lj.laws.POWER_LAW_FLOOR(1e5, E=1.0, A=50.0, alpha=0.4))
    assert ours == pytest.approx(power_law, rel=1e-9)
