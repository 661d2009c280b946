"""Jumps along the ridge of a law: they leave the posterior as it is, and reach what short paths cut off."""

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest

import lawjax as lj
from lawjax.fitting.centring import Centring
from lawjax.inference.hmc import HmcPlan, run_hmc
from lawjax.inference.jumps import Place, leap
from lawjax.inference.mode import Whitening, find_peak
from lawjax.inference.model import Target
from lawjax.inference.options import choose_options
from lawjax.inference.ridge import ridge_jumps

LAW = lj.laws.MIXING_SHARE
SHARES = np.linspace(0.02, 0.8, 24)
SCALE = 0.03
LEVELS = [0.005, 0.02, 0.05, 0.25, 0.5, 0.75, 0.95]


def target_of(law, runs, **choices):
    priors = {"noise_scale": dist.LogNormal(np.log(SCALE), 1e-3)}
    return Target.of(law, runs, Centring.of(law, runs), choose_options(law, runs, noise="normal", **choices), priors)


def hardly_bent():
    """Losses on which the curve c + k exp(t r) is nearly a straight line, so that c could be nearly anything."""
    return lj.simulate(LAW, {"c": 0.1, "k": 0.46, "t": -0.15}, {"r": SHARES}, noise=SCALE, key=3)


def quantiles_by_quadrature(target):
    """Of c: the density on a grid of t, log k and the law's value in the middle of the runs, which data pin down."""
    with jax.enable_x64(True):
        t, log_k = jnp.linspace(-9.0, 3.0, 241), jnp.linspace(-8.0, 3.0, 331)
        middle = jnp.mean(target.response) * jnp.exp(jnp.linspace(-0.06, 0.06, 61))
        names = sorted(target.priors)

        def log_density(t, log_k, middle):
            c = middle - jnp.exp(log_k + t * jnp.mean(target.inputs["r"]))
            line = {"c": jnp.log(jnp.where(c > 0, c, 1.0)), "k": log_k, "noise_scale": jnp.log(SCALE), "t": t}
            potential = target.potential(jnp.stack([line[name] for name in names]))
            # The line of c is its logarithm; the grid is even in c.
            return jnp.where(c > 0, -potential - line["c"], -jnp.inf), c

        each = jax.vmap(jax.vmap(log_density, (None, None, 0)), (None, 0, None))
        log, c = jax.lax.map(lambda t: each(t, log_k, middle), t)
        order = jnp.argsort(c.ravel())
        mass = jnp.cumsum(jnp.exp(log - jnp.max(log)).ravel()[order])
        return np.asarray(c.ravel()[order][jnp.searchsorted(mass / mass[-1], jnp.asarray(LEVELS))])


@pytest.fixture(scope="module")
def bent_posterior():
    with jax.enable_x64(True):
        target = target_of(LAW, hardly_bent())
        peaks = find_peak(target, target.prior_vectors(jax.random.key(0), 64))
    return target, peaks.whitening, quantiles_by_quadrature(target)


def drawn(target, whitening, name, jumping):
    with jax.enable_x64(True):
        jumps = ridge_jumps(target, whitening) if jumping else ()
        plan = HmcPlan(num_chains=64, num_warmup=150, num_draws=1600)
        vectors, _ = jax.jit(run_hmc, static_argnames="plan")(target, whitening, plan, jax.random.key(1), None, jumps)
        flat = vectors.reshape(-1, target.num_dims)
        return np.asarray(jax.vmap(lambda vector: target.params(vector)[name])(flat))


def test_the_far_end_of_a_ridge_is_reached(bent_posterior):
    target, whitening, expected = bent_posterior
    found = np.quantile(drawn(target, whitening, "c", jumping=True), LEVELS)
    np.testing.assert_allclose(found, expected, rtol=0.1)


