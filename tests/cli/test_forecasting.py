"""`lawjax forecast` and `lawjax backtest`: several laws, several tables, one answer."""

import pytest


@pytest.fixture
def curves(tmp_path):
    """Two learning curves in one table."""
    rows = [
        f"{recipe},{tokens:g},{floor + 40 * tokens**-0.25:.6f}"
        for recipe, floor in (("plain", 1.9), ("better", 1.7))
        for tokens in (1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8)
    ]
    path = tmp_path / "curves.csv"
    path.write_text("\n".join(["recipe,D,loss", *rows]) + "\n", encoding="utf-8")
    return path


def test_forecast_answers_for_each_curve(run, curves):
    ended = run("forecast", curves, "--target", "D=1e9", "--by", "recipe", "--json")
    assert ended.status == 0
    plain, better = (ended.record[name]["rows"][0] for name in ("plain", "better"))
    assert better["median"] < plain["median"]
    assert plain["low"] < plain["median"] < plain["high"]


def test_forecast_of_one_table_says_what_it_is_made_of(run, curves):
    ended = run("forecast", curves, "--where", "recipe==better", "--at", "D=1e9", "--laws", "power-law,power-law-floor")
    assert ended.status == 0
    assert "power-law-floor" in ended.out
    assert "on the past" in ended.out


def test_backtest_takes_several_laws_and_estimators(run, curves):
    laws = ("--law", "power-law,power-law-floor", "--columns", "x=D", "--estimator", "student_t,huber")
    ended = run("backtest", curves, *laws, "--by", "recipe", "--cuts", 1, "--json")
    assert ended.status == 0
    assert {(row["law"], row["estimator"]) for row in ended.record["cuts"]} == {
        (law, way) for law in ("power-law", "power-law-floor") for way in ("student_t", "huber")
    }


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("--target", "N=1e9"), "the target names"),
        (("--target", "D=x"), "--target"),
        (("--target", "D=1e9", "--by", "recipe", "--through", "loss"), "--by and --through exclude each other"),
        (("--target", "D=1e9", "--laws", "nonsense"), "nonsense"),
    ],
)
def test_a_wrong_question_ends_with_advice(run, curves, asked, message):
    ended = run("forecast", curves, *asked)
    assert ended.status == 2
    assert message in ended.err
