"""The critical mixture ratio: the paper's table, and the shape of its trajectories."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import CMR_GENERAL_CHANGE, CMR_LOSS, over_runs

RATIOS = np.array([1.0, 0.75, 0.5, 1 / 3])
# Gu et al. 2024, table 2: the domain loss at these ratios, measured at 25 %, and what the paper predicts there.
TABLE = {
    "460m": ([1.4628, 1.4844, 1.5122, 1.5387], 1.5561, 1.5566),
    "940m": ([1.3723, 1.3910, 1.4155, 1.4385], 1.4538, 1.4546),
    "1.6b": ([1.3242, 1.3416, 1.3643, 1.3854], 1.3994, 1.3999),
    "3.1b": ([1.2585, 1.2750, 1.2965, 1.3170], 1.3305, 1.3303),
}
REFITS = {"460m": 1.5561, "940m": 1.4538, "1.6b": 1.3993, "3.1b": 1.3306}


def _fit(size, ratios=RATIOS):
    runs = lj.Runs.from_columns(R=ratios, loss=TABLE[size][0])
    return lj.fit(CMR_LOSS, runs, loss="squared", residual="raw", num_starts=16)


@pytest.mark.parametrize("size", TABLE)
def test_four_ratios_predict_the_domain_loss_at_the_one_left_out(size):
    fit = _fit(size)
    predicted = float(lj.predict(fit.point, {"R": 0.25}).median[0])
    assert predicted == pytest.approx(REFITS[size], abs=6e-5)
    assert predicted == pytest.approx(TABLE[size][1], abs=1.2e-4)
    printed = lj.laws.published(f"gu2024-domain-{size}").params
    assert {name: float(value) for name, value in fit.params.items()} == pytest.approx(printed, abs=2e-5)


def test_the_predictions_are_nearer_to_the_table_than_those_of_the_paper():
    ours = [
        abs(float(lj.predict(f"gu2024-domain-{size}", {"R": 0.25}).median[0]) - measured)
        for size, (_, measured, _) in TABLE.items()
    ]
    theirs = [abs(predicted - measured) for _, measured, predicted in TABLE.values()]
    assert sum(ours) < 0.2 * sum(theirs)


def test_thirty_three_per_cent_is_one_third():
    hundredths = _fit("460m", np.array([1.0, 0.75, 0.5, 0.33]))
    predicted = float(lj.predict(hundredths.point, {"R": 0.25}).median[0])
    assert predicted == pytest.approx(REFITS["460m"] - 0.001, abs=3e-4)


def test_runs_without_domain_data_can_be_fitted_too():
    truth = dict(alpha=0.3, s=0.5, beta=2.0)
    runs = lj.simulate(CMR_LOSS, truth, {"R": np.array([0.0, 0.125, 0.25, 0.5, 0.75, 1.0])}, noise=0.0)
    fit = lj.fit(CMR_LOSS, runs, loss="squared", num_starts=8)
    assert fit.verdict.grade == "ok"
    assert {name: float(value) for name, value in fit.params.items()} == pytest.approx(truth, rel=1e-6)


def test_the_unit_of_tokens_does_not_matter():
    hundred_is_20b = dict(a2=5e-3, s2=0.2, a3=-4e-4, s3=0.7, b2=0.0)
    in_tokens = lj.laws.rescale(CMR_GENERAL_CHANGE, hundred_is_20b, {"T": 1 / 2e8})
    with jax.enable_x64(True):
        theirs = float(CMR_GENERAL_CHANGE(100.0, **hundred_is_20b))
        ours = float(CMR_GENERAL_CHANGE(20e9, **in_tokens))
    assert ours == pytest.approx(theirs, rel=1e-12)


def test_the_general_loss_rises_and_then_falls_for_good():
    params = dict(a2=5e-3, s2=0.2, a3=-4e-4, s3=0.7, b2=0.0)
    with jax.enable_x64(True):
        change = np.asarray(over_runs(CMR_GENERAL_CHANGE, params, {"T": np.geomspace(1e-3, 1e6, 400)}))
    rising = np.diff(change) > 0
    assert rising[0]
    assert not rising[-1]
    assert np.sum(rising[1:] != rising[:-1]) == 1


def test_a_trajectory_that_turns_is_recovered_from_its_runs():
    truth = dict(a2=2e-3, s2=0.2, a3=-2e-6, s3=0.5, b2=0.01)
    runs = lj.simulate(CMR_GENERAL_CHANGE, truth, {"T": np.geomspace(1e7, 2e10, 40)}, noise=1e-6, space="raw", key=0)
    fit = lj.fit(CMR_GENERAL_CHANGE, runs, loss="squared")
    found = lj.decisions.turning_time(fit.point)["T"]
    assert found == pytest.approx(lj.decisions.turning_time(truth)["T"], rel=0.02)
