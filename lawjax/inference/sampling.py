"""`sample`: the front door of posteriors. Find the peak, whiten by its curvature, run chains, judge them."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.data.checks import check_fit
from lawjax.data.runs import Runs
from lawjax.draws import Noise
from lawjax.errors import choose
from lawjax.fitting.centring import Centring, undeclared_note
from lawjax.fitting.residuals import choose_space
from lawjax.inference.diagnostics import diagnose, judge, prior_notes
from lawjax.inference.mode import Peak, find_peak
from lawjax.inference.model import Target
from lawjax.inference.nuts import Plan, run_chains
from lawjax.inference.posterior import Posterior
from lawjax.inference.priors import FREEDOM, NOISE, SCALE, make_priors
from lawjax.laws.base import Law
from lawjax.precision import as_key, in_float64, to_numpy
from lawjax.verdict import Note, Verdict, warning

NUM_STARTS = 32
NUM_PRIOR_DRAWS = 1000


@in_float64
def sample(
    law: Law,
    runs: Runs,
    *,
    noise: str = "student_t",
    residual: str | None = None,
    priors: Mapping[str, Any] | None = None,
    num_draws: int = 1000,
    num_warmup: int = 500,
    num_chains: int = 4,
    key: Any = 0,
    force: bool = False,
    progress: bool = False,
) -> Posterior:
    """The posterior of a law given runs: every set of parameters that the runs and the priors leave open.

    Sampling runs in float64 on centred inputs, on the CPU, because its paths are short and serial. The posterior is
    whitened by the curvature at its peak, so that NUTS needs few steps per draw; where that curvature cannot be
    trusted, NUTS learns a dense mass matrix instead and the verdict says `poor-laplace`. A second call with the
    same law and shape of data does not compile again.

    The default prior of a parameter has its usual range in the law's record as its central 90 %: log-normal for a
    positive parameter, normal for a real one, logit-normal between two edges. The scatter of single runs is
    log-normal with a 90 % range of 0.2 % to 20 % of the response; the degrees of freedom of a Student-t are log-normal
    above 1 with a 90 % range of 4.5 to 50.

    Args:
        law: the law.
        runs: a column per input of the law and one for its response. Weights count relative to their mean.
        noise: "student_t", which lets single runs lie far off, or "normal".
        residual: "log" (default where the response is positive), "raw" or "logit": where the scatter is added.
        priors: NumPyro distributions that replace the default ones, by parameter, "noise_scale" or "noise_freedom".
            A parameter without dimension takes its prior in natural units. One with dimension (the A of A N^-alpha)
            takes it for inputs divided by their geometric mean over the runs, where A is the size of its term in the
            middle of the data, in the unit of the response.
        num_draws: draws kept of each chain.
        num_warmup: steps of each chain to settle before.
        num_chains: independent chains, run in lockstep.
        key: seed; the same key gives the same draws.
        force: go on although the inputs look swapped.
        progress: show a bar on the terminal.
    Returns:
        A `Posterior`; its `verdict` says whether the chains may be believed.
    Raises:
        InputError: a wrong option or prior, or runs that cannot be used; the message says how to mend it.
    References:
        Hoffman and Gelman 2014, arXiv:1111.4246 (NUTS).
    Example:
        >>> import lawjax as lj
        >>> runs = lj.Runs.from_columns(x=[1, 2, 4, 8, 16, 32], loss=[4.0, 2.83, 2.01, 1.41, 1.0, 0.71])
        >>> post = lj.sample(lj.laws.POWER_LAW, runs, num_draws=200, key=0)
        >>> round(float(post.params["alpha"].mean()), 2)
        0.5
    """
    choose("noise", noise, NOISE)
    plan = Plan(num_chains, num_warmup, num_draws, bool(progress))
    space = choose_space(law, residual)
    runs = runs.counted()
    data_verdict = check_fit(law, runs, residual=space, force=force)
    # The data enter the seed, so that posteriors of different runs are independent under one key.
    key_prior, key_chains = jax.random.split(jax.random.fold_in(as_key(key), int(runs.sha256[:8], 16)))
    with on_cpu():
        centring = Centring.of(law, runs)
        target = Target.of(law, runs, centring, make_priors(law, centring, noise, space, priors), space, noise)
        prior_vectors = target.prior_vectors(key_prior, NUM_PRIOR_DRAWS)
        peak = find_peak(target, prior_vectors[:NUM_STARTS])
        vectors, stats = run_chains(target, peak, plan, key_chains)
        prior, found = _natural(target, centring, prior_vectors, vectors)
        silent = prior_notes(_spread(target, vectors), _spread(target, prior_vectors))
    chains = {name: array.reshape(num_chains, num_draws, *array.shape[1:]) for name, array in found.items()}
    notes = Verdict((*_peak_notes(peak), *_group_notes(runs), *silent))
    return Posterior(
        law=law,
        runs=runs,
        params={name: found[name] for name in law.params},
        noise=Noise(space=space, scale=found[SCALE], freedom=found.get(FREEDOM)),
        num_chains=num_chains,
        stats={name: array.reshape(-1) for name, array in stats.items()},
        prior=prior,
        verdict=data_verdict + undeclared_note(centring) + judge(diagnose(chains, stats)) + notes,
    )


def on_cpu() -> contextlib.AbstractContextManager[Any]:
    """Compute on the CPU, or on the default device where JAX was told to see accelerators only."""
    try:
        return jax.default_device(jax.local_devices(backend="cpu")[0])
    except RuntimeError:
        return contextlib.nullcontext()


def _natural(target: Target, centring: Centring, *batches: Any) -> list[dict[str, np.ndarray]]:
    """Parameters in natural units, those of the noise among them, for each batch of vectors on the line."""

    def one(vector: Any) -> dict[str, Any]:
        params = target.params(vector)
        return {**params, **centring.to_natural(params)}

    cuts = np.cumsum([len(batch) for batch in batches])[:-1]
    natural = to_numpy(jax.vmap(one)(jnp.concatenate(batches)))
    pieces = {name: np.split(natural[name], cuts) for name in target.priors}
    return [{name: parts[index] for name, parts in pieces.items()} for index in range(len(batches))]


def _spread(target: Target, vectors: Any) -> dict[str, np.ndarray]:
    """Standard deviation of each of the law's parameters along its line."""
    parts = to_numpy(jax.vmap(target.split)(vectors))
    return {name: np.std(parts[name], axis=0) for name in target.law.params}


def _peak_notes(peak: Peak) -> Iterator[Note]:
    if not peak.sound:
        yield warning(
            "poor-laplace",
            "The posterior's curvature at its peak cannot be trusted, so the chains learnt their own scales.",
            "Some parameters may be undetermined; look for prior-dominated ones, or give narrower priors.",
        )
    if peak.num_rivals:
        yield warning(
            "several-peaks",
            f"The posterior has {peak.num_rivals + 1} peaks of nearly the same height; the chains began at one.",
            "Judge predictions, not parameters, or give priors that tell the peaks apart.",
        )


def _group_notes(runs: Runs) -> Iterator[Note]:
    if runs.group is not None and runs.num_groups < len(runs):
        yield warning(
            "rows-of-one-run",
            f"{len(runs)} rows come from {runs.num_groups} groups, and the posterior takes every row for independent.",
            "Its intervals are too narrow where rows of a group err together; compare bootstrap(fit, by='run').",
        )
