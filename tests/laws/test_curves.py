"""Laws of one variable on real runs: the scores of a robot, and learning to add."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import BROKEN_POWER_LAW, GENERALISATION_GAP, published

SCORES = {
    # Scores after 1, 2, ... 32 objects, environments or pairs, and the best score; tables of Lin et al. 2024.
    "pour-water-environments": ([1.3, 3.325, 4.475, 6.2, 8.0, 8.6], 9.0),
    "mouse-arrangement-objects": ([1.3, 3.25, 3.625, 4.8, 5.325, 5.575], 6.0),
    "mouse-arrangement-environments": ([1.3, 2.475, 3.625, 3.6, 4.45, 5.2], 6.0),
    "mouse-arrangement-pairs": ([0.75, 0.875, 2.325, 3.35, 4.75, 5.525], 6.0),
}

GAPS = {
    # Gaps after 1, 2, ... 32, read off assets/scaling-law-curve.png of Fanqi-Lin/Data-Scaling-Laws to about 1 %, and
    # what they give.
    "pour-water-objects": ([0.858, 0.475, 0.286, 0.192, 0.153, 0.061], dict(beta=0.821, alpha=0.701)),
    "pour-water-pairs": ([0.942, 0.839, 0.408, 0.375, 0.236, 0.125], dict(beta=1.062, alpha=0.576)),
}


@pytest.mark.parametrize("name", list(SCORES))
def test_fits_to_the_scores_of_a_robot_give_the_printed_coefficients(name):
    scores, best = SCORES[name]
    runs = lj.Runs.from_columns(X=[1, 2, 4, 8, 16, 32], gap=1 - np.array(scores) / best)
    fit = lj.fit(GENERALISATION_GAP, runs, loss="squared", num_starts=4)
    printed = published(f"lin2024imitation-{name}").printed
    assert {key: float(value) for key, value in fit.params.items()} == pytest.approx(printed, abs=6e-4)


@pytest.mark.parametrize("name", list(GAPS))
def test_fits_to_digitised_gaps_of_a_robot_come_within_a_hundredth_of_the_printed_coefficients(name):
    gaps, read_off = GAPS[name]
    fit = lj.fit(GENERALISATION_GAP, lj.Runs.from_columns(X=[1, 2, 4, 8, 16, 32], gap=gaps), loss="squared")
    found = {key: float(value) for key, value in fit.params.items()}
    assert found == pytest.approx(read_off, abs=6e-4)
    assert found == pytest.approx(published(f"lin2024imitation-{name}").printed, rel=0.01)


def test_a_broken_power_law_finds_the_break_of_learning_to_add(shared_data):
    table = next((shared_data / "bnsl").glob("*.csv"))
    runs = lj.read_runs(table, columns={"x": "train_examples", "loss": "test_cross_entropy"})
    fitted = runs["in_fit_split"] == 1
    train = lj.Runs.from_columns(x=runs["x"][fitted], loss=runs["loss"][fitted])
    fit = lj.fit(BROKEN_POWER_LAW, train, loss="squared")
    off = np.log(lj.predict(fit.point, {"x": runs["x"]}).median / runs["loss"])
    authors = dict(a=0.413884511, b=2.27727226, c0=0.0550773440, c1=5.66290382, d1=612.583620, f1=0.0591930396)
    assert {key: float(value) for key, value in fit.params.items()} == pytest.approx(authors, rel=0.01)
    assert np.sqrt(np.mean(off[fitted] ** 2)) <= 0.00059849
    assert np.sqrt(np.mean(off[~fitted] ** 2)) == pytest.approx(0.011, abs=0.002)
