"""A long run is the same bit for bit whatever its segments and breaks, and never goes on from another run's file."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj
from lawjax.inference import long_run
from lawjax.inference.hmc import HmcPlan, run_hmc
from lawjax.inference.long_run import compile_long, run_long
from lawjax.inference.mixture import Mixture
from lawjax.inference.mode import Peak, Whitening
from lawjax.inference.nuts import Plan, run_chains
from tests.inference.densities import Normal, correlated_normal

PLAN = HmcPlan(num_chains=4, num_warmup=60, num_draws=80)
KEY = jax.random.key(4)


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="module")
def normal():
    """A normal and its whitening."""
    with jax.enable_x64(True):
        target, mean, covariance = correlated_normal()
        return target, Whitening(mean, np.linalg.cholesky(covariance))


def by_hmc(normal, checkpoint=None, plan=PLAN, key=KEY, **more):
    return run_long(*normal, plan, key, checkpoint=checkpoint, **more)


def by_nuts(normal, checkpoint=None, plan=None, key=KEY):
    target, whitening = normal
    peak = Peak(whitening, sound=True, potential=0.0, log_mass=0.0)
    return run_chains(target, peak, plan or Plan(4, 60, 80), key, checkpoint)


def assert_same(ours, theirs):
    np.testing.assert_array_equal(ours[0], theirs[0])
    assert ours[1].keys() == theirs[1].keys()
    for name, array in ours[1].items():
        np.testing.assert_array_equal(array, theirs[1][name])


def test_segments_give_the_draws_of_one_program(normal):
    vectors, stats = jax.jit(run_hmc, static_argnames="plan")(*normal, PLAN, KEY)
    ours = by_hmc(normal)
    np.testing.assert_allclose(ours[0], vectors, rtol=1e-8)
    np.testing.assert_array_equal(ours[1]["num_steps"], stats["num_steps"])


def test_the_length_of_segments_does_not_show(normal, monkeypatch):
    whole = by_hmc(normal)
    monkeypatch.setattr(long_run, "SEGMENT", 23)
    assert_same(by_hmc(normal), whole)


def test_what_was_compiled_ahead_is_not_compiled_again(normal, caplog):
    starts, plan = np.zeros((5, 3)), dataclasses.replace(PLAN, num_chains=5)
    compile_long(normal[0], plan, KEY, lambda target, whitening: (Mixture.about(whitening),))
    with jax.log_compiles(True):
        by_hmc(normal, plan=plan, starts=starts, jumps=(Mixture.about(normal[1]),))
    assert "XLA compilation" in caplog.text
    assert "XLA compilation of jit(advance)" not in caplog.text
    assert "XLA compilation of jit(first_state)" not in caplog.text


def test_a_longer_run_begins_with_the_shorter_one_and_does_not_compile(normal):
    shorter = by_hmc(normal)
    programs = long_run._advance._cache_size()
    longer = by_hmc(normal, plan=dataclasses.replace(PLAN, num_draws=140))
    assert long_run._advance._cache_size() == programs
    assert longer[0].shape == (4, 140, 3)
    np.testing.assert_array_equal(longer[0][:, :80], shorter[0])


@pytest.mark.parametrize("sampler", [by_hmc, by_nuts])
def test_a_run_that_was_killed_goes_on_as_if_it_had_not_been(normal, tmp_path, monkeypatch, sampler):
    whole, path = sampler(normal), tmp_path / "run.npz"
    reached = []

    def kill(step):
        reached.append(step)
        if step >= 100:
            raise KeyboardInterrupt

    monkeypatch.setattr(long_run, "SECONDS_BETWEEN_SAVES", -1.0)
    monkeypatch.setattr(long_run, "tick", kill)
    with pytest.raises(KeyboardInterrupt):
        sampler(normal, path)
    monkeypatch.setattr(long_run, "tick", reached.append)
    assert_same(sampler(normal, path), whole)
    assert reached == [50, 100, 100, 140]


def test_a_finished_run_is_read_back_and_can_be_made_longer(normal, tmp_path, monkeypatch):
    path, longer = tmp_path / "run.npz", dataclasses.replace(PLAN, num_draws=190)
    first = by_hmc(normal, path)
    whole = by_hmc(normal, plan=longer)
    reached = []
    monkeypatch.setattr(long_run, "tick", reached.append)
    assert_same(by_hmc(normal, path), first)
    assert reached == []
    assert_same(by_hmc(normal, path, longer), whole)
    assert reached == [200, 250]


def test_a_file_of_another_run_is_refused_by_what_differs(normal, tmp_path):
    path, (target, whitening) = tmp_path / "run.npz", normal
    by_hmc(normal, path)
    with pytest.raises(lj.InputError, match=r"what differs: key\. Give another path"):
        by_hmc(normal, path, key=jax.random.key(5))
    with pytest.raises(lj.InputError, match="what differs: data and priors"):
        by_hmc((Normal(target.mean + 1.0, target.precision), whitening), path)
    with pytest.raises(lj.InputError, match="what differs: plan"):
        by_hmc(normal, path, dataclasses.replace(PLAN, num_warmup=70))
    with pytest.raises(lj.InputError, match="what differs: peak"):
        by_hmc((target, Whitening(whitening.centre, 2 * whitening.factor)), path)
    with pytest.raises(lj.InputError, match="what differs: starts and jumps"):
        by_hmc(normal, path, starts=jnp.zeros((4, 3)))
    with pytest.raises(lj.InputError, match="what differs: plan"):
        by_nuts(normal, path)


def test_a_file_that_is_no_checkpoint_is_refused(normal, tmp_path):
    path = tmp_path / "run.npz"
    path.write_bytes(b"something else")
    with pytest.raises(lj.InputError, match="is no checkpoint"):
        by_hmc(normal, path)
    by_hmc(normal, whole := tmp_path / "whole.npz")
    path.write_bytes(whole.read_bytes()[:1000])
    with pytest.raises(lj.InputError, match="is no checkpoint"):
        by_hmc(normal, path)


def test_a_bar_is_shown_while_it_runs(normal, capfd):
    by_hmc(normal, progress=True)
    assert "100%" in capfd.readouterr().err
