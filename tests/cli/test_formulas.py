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
        (("--law", "loss = E + A/x^alpha"), "at column 15"),
        (("--law", "x = E + A/x"), "`x` is on both sides of"),
        (("--law", "a*loss + x"), "`loss` is on both sides of 'a*loss + x': a response is not its own input. Without"),
        (("--law", "loss = a*loss + x"), "`loss` is on both sides of"),
        (("--law", "E-A"), "unknown law 'E-A'"),
        (("--law", "E + A/x", "--param-range", "E=1_0:1_00"), "'1_0' is not a finite number"),
        (("--law", "E + A/x", "--param-range", "E=1e-320:1e300"), "whose ratio is finite too"),
    ],
)
def test_a_formula_that_cannot_be_used_ends_with_one_message(run, curve, arguments, message):
    ended = run("fit", curve, *arguments)
    assert ended.status == 2
    assert message.replace("..", "**") in ended.err


def test_what_was_read_as_what_is_said(run, curve):
    ended = run("fit", curve, "--law", "A * x**-alpha", "--starts", "4")
    assert "loss: inputs x; parameters A, alpha\n" in ended.err
    assert "did you mean" not in ended.err


@pytest.mark.parametrize("word", ["tokns", "Tokens", "TOKENS"])
def test_a_column_that_is_misspelt_is_not_taken_for_a_parameter_in_silence(run, tmp_path, word):
    x = np.geomspace(1, 100, 20)
    path = tmp_path / "runs.csv"
    lj.Runs.from_columns(x=x, tokens=x[::-1], loss=1 + 2 / x).to_frame().to_csv(path, index=False)
    ended = run("fit", path, "--law", f"E + A / x + 0 * {word}", "--force", "--starts", "4")
    assert f"`{word}` is taken as a parameter; did you mean the column `tokens`?" in ended.err


def test_a_column_of_words_is_no_parameter(run, tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("x,kind,loss\n" + "".join(f"{n},k{n},{1 + 1 / n}\n" for n in range(1, 12)))
    ended = run("fit", path, "--law", "E + kind / x")
    assert ended.status == 2
    assert "'E + kind / x' needs the column `kind`, which has text in row 1" in ended.err


def test_a_difference_of_a_column_is_a_formula(run, curve):
    ended = run("fit", curve, "--law", "E-x", "--force", "--starts", "4")
    assert "loss: inputs x; parameters E\n" in ended.err


def test_units_that_a_formula_does_not_cover_are_explained_in_its_terms(run, curve):
    ended = run("fit", curve, "--law", "E - A * log(x)", "--force", "--starts", "4")
    assert "Write each term with a scale or a place for it" in ended.out


def test_a_command_that_takes_names_only_says_so(run, curve):
    ended = run("compare", curve, "--laws", "power-law,E + A/x**alpha")
    assert ended.status == 2
    assert "is a formula; this command takes the name of a law" in ended.err
