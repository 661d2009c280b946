"""IsoFLOP profiles: at each compute budget the size of least loss, then power laws of compute through those.

`isoflop` is the front door. `budgets.py` sorts the runs, `curves.py` finds minima, `noise.py` resamples.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from lawjax.classical.budgets import OTHER, Budget, budgets_of
from lawjax.classical.columns import MAX_BOOTS, checked_runs, group_codes, random_numbers
from lawjax.classical.curves import METHODS, Minimum, lowest, traced
from lawjax.classical.estimate import check_prob
from lawjax.classical.isoflop_result import BudgetCurve, IsoFlop
from lawjax.classical.noise import from_residuals, of_size
from lawjax.classical.power import PowerLaw, power_law
from lawjax.data.runs import Basis, Runs
from lawjax.errors import InputError, check_whole, choose
from lawjax.text import number
from lawjax.verdict import Note, Verdict, warning

SPACES = ("raw", "log")
WEIGHTINGS = ("equal", "precision")
LEAST_BUDGETS = 3
LINE_POINTS = 100
UNSTABLE = 0.05
"""A minimum that so many resamples lose is worth a word."""
SCATTERED = 3.0
"""Minima are scattered where their squared distance from the power law is on average so many times their variance."""
ROUNDING = 1e-12
"""Variance of a logarithm that is taken for rounding."""
EXCUSES = {
    "at-edge": ("lowest at an edge of the curve, so the minimum lies beyond the runs", "Add runs there."),
    "opens-downward": ("the curve opens downward and has no minimum", "Widen its range of sizes."),
    "too-few-points": ("too few different sizes for the curve", "Add runs or raise `tolerance`."),
}


def isoflop(
    runs: Runs,
    *,
    method: str = "parabola",
    along: str = "N",
    space: str = "raw",
    budget: str = "C",
    tolerance: float = 0.1,
    loss: str = "loss",
    weighting: str = "equal",
    weights: Any = None,
    noise: float | None = None,
    num_boots: int = 1000,
    prob: float = 0.9,
    key: Any = 0,
) -> IsoFlop:
    r"""Best size, tokens and loss for each compute budget, and their power laws: approach 2 of Hoffmann et al.

    At each budget a curve of the loss against $\log N$ is minimised. Through the minima go
    $N^*(C) = k_N C^a$, $D^*(C) = k_D C^b$ and $L^*(C) = k_L C^c$, straight lines in logarithms.

    Sizes are chosen, not drawn, so the bootstrap keeps them and gives their losses new errors: the residuals of all
    curves, widened for leverage, drawn with return; with groups, each point's own times one random sign per group.
    Residuals hold the misfit of the curve as well, most of all for "akima", where those of a cubic stand in; what
    repeats of a run say of its noise is better, and goes into `noise`.

    Args:
        runs: the table: `N` or `D`, the loss, and `C` [FLOP], or both `N` and `D` for C = 6ND.
        method: "parabola" or "cubic" by least squares, or "akima", which interpolates.
        along: "N" or "D": what the curves run along. The other at a minimum is what spends the budget.
        space: "raw" or "log": the form of the loss that the curves go through.
        budget: the column of compute.
        tolerance: a budget holds the runs up to this relative difference above its least.
        loss: the column that is minimised.
        weighting: of the minima in the power laws: "equal", or "precision", one over their variance in the resamples.
        weights: weight of each run, shape (run,); those of the runs by default. For "akima" they weigh repeats only.
        noise: relative standard deviation of the loss over repeats of a run, in place of residuals.
        num_boots: how many resamples.
        prob: probability of the intervals.
        key: an int or a JAX key.
    Returns:
        An `IsoFlop`. A budget without an inner minimum stays out of the power laws, and the verdict names it.
    Raises:
        InputError: a column that cannot be used, an unknown choice, or fewer than three budgets with a minimum.
    References:
        hoffmann2022, section 3.2; porian2024 for "akima" and "precision"; grattafiori2024 for along="D".
    Example:
        >>> import numpy as np
        >>> import lawjax as lj
        >>> C = np.repeat([1e18, 1e19, 1e20, 1e21], 5)
        >>> best = 0.1 * C**0.5
        >>> N = best * np.tile([0.25, 0.5, 1.0, 2.0, 4.0], 4)
        >>> loss = 30 * C**-0.05 + 0.02 * np.log(N / best) ** 2
        >>> found = isoflop(lj.Runs.from_columns(N=N, D=C / (6 * N), loss=loss), num_boots=50)
        >>> round(found["N"].exponent, 6), round(found["D"].exponent, 6), round(found["loss"].exponent, 6)
        (0.5, 0.5, -0.05)
    """
    _check_choices(method, along, space, weighting)
    _check_noise(noise)
    check_whole("num_boots", num_boots, 2, MAX_BOOTS)
    check_prob(prob)
    runs = checked_runs(runs, weights)
    budgets, notes = budgets_of(runs, along=along, space=space, budget=budget, tolerance=tolerance, loss=loss)
    curves = _curves(budgets, method, along, space, noise, group_codes(runs), num_boots, random_numbers(key))
    _check_number(curves)
    laws = {name: _law_of(name, curves, weighting, prob, runs.basis) for name in curves[0].best}
    notes = [*notes, *_curve_notes(curves), *_noise_notes(method, noise), *_scatter_notes(laws, curves)]
    verdict = sum((law.verdict for law in laws.values()), Verdict(tuple(notes)))
    return IsoFlop(
        curves=tuple(curves),
        power_laws=laws,
        method=method,
        along=along,
        space=space,
        prob=prob,
        verdict=verdict,
        basis=runs.basis,
    )


def _check_choices(method: str, along: str, space: str, weighting: str) -> None:
    choose("isoFLOP method", method, METHODS)
    choose("`along`", along, OTHER)
    choose("`space`", space, SPACES)
    choose("`weighting`", weighting, WEIGHTINGS)


def _check_noise(noise: float | None) -> None:
    if noise is not None and (isinstance(noise, bool) or not isinstance(noise, int | float) or not 0 < noise < 1):
        raise InputError(f"`noise` must be a share of the loss between 0 and 1, such as 0.002, got {noise!r}.")


def _curves(
    budgets: list[Budget],
    method: str,
    along: str,
    space: str,
    noise: float | None,
    codes: np.ndarray | None,
    num_boots: int,
    generator: np.random.Generator,
) -> list[BudgetCurve]:
    """The curve and minimum of every budget, all resampled together."""
    enough = [budget for budget in budgets if budget.points.num_distinct >= METHODS[method]]
    if not enough:
        losses = None
    elif noise is None:
        losses = from_residuals(enough, method, codes, num_boots, generator)
    else:
        losses = of_size(noise, enough, method, space, codes, num_boots, generator)
    drawn = {} if losses is None else dict(zip((b.log_compute for b in enough), losses, strict=True))
    nowhere = Minimum(*np.full((3, num_boots), np.nan))
    curves = []
    for budget in budgets:
        fits = budget in enough
        at = lowest(method, budget.points, budget.points.y[None]) if fits else Minimum(*np.full((3, 1), np.nan))
        y = drawn.get(budget.log_compute)
        draws = nowhere if y is None else lowest(method, budget.points, y)
        curves.append(_curve(budget, method, along, space, at, draws, fits))
    return curves


def _curve(budget: Budget, method: str, along: str, space: str, at: Minimum, draws: Minimum, fits: bool) -> BudgetCurve:
    def loss(y: np.ndarray) -> np.ndarray:
        return np.exp(y) if space == "log" else y

    best = {name: float(value[0]) for name, value in _located(budget, along, at, loss(at.value)).items()}
    fine = np.linspace(budget.points.x.min(), budget.points.x.max(), LINE_POINTS if fits else 0)
    return BudgetCurve(
        budget=budget.compute,
        sizes=np.exp(budget.points.x),
        losses=loss(budget.points.y),
        status=_status(at, fits),
        best=best,
        draws=_located(budget, along, draws, loss(draws.value)),
        line=(np.exp(fine), loss(traced(method, budget.points, fine)) if fits else fine),
    )


def _located(budget: Budget, along: str, at: Minimum, loss: np.ndarray) -> dict[str, np.ndarray]:
    """Size, tokens and loss at minima, in the order N, D, loss; an input that is not known is left out."""
    found = {along: np.exp(at.place), "loss": loss}
    if budget.log_factor is not None:
        found[OTHER[along]] = np.exp(budget.log_other(at.place))
    return {name: found[name] for name in ("N", "D", "loss") if name in found}


def _status(at: Minimum, fits: bool) -> str:
    if not fits:
        return "too-few-points"
    if np.isfinite(at.place[0]):
        return "ok"
    return "opens-downward" if at.downward[0] else "at-edge"


def _check_number(curves: list[BudgetCurve]) -> None:
    usable = sum(curve.ok for curve in curves)
    if usable >= LEAST_BUDGETS:
        return
    lost = [
        f"{len(out)} budgets, such as {number(out[0].budget)}: {why}"
        for status, (why, _) in EXCUSES.items()
        if (out := [curve for curve in curves if curve.status == status])
    ]
    raise InputError(
        f"{usable} of {len(curves)} budgets have a minimum inside their curve; a power law needs {LEAST_BUDGETS}. "
        + "; ".join([*lost, "add runs, or raise `tolerance` where compute varies inside a budget."])
    )


def _law_of(name: str, curves: list[BudgetCurve], weighting: str, prob: float, basis: Basis) -> PowerLaw:
    """The power law through the minima: of those that each resample has."""
    usable = [curve for curve in curves if curve.ok]
    log_compute = np.log([curve.budget for curve in usable])
    values = np.array([curve.best[name] for curve in usable])
    draws = np.stack([curve.draws[name] for curve in usable], axis=1)
    # A raw curve may dip below 0 between points; such a minimum has no logarithm and counts as lost.
    log_y, log_draws = (np.log(np.where(array > 0, array, np.nan)) for array in (values, draws))
    weight = np.ones(len(usable)) if weighting == "equal" else _precision(log_draws)
    counted = np.isfinite(log_draws)
    drawn_weight = np.where(counted.sum(axis=1, keepdims=True) >= LEAST_BUDGETS, counted * weight, 0.0)
    return power_law(("C", name), log_compute, log_y, weight, log_draws, drawn_weight, prob=prob, basis=basis)


def _precision(log_draws: np.ndarray) -> np.ndarray:
    """One over the variance of each minimum, mean 1; equal where all variances are rounding, or unknown."""
    variance = _variances(log_draws)
    weight = 1 / np.maximum(np.nan_to_num(variance, nan=np.inf), ROUNDING)
    return weight / weight.mean() if weight.any() else np.ones(len(variance))


def _variances(log_draws: np.ndarray) -> np.ndarray:
    """Variance of each column over the finite draws, shape (budget,); NaN where there are fewer than two."""
    known = np.isfinite(log_draws)
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, log_draws, 0).sum(axis=0) / count
        return np.where(known, (log_draws - mean) ** 2, 0).sum(axis=0) / np.where(count > 1, count - 1, np.nan)


def _curve_notes(curves: list[BudgetCurve]) -> Iterator[Note]:
    for status, (why, fix) in EXCUSES.items():
        out = ", ".join(number(curve.budget) for curve in curves if curve.status == status)
        if out:
            yield warning(status, f"Left out of the power laws, C = {out}: {why}.", fix)
    usable = [curve for curve in curves if curve.ok]
    lost = {curve.budget: float(np.mean(~np.isfinite(curve.draws["loss"]))) for curve in usable}
    if all(share == 1 for share in lost.values()):
        fix = "Add sizes to each budget: a parabola needs four to show any noise."
        yield warning("no-noise-seen", "Every curve passes through all its points, so there are no intervals.", fix)
        return
    shaky = ", ".join(f"{number(budget)} ({share:.0%})" for budget, share in lost.items() if share > UNSTABLE)
    if shaky:
        yield warning("unstable-minimum", f"Resamples lose the minimum at C = {shaky}.", "Add runs around the minimum.")


def _noise_notes(method: str, noise: float | None) -> Iterator[Note]:
    if method == "akima" and noise is None:
        reason = "Akima's curve leaves no residuals; those of a cubic stand in, misfit and all, so intervals are wide."
        yield warning("noise-of-a-cubic", reason, "Pass noise=..., as repeats of a run show it.")


def _scatter_notes(laws: dict[str, PowerLaw], curves: list[BudgetCurve]) -> Iterator[Note]:
    """Minima that lie further from their power law than their own noise lets them."""
    usable = [curve for curve in curves if curve.ok]
    for name, law in laws.items():
        off = np.log([curve.best[name] for curve in usable]) - np.log(law.at([c.budget for c in usable]).value)
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn = np.stack([curve.draws[name] for curve in usable], axis=1)
            ratio = np.sum(off**2 / np.maximum(_variances(np.log(drawn)), ROUNDING)) / max(len(usable) - 2, 1)
        if ratio > SCATTERED:
            times = number(np.sqrt(ratio))
            reason = f"Minima of `{name}` lie {times} times as far from their power law as noise puts them."
            yield warning("scattered-minima", reason, "The interval knows of noise alone, so it is too narrow.")
