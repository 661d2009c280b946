"""Whether chains may be believed: R-hat, effective sample sizes, energy, divergences, and the notes they make.

All on NumPy arrays shaped (chain, draw), so that any sampler's chains can be judged.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpyro.diagnostics import effective_sample_size, gelman_rubin
from scipy.special import ndtri
from scipy.stats import rankdata

from lawjax.text import number
from lawjax.verdict import Note, Verdict, error, warning

GOOD_RHAT = 1.01
BAD_RHAT = 1.05
ESS_PER_CHAIN = 100
GOOD_BFMI = 0.3
MANY_DIVERGENCES = 0.01
MANY_LONG_PATHS = 0.05
PRIOR_SHARE = 0.8

Chains = Mapping[str, np.ndarray]


@dataclasses.dataclass(frozen=True, eq=False)
class Diagnostics:
    """How well chains have mixed.

    Attributes:
        params: for each scalar that was sampled, by its label ("E", "w[0]"): rhat, ess_bulk, ess_tail, and mcse, the
            Monte Carlo standard error of its mean.
        bfmi: energy fraction of missing information of each chain, shape (chain,).
        divergences: number of draws whose path left the surface of equal energy.
        longest_paths: share of draws whose path was cut at its longest.
        num_chains, num_draws: how many, and how long.
        stuck: positions of the chains that never moved.
    """

    params: dict[str, dict[str, float]]
    bfmi: np.ndarray
    divergences: int
    longest_paths: float
    num_chains: int
    num_draws: int
    stuck: tuple[int, ...]

    def __getitem__(self, label: str) -> dict[str, float]:
        return self.params[label]

    def worst(self, measure: str) -> tuple[str, float]:
        """Label and value of the worst parameter: largest for rhat, else smallest; a NaN is worst of all."""
        sign = 1.0 if measure == "rhat" else -1.0
        found = {label: row[measure] for label, row in self.params.items()}
        return max(found.items(), key=lambda item: np.inf if np.isnan(item[1]) else sign * item[1])

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {**dataclasses.asdict(self), "bfmi": self.bfmi.tolist(), "stuck": list(self.stuck)}


def diagnose(chains: Chains, stats: Chains) -> Diagnostics:
    """How well chains have mixed.

    Args:
        chains: draws of each parameter, shape (chain, draw) or (chain, draw, size).
        stats: energy, diverging and longest_path of each draw, shape (chain, draw); energy is optional.
    """
    scalars = flatten(chains)
    shape = next(iter(scalars.values())).shape
    still = np.all([np.ptp(draws, axis=1) == 0 for draws in scalars.values()], axis=0)
    return Diagnostics(
        params={label: measure(draws) for label, draws in scalars.items()},
        bfmi=np.asarray(_bfmi(stats["energy"]) if "energy" in stats else np.full(shape[0], np.nan)),
        divergences=int(np.sum(stats.get("diverging", 0))),
        longest_paths=float(np.mean(stats.get("longest_path", 0.0))),
        num_chains=shape[0],
        num_draws=shape[1],
        stuck=tuple(np.flatnonzero(still).tolist()),
    )


def flatten(chains: Chains) -> dict[str, np.ndarray]:
    """One array (chain, draw) per scalar; the entries of a vector parameter are labelled "name[0]", "name[1]", ..."""
    flat: dict[str, np.ndarray] = {}
    for name, draws in chains.items():
        draws = np.asarray(draws, dtype=np.float64)
        flat |= {name: draws} if draws.ndim == 2 else {f"{name}[{i}]": draws[..., i] for i in range(draws.shape[2])}
    return flat


def measure(draws: np.ndarray) -> dict[str, float]:
    """R-hat, effective sample sizes and Monte Carlo error of one scalar's draws, shape (chain, draw).

    R-hat is the larger of the rank-normalised split R-hats of the draws and of their distance from the median; the
    tail effective sample size is the smaller of those of the 5 % and 95 % quantiles. All are NaN where a draw is
    not finite or a chain is constant.

    References:
        Vehtari et al. 2021, arXiv:1903.08008.
    """
    if draws.shape[1] < 4 or not np.all(np.isfinite(draws)) or np.any(np.ptp(draws, axis=1) == 0):
        return dict.fromkeys(("rhat", "ess_bulk", "ess_tail", "mcse"), np.nan)
    halves = _split(draws)
    ranks, folded_ranks = _rank_normal(halves), _rank_normal(np.abs(halves - np.median(halves)))
    low, high = np.quantile(draws, [0.05, 0.95])
    return {
        "rhat": float(max(gelman_rubin(ranks), gelman_rubin(folded_ranks))),
        "ess_bulk": _ess(ranks),
        "ess_tail": min(_ess_below(halves, low), _ess_below(halves, high)),
        "mcse": float(np.std(draws, ddof=1) / np.sqrt(_ess(halves))),
    }


def _split(draws: np.ndarray) -> np.ndarray:
    """Each chain cut into halves, so that a drift within a chain shows as a difference between two."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _rank_normal(draws: np.ndarray) -> np.ndarray:
    """Normal scores of the ranks over all chains: what is heavy-tailed or has no variance can be judged as well."""
    ranks = rankdata(draws, method="average", axis=None).reshape(draws.shape)
    return ndtri((ranks - 0.375) / (draws.size + 0.25))


