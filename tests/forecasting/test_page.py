"""The page on forecasts runs as it stands, and the figures are drawn."""

import doctest
from pathlib import Path

import numpy as np
import pytest

import lawjax as lj
from lawjax.reporting.backtest_plot import errors_by_distance
from lawjax.reporting.forecast_plot import forecast_curve

PAGE = Path(__file__).parents[2] / "docs" / "extrapolation.md"


def test_every_example_of_the_page_prints_what_it_says():
    found = doctest.testfile(str(PAGE), module_relative=False)
    assert found.attempted > 8
    assert found.failed == 0


def test_a_back_test_is_drawn_with_a_small_figure_for_each_contender(truth):
    runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=40, noise=0.01, key=0)
    drawn = errors_by_distance(lj.backtest(lj.laws.CHINCHILLA, runs, estimator=["student_t", "normal"], num_cuts=2))
    assert drawn.count("held") == 2


def test_a_forecast_along_one_input_is_drawn_and_of_two_is_refused(truth):
    curve = lj.Runs.from_columns(D=np.geomspace(1e6, 1e9, 8), loss=3 * np.geomspace(1e6, 1e9, 8) ** -0.05)
    assert "<svg" in forecast_curve(lj.forecast(curve, {"D": [2e9, 1e10]}), curve)
    runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=40, noise=0.01, key=0)
    found = lj.forecast(runs, {"N": 1e11, "D": 1e12}, laws=[lj.laws.CHINCHILLA])
    with pytest.raises(lj.InputError, match="is no curve"):
        forecast_curve(found, runs)
