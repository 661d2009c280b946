r"""Resamples: the weights and the responses that each refit of a bootstrap sees.

A resample changes the weights of the runs ("pairs") or moves their responses ("residual", "wild"), so shapes never
change and all resamples share one program. They come in blocks, each from a generator of its own: a million of them
never exist at once, and the ten-thousandth is the same however they are cut into chunks.
"""

import dataclasses
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.errors import InputError, choose
from lawjax.fitting.components import levels_and_deviations, variance_components
from lawjax.fitting.fit_result import Fit
from lawjax.fitting.leverage import Leverage, leverage
from lawjax.fitting.problem import padded_weights
from lawjax.verdict import Note, warning

KINDS = ("pairs", "residual", "wild")
BLOCK = 512
"""Resamples that share one generator."""
FEW_GROUPS = 12
"""Below this many groups, signs alone give too few distinct resamples, and six points are drawn (Webb 2023)."""
WEBB = np.sqrt([0.5, 1.0, 1.5])


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """How to make any of the resamples of a fit.

    Attributes:
        kind: "pairs", "residual" or "wild".
        codes: which unit each run is drawn with, from 0 without gaps, shape (run,): its group, or the run alone.
        grouped: whether units are groups.
        weights: of the fit's own runs, padded, shape (padded run,).
        residuals: of the fit, prediction less observation, shape (run,).
        noise: what is drawn, observation less prediction, as wide as before the fit took its share, shape (run,).
        levels: the part of the noise that each group shares, shape (group,); zeros where runs are drawn singly.
        seed: words that seed the generators.
    """

    kind: str
    codes: np.ndarray
    grouped: bool
    weights: np.ndarray
    residuals: np.ndarray
    noise: np.ndarray
    levels: np.ndarray
    seed: tuple[int, ...]

    @property
    def num_units(self) -> int:
        """How many units are drawn."""
        return int(self.codes.max()) + 1

    def rows(self, first: int, last: int) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Resamples `first` to `last` (excluded), the same numbers whatever chunks are asked for.

        Returns:
            The weights, shape (last - first, padded run), or None where all share the fit's own; and the shift, what is
            added to the observed response in the residual space, of the same shape, or None.
        """
        blocks = range(first // BLOCK, -(-last // BLOCK))
        drawn = np.concatenate([self._block(block) for block in blocks])[first - blocks.start * BLOCK :]
        padded = np.pad(drawn[: last - first], ((0, 0), (0, len(self.weights) - drawn.shape[1])))
        return (padded * self.weights, None) if self.kind == "pairs" else (None, padded)

    def _block(self, block: int) -> np.ndarray:
        """One number a run for each resample of the block, shape (BLOCK, run)."""
        generator = np.random.default_rng([*self.seed, block])
        if self.kind == "pairs":
            share = np.full(self.num_units, 1 / self.num_units)
            return generator.multinomial(self.num_units, share, size=BLOCK).astype(np.float64)[:, self.codes]
        return self.residuals + (self._flipped(generator) if self.kind == "wild" else self._redrawn(generator))

    def _flipped(self, generator: np.random.Generator) -> np.ndarray:
        sizes = WEBB if self.grouped and self.num_units < FEW_GROUPS else np.ones(1)
        points = np.concatenate([-sizes, sizes])
        return self.noise * generator.choice(points, size=(BLOCK, self.num_units))[:, self.codes]

    def _redrawn(self, generator: np.random.Generator) -> np.ndarray:
        own = generator.choice(self.noise, size=(BLOCK, len(self.noise)))
        if not self.grouped:
            return own
        return own + generator.choice(self.levels, size=(BLOCK, self.num_units))[:, self.codes]


def make_plan(fit: Fit, kind: str = "pairs", by: str | None = None, seed: Sequence[int] | np.ndarray = (0,)) -> Plan:
    r"""The plan of a bootstrap.

    "pairs" draws runs, or groups, with replacement: a count multiplies the weights. "residual" gives every run the
    fitted value and a residual drawn from all; by run, a level for each group and a deviation for each row, scaled to
    the variances $\sigma_u^2$ between and $\sigma_w^2$ within groups, so that the deviations that a group's mean still
    holds are not counted twice (the reflated residuals of Carpenter, Goldstein & Rasbash 2003). "wild" turns the signs
    of the residuals at random where they are, whole groups together. It takes the residual that each run or group
    would have, had it been left out (HC3, CR3): draws are read by their quantiles, without a Student-t, and those of
    the fit's own residuals are too narrow. Signs and Webb's six points are symmetric, so the median of each response
    stays at the law, as a robust loss needs; the skewed points of Mammen 1993 would move it.

    Args:
        fit: the fit.
        kind: "pairs", "residual" or "wild".
        by: "run" to draw whole groups (default where the runs have a `group`), "point" for single rows.
        seed: words of the seed.
    Raises:
        InputError: an unknown kind, groups asked for where there are fewer than two, residuals that the fit cannot
            tell apart from its parameters, or signs turned under a loss that is not symmetric.
    References:
        Freedman 1981; Carpenter, Goldstein & Rasbash 2003; Cameron, Gelbach & Miller 2008; Webb 2023;
        MacKinnon, Nielsen & Webb 2023.
    Example:
        >>> import lawjax as lj
        >>> truth = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37)
        >>> runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=40, noise=0.01, key=0)
        >>> weights, shift = make_plan(lj.fit(lj.laws.CHINCHILLA, runs)).rows(1000, 1003)
        >>> weights.shape, weights.sum(axis=1).tolist(), shift
        ((3, 48), [40.0, 40.0, 40.0], None)
    """
    _check(fit, kind, by)
    codes = _group_codes(fit, by)
    base = padded_weights(fit.runs)
    weights = base[: len(fit.runs)]
    noise, levels = -fit.residuals, np.zeros(1)
    if kind == "wild":
        noise = _pull(fit, weights, codes).left_out_residuals(noise, weights)
    elif kind == "residual":
        _check_spare(fit, codes)
        levels, noise = _to_redraw(fit, weights, codes)
    units = np.arange(len(noise)) if codes is None else codes
    return Plan(
        kind=kind, codes=units, grouped=codes is not None, weights=base, residuals=fit.residuals, noise=noise,
        levels=levels, seed=tuple(int(word) for word in seed),
    )  # fmt: skip


def plan_notes(fit: Fit, plan: Plan) -> tuple[Note, ...]:
    """What a reader must know of a bootstrap drawn by this plan."""
    if fit.runs.group is None:
        return ()
    if not plan.grouped:
        reason = "Rows of one group were resampled as if they were independent; the intervals are too narrow."
        return (warning("grouped-rows", reason, 'Use by="run".'),)
    if plan.num_units < 10:
        reason = f"Only {plan.num_units} groups were resampled; the intervals are rough."
        return (warning("few-groups-resampled", reason, "Add runs."),)
    return ()


def _check(fit: Fit, kind: str, by: str | None) -> None:
    choose("bootstrap kind", kind, KINDS)
    if by is not None:
        choose("`by`", by, ("run", "point"))
    if by == "run" and fit.runs.group is None:
        raise InputError('by="run" needs to know which rows belong together: read the runs with group="...".')
    splits = kind == "residual" and by != "point" and fit.runs.group is not None
    if (kind == "wild" or splits) and not _is_symmetric(fit):
        raise InputError(
            f'kind="{kind}" supposes a loss that costs the same on either side, and the {fit.choices.make_loss().name} '
            'loss does not. Use kind="pairs".'
        )


def _is_symmetric(fit: Fit) -> bool:
    with jax.enable_x64(True):
        loss = fit.choices.make_loss()
        sides = (
            jax.vmap(lambda r: loss.cost(r, jnp.asarray(fit.extra)))(jnp.asarray(sign * fit.residuals))
            for sign in (1.0, -1.0)
        )
        return bool(np.allclose(*sides, rtol=1e-9, atol=0.0))


def _group_codes(fit: Fit, by: str | None) -> np.ndarray | None:
    """Code of each run's group, from 0 without gaps, or None where runs are drawn singly."""
    if by == "point" or fit.runs.group is None:
        return None
    labels, codes = np.unique(np.asarray(fit.runs.group), return_inverse=True)
    if len(labels) < 2:
        raise InputError('all rows belong to one group, so there is nothing to resample. Use by="point".')
    return codes


