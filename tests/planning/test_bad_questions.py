"""Questions that cannot be answered, or only with a warning: each of `allocate`, `solve` and `sweep` says so."""

import math

import numpy as np
import pytest

import lawjax as lj

LAW = lj.laws.published("besiroglu2024")
SIX_ND = lj.costs.training()
GRID = {"N": lj.log_grid(1e8, 1e12, 9), "D": lj.log_grid(1e9, 1e14, 11)}
RANGES = {"N": (1e8, 1e12), "D": (1e9, 1e14)}


def sweep(**options):
    axes = GRID | options.pop("axes", {})
    return lj.sweep(LAW, lj.space(**axes), keep=options.pop("keep", lj.top_k(1)), **options)


def solve(*subject_to, choose=RANGES):
    return lj.solve(LAW, lj.Problem(choose=choose, minimise="loss", subject_to=subject_to))


REFUSED = {
    "no feasible configuration": (
        lambda: sweep(budget=lj.flops(1e16)),
        "none of the 99 configurations is feasible.*1e.16",
    ),
    "no feasible plan": (lambda: lj.allocate(LAW, 1e12, bounds=RANGES), "lower bounds .* already cost"),
    "no feasible choice": (lambda: solve(lj.at_most(SIX_ND, 1e12)), "6ND <= 1.000e.12 FLOP.*lower bound"),
    "budget of zero": (lambda: lj.allocate(LAW, 0), "above 0"),
    "budget without end": (lambda: sweep(budget=math.inf), "finite number above 0"),
    "budget that is no number": (lambda: lj.allocate(LAW, math.nan), "is a number|above 0"),
    "limit without end": (lambda: lj.at_most("N", math.inf), "finite number, got inf"),
    "constraints that contradict": (
        lambda: solve(lj.at_least("D", 1e13), lj.at_most("D", 1e12)),
        "`D >= 1.000e.13` and `D <= 1.000e.12` exclude each other",
    ),
    "condition that contradicts the budget": (
        lambda: sweep(budget=lj.flops(1e18), where=lambda N: N > 1e11),
        "`where` and the budget exclude each other",
    ),
    "axis reversed": (lambda: lj.log_grid(1e12, 1e8, 5), "low < high"),
    "list out of order": (lambda: lj.values([8, 4, 16]), "must increase, got 8 then 4"),
    "steps of a part": (lambda: lj.integers(4, 16.5), "whole number"),
    "more than can be numbered": (
        lambda: lj.space(a=lj.grid(0, 1, 2**21), b=lj.grid(0, 1, 2**21), c=lj.grid(0, 1, 2**21)),
        "more than can be numbered",
    ),
    "more combinations than can be tried": (
        lambda: solve(choose={"N": lj.log_grid(1e8, 1e12, 70), "D": lj.log_grid(1e9, 1e14, 70)}),
        "4,900 combinations, more than 4,096.*lj.sweep",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_question_without_an_answer_is_one_clear_error(name):
    ask, message = REFUSED[name]
    with pytest.raises(lj.InputError, match=message):
        ask()


def test_mixture_that_does_not_sum_to_one_is_refused_held_or_as_an_axis():
    shares = lj.Law(
        lambda w, *, E: E - w[0] * w[1], "loss", params={"E": lj.positive(1, 3)},
        inputs={"w": lj.Variable(kind="simplex", size=2)},
    )  # fmt: skip
    with pytest.raises(lj.InputError, match="must sum to 1"):
        lj.solve({"E": 1.0}, lj.Problem(choose={"k": (0, 1)}, given={"w": [0.5, 0.6]}, minimise="loss"), law=shares)
    with pytest.raises(lj.InputError, match=r"off a sum of 1 by 0.1"):
        lj.sweep({"E": 1.0}, lj.space(k=lj.grid(0, 1, 3), w=[0.5, 0.6]), law=shares)


def test_grid_of_one_is_its_own_winner_and_choice():
    found = sweep(axes={"N": lj.values([1e9]), "D": lj.values([2e10])})
    assert (found.best["N"], found.best["D"]) == (1e9, 2e10)
    best = solve(choose={"N": lj.values([1e9]), "D": lj.values([2e10])})
    assert (best["N"], best["D"]) == (1e9, 2e10)


def test_tie_goes_to_the_first():
    flat = lj.Law(
        lambda N, D, *, E: E + 0 * N * D,
        "loss",
        params={"E": lj.positive(1, 3)},
        inputs={"N": lj.Variable(), "D": lj.Variable()},
    )
    assert lj.sweep({"E": 1.0}, lj.space(**GRID), law=flat, keep=lj.top_k(1)).best["N"] == 1e8


def test_winner_on_an_edge_is_said_to_be_there():
    assert "edge" in sweep().verdict.codes
    assert "edge" in solve(lj.at_most(SIX_ND, 1e24), choose={"N": (1e8, 1e9), "D": (1e9, 1e16)}).verdict.codes
    assert "edge" in lj.allocate(LAW, 1e24, bounds={"N": (1e8, 1e9), "D": (1e9, 1e16)}).verdict.codes


def test_answer_a_thousand_times_beyond_the_runs_says_by_how_much():
    observed = {"N": (1e7, 1e8), "D": (1e8, 1e9)}
    draws = lj.Draws(law=LAW.law, params={n: np.array([v]) for n, v in LAW.params.items()}, observed=observed)
    limit = lj.at_most(SIX_ND, 1e24)
    found = [
        lj.allocate(draws, 1e24),
        lj.solve(draws, lj.Problem(choose=RANGES, minimise="loss", subject_to=limit)),
        lj.sweep(draws, lj.space(**GRID), budget=1e24, keep=lj.top_k(1)),
    ]
    for result in found:
        note = next(note for note in result.verdict.notes if note.code == "extrapolation" and "`N`" in note.reason)
        assert "times beyond the largest run" in note.reason
