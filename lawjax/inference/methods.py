"""The ways to draw from a posterior, what each needs of its peaks, and what stands in where a way will not do."""

import dataclasses
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.errors import InputError, check_whole
from lawjax.fitting.centring import Centring
from lawjax.inference import nuts
from lawjax.inference.approximation import Approximation
from lawjax.inference.diagnostics import GOOD_ESS
from lawjax.inference.hmc import HmcPlan
from lawjax.inference.jumps import Jump
from lawjax.inference.laplace import check_peak, laplace
from lawjax.inference.long_run import Checkpoint, compile_long, run_long
from lawjax.inference.mixture import Mixture, basin_shares, peaks_note
from lawjax.inference.mode import Peaks
from lawjax.inference.model import Target
from lawjax.inference.nuts import Plan, run_chains
from lawjax.inference.options import METHOD_LABELS
from lawjax.inference.ridge import ridge_jumps
from lawjax.inference.variational import svi
from lawjax.precision import to_numpy
from lawjax.verdict import Note, warning


@dataclasses.dataclass(frozen=True)
class Lengths:
    """How many chains of what length.

    Attributes:
        num_chains: independent chains.
        num_warmup: steps of each to settle before.
        num_draws: draws kept of each.
    """

    num_chains: int
    num_warmup: int
    num_draws: int

    @classmethod
    def of(cls, method: str, num_chains: int | None, num_warmup: int | None, num_draws: int | None) -> "Lengths":
        """What was asked, and the usual lengths of the method for the rest.

        Raises:
            InputError: chains or a warm-up for an approximation, which has none; or too few of anything.
        """
        usual = USUAL[method]
        for name, value in (("num_chains", num_chains), ("num_warmup", num_warmup)):
            if value is not None and not getattr(usual, name):
                raise InputError(f"`{name}` has no meaning with method={method!r}, which has no chains. Leave it out.")
        lengths = cls(
            usual.num_chains if num_chains is None else num_chains,
            usual.num_warmup if num_warmup is None else num_warmup,
            usual.num_draws if num_draws is None else num_draws,
        )
        for name, fewest in FEWEST[method].items():
            check_whole(name, getattr(lengths, name), fewest)
        return lengths


USUAL = {
    "nuts": Lengths(4, 500, 1000),
    "hmc": Lengths(64, 100, 300),
    "laplace": Lengths(0, 0, 4000),
    "svi": Lengths(0, 0, 4000),
}


FEWEST = {
    "nuts": nuts.FEWEST,
    "hmc": {"num_chains": 4, "num_warmup": 50, "num_draws": 10},
    "laplace": {"num_draws": 100},
    "svi": {"num_draws": 100},
}

JUMP_EVERY = 2
"""Steps of HMC, which are short, from one round of jumps to the next."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Drawn:
    """What a method gives back.

    Attributes:
        vectors: on the line, shape (draw, dim), chain after chain.
        stats: what the sampler said of each draw, shape (draw,); empty for an approximation.
        num_chains: how many chains, of one length.
        method: what drew them in the end.
        notes: on the geometry, for the verdict.
    """

    vectors: Any
    stats: dict[str, np.ndarray]
    num_chains: int
    method: str
    notes: tuple[Note, ...] = ()


@dataclasses.dataclass(frozen=True, eq=False)
class Job:
    """What every method gets.

    Attributes:
        target: the posterior.
        centring: the change of units in which it is.
        peaks: where it peaks.
        lengths: how many chains of what length.
        key: JAX key.
        progress: show a bar.
        checkpoint: a file to go on from.
        ahead: programs under compilation in another thread, as `compile_ahead` has them.
    """

    target: Target
    centring: Centring
    peaks: Peaks
    lengths: Lengths
    key: jax.Array
    progress: bool = False
    checkpoint: Checkpoint = None
    ahead: Future[None] | None = None


def compile_ahead(target: Target, lengths: Lengths, key: jax.Array) -> None:
    """Compile what `by_hmc` will need once the peak is known; for another thread than the search's."""
    compile_long(target, _plan(lengths), key, ridge_jumps)


def draw(method: str, job: Job) -> Drawn:
    """Draws by the method of that name, or by one that can stand in for it, which the notes then say.

    Where the curvature at the peak cannot be trusted, all but NUTS would start from a wrong scale; where there are
    several peaks, all but HMC with moves between them would stay at one.
    """
    if job.checkpoint is not None and method in ("laplace", "svi"):
        raise InputError(f"`checkpoint` is for chains; method={method!r} has none. Leave it out.")
    if job.peaks.sound and job.peaks.num_rivals:
        return by_hmc_between_peaks(method, _of("hmc", method, job))
    if not job.peaks.sound:
        return _noted(by_nuts(_of("nuts", method, job)), _poor_laplace(method))
    return METHODS[method](job)