def _ess(halves: np.ndarray) -> float:
    """Effective sample size, at most n log10(n): paths that swing from side to side make the plain estimate blow up."""
    most = halves.size * np.log10(halves.size)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = float(effective_sample_size(halves))
    return most if size < 0 else min(size, most) if np.isfinite(size) else size


def _ess_below(halves: np.ndarray, quantile: float) -> float:
    return _ess((halves <= quantile).astype(np.float64))


def _bfmi(energy: np.ndarray) -> np.ndarray:
    """How much of the energy's spread one step explores, for each chain."""
    spread = np.var(energy, axis=1, ddof=1)
    explored = np.mean(np.diff(energy, axis=1) ** 2, axis=1)
    return np.divide(explored, spread, out=np.full(len(energy), np.nan), where=spread > 0)


def judge(diagnostics: Diagnostics) -> Verdict:
    """The notes that chains deserve; none where all gates are passed."""
    checks: tuple[Callable[[Diagnostics], Iterator[Note]], ...] = (_broken, _mixing, _sizes, _geometry)
    return Verdict(tuple(note for check in checks for note in check(diagnostics)))


def _broken(found: Diagnostics) -> Iterator[Note]:
    if found.stuck:
        chains = ", ".join(str(chain + 1) for chain in found.stuck)
        yield error(
            "stuck-chain",
            f"Of {found.num_chains} chains, these never moved: {chains}.",
            "Raise num_warmup, try another key, or check that the law is finite around the fit.",
        )
    lost = [label for label, row in found.params.items() if any(np.isnan(value) for value in row.values())]
    if lost:
        yield error(
            "nan-diagnostics",
            f"The chains of {_named(lost)} cannot be judged: a draw is not finite, or a chain is constant.",
            "Nothing may be concluded from these draws.",
        )


def _mixing(found: Diagnostics) -> Iterator[Note]:
    label, rhat = found.worst("rhat")
    if rhat >= GOOD_RHAT:
        yield (error if rhat >= BAD_RHAT else warning)(
            "high-rhat",
            f"The chains disagree: R-hat of `{label}` is {number(rhat)}, {GOOD_RHAT} is the most that is good.",
            "Raise num_warmup and num_draws; if it stays, the posterior may have several peaks.",
        )
    if found.num_chains == 1:
        yield warning("one-chain", "One chain cannot be compared with others.", "Use num_chains=4.")


def _sizes(found: Diagnostics) -> Iterator[Note]:
    need = ESS_PER_CHAIN * found.num_chains
    label, size = min((found.worst("ess_bulk"), found.worst("ess_tail")), key=lambda item: item[1])
    if size < need:
        yield warning(
            "low-ess",
            f"The draws of `{label}` are worth {size:.0f} independent ones, fewer than {need}.",
            "Raise num_draws.",
        )


def _geometry(found: Diagnostics) -> Iterator[Note]:
    total = found.num_chains * found.num_draws
    if found.divergences:
        yield (error if found.divergences > MANY_DIVERGENCES * total else warning)(
            "divergences",
            f"{found.divergences} of {total} draws diverged: part of the posterior is too sharply curved to be seen.",
            "Give narrower priors or fix a parameter; the missing part may matter.",
        )
    if np.any(found.bfmi < GOOD_BFMI):
        yield warning(
            "low-bfmi",
            f"The energy is explored slowly (E-BFMI {number(float(np.min(found.bfmi)), 2)}, below {GOOD_BFMI}).",
            "The posterior has heavy tails; give narrower priors or draw more.",
        )
    if found.longest_paths > MANY_LONG_PATHS:
        yield warning(
            "long-paths",
            f"{found.longest_paths:.0%} of the paths were cut at their longest.",
            "The posterior is badly scaled; give narrower priors or fix a parameter.",
        )


def prior_notes(posterior_sd: Chains, prior_sd: Chains) -> Iterator[Note]:
    """A note if some parameters' posterior is nearly as wide as their prior.

    Args:
        posterior_sd, prior_sd: standard deviations by name, on the same scale.
    """
    told = {name: float(np.max(posterior_sd[name] / prior_sd[name])) for name in posterior_sd}
    silent = [name for name, ratio in told.items() if ratio > PRIOR_SHARE]
    if silent:
        yield warning(
            "prior-dominated",
            f"The data say little about {_named(silent)}: the posterior is nearly as wide as the prior.",
            "Its value is the prior's; add runs that show it, or give a prior that you can defend.",
        )


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
