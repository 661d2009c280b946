"""IsoFLOP minima: exact where the curve is, biased as theory says where it is not, and intervals that cover."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.classical import isoflop
from lawjax.reporting.classical_plots import isoflop_curves

BUDGETS = np.geomspace(1e18, 1e21, 7)
ALPHA, BETA = 0.34, 0.28


def grid(width, num, shift=0.0):
    """Compute and log of size over the best size, for runs at even distances from it; flat, budget by budget."""
    return np.repeat(BUDGETS, num), np.tile(np.linspace(-width, width, num) + shift, len(BUDGETS))


def parabolic(width=1.4, num=5, noise=0.0, seed=0, shift=0.0, bend=0.02):
    """Runs whose loss is a parabola in log N about N* = 0.1 C^0.5, with least loss 30 C^-0.05."""
    C, off = grid(width, num, shift)
    N = 0.1 * C**0.5 * np.exp(off)
    loss = 30 * C**-0.05 + bend * off**2
    loss = loss * np.exp(noise * np.random.default_rng(seed).standard_normal(len(C)))
    return lj.Runs.from_columns(N=N, D=C / (6 * N), loss=loss)


def chinchilla(width, num=9, E=1.69, shift=0.0):
    """Runs of a Chinchilla law on grids about its best size, and that size for each budget."""
    A, B = 406.4, 410.7
    C, off = grid(width, num, shift)
    best = (ALPHA * A / (BETA * B)) ** (1 / (ALPHA + BETA)) * (C / 6) ** (BETA / (ALPHA + BETA))
    N = best * np.exp(off)
    D = C / (6 * N)
    return lj.Runs.from_columns(N=N, D=D, loss=E + A * N**-ALPHA + B * D**-BETA), np.unique(best)


def found_sizes(found):
    """The best size of each budget."""
    return np.array([curve.best["N"] for curve in found.curves])


@pytest.mark.parametrize("method", ["parabola", "cubic"])
@pytest.mark.parametrize("along", ["N", "D"])
def test_parabolic_curves_give_the_exact_power_laws(method, along):
    found = isoflop(parabolic(shift=0.3), method=method, along=along, num_boots=20)

    assert found["N"].exponent == pytest.approx(0.5, abs=1e-9)
    assert found["N"].coefficient == pytest.approx(0.1, rel=1e-7)
    assert found["D"].exponent == pytest.approx(0.5, abs=1e-9)
    assert found["loss"].exponent == pytest.approx(-0.05, abs=1e-10)
    assert found["N"].interval() == pytest.approx((0.5, 0.5), abs=1e-7)
    assert found.verdict.grade == "ok"


def test_akima_finds_the_minimum_to_the_step_of_its_grid():
    found = isoflop(parabolic(num=9, shift=0.05), method="akima", num_boots=2)

    step = 0.35 * 8 / (8 * 25 - 1)
    assert np.abs(np.log(found_sizes(found) / (0.1 * BUDGETS**0.5))).max() < step


def test_a_cubic_finds_the_minimum_of_a_cubic_on_either_side_of_its_bend():
    C, off = grid(1.0, 7)
    for sign in (-1, 1):
        runs = lj.Runs.from_columns(C=C, N=C**0.5 * np.exp(off + 0.2), loss=2 + off**2 + 0.3 * sign * off**3)
        found = isoflop(runs, method="cubic", num_boots=2)
        assert found_sizes(found) == pytest.approx(BUDGETS**0.5 * np.exp(0.2), rel=1e-9)


def test_a_parabola_finds_too_small_a_size_by_what_theory_says():
    """The curve is steeper where the larger exponent acts; the shift is (alpha - beta) <u^4> / (6 <u^2>) at first."""
    shifts = {}
    for width in (0.2, 3.0):
        runs, best = chinchilla(width)
        off = np.log(found_sizes(isoflop(runs, num_boots=2)) / best)
        u = np.linspace(-width, width, 9)
        theory = (ALPHA - BETA) / 6 * np.mean(u**4) / np.mean(u**2)
        shifts[width] = off.mean() / theory
        assert np.ptp(off) < 1e-8
    assert shifts[0.2] == pytest.approx(1.0, abs=0.01)
    assert shifts[3.0] == pytest.approx(1.0, abs=0.2)


def test_the_exponents_are_exact_on_grids_that_follow_the_best_size_and_biased_on_fixed_sizes():
    truth = BETA / (ALPHA + BETA)
    runs, _ = chinchilla(3.0)
    sizes = np.geomspace(1e7, 1e11, 25)
    C, N = (column.ravel() for column in np.meshgrid(BUDGETS, sizes, indexing="ij"))
    D = C / (6 * N)
    fixed = lj.Runs.from_columns(N=N, D=D, loss=1.69 + 406.4 * N**-ALPHA + 410.7 * D**-BETA)

    follows, stays = (isoflop(table, num_boots=2)["N"].exponent - truth for table in (runs, fixed))

    assert abs(follows) < 1e-9
    assert stays == pytest.approx(-0.0061, abs=2e-4)


def test_a_cubic_is_nearer_than_a_parabola_and_akima_nearest_on_wide_curves():
    runs, best = chinchilla(3.0, num=15)
    off = {m: np.abs(np.log(found_sizes(isoflop(runs, method=m, num_boots=2)) / best)).max()
           for m in ("parabola", "cubic", "akima")}  # fmt: skip

    assert off["akima"] < 0.05
    assert off["cubic"] < off["parabola"]


def test_the_exponent_of_the_loss_is_right_only_without_a_floor():
    truth = -ALPHA * BETA / (ALPHA + BETA)
    bare, floored = (isoflop(chinchilla(0.5, E=E)[0], num_boots=2) for E in (0.0, 1.69))

    assert bare["loss"].exponent == pytest.approx(truth, abs=1e-9)
    assert floored["loss"].exponent > 0.5 * truth
    assert "curved" in floored["loss"].verdict.codes


def test_nine_in_ten_intervals_of_nine_tenths_hold_the_true_exponent():
    held = []
    for seed in range(120):
        runs = parabolic(num=7, noise=0.002, seed=seed, shift=0.2)
        low, high = isoflop(runs, num_boots=300, key=seed)["N"].interval(prob=0.9)
        held.append(low <= 0.5 <= high)
    assert 0.82 <= np.mean(held) <= 0.97  # 0.9 give or take three standard errors of 120.


def test_noise_of_a_known_size_gives_the_spread_of_repeats():
    repeats = [isoflop(parabolic(noise=0.003, seed=seed), num_boots=2)["N"].exponent for seed in range(300)]

    found = isoflop(parabolic(), noise=0.003)

    assert found["N"].stderr["exponent"] == pytest.approx(np.std(repeats), rel=0.15)


def test_errors_that_groups_share_move_all_minima_together():
    """A group per distance from the best size: seven budgets say no more of the size than one, and all of its slope."""
    runs = parabolic(num=6)
    shared = lj.Runs.from_columns(N=runs["N"], D=runs["D"], loss=runs["loss"], group=np.arange(42) % 6)

    alone, together = (isoflop(table, noise=0.003)["N"] for table in (runs, shared))

    middle = np.exp(np.log(BUDGETS).mean())
    widths = [np.log(law.at(middle).high / law.at(middle).low) for law in (alone, together)]
    assert widths[1] / widths[0] == pytest.approx(np.sqrt(7), rel=0.15)
    assert together.stderr["exponent"] < 0.5 * alone.stderr["exponent"]


def test_groups_keep_their_signs_in_residuals_of_their_own():
    runs = parabolic(num=7, noise=0.003)
    own = lj.Runs.from_columns(N=runs["N"], D=runs["D"], loss=runs["loss"], group=np.arange(49))

    pooled, wild = (isoflop(table, num_boots=4000)["N"].stderr["exponent"] for table in (runs, own))

    assert wild == pytest.approx(pooled, rel=0.25)


def test_precision_weighs_down_a_noisy_budget():
    runs = parabolic(num=7)
    C, off = grid(1.4, 7)
    noise = np.where(C < 1.5e18, 0.02, 1e-4) * np.random.default_rng(1).standard_normal(len(C))
    rough = lj.Runs.from_columns(
        N=runs["N"], D=runs["D"], loss=(30 * C**-0.05 + 0.02 * off**2) * np.exp(noise), group=range(49)
    )

    equal, precise = (isoflop(rough, weighting=weighting)["N"] for weighting in ("equal", "precision"))

    assert precise.stderr["exponent"] < 0.5 * equal.stderr["exponent"]
    assert abs(precise.exponent - 0.5) < abs(equal.exponent - 0.5)


def test_budgets_without_a_minimum_are_left_out_and_named():
    runs = parabolic(num=5)
    off = np.tile(np.linspace(-1.4, 1.4, 5), 7)
    loss = np.asarray(runs["loss"]).copy()
    loss[:5] = 4 - off[:5] + 0.1 * off[:5] ** 2  # Falls to the end.
    loss[5:10] = 4 - 0.1 * off[5:10] ** 2
    keep = np.r_[0:10, 10:12, 15:35]  # Two points are left of the third budget.
    table = lj.Runs.from_columns(N=runs["N"], D=runs["D"], loss=loss).take(keep)

    found = isoflop(table, num_boots=50)

    statuses = [curve.status for curve in found.curves]
    assert statuses == ["at-edge", "opens-downward", "too-few-points", "ok", "ok", "ok", "ok"]
    assert found["N"].num_points == 4
    assert found["N"].exponent == pytest.approx(0.5, abs=1e-8)
    assert {"at-edge", "opens-downward", "too-few-points", "few-points"} <= set(found.verdict.codes)
    assert "3.162e+18" in str(found.verdict)


def test_a_minimum_beyond_the_sizes_is_at_the_edge_for_every_method():
    for method in ("parabola", "cubic", "akima"):
        with pytest.raises(lj.InputError, match="0 of 7 budgets have a minimum inside their curve"):
            isoflop(parabolic(shift=2.0), method=method)


def test_compute_that_varies_inside_a_budget_is_gathered_within_the_tolerance():
    C, off = grid(1.4, 5)
    wobble = np.tile([1.0, 1.02, 0.99, 1.03, 1.01], 7)
    N = 0.1 * C**0.5 * np.exp(off)
    runs = lj.Runs.from_columns(N=N, D=wobble * C / (6 * N), loss=30 * C**-0.05 + 0.02 * off**2)

    found = isoflop(runs, num_boots=2)

    assert len(found.curves) == 7
    assert found["N"].exponent == pytest.approx(0.5, abs=1e-6)
    assert "budgets-touch" not in found.verdict.codes
    with pytest.raises(lj.InputError, match="0 of 35 budgets have a minimum"):
        isoflop(runs, tolerance=0.0)


def test_budgets_nearer_than_the_tolerance_are_named():
    C, off = grid(1.4, 5)
    N = 0.1 * C**0.5 * np.exp(off)
    near = lj.Runs.from_columns(
        C=np.concatenate([C, 1.15 * C[:5], 1.08 * C[:5]]),
        N=np.concatenate([N, N[:5], N[:5]]),
        loss=np.concatenate([30 * C**-0.05 + 0.02 * off**2] + [30 * C[:5] ** -0.05 + 0.02 * off[:5] ** 2] * 2),
    )

    assert "budgets-touch" in isoflop(near, num_boots=2).verdict.codes


def test_the_other_input_spends_the_budget_and_is_left_out_where_it_is_not_known():
    C, off = grid(1.4, 5)
    N = 0.1 * C**0.5 * np.exp(off)
    loss = 30 * C**-0.05 + 0.02 * off**2

    dear = isoflop(lj.Runs.from_columns(C=C, N=N, D=C / (8 * N), loss=loss), num_boots=2)
    alone = isoflop(lj.Runs.from_columns(C=C, N=N, loss=loss), num_boots=2)

    assert dear["D"].coefficient == pytest.approx(10 / 8, rel=1e-6)
    assert set(alone.power_laws) == {"N", "loss"}


def test_repeats_of_a_size_count_as_their_mean_for_akima():
    runs = parabolic(num=5)
    twice = lj.Runs.from_columns(
        N=np.tile(runs["N"], 2),
        D=np.tile(runs["D"], 2),
        loss=np.concatenate([1.01 * runs["loss"], 0.99 * runs["loss"]]),
    )

    once, mean = (isoflop(table, method="akima", num_boots=2) for table in (runs, twice))

    assert found_sizes(mean) == pytest.approx(found_sizes(once), rel=1e-9)


def test_a_run_of_weight_0_counts_for_nothing_and_weights_pull_the_curve():
    runs = parabolic(num=7)
    loss = np.asarray(runs["loss"]).copy()
    loss[::7] += 0.05
    spoilt = lj.Runs.from_columns(N=runs["N"], D=runs["D"], loss=loss)

    whole, light, without = (
        isoflop(spoilt, weights=np.where(np.arange(49) % 7 == 0, weight, 1.0), num_boots=2)["N"].coefficient
        for weight in (1.0, 0.1, 0.0)
    )

    assert without == pytest.approx(0.1, rel=1e-7)
    assert abs(whole - 0.1) > abs(light - 0.1) > 0.001


def test_curves_through_all_their_points_give_no_interval_and_say_so():
    found = isoflop(parabolic(num=3), num_boots=20)

    assert found["N"].exponent == pytest.approx(0.5, abs=1e-9)
    assert np.isnan(found["N"].interval()).all()
    assert "no-noise-seen" in found.verdict.codes


def test_minima_that_scatter_beyond_their_noise_are_named():
    C, off = grid(1.4, 7)
    moved = np.repeat(np.random.default_rng(0).normal(0, 0.3, 7), 7)
    loss = (30 * C**-0.05 + 0.02 * (off - moved) ** 2) * np.exp(1e-4 * np.random.default_rng(1).standard_normal(49))
    runs = lj.Runs.from_columns(C=C, N=0.1 * C**0.5 * np.exp(off), loss=loss)

    assert "scattered-minima" in isoflop(runs).verdict.codes
    assert "scattered-minima" not in isoflop(parabolic(num=7, noise=1e-4)).verdict.codes


def test_an_analysis_prints_gives_plain_data_and_draws_itself():
    found = isoflop(parabolic(noise=0.001), num_boots=50)

    assert "N = " in repr(found)
    assert "verdict" in repr(found)
    assert found.to_frame()["status"].tolist() == ["ok"] * 7
    assert found.to_dict()["power_laws"]["D"]["num_points"] == 7
    assert isoflop_curves(found).count("<g id=") > 20


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "spline"}, 'unknown isoFLOP method \'spline\'. Choose one of "parabola", "cubic", "akima"'),
        ({"along": "C"}, 'unknown `along` \'C\'. Choose one of "N", "D"'),
        ({"space": "logit"}, "unknown `space`"),
        ({"weighting": "best"}, "unknown `weighting`"),
        ({"tolerance": -0.1}, "`tolerance` must be a share"),
        ({"noise": 0.0}, "`noise` must be a share of the loss"),
        ({"budget": "flops"}, "needs `flops`, but the table has no such column"),
        ({"loss": "bpb"}, "needs `bpb`"),
        ({"num_boots": 0}, "`num_boots` must be a whole number"),
    ],
)
def test_a_wrong_call_says_what_to_mend(options, message):
    with pytest.raises(lj.InputError, match=message):
        isoflop(parabolic(), **options)


def test_compute_that_cannot_be_made_is_asked_for():
    runs = lj.Runs.from_columns(N=[1e6, 1e7], loss=[3.0, 2.0])
    with pytest.raises(lj.InputError, match="needs `N` and `D`, or `C`, but the table has no such column"):
        isoflop(runs)
