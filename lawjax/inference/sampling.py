"""`sample`: the front door of posteriors. Find the peak, whiten by its curvature, draw, judge."""

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.data.checks import check_fit
from lawjax.data.runs import Runs
from lawjax.errors import InputError, choose
from lawjax.fitting.centring import Centring, undeclared_note
from lawjax.fitting.fit_result import Fit
from lawjax.inference.diagnostics import judge
from lawjax.inference.methods import METHODS, Job, Lengths, compile_ahead, draw
from lawjax.inference.mode import starts_at
from lawjax.inference.model import Target
from lawjax.inference.options import Options, choose_options
from lawjax.inference.outlook import noise_from
from lawjax.inference.overlap import overlap_notes
from lawjax.inference.pilot import searched_dims, settle
from lawjax.inference.posterior import Posterior
from lawjax.inference.prior_check import prior_mass_notes
from lawjax.inference.width import width_notes
from lawjax.laws.base import Law
from lawjax.precision import as_key, in_float64, seed_of
from lawjax.verdict import Note, Verdict, info, warning

NUM_STARTS, FEWEST_STARTS = 32, 4
MOST_STARTED = 640
"""Starts times latents: a Newton step costs so many gradients, and models of many latents have the time for few."""
NUM_PRIOR_DRAWS = 1000