def test_without_jumps_it_is_cut_off(bent_posterior):
    target, whitening, expected = bent_posterior
    found = np.quantile(drawn(target, whitening, "c", jumping=False), LEVELS)
    # At 2 %: at 0.5 % one chain of 64 that finds the end by chance moves the quantile.
    assert found[1] > 1.15 * expected[1]


def test_jumps_alone_leave_draws_of_the_posterior_where_they_are():
    """Weighted least squares is exact for a law that is linear in its parameters with scatter in its own unit."""
    line = lj.Law(lambda x, *, a, b: a + b * x, response="y", params={"a": lj.real(-3, 3), "b": lj.real(-3, 3)})
    x = np.linspace(0.1, 1, 12)
    y = 1.0 + 0.5 * x + SCALE * np.random.default_rng(0).standard_normal(12)
    with jax.enable_x64(True):
        target = target_of(line, lj.Runs.from_columns(x=x, y=y), residual="raw")
        scatter = target.places["noise_scale"][0]
        whitening = Whitening(
            jnp.zeros(target.num_dims).at[scatter].set(np.log(SCALE)), jnp.eye(target.num_dims).at[scatter].mul(1e-3)
        )
        evaluate = jax.jit(jax.vmap(jax.value_and_grad(lambda white: target.potential(whitening.place(white)))))
        start = jnp.zeros((4000, target.num_dims))
        place = Place(start, *evaluate(start))
        for step in range(12):
            place = leap(evaluate, whitening, ridge_jumps(target, whitening), jax.random.key(step), place)
        values = {name: np.asarray(array) for name, array in jax.vmap(target.params)(place.white).items()}
    design = np.stack([np.ones(12), target.inputs["x"]], axis=1)
    expected, covariance = np.linalg.solve(design.T @ design, design.T @ y), np.linalg.inv(design.T @ design)
    for index, name in enumerate(("a", "b")):
        sd = SCALE * np.sqrt(covariance[index, index])
        assert abs(np.mean(values[name]) - expected[index]) < 5 * sd / np.sqrt(2000)
        assert np.std(values[name]) == pytest.approx(sd, rel=0.08)


@pytest.mark.parametrize("choices", [{"scale_along": "N"}, {"effects": "replicates"}, {}])
def test_jumps_are_taken_in_posteriors_of_every_make(choices):
    """Of a law with two curved parameters a fifth of the jumps at least, whatever else the model has."""
    truth = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37)
    design = {"N": np.repeat(np.geomspace(1e8, 1e10, 20), 2), "D": np.repeat(np.geomspace(1e11, 1e9, 20), 2)}
    runs = lj.simulate(lj.laws.CHINCHILLA, truth, design, noise=SCALE, key=0)
    with jax.enable_x64(True):
        target = target_of(lj.laws.CHINCHILLA, runs, **choices)
        peaks = find_peak(target, target.prior_vectors(jax.random.key(0), 64))
        (jump,) = ridge_jumps(target, peaks.whitening)
        normal = jax.random.normal(jax.random.key(4), (500, target.num_dims))
        vectors = jax.vmap(peaks.whitening.place)(normal)
        new, balance = jax.vmap(jump.propose)(jax.random.normal(jax.random.key(5), (500, jump.num_normals)), vectors)
        potential = jax.vmap(target.potential)
        gain = np.asarray(potential(vectors) - potential(new) + balance)
    assert np.mean(np.exp(np.minimum(np.nan_to_num(gain, nan=-np.inf), 0.0))) > 0.2


def test_a_law_without_linear_parameters_has_no_ridge():
    truth = dict(N_c=8.8e13, alpha_N=0.076, D_c=5.4e13, alpha_D=0.095)
    runs = lj.simulate(lj.laws.KAPLAN_ND, truth, num_runs=20, noise=0.01, key=0)
    with jax.enable_x64(True):
        target = target_of(lj.laws.KAPLAN_ND, runs)
        assert ridge_jumps(target, Whitening(np.zeros(target.num_dims), np.eye(target.num_dims))) == ()