def _to_redraw(fit: Fit, weights: np.ndarray, codes: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Levels of groups and noise of rows to draw from, as wide as they were before the fit took its share."""
    noise = -fit.residuals
    if codes is None:
        return np.zeros(1), noise * np.sqrt(len(noise) / (len(noise) - fit.layout.num_free))
    found = variance_components(_pull(fit, weights, None), weights, noise, codes)
    return levels_and_deviations(noise, codes, found)


def _pull(fit: Fit, weights: np.ndarray, codes: np.ndarray | None) -> Leverage:
    found = leverage(fit.geometry.jacobian, weights, codes)
    if found is None:
        raise InputError(
            "the runs do not determine the parameters, so their residuals say nothing of the noise. "
            'Use kind="pairs", fix a parameter, or add runs (see the verdict of the fit).'
        )
    return found


def _check_spare(fit: Fit, codes: np.ndarray | None) -> None:
    """Refuse residuals that the parameters have used up."""
    num, what = (len(fit.runs), "runs") if codes is None else (int(codes.max()) + 1, "groups")
    if num <= fit.layout.num_free:
        raise InputError(
            f"{num} {what} leave no residuals to draw for {fit.layout.num_free} free parameters. "
            'Use kind="pairs", fix parameters, or add runs.'
        )
