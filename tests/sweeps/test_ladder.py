"""Every way of computing a sweep keeps what brute force in float64 keeps, and says which way it was."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj
from lawjax.draws import Draws
from lawjax.laws import CHINCHILLA, Law, positive, published
from lawjax.sweeps.kernel import quantile_of
from lawjax.sweeps.ranges import Range, ranges_of

EPOCH = published("besiroglu2024")
GRID = lj.space(N=lj.log_grid(1e8, 1e12, 60), D=lj.log_grid(1e9, 1e14, 50))
PARAMS = dict(E=positive(1.0, 3.0), A=positive(1e1, 1e4), alpha=positive(0.1, 1.0))
FEW, MANY = range(60), range(60, 1000)


def cross(N, D, *, E, A, alpha):
    return E + A * jnp.exp(-0.012 * alpha * jnp.log(N) * jnp.log(D))


def product(N, D, *, E, A, alpha):
    return E + A * N ** (-alpha / 2) * D ** (-alpha / 2)


def overfitted(N, D, *, E, A, alpha):
    return E + A * N**-alpha + 0.02 * (jnp.log(D) - 24.0) ** 2


def cross_numpy(N, D, E, A, alpha):
    return E + A * np.exp(-0.012 * alpha * np.log(N) * np.log(D))


def product_numpy(N, D, E, A, alpha):
    return E + A * N ** (-alpha / 2) * D ** (-alpha / 2)


def overfitted_numpy(N, D, E, A, alpha):
    return E + A * N**-alpha + 0.02 * (np.log(D) - 24.0) ** 2


def chinchilla_numpy(N, D, E, A, alpha, B, beta):
    return E + A * N**-alpha + B * D**-beta


TYPICAL = dict(E=1.7, A=400.0, alpha=0.35)
QUESTIONS = [
    (CHINCHILLA, chinchilla_numpy, EPOCH.params, "boundary along", "factored grid"),
    (Law(cross, response="loss", params=PARAMS), cross_numpy, TYPICAL, "boundary along", "general scan"),
    (Law(product, response="loss", params=PARAMS), product_numpy, TYPICAL, "boundary along", "factored grid"),
    (Law(overfitted, response="loss", params=PARAMS), overfitted_numpy, TYPICAL, "boundary along `N`", "factored grid"),
]
BY_NAME = {law.name: law for law, *_ in QUESTIONS}


class Question:
    """A random sweep for its best few, and the answer by brute force in float64."""

    def __init__(self, seed):
        generator = np.random.default_rng(seed)
        self.law, formula, typical, *self.ways = QUESTIONS[seed % len(QUESTIONS)]
        shape = [(7, 60), (40, 700), (300, 20)][generator.integers(3)]
        # Scattered values, so that no two configurations cost the same.
        N, D = (np.sort(10 ** generator.uniform(*end, num)) for end, num in zip([(7, 12), (8, 14)], shape))
        self.grid = lj.space(N=lj.values(N), D=lj.values(D))
        num_draws = (1, 1, 7)[generator.integers(3)]
        self.draws = {name: value * np.exp(0.1 * generator.normal(size=num_draws)) for name, value in typical.items()}
        self.objective = ("mean", "quantile")[generator.integers(2)]
        self.dtype = ("float32", "float64")[generator.integers(2)]
        self.k = int(generator.integers(1, 60))
        self.chunk = [None, 1, 5000][generator.integers(3)]
        N, D = (part.ravel() for part in np.meshgrid(N, D, indexing="ij"))
        losses = formula(N, D, **{name: array[:, None] for name, array in self.draws.items()})
        score = losses.mean(axis=0) if self.objective == "mean" else np.quantile(losses, 0.9, axis=0)
        costs = np.sort(6 * N * D)
        # A budget amid a gap between costs, so that rounding in float32 cannot move a configuration across it.
        gaps = np.flatnonzero(costs[1:] > 1.0001 * costs[:-1])
        gap = gaps[generator.integers(len(gaps))]
        self.budget = float(np.sqrt(costs[gap] * costs[gap + 1]))
        self.feasible = self.budget >= 6 * N * D
        self.loss = np.where(self.feasible, score, np.inf)

    def best(self):
        return np.argsort(self.loss, kind="stable")[: min(self.k, self.feasible.sum())]


def check(seed):
    """Both ways of a random question, against brute force."""
    asked = Question(seed)
    for shortcut, way in zip((True, False), asked.ways):
        found = lj.sweep(
            Draws(law=asked.law, params=asked.draws), asked.grid, keep=lj.top_k(asked.k), budget=asked.budget,
            objective=asked.objective, dtype=asked.dtype, chunk=asked.chunk, shortcut=shortcut,
        )  # fmt: skip
        assert found.method.startswith(way)
        assert found.num_feasible == asked.feasible.sum()
        np.testing.assert_array_equal(found.tables["top_k"]["index"], asked.best())
        np.testing.assert_allclose(found.tables["top_k"]["loss"], asked.loss[asked.best()], rtol=1e-13)


@pytest.mark.parametrize("seed", FEW)
def test_sixty_random_sweeps_keep_the_same_either_way(seed):
    check(seed)


@pytest.mark.slow
def test_nine_hundred_and_forty_more_random_sweeps_keep_the_same_either_way():
    for seed in MANY:
        check(seed)


def way(source, grid=GRID, **call):
    return lj.sweep(source, grid, **{"keep": lj.top_k(3), "budget": 1e22, **call}).method


def test_a_law_with_a_cross_term_is_not_called_factored():
    assert way(TYPICAL, law=BY_NAME["cross"], shortcut=False).startswith("general scan")
    assert "1 exp for each" in way(TYPICAL, law=BY_NAME["cross"], shortcut=False)


def test_a_sum_or_a_product_of_powers_of_single_inputs_is_factored():
    for name in ("product", "overfitted"):
        assert "nothing but sums, products and comparisons" in way(TYPICAL, law=BY_NAME[name], shortcut=False)


def test_inputs_that_follow_from_others_are_powers_of_both_axes():
    grid = lj.space(
        C=lj.log_grid(1e20, 1e24, 40), ratio=lj.log_grid(1, 400, 300),
        N=lambda C, ratio: (C / (6 * ratio)) ** 0.5, D=lambda C, ratio: (C * ratio / 6) ** 0.5,
    )  # fmt: skip
    found = lj.sweep(EPOCH, grid, cost=lambda C: C, budget=1e22, keep=lj.top_k(5), shortcut=False)
    C, ratio = (part.ravel() for part in np.meshgrid(grid.axes["C"].values, grid.axes["ratio"].values, indexing="ij"))
    loss = chinchilla_numpy((C / (6 * ratio)) ** 0.5, (C * ratio / 6) ** 0.5, **EPOCH.params)
    expected = np.argsort(np.where(C <= 1e22 * (1 + 1e-9), loss, np.inf), kind="stable")[:5]
    assert "general scan" in found.method
    assert "2 exp for each" in found.method
    np.testing.assert_array_equal(found.tables["top_k"]["index"], expected)


def test_a_loss_that_turns_along_every_axis_has_no_boundary():
    turning = Law(
        lambda N, D, *, E, A: E + A * (jnp.log(N) - 23.0) ** 2 + A * (jnp.log(D) - 25.0) ** 2,
        name="turning", response="loss", params=dict(E=positive(1.0, 3.0), A=positive(0.1, 1.0)),
    )  # fmt: skip
    assert way(dict(E=1.0, A=0.1), law=turning).startswith("factored grid")


def test_draws_that_disagree_on_which_way_the_loss_goes_have_no_boundary():
    law = Law(
        lambda N, D, *, E, a: E + N**a + D**a,
        name="either",
        response="loss",
        params=dict(E=positive(1, 3), a=lj.laws.real(-1, 1)),
    )
    source = Draws(law=law, params={"E": np.ones(2), "a": np.array([-0.2, 0.1])})
    assert way(source).startswith("factored grid")


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (lambda N, D: 20 * N >= D, "boundary"),
        (lambda D: (D > 1e10) & (D < 1e12), "boundary along `N`"),
        (lambda N, D: (D > 3 * N) & (D < 60 * N), "factored grid"),
        (lambda loss: loss > 2.5, "factored grid"),
    ],
)
def test_conditions_are_part_of_the_proof_and_of_the_answer(where, expected):
    both = [
        lj.sweep(EPOCH, GRID, where=where, budget=1e23, keep=lj.top_k(9), shortcut=short) for short in (True, False)
    ]
    assert both[0].method.startswith(expected)
    assert both[0].num_feasible == both[1].num_feasible
    np.testing.assert_array_equal(both[0].tables["top_k"]["index"], both[1].tables["top_k"]["index"])


@pytest.mark.parametrize(
    "keep", [lj.pareto(), lj.histogram("loss", 5, (2.0, 3.0)), lj.top_k(3, by="cost"), lj.best_by("N"), lj.quantiles()]
)
def test_what_needs_every_configuration_gets_every_configuration(keep):
    assert way(EPOCH, keep=[lj.top_k(3), keep]).startswith("factored grid")


def test_a_configuration_that_may_not_be_finite_leaves_the_boundary_to_the_scan():
    law = Law(
        lambda N, D, *, E, A: E + A / jnp.sqrt(N - 2e8) + A / D,
        name="hole",
        response="loss",
        params=dict(E=positive(1, 3), A=positive(1, 9)),
    )
    found = lj.sweep(dict(E=1.0, A=3.0), GRID, law=law, keep=lj.top_k(3))
    assert not found.method.startswith("boundary")
    assert found.num_nonfinite > 0


def test_chunks_and_shards_change_no_bit_of_a_boundary(tmp_path):
    grid = lj.space(scale=lj.values([1.0, 2.0, 3.0]), D=lj.log_grid(1e9, 1e14, 1100), N=lj.log_grid(1e8, 1e12, 23))
    call = dict(budget=1e23, keep=lj.top_k(40))
    first, *others = [
        lj.sweep(EPOCH, grid, **call, **how)
        for how in (
            dict(chunk=1),
            dict(chunk=9000),
            dict(chunk=10**9),
            dict(store=tmp_path / "a", chunk=1100 * 20),
            dict(shortcut=False),
        )
    ]
    assert first.method.startswith("boundary along `D`")
    assert not others[-1].method.startswith("boundary")
    for other in others:
        assert other.num_feasible == first.num_feasible
        for name, column in first.tables["top_k"].items():
            np.testing.assert_array_equal(other.tables["top_k"][name], column)


def test_a_store_of_another_way_is_refused(tmp_path):
    lj.sweep(EPOCH, GRID, keep=lj.top_k(3), store=tmp_path / "store")
    with pytest.raises(lj.errors.InputError, match="way: boundary along `N` there, factored grid here"):
        lj.sweep(EPOCH, GRID, keep=lj.top_k(3), store=tmp_path / "store", shortcut=False)


def test_ranges_hold_every_value_and_trends_every_step():
    def steps(x, y, p):
        return x * y, x - y, x / (1 + y), x**-p, jnp.exp(-x / y), jnp.maximum(x, y), jnp.tanh(x) - y**2, jnp.log(x) * p

    grid = np.linspace(0.5, 3.0, 9), np.linspace(1.0, 2.0, 7), np.array([0.3, 0.9])
    closed = jax.make_jaxpr(steps)(1.0, 1.0, 1.0)
    inputs = [Range(0.5, 3.0, {"x": 1}, True), Range(1.0, 2.0, {"y": 1}, True), Range(0.3, 0.9, {}, True)]
    found, _ = ranges_of(closed, inputs)
    values = [
        np.asarray(v)
        for v in jax.vmap(steps)(*(jnp.asarray(part.ravel()) for part in np.meshgrid(*grid, indexing="ij")))
    ]
    for one, value in zip(found, values, strict=True):
        assert one.real
        assert one.low <= value.min()
        assert value.max() <= one.high
        shaped = value.reshape(9, 7, 2)
        for place, axis in enumerate("xy"):
            changes = np.diff(shaped, axis=place)
            least, most = {0: (0, 0), 1: (0, np.inf), -1: (-np.inf, 0), 2: (-np.inf, np.inf)}[one.trend(axis)]
            assert least - 1e-6 <= changes.min()
            assert changes.max() <= most + 1e-6
    assert [one.trend("x") for one in found] == [1, 1, 1, -1, -1, 1, 1, 1]
    assert [one.trend("y") for one in found] == [1, -1, -1, 0, 1, 1, -1, 0]


@pytest.mark.parametrize("unsafe", [jnp.log, lambda x: 1 / x, jnp.sqrt, lambda x: jnp.exp(1e3 * x)])
def test_nothing_is_proven_of_what_may_not_be_finite(unsafe):
    found, _ = ranges_of(jax.make_jaxpr(unsafe)(1.0), [Range(-1.0, 2.0, {"x": 1}, True)])
    assert not found[0].real


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("num", [2, 3, 17, 400])
@pytest.mark.parametrize("prob", [0.01, 0.5, 0.9])
def test_quantile_of_draws_is_that_of_numpy(dtype, num, prob):
    generator = np.random.default_rng(num)
    columns = [
        generator.normal(size=(num, 9)),
        generator.integers(0, 3, (num, 9)),
        np.exp(5 * generator.normal(size=(num, 9))),
    ]
    values = np.concatenate(columns, axis=1).astype(dtype)
    rank, share = divmod(prob * (num - 1), 1)
    with jax.enable_x64(dtype == "float64"):
        found = quantile_of(jnp.asarray(values), jnp.int32(rank), jnp.asarray(share, dtype))
    np.testing.assert_allclose(
        found, np.quantile(values.astype("float64"), prob, axis=0), rtol=8 * np.finfo(dtype).eps, atol=1e-7
    )
