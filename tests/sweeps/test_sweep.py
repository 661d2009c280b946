"""Sweeps: the same winners as brute force in float64, whatever the chunks; counts, frontiers, notes and errors."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lawjax.costs import SIX_ND
from lawjax.draws import Draws
from lawjax.errors import InputError, VerdictError
from lawjax.laws import CHINCHILLA, Law, positive, published
from lawjax.storage import load
from lawjax.sweeps import SweepResult, best_by, histogram, log_grid, pareto, space, sweep, top_k, values
from lawjax.sweeps.kernel import Program
from lawjax.sweeps.layout import layout_of
from lawjax.sweeps.row_kernel import reduce_rows
from lawjax.sweeps.staging import ROW
from lawjax.sweeps.stream import Scan
from lawjax.verdict import Verdict, error

POINT = {name: np.array([value]) for name, value in published("besiroglu2024").params.items()}
EPOCH = published("besiroglu2024")
GRID = space(N=log_grid(1e8, 1e12, 60), D=log_grid(1e9, 1e14, 50))
BUDGET = 1e23


def brute(params, N, D):
    """Loss and cost of a grid in NumPy float64, flat, last axis fastest."""
    N, D = (part.ravel() for part in np.meshgrid(N, D, indexing="ij"))
    return params["E"] + params["A"] * N ** -params["alpha"] + params["B"] * D ** -params["beta"], 6 * N * D


def brute_grid():
    return brute(EPOCH.params, GRID.axes["N"].values, GRID.axes["D"].values)


def draws(num):
    generator = np.random.default_rng(1)
    return Draws(
        law=CHINCHILLA, params={n: v * np.exp(0.03 * generator.normal(size=num)) for n, v in EPOCH.params.items()}
    )


@pytest.mark.parametrize("seed", range(40))
def test_winners_are_those_of_brute_force_in_float64(seed):
    generator = np.random.default_rng(seed)
    params = {name: value * np.exp(0.2 * generator.normal()) for name, value in EPOCH.params.items()}
    size, tokens = (log_grid(10 ** generator.uniform(7, 9), 10 ** generator.uniform(11, 13), 40) for _ in range(2))
    loss, cost = brute(params, size.values, tokens.values)
    budget = 10 ** generator.uniform(20, 24)
    result = sweep(params, space(N=size, D=tokens), law=CHINCHILLA, budget=budget, keep=top_k(7))
    expected = np.argsort(np.where(cost <= budget, loss, np.inf), kind="stable")[:7]
    np.testing.assert_array_equal(result.tables["top_k"]["index"], expected)
    np.testing.assert_allclose(result.tables["top_k"]["loss"], loss[expected], rtol=1e-13)
    assert result.num_feasible == np.sum(cost <= budget)


@pytest.mark.parametrize(
    ("objective", "score"), [("mean", np.mean), ("quantile", lambda a, axis: np.quantile(a, 0.9, axis=axis))]
)
def test_uncertainty_is_carried_through(objective, score):
    some = draws(12)
    loss, cost = brute(
        {name: array[:, None] for name, array in some.params.items()}, GRID.axes["N"].values, GRID.axes["D"].values
    )
    result = sweep(some, GRID, budget=BUDGET, objective=objective, keep=top_k(5))
    expected = np.argsort(np.where(cost <= BUDGET, score(loss, axis=0), np.inf), kind="stable")[:5]
    np.testing.assert_array_equal(result.tables["top_k"]["index"], expected)


def test_frontier_is_that_of_brute_force():
    loss, cost = brute_grid()
    order = np.lexsort((loss, cost))
    front = order[loss[order] < np.concatenate([[np.inf], np.minimum.accumulate(loss[order])[:-1]])]
    result = sweep(EPOCH, GRID, keep=pareto("loss", "cost"))
    assert set(result.tables["pareto"]["index"].tolist()) == set(front.tolist())


def test_frontier_of_a_larger_space_has_no_beaten_point_and_misses_none():
    grid = space(N=log_grid(1e8, 1e12, 300), D=log_grid(1e9, 1e14, 1100))
    loss, cost = brute(EPOCH.params, grid.axes["N"].values, grid.axes["D"].values)
    order = np.lexsort((loss, cost))
    front = order[loss[order] < np.concatenate([[np.inf], np.minimum.accumulate(loss[order])[:-1]])]
    kept = sweep(EPOCH, grid, keep=pareto("loss", "cost")).tables["pareto"]["index"]
    assert len(np.setxor1d(kept, front)) <= 2  # costs that differ in the last bit only


@pytest.mark.parametrize("name", ["N", "D"])
def test_best_by_an_axis_is_that_of_brute_force(name):
    loss, cost = brute_grid()
    table = np.where(cost <= BUDGET, loss, np.inf).reshape(60, 50)
    axis = 1 if name == "N" else 0
    result = sweep(EPOCH, GRID, budget=BUDGET, keep=best_by(name)).tables["best_by"]
    feasible = np.isfinite(table.min(axis=axis))
    np.testing.assert_allclose(result["loss"], table.min(axis=axis)[feasible], rtol=1e-13)
    np.testing.assert_array_equal(result[name], GRID.axes[name].values[feasible])


def test_best_by_an_axis_outside_the_rows_is_that_of_brute_force():
    grid = space(N=log_grid(1e8, 1e12, 30), D=log_grid(1e9, 1e14, 1500))
    loss, cost = brute(EPOCH.params, grid.axes["N"].values, grid.axes["D"].values)
    result = sweep(EPOCH, grid, budget=BUDGET, keep=best_by("N")).tables["best_by"]
    np.testing.assert_array_equal(
        result["index"] % 1500, np.where(cost <= BUDGET, loss, np.inf).reshape(30, 1500).argmin(axis=1)
    )


def test_best_between_edges_of_a_quantity_is_that_of_brute_force():
    loss, cost = brute_grid()
    edges = [1e19, 1e21, 1e23]
    result = sweep(EPOCH, GRID, keep=best_by("cost", bins=edges)).tables["best_by"]
    expected = [
        np.where((cost >= low) & (cost < high), loss, np.inf).argmin() for low, high in itertools.pairwise(edges)
    ]
    np.testing.assert_array_equal(result["index"], expected)
    np.testing.assert_array_equal(result["cost_from"], edges[:-1])


def test_histogram_counts_every_configuration_once():
    loss, _ = brute_grid()
    result = sweep(EPOCH, GRID, keep=histogram("loss", bins=8, range=(2.0, 3.0))).tables["histogram"]
    expected = np.histogram(loss, np.concatenate([[-np.inf], np.linspace(2, 3, 9), [np.inf]]))[0]
    np.testing.assert_array_equal(result["count"], expected)
    assert result["count"].sum() == GRID.size


def test_three_axes_a_held_input_and_derived_inputs_agree_with_brute_force():
    def law(N, D, bits, *, E, A):
        return E + A / jnp.log(N) + A / jnp.log(D) + 1 / bits

    custom = Law(law, response="loss", params=dict(E=positive(0.1, 3), A=positive(0.1, 9)))
    grid = space(
        C=log_grid(1e20, 1e24, 9), bits=values([4, 8, 16]), N=log_grid(1e8, 1e10, 40), D=lambda C, N: C / (6 * N)
    )
    result = sweep(
        dict(E=1.0, A=3.0), grid, law=custom, keep=top_k(1), cost=lambda N, D, bits: 6 * N * D * bits / 16, budget=1e23
    )
    C, bits, N = np.meshgrid(*(axis.values for axis in grid.axes.values()), indexing="ij")
    loss = 1.0 + 3 / np.log(N) + 3 / np.log(C / (6 * N)) + 1 / bits
    assert result.best["index"] == np.where(bits * C / 16 <= 1e23 * (1 + 1e-9), loss, np.inf).argmin()
    assert result.best["D"] == pytest.approx(result.best["C"] / (6 * result.best["N"]), rel=1e-12)


@pytest.mark.parametrize("keep", [top_k(9), pareto("loss", "cost"), best_by("D"), histogram("loss", 9, (2.0, 3.0))])
def test_chunks_never_change_a_bit_of_the_result(keep):
    grid = space(N=log_grid(1e8, 1e12, 23), D=log_grid(1e9, 1e14, 1100), scale=values([1.0, 2.0, 3.0]))
    results = [sweep(EPOCH, grid, keep={"kept": keep}, chunk=chunk) for chunk in (1, 9000, 10**9)]
    first, *others = [result.tables["kept"] for result in results]
    for other in others:
        for name, column in first.items():
            np.testing.assert_array_equal(other[name], column)


def test_float64_scan_gives_the_same_winners():
    single, double = (
        sweep(EPOCH, GRID, budget=BUDGET, keep=top_k(20), dtype=dtype) for dtype in ("float32", "float64")
    )
    for name, column in single.tables["top_k"].items():
        np.testing.assert_array_equal(double.tables["top_k"][name], column)


def test_winner_beyond_32_bits_is_numbered_exactly():
    grid = space(a=values(range(1, 5)), N=log_grid(1e8, 1e12, 2**14), D=log_grid(1e9, 1e14, 2**16))
    held = Scan(
        Program(CHINCHILLA),
        layout_of(grid),
        POINT,
        np.inf,
        0.9,
        "float32",
        None,
    )
    index = 3 * 2**30 + 12345 * 2**16 + 54321
    row = held.exact(np.array([index]))
    assert index > 2**31
    assert (row["a"], row["N"], row["D"]) == (4.0, grid.axes["N"].values[12345], grid.axes["D"].values[54321])


def test_sweep_of_more_than_32_bits_finds_a_winner_beyond_them():
    grid = space(N=log_grid(1e8, 1e12, 2**15), D=log_grid(1e9, 1e14, 2**13), scale=values(range(1, 11)))
    result = sweep(EPOCH, grid, keep=top_k(1), budget=2e26)
    size = int(np.searchsorted(grid.axes["N"].values, result.best["N"]))
    tokens = int(np.searchsorted(grid.axes["D"].values, result.best["D"]))
    assert grid.size > 2**31
    assert result.best["index"] == (size * 2**13 + tokens) * 10 > 2**31
    assert result.best["cost"] <= 2e26


def test_ties_go_to_the_lowest_number():
    law = Law(
        lambda N, *, E, A: E + A + 0 * N,
        name="flat",
        response="loss",
        params=dict(E=positive(0.1, 3), A=positive(0.1, 9)),
    )
    result = sweep(dict(E=1.0, A=1.0), space(N=log_grid(1, 10, 3000)), law=law, keep=top_k(4))
    assert result.tables["top_k"]["index"].tolist() == [0, 1, 2, 3]


def test_configurations_that_are_not_finite_are_counted_and_left_out():
    law = Law(
        lambda N, *, E, A: E + A * jnp.sqrt(N - 50.0),
        name="part",
        response="loss",
        params=dict(E=positive(0.1, 3), A=positive(0.1, 9)),
    )
    result = sweep(dict(E=1.0, A=1.0), space(N=values(range(1, 101))), law=law, keep=top_k(1))
    assert (result.num_nonfinite, result.num_feasible, result.best["N"]) == (49, 51, 50.0)
    assert "nonfinite" in result.verdict.codes


def test_condition_and_extra_quantities_are_used():
    loss, _ = brute_grid()
    N, D = (part.ravel() for part in np.meshgrid(GRID.axes["N"].values, GRID.axes["D"].values, indexing="ij"))
    result = sweep(
        EPOCH,
        GRID,
        where=lambda N, D, loss: (D > 20 * N) & (loss > 2.2),
        objectives={"memory": lambda N: 16 * N},
        keep=top_k(3, by="memory"),
    )
    allowed = (D > 20 * N) & (loss > 2.2)
    assert result.num_feasible == allowed.sum()
    assert result.tables["top_k"]["memory"][0] == pytest.approx(16 * N[allowed].min())


def test_grid_of_one_is_swept():
    result = sweep(EPOCH, space(N=values([1e9]), D=2e10), keep=top_k(5))
    assert (result.num_configs, len(result.to_frame())) == (1, 1)


def test_winner_at_the_end_of_an_axis_is_noted():
    result = sweep(EPOCH, GRID, keep=top_k(1))
    assert "upper end of `N`" in str(result.verdict)
    assert "edge" not in sweep(EPOCH, GRID, keep=top_k(1), budget=BUDGET).verdict.codes


def test_winner_beyond_the_runs_is_noted():
    known = Draws(
        law=CHINCHILLA,
        params=POINT,
        observed={"N": (1e8, 1e9), "D": (1e9, 1e11)},
    )
    assert "extrapolation" in sweep(known, GRID, keep=top_k(1), budget=BUDGET).verdict.codes


def test_memory_does_not_grow_with_the_space():
    sizes = []
    for num in (500, 4000):
        grid = space(N=log_grid(1e8, 1e12, num), D=log_grid(1e9, 1e14, 2048))
        chunks = Scan(Program(CHINCHILLA), layout_of(grid), POINT, np.inf, 0.9, "float32", 2**17).num_chunks
        sweep(EPOCH, grid, keep=top_k(3), chunk=2**17)
        sizes.append((chunks, sum(array.nbytes for array in jax.live_arrays())))
    assert sizes[1][0] == pytest.approx(8 * sizes[0][0], rel=0.1)
    assert sizes[1][1] <= sizes[0][1] + 2**20


def test_second_sweep_of_the_same_shape_traces_nothing():
    traces = []

    def counted(N, *, E, A):
        traces.append(1)
        return E + A / jnp.log(N)

    law = Law(counted, response="loss", params=dict(E=positive(0.1, 3), A=positive(0.1, 9)))
    sweep(dict(E=1.0, A=1.0), space(N=log_grid(2, 10, 300)), law=law)
    first = len(traces)
    sweep(dict(E=1.5, A=2.0), space(N=log_grid(3, 20, 300)), law=law)
    assert len(traces) == first > 0


def test_result_saves_and_loads(tmp_path):
    result = sweep(EPOCH, GRID, keep=[top_k(3), histogram("loss", 3, (2.0, 3.0))])
    for suffix in ("json", "parquet"):
        back = load(result.save(tmp_path / f"sweep.{suffix}"))
        assert isinstance(back, SweepResult)
        assert back.to_dict() == result.to_dict()


def test_result_says_how_many_and_how():
    result = sweep(EPOCH, GRID, keep=top_k(2))
    assert "3,000 configurations" in repr(result)
    assert result.method.startswith("boundary along `N`: the loss falls along it, so of each of 50 lines of 60")
    assert result.rate == pytest.approx(3000 / result.seconds)


def test_error_verdict_stops_the_sweep_unless_forced():
    bad = Draws(
        law=CHINCHILLA,
        params=POINT,
        verdict=Verdict((error("stuck", "No start converged."),)),
    )
    with pytest.raises(VerdictError, match=r"`sweep` is refused.*No start converged"):
        sweep(bad, GRID)
    assert "stuck" in sweep(bad, GRID, force=True, keep=top_k(1)).verdict.codes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(budget=1e10), "the budget is 1e.10, the cheapest configuration costs 6e.17"),
        (dict(where=lambda N: N < 0), "`where` holds for none of them"),
        (dict(where=lambda N: N > 1e11, budget=1e20), "`where` and the budget exclude each other"),
        (
            dict(objectives={"hole": lambda N: jnp.log(-N)}, keep=top_k(1, "hole")),
            "3,000 meet the constraints, but their quantities are not finite",
        ),
        (dict(budget=0), "finite number above 0"),
        (dict(budget=[1e20, 1e21]), "a sweep takes one budget"),
        (dict(budget=1e38), "overflows float32"),
        (dict(keep=top_k(3, by="price")), 'unknown quantity .price.. Choose one of "N", "D", "loss", "cost"'),
        (dict(keep=[]), "`keep` takes top_k"),
        (dict(keep=3), "`keep` takes top_k"),
        (dict(keep=best_by("cost")), r"best_by needs bins=\[...\]"),
        (dict(dtype="float16"), "unknown dtype"),
        (dict(objective="regret"), "unknown objective"),
        (dict(prob=90), "`prob` must lie between 0 and 1"),
        (dict(chunk=0), "`chunk` is a whole number"),
        (dict(where=lambda M: M > 0), r"where takes \['M'\]"),
        (dict(cost=lambda M: M), r"cost takes \['M'\]"),
        (dict(objectives={"N": lambda D: D}), "already a quantity"),
    ],
)
def test_sweep_that_cannot_be_answered_says_why(options, message):
    with pytest.raises(InputError, match=message):
        sweep(EPOCH, GRID, **options)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        (space(N=values([1e9])), r"the space has no \['D'\]"),
        (space(N=values([-1.0, 1.0]), D=1e9), "`N` must be above 0, the space reaches -1"),
        (space(N=values([1e9]), D=[1e9, 2e9]), r"`D` is set at the shape \(2,\)"),
        ([1, 2], "must come from lj.space"),
    ],
)
def test_space_that_does_not_fit_the_law_is_refused(grid, message):
    with pytest.raises(InputError, match=message):
        sweep(EPOCH, grid)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: top_k(0), "from 1 to"),
        (lambda: top_k(1.5), "whole number"),
        (lambda: pareto("loss", "loss"), "two to four different quantities"),
        (lambda: pareto("loss", "cost", "N", "loss"), "two to four different quantities"),
        (lambda: pareto("loss", "cost", "N", "D", "C"), "two to four different quantities"),
        (lambda: best_by("cost", bins=[1.0]), "at least two finite numbers"),
        (lambda: histogram("loss"), "needs range"),
        (lambda: histogram("loss", 0, (0, 1)), "1 to 10,000 bins"),
        (lambda: histogram("loss", 3, (1, 0)), "that increase"),
    ],
)
def test_reducer_that_makes_no_sense_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_rows_together_reduce_as_rows_apart():
    layout = layout_of(space(N=log_grid(1e8, 1e12, 8), D=log_grid(1e9, 1e14, 1100)))
    reductions = tuple(
        r for keep in (top_k(3), histogram("loss", 4, (2.0, 3.0)), best_by("D")) for r in keep.reductions(layout)
    )
    scan = Scan(Program(CHINCHILLA, SIX_ND, reductions=reductions), layout, POINT, BUDGET, 0.9, "float32", None)
    rows, columns = scan._table(ROW, layout.rows(0, 8)[1], 8, 8), scan._columns(0)
    apart, together = (reduce_rows(scan.plan, num, layout.filled(0), rows, columns, scan._held) for num in (1, 8))
    for one, other in zip(jax.tree.leaves(apart), jax.tree.leaves(together), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