@in_float64
def sample(
    law: Law,
    runs: Runs,
    *,
    noise: str = "student_t",
    residual: str | None = None,
    priors: Mapping[str, Any] | None = None,
    vary: Mapping[str, str] | None = None,
    effects: str | None = None,
    scale_along: str | None = None,
    rounding: float | str | None = None,
    trials: float | str | None = None,
    input_error: Mapping[str, float | str] | None = None,
    discrepancy: str | None = None,
    discrepancy_along: str | None = None,
    method: str = "nuts",
    fit: Fit | None = None,
    num_draws: int | None = None,
    num_warmup: int | None = None,
    num_chains: int | None = None,
    key: Any = 0,
    force: bool = False,
    progress: bool = False,
    checkpoint: str | os.PathLike[str] | None = None,
) -> Posterior:
    """The posterior of a law given runs: every set of parameters that the runs and the priors leave open.

    Sampling runs in float64 on centred inputs, on the CPU, because its paths are short and serial. The posterior is
    whitened by the curvature at its peak, so that few steps per draw are needed; where that curvature cannot be
    trusted, NUTS learns a dense mass matrix instead and the verdict says `poor-laplace`. A second call with the
    same law and shape of data does not compile again.

    The default prior of a parameter has its usual range in the law's record as its central 90 %: log-normal for a
    positive parameter, normal for a real one, logit-normal between two edges. The scatter of single runs is
    log-normal with a 90 % range of 0.2 % to 20 % of the response; the degrees of freedom of a Student-t are log-normal
    above 1 with a 90 % range of 4.5 to 50. `lj.prior_check` shows what the priors say before the runs do.

    Args:
        law: the law.
        runs: a column per input of the law and one for its response. Weights count relative to their mean.
        noise: "student_t", which lets single runs lie far off, "normal", or for accuracies "binomial" and
            "beta_binomial", which draw right answers out of `trials`.
        residual: "log" (default where the response is positive), "raw" or "logit": where the scatter is added.
        priors: NumPyro distributions that replace the default ones, by parameter or other latent ("noise_scale",
            "noise_freedom", "alpha_spread", ...). A parameter without dimension takes its prior in natural units. One
            with dimension (the A of A N^-alpha) takes it for inputs divided by their geometric mean over the runs,
            where A is the size of its term in the middle of the data, in the unit of the response.
        vary: parameters that differ between the members of a column, `{"alpha": "family"}`: pooled partially, so that
            members with few runs lean on the others (`posterior.by_member`, `.member("...")`, `.new_member()`).
        effects: "group", the default where rows have groups: the rows (checkpoints) of a run share a random shift;
            "replicates": rows with equal inputs do, so that the noise is the scatter of seeds; "none".
        scale_along: an input, or "prediction": the scale of the scatter changes as a power of it.
        rounding: width of the interval that responses were rounded to, or the column of it.
        trials: number of questions behind each accuracy, or the column of it.
        input_error: relative error of inputs, `{"N": 0.05}`, or the column of it.
        discrepancy: "walk" or "gp": a smooth shift along `discrepancy_along` for what the law leaves out, shrunk to
            zero; predictions carry it on beyond the runs.
        discrepancy_along: an input, or "compute" (C or 6 N D), the default where the law has it.
        method: "nuts"; "hmc", paths of jittered length in many chains, some ten times faster for small models;
            "laplace", normal about the peak, or "svi", variational inference: for models with hundreds of latents.
        fit: a fit of the same law, whose optima join the draws from the priors as places to look for peaks from.
        num_draws: draws kept of each chain, or in all of an approximation.
        num_warmup: steps of each chain to settle before.
        num_chains: independent chains, run in lockstep: 4 for NUTS, 64 for HMC.
        key: seed; the same key gives the same draws.
        force: go on although the inputs look swapped.
        progress: show a bar on the terminal.
        checkpoint: a file in which a long run keeps its state; the same call goes on from it after a break.
    Returns:
        A `Posterior`; its `verdict` says whether the draws may be believed.
    Raises:
        InputError: a wrong option or prior, or runs that cannot be used; the message says how to mend it.
    References:
        Hoffman and Gelman 2014, arXiv:1111.4246 (NUTS). Hoffman, Radul and Sountsov 2021, PMLR 130 (the lengths of
        the paths of HMC). Gelman and Hill 2007 (partial pooling).
    Example:
        >>> import lawjax as lj
        >>> runs = lj.Runs.from_columns(x=[1, 2, 4, 8, 16, 32], loss=[4.0, 2.83, 2.01, 1.41, 1.0, 0.71])
        >>> post = lj.sample(lj.laws.POWER_LAW, runs, num_draws=200, key=0)
        >>> round(float(post.params["alpha"].mean()), 2)
        0.5
    """
    choose("method", method, METHODS)
    lengths = Lengths.of(method, num_chains, num_warmup, num_draws)
    runs = runs.counted()
    options = choose_options(
        law,
        runs,
        noise=noise,
        residual=residual,
        scale_along=scale_along,
        effects=effects,
        rounding=rounding,
        trials=trials,
        input_error=input_error,
        vary=vary,
        discrepancy=discrepancy,
        discrepancy_along=discrepancy_along,
    )
    # Shares of right answers may be 0 or 1, where their logit is not finite.
    data_verdict = check_fit(law, runs, residual="raw" if options.counts else options.space, force=force)
    # The data enter the seed, so that posteriors of different runs are independent under one key.
    key_prior, key_draws, key_data = _keys(as_key(key), int(runs.sha256[:8], 16))
    with on_cpu():
        centring = Centring.of(law, runs)
        target = Target.of(law, runs, centring, options, priors)
        # The search for the peak of a pooled posterior changes its coordinates, and with them the program.
        early = method == "hmc" and not target.pooled
        ahead = _meanwhile(compile_ahead, target, lengths, key_draws) if early else None
        prior_vectors = _prior_vectors(target, key_prior)
        num_starts = int(np.clip(MOST_STARTED // searched_dims(target), FEWEST_STARTS, NUM_STARTS))
        starts = (
            prior_vectors[:num_starts]
            if fit is None
            else _with_optima(target, centring, fit, prior_vectors[:num_starts])
        )
        settled, peaks = settle(target, starts)
        if settled is not target:
            target, prior_vectors = settled, _prior_vectors(settled, key_prior)  # in its own coordinates
        drawn = draw(method, Job(target, centring, peaks, lengths, key_draws, bool(progress), checkpoint, ahead))
        (before, after), (prior, found), predicted = _read(target, centring, prior_vectors, drawn.vectors)
        generator = np.random.default_rng(seed_of(key_data))
        foretold = noise_from(options, target, centring, runs, prior).respond(predicted, runs.columns, generator)
    posterior = Posterior(
        law=law,
        runs=runs,
        params={name: found[name] for name in law.params},
        latents={name: found[name] for name in target.priors if name not in law.params},
        options=options,
        num_chains=drawn.num_chains,
        stats=drawn.stats,
        prior=prior,
        verdict=Verdict(),
        method=drawn.method,
    )
    told = (
        *overlap_notes(after, before),
        *width_notes(law, posterior.params),
        *prior_mass_notes(foretold, target.response, before, runs.row),
    )
    notes = Verdict((*drawn.notes, *_model_notes(runs, options), *told))
    return dataclasses.replace(
        posterior, verdict=data_verdict + undeclared_note(centring) + _chain_notes(posterior) + notes
    )


def on_cpu() -> contextlib.AbstractContextManager[Any]:
    """Compute on the CPU, or on the default device where JAX was told to see accelerators only."""
    try:
        return jax.default_device(jax.local_devices(backend="cpu")[0])
    except RuntimeError:
        return contextlib.nullcontext()


def _meanwhile(work: Callable[..., None], *args: Any) -> Future[None]:
    """Work in another thread under the settings of this one; XLA compiles without Python's lock."""

    def run() -> None:
        with jax.enable_x64(True), on_cpu():
            work(*args)

    threads = ThreadPoolExecutor(1, thread_name_prefix="lawjax")
    future = threads.submit(run)
    threads.shutdown(wait=False)
    return future


@jax.jit
def _keys(key: jax.Array, data: Any) -> tuple[jax.Array, ...]:
    return tuple(jax.random.split(jax.random.fold_in(key, data), 3))


def _read(target: Target, centring: Centring, prior_vectors: Any, vectors: Any) -> tuple[Any, Any, np.ndarray]:
    """What vectors from the prior and the posterior stand for: the law's parameters along their lines; all latents,
    the law's parameters in natural units; and the law's values at the runs for the prior's, shape (draw, run)."""
    found = _values_of(target, dict(centring.factors), prior_vectors, vectors)
    lines, natural, predicted = jax.tree.map(np.asarray, found)
    parts = slice(len(prior_vectors)), slice(len(prior_vectors), None)
    of_lines = [{name: lines[name][part] for name in target.law.params} for part in parts]
    of_latents = [{name: natural[name][part] for name in target.priors} for part in parts]
    return of_lines, of_latents, predicted


@jax.jit
def _values_of(target: Target, factors: Mapping[str, Any], prior_vectors: Any, vectors: Any) -> tuple[Any, Any, Any]:
    """As one program: step by step its dozens of small operations take a second the first time."""
    centring = Centring(target.law, factors, level=1.0)

    def one(vector: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        lines, params = target.split(vector), target.params(vector)
        return {name: lines[name] for name in target.law.params}, {**params, **centring.to_natural(params)}

    predicted = jax.vmap(lambda vector: target.predicted(target.params(vector)))(prior_vectors)
    return *jax.vmap(one)(jnp.concatenate([prior_vectors, vectors])), predicted


def _with_optima(target: Target, centring: Centring, fit: Fit, prior_vectors: Any) -> Any:
    """Starts at the optima of a fit, then at draws from the priors, as many in all as without."""
    if fit.law is not target.law:
        raise InputError(f"`fit` is of the law {fit.law.name!r}, the posterior of {target.law.name!r}.")
    optima = [optimum["params"] for optimum in fit.optima][: len(prior_vectors) // 2]
    places = {name: np.stack([np.asarray(place[name]) for place in optima]) for name in target.law.params}
    found = starts_at(target, centring.to_centred(places), jax.random.key(0))
    return jnp.concatenate([found, prior_vectors[len(optima) :]])


@jax.jit
def _prior_vectors(target: Target, key: jax.Array) -> Any:
    return target.prior_vectors(key, NUM_PRIOR_DRAWS)


def _chain_notes(posterior: Posterior) -> Verdict:
    """What the chains deserve; an approximation has none, and says for itself how good it is."""
    return judge(posterior.diagnostics) if posterior.stats else Verdict()


def _model_notes(runs: Runs, options: Options) -> Iterator[Note]:
    if runs.group is not None and runs.num_groups < len(runs) and options.effects != "group":
        yield warning(
            "rows-of-one-run",
            f"{len(runs)} rows come from {runs.num_groups} groups, and the posterior takes every row for independent.",
            'Its intervals are too narrow where rows of a group err together; leave out effects="none".',
        )
    if options.discrepancy is not None:
        yield info(
            "discrepancy",
            "Predictions carry the shift that the law leaves out; allocate and sweep follow the law alone.",
        )
