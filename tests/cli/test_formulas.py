"""A law can be typed as a formula of the table's columns; what is saved from it loads and predicts."""

import numpy as np
import pytest

import lawjax as lj

TEXT = "loss = E + A/N**alpha + B/D**beta"


def test_a_formula_of_the_columns_is_fitted_as_the_law_that_it_says(run, table, naming, saved_fit):
    ended = run("fit", table, *naming, "--law", TEXT, "--param-range", "E=0.2:4", "--param-range", "A=10:1e4", "--json")
    params = {name: float(value) for name, value in lj.load(saved_fit).params.items()}
    assert ended.record["law"] == "E + A/N**alpha + B/D**beta"
    assert ended.record["params"] == pytest.approx(params, rel=1e-4)


def test_a_fit_of_a_formula_is_saved_resampled_and_predicts(run, curve, tmp_path):
    fit, draws = tmp_path / "fit.json", tmp_path / "draws.parquet"
    assert run("fit", curve, "--law", "A * x**-alpha", "--out", fit).status == 0
    assert run("bootstrap", fit, "--num", "8", "--out", draws).status == 0
    assert run("predict", draws, "--at", "x=1e6", "--json").record["rows"][0]["x"] == 1e6
    catalogue = lj.fit(lj.laws.POWER_LAW, lj.read_runs(curve))
    ours, theirs = (lj.predict(found.point, {"x": [1e6]}).median[0] for found in (lj.load(fit), catalogue))
    assert ours == pytest.approx(theirs, rel=1e-6)


def test_a_column_that_goes_below_zero_is_an_input_on_the_whole_line(run, tmp_path):
    x = np.linspace(-2, 2, 20)
    path = tmp_path / "line.csv"
    lj.Runs.from_columns(t=x, y=1.0 - 3.0 * x).to_frame().to_csv(path, index=False)
    ended = run("fit", path, "--law", "y = a + b * t", "--param-range", "a=-5:5,b=-5:5", "--loss", "squared", "--json")
    assert ended.record["params"] == pytest.approx({"a": 1.0, "b": -3.0}, rel=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--law", "E + A/M**alpha"), "names no column of numbers of the table; it has x, loss"),
        (("--law", "E + A/x^alpha"), "write .. for a power"),
        (("--law", "E + __import__(x)"), "starts with an underscore"),
        (("--law", "E + A/x**alpha", "--param-range", "F=0:1"), "`params` names"),
        (("--law", "E + A/x**alpha", "--param-range", "E=1"), "cannot read 'E=1' in --param-range"),
        (("--law", "power-law", "--param-range", "A=0:1"), "--param-range is for a formula"),
        (("--law", "y = E + A/x**alpha"), "`y`"),
    ],
)
def test_a_formula_that_cannot_be_used_ends_with_one_message(run, curve, arguments, message):
    ended = run("fit", curve, *arguments)
    assert ended.status == 2
    assert message.replace("..", "**") in ended.err


def test_a_command_that_takes_names_only_says_so(run, curve):
    ended = run("compare", curve, "--laws", "power-law,E + A/x**alpha")
    assert ended.status == 2
    assert "is a formula; this command takes the name of a law" in ended.err
