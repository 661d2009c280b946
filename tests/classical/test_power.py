"""Regression of logarithms: exact on exact laws, the textbook's on others, honest about what it cannot see."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.classical import log_log


def table(num=12, noise=0.0, seed=0, **extra):
    """Runs whose loss is 20 N^-0.2, with noise."""
    N = np.geomspace(1e6, 1e9, num)
    loss = 20.0 * N**-0.2 * np.exp(noise * np.random.default_rng(seed).standard_normal(num))
    return lj.Runs.from_columns(N=N, D=20 * N, loss=loss, **extra)


def test_an_exact_power_law_is_found_to_the_last_digits():
    law = log_log(table(), x="N", y="loss", num_boots=50)

    assert law.exponent == pytest.approx(-0.2, abs=1e-13)
    assert law.coefficient == pytest.approx(20.0, rel=1e-12)
    assert law.r_squared == pytest.approx(1.0)
    assert law.interval("exponent") == pytest.approx((-0.2, -0.2), abs=1e-12)
    assert law.verdict.grade == "ok"


def test_weights_give_what_polyfit_gives():
    runs, weights = table(noise=0.05), np.linspace(1, 9, 12)

    law = log_log(runs, x="N", y="loss", weights=weights, num_boots=2)

    slope, level = np.polyfit(np.log(runs["N"]), np.log(runs["loss"]), 1, w=np.sqrt(weights))
    assert (law.exponent, np.log(law.coefficient)) == pytest.approx((slope, level), rel=1e-12)


def test_the_standard_error_is_that_of_least_squares():
    runs = table(num=400, noise=0.1)

    law = log_log(runs, x="N", y="loss", num_boots=4000)

    _, covariance = np.polyfit(np.log(runs["N"]), np.log(runs["loss"]), 1, cov=True)
    assert law.stderr["exponent"] == pytest.approx(np.sqrt(covariance[0, 0]), rel=0.1)


def test_compute_is_6nd_where_there_is_no_such_column():
    law = log_log(table(), x="C", y="loss", num_boots=2)

    assert law.exponent == pytest.approx(-0.1, abs=1e-12)
    assert law.observed == pytest.approx((120e12, 120e18))


def test_copies_of_a_run_in_one_group_do_not_narrow_the_interval():
    once = table(noise=0.1)
    rows = np.repeat(np.arange(12), 20)
    copies = lj.Runs.from_columns(N=once["N"][rows], loss=once["loss"][rows], group=rows)

    grouped = log_log(copies, x="N", y="loss", num_boots=2000).stderr["exponent"]

    assert grouped == pytest.approx(log_log(once, x="N", y="loss", num_boots=2000).stderr["exponent"], rel=0.1)
    assert grouped > 3 * log_log(table(), x="N", y="loss", num_boots=50).stderr["exponent"]


def test_the_same_key_gives_the_same_draws_and_another_key_others():
    first, again, other = (log_log(table(noise=0.1), x="N", y="loss", key=key).draws["exponent"] for key in (1, 1, 2))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_law_at_a_point_has_an_interval_that_widens_beyond_the_points():
    law = log_log(table(noise=0.05), x="N", y="loss")

    near, far = law.at(1e8), law.at([1e8, 1e12])

    assert near.verdict.codes == ()
    assert near.low < near.value < near.high
    assert far.verdict.codes == ("extrapolation",)
    widths = np.log(far.high / far.low)
    assert widths[1] > 3 * widths[0]
    assert law.at(1e8, prob=0.5).high < near.high
    assert "extrapolation" in repr(far)
    assert far.to_frame().shape == (2, 4)


def test_a_floor_under_the_loss_shows_as_curvature():
    runs = table()
    bent = lj.Runs.from_columns(N=runs["N"], loss=runs["loss"] + 1.0)

    law = log_log(bent, x="N", y="loss", num_boots=2)

    assert "curved" in law.verdict.codes
    assert law.exponent > -0.19


def test_scatter_without_a_trend_is_a_poor_fit():
    loss = 2 + np.random.default_rng(0).uniform(size=30)

    law = log_log(lj.Runs.from_columns(N=np.geomspace(1, 9, 30), loss=loss), x="N", y="loss", num_boots=50)

    assert "poor-fit" in law.verdict.codes


def test_few_points_and_lost_resamples_are_named():
    law = log_log(table(num=3, noise=0.1), x="N", y="loss", num_boots=500)

    assert set(law.verdict.codes) == {"few-points", "few-resampled", "failed-resamples"}
    lost = np.mean(np.isnan(law.draws["exponent"]))
    assert lost == pytest.approx(1 / 9, abs=0.05)  # All three draws on one of the three points: 3 / 27.


def test_a_law_prints_and_gives_plain_data():
    law = log_log(table(noise=0.05), x="N", y="loss", num_boots=100)

    assert law.formula in repr(law)
    assert law.to_dict()["exponent"]["value"] == law.exponent
    assert law.to_frame().shape == (100, 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"x": "size", "y": "loss"}, "needs `size`, but the table has no such column"),
        ({"x": "N", "y": "loss", "num_boots": 1}, "`num_boots` must be a whole number"),
        ({"x": "N", "y": "loss", "prob": 1.0}, "`prob` must lie between 0 and 1"),
        ({"x": "N", "y": "loss", "weights": [1.0]}, "`weights` must be 12 finite numbers"),
        ({"x": "N", "y": "loss", "key": -1}, "`key` must be a whole number"),
    ],
)
def test_a_wrong_call_says_what_to_mend(options, message):
    with pytest.raises(lj.InputError, match=message):
        log_log(table(), **options)


def test_runs_that_cannot_carry_a_line_are_refused():
    with pytest.raises(lj.InputError, match="`N` is 1000 in all runs"):
        log_log(lj.Runs.from_columns(N=[1e3] * 4, loss=[1.0, 2.0, 3.0, 4.0]), x="N", y="loss")
    with pytest.raises(lj.InputError, match="2 runs cannot show"):
        log_log(table(num=2), x="N", y="loss")
    with pytest.raises(lj.InputError, match="must be positive and finite, got -1 in row 2"):
        log_log(lj.Runs.from_columns(N=[1.0, 2.0, 3.0], loss=[1.0, -1.0, 2.0]), x="N", y="loss")
    with pytest.raises(lj.InputError, match="must be `Runs`, got list"):
        log_log([1.0], x="N", y="loss")
    with pytest.raises(lj.InputError, match="all rows belong to one group"):
        log_log(table(group=["a"] * 12), x="N", y="loss")


def test_a_point_without_a_logarithm_and_an_unknown_number_are_refused():
    law = log_log(table(), x="N", y="loss", num_boots=2)

    with pytest.raises(lj.InputError, match="`N` must be positive and finite"):
        law.at([1e8, 0.0])
    with pytest.raises(lj.InputError, match='must be "exponent" or "coefficient"'):
        law.interval("slope")