def _of(stand_in: str, method: str, job: Job) -> Job:
    """The job with the lengths of another method, and at least as many draws in all as were asked for."""
    if stand_in == method:
        return job
    asked, usual = job.lengths, USUAL[stand_in]
    total = asked.num_draws * max(asked.num_chains, 1)
    num_draws = max(usual.num_draws, -(-total // usual.num_chains))
    return dataclasses.replace(job, lengths=dataclasses.replace(usual, num_draws=num_draws))


def by_nuts(job: Job) -> Drawn:
    """NUTS: paths that end where they turn back; the referee."""
    lengths = job.lengths
    plan = Plan(lengths.num_chains, lengths.num_warmup, lengths.num_draws, job.progress)
    jumps = ridge_jumps(job.target, job.peaks.whitening)
    vectors, stats = run_chains(job.target, job.peaks, plan, job.key, job.checkpoint, jumps)
    flat = {name: array.reshape(-1) for name, array in stats.items()}
    return Drawn(vectors=vectors, stats=flat, num_chains=lengths.num_chains, method="nuts")


def by_hmc(job: Job) -> Drawn:
    """HMC in many chains, which start at draws about the peak that are weighed to be the posterior's.

    Where those draws are too far from the posterior to be weighed, chains this short could not mend it: NUTS can.
    """
    key_check, key_start, key_chain = _three(job.key)
    peaks, about = check_peak(job.target, job.peaks, key_check)
    if about is None or not peaks.sound:
        return _noted(by_nuts(_of("nuts", "hmc", job)), _poor_laplace("hmc"))
    return _chains(job, key_chain, about.resample(key_start, job.lengths.num_chains))


@jax.jit
def _three(key: jax.Array) -> tuple[jax.Array, ...]:
    return tuple(jax.random.split(key, 3))


def by_hmc_between_peaks(method: str, job: Job) -> Drawn:
    """HMC with moves between all peaks, by a mixture over them, and the share of the draws about each."""
    key_start, key_chain = jax.random.split(job.key)
    mixture = Mixture.of(job.peaks)
    drawn = _chains(job, key_chain, mixture.sample(key_start, job.lengths.num_chains), mixture)
    return _noted(drawn, _several_peaks(method, job, basin_shares(mixture, drawn.vectors)))


def _plan(lengths: Lengths) -> HmcPlan:
    return HmcPlan(lengths.num_chains, lengths.num_warmup, lengths.num_draws, jump_every=JUMP_EVERY)


def _chains(job: Job, key: jax.Array, starts: Any, *jumps: Jump) -> Drawn:
    plan = _plan(job.lengths)
    if job.ahead is not None:
        wait([job.ahead])
    vectors, stats = run_long(
        job.target,
        job.peaks.whitening,
        plan,
        key,
        starts=starts,
        jumps=(*jumps, *ridge_jumps(job.target, job.peaks.whitening)),
        checkpoint=job.checkpoint,
        progress=job.progress,
    )
    flat = {name: array.reshape(-1) for name, array in stats.items()}
    lines = vectors.reshape(-1, job.target.num_dims)
    return Drawn(vectors=lines, stats=flat, num_chains=plan.num_chains, method="hmc")


def by_laplace(job: Job) -> Drawn:
    """The normal at the peak, reweighed to the posterior."""
    key_draw, key_pick = jax.random.split(job.key)
    found = laplace(job.target, job.peaks.whitening, key_draw, job.lengths.num_draws)
    return _weighed(found, key_pick, "laplace")


def by_svi(job: Job) -> Drawn:
    """The normal nearest to the posterior, reweighed to it."""
    key_draw, key_pick = jax.random.split(job.key)
    found = svi(job.target, job.peaks.whitening, key_draw, job.lengths.num_draws)
    return _weighed(found, key_pick, "svi")


def _weighed(found: Approximation, key: jax.Array, method: str) -> Drawn:
    """Draws resampled by their weights, or as they are where the weights cannot be trusted, which a note says."""
    trusted = not any(note.code == "high-pareto-k" for note in found.notes)
    vectors = found.resample(key, len(found)) if trusted else found.vectors
    few = tuple(_few_draws(found.smoothed.ess)) if trusted else ()
    return Drawn(vectors=jnp.asarray(vectors), stats={}, num_chains=1, method=method, notes=(*found.notes, *few))


def _few_draws(size: float) -> Iterator[Note]:
    if size < GOOD_ESS:
        reason = f"The reweighed draws are worth {size:.0f} independent ones, fewer than {GOOD_ESS}."
        yield warning("low-ess", reason, "Raise num_draws, or sample with method='nuts'.")


METHODS: dict[str, Callable[[Job], Drawn]] = {
    "nuts": by_nuts,
    "hmc": by_hmc,
    "laplace": by_laplace,
    "svi": by_svi,
}


def _noted(drawn: Drawn, *notes: Note) -> Drawn:
    return dataclasses.replace(drawn, notes=(*drawn.notes, *notes))


def _poor_laplace(method: str) -> Note:
    instead = "" if method == "nuts" else f" by NUTS, not {METHOD_LABELS[method]},"
    return warning(
        "poor-laplace",
        f"The posterior's curvature at its peak cannot be trusted, so chains were run{instead} with lengths of their "
        "own, that learnt their scales.",
        "Some parameters may be undetermined; look for prior-dominated ones, or give narrower priors.",
    )


def _several_peaks(method: str, job: Job, shares: np.ndarray) -> Note:
    """What each peak holds of the draws, and what sampled them."""

    def natural(centre: Any) -> dict[str, Any]:
        return job.centring.to_natural(job.target.params(centre))

    note = peaks_note(shares, to_numpy(jax.vmap(natural)(jnp.asarray(job.peaks.centres))))
    instead = (
        ""
        if method == "hmc"
        else f" Sampled by HMC in chains of its own lengths with moves between them, not by {METHOD_LABELS[method]}."
    )
    return dataclasses.replace(note, reason=note.reason + instead)
