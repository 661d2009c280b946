"""`lawjax compare` and `lawjax compare-systems`."""

import pytest

import lawjax as lj

LAWS = ("--laws", "power-law,power-law-floor")
PAIR = ("compare-systems", "hoffmann2022", "besiroglu2024")


def test_a_comparison_says_what_each_law_predicts_at_the_target(run, curve):
    ended = run("compare", curve, *LAWS, "--at", "x=1e9", "--score", "aicc", "--json")
    assert ended.status == 0
    assert ended.record["ranked_by"] == "aicc"
    assert ended.record["at"] == {"x": 1e9}
    assert all(row["low"] < row["predicted"] < row["high"] for row in ended.record["laws"])


def test_one_law_is_compared_under_several_losses(run, curve):
    ended = run("compare", curve, "--laws", "power-law", "--loss", "huber,squared", "--json")
    assert {row["law"] for row in ended.record["laws"]} == {"power-law [huber(0.001)]", "power-law [squared]"}


def test_two_systems_cross_where_the_library_says(run):
    ended = run(*PAIR, "--budgets", "1e18:1e24:4", "--target", "2.0", "--names", "published,refit", "--json")
    found = lj.compare_systems("hoffmann2022", "besiroglu2024", lj.log_grid(1e18, 1e24, 4), target=2.0)
    assert ended.record["names"] == ["published", "refit"]
    assert ended.record["crossover"]["median"] == pytest.approx(found.crossover[0])
    assert ended.record["ratio"]["median"] == pytest.approx(found.ratio[0])
    assert [row["budget"] for row in ended.record["budgets"]] == pytest.approx([1e18, 1e20, 1e22, 1e24])


def test_each_system_may_hold_something_else(run):
    routed = ("compare-systems", "clark2022-rl-r", "clark2022-rl-r", "--along", "N", "--budgets", "1e8:1e9")
    ended = run(*routed, "--fix-a", "E=64", "--fix-b", "E=1", "--json")
    assert all(row["gain"] > 2 for row in ended.record["budgets"])


def test_a_comparison_of_saved_fits_is_saved(run, curve, tmp_path):
    for name in ("power-law", "power-law-floor"):
        assert run("fit", curve, "--law", name, "--out", tmp_path / f"{name}.json").status == 0
    sources = [tmp_path / f"{name}.json" for name in ("power-law", "power-law-floor")]
    out = tmp_path / "systems.json"
    ended = run("compare-systems", *sources, "--along", "x", "--budgets", "1e4:1e9", "--out", out)
    assert ended.status == 0
    assert len(lj.load(out).budgets) == 25


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((*PAIR, "--budgets", "1e20"), "write LOW:HIGH or LOW:HIGH:NUM"),
        ((*PAIR, "--budgets", "1e18:1e24:2.5"), "the last part must be a whole number"),
        ((*PAIR, "--budgets", "1e24:1e18"), "that rise"),
        ((*PAIR, "--budgets", "1e18:1e24", "--names", "one"), "must be two names"),
        ((*PAIR, "--budgets", "1e18:1e24", "--along", "x"), "has no input `x`"),
        (("compare", "bytelm", "--laws", "chinchilla,coupled", "--at", "N=1e7"), "missing ['D']"),
        (("compare", "bytelm", "--laws", "chinchilla,coupled", "--score", "loo"), "no predictive density"),
    ],
)
def test_a_wrong_question_ends_with_one_message(run, words, message):
    ended = run(*words)
    assert ended.status == 2
    assert message in ended.err.splitlines()[-1]
