"""What a fit says about itself: the notes of its verdict."""

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.data.words import rows_text
from lawjax.fitting.losses import Loss
from lawjax.fitting.misfit import misfits
from lawjax.fitting.status import ADVICE, Status
from lawjax.fitting.transforms import to_line
from lawjax.fitting.words import tradeoff_words
from lawjax.laws.base import over_runs
from lawjax.text import number
from lawjax.verdict import Note, Verdict, error, warning

if TYPE_CHECKING:
    from lawjax.fitting.fit_result import Fit

FEW_AGREE = 0.05
"""Share of starts at the best objective below which a second round looks for a better one, and the verdict says so."""
ILL_CONDITIONED = 1e7
SINGULAR = 1e11
VAGUE = 1.0
POOR_R_SQUARED = 0.5
NUM_CONSTANTS = 41
"""Quantiles of the responses among which the best constant is looked for."""
LEVEL = 1e-6
"""Share of the response by which it must move to move at all."""

_responses = jax.jit(over_runs, static_argnums=0)


def diagnose(fit: "Fit") -> Verdict:
    """All notes on a fit, from its convergence to what the data can tell."""
    if fit.status == Status.NONFINITE:
        return Verdict(tuple(_convergence(fit)))
    checks = (_convergence, _agreement, _edges, _conditioning, _precision, _quality, _width, _trends, _repeats, misfits)
    return Verdict(tuple(note for check in checks for note in check(fit)))


def _convergence(fit: "Fit") -> Iterator[Note]:
    if fit.status == Status.NONFINITE:
        reason = f"No start reached a finite objective{_where_not_finite(fit)}."
        yield error("nonfinite", reason, ADVICE[Status.NONFINITE])
    elif fit.status == Status.STALLED:
        yield warning("stalled", "The best start stopped where no step went lower.", ADVICE[Status.STALLED])
    elif fit.status == Status.MAX_STEPS:
        reason = f"Stopped before it converged, after {fit.num_steps} steps of the best start."
        yield warning("max-steps", reason, "The value may be usable. Raise max_steps.")


def _where_not_finite(fit: "Fit") -> str:
    """The rows at which the law is not finite where the best start ended, as the end of a sentence."""
    bad = ~np.isfinite(fit.residuals)
    if not np.any(bad) or np.all(bad):
        return ""
    rows = np.arange(1, len(fit.runs) + 1) if fit.runs.row is None else np.asarray(fit.runs.row)
    return f": at the best one, the law is not finite in {rows_text(rows[bad])} of {len(fit.runs)} runs"


def _agreement(fit: "Fit") -> Iterator[Note]:
    drawn = len(fit.start_objectives) - fit.num_bred
    if fit.agreement < FEW_AGREE and drawn > 1:
        yield warning(
            "few-starts-agree",
            f"Only {fit.agreement:.0%} of {drawn} drawn starts reached the best objective.",
            "Raise num_starts, or judge predictions, not parameters.",
        )
    if len(fit.optima) > 1:
        best, second = (optimum["objective"] for optimum in fit.optima[:2])
        gap = f"{second - best:.3g} nats" if fit.loss_params else f"{second / best - 1:.2%}"
        yield warning(
            "several-optima",
            f"{len(fit.optima)} distinct optima lie within 1 % of the best objective; the second is {gap} worse.",
            "See `optima`; the parameters are not settled by these runs.",
        )


def _edges(fit: "Fit") -> Iterator[Note]:
    for label in fit.edges:
        name = label.partition("[")[0]
        yield warning(
            "at-edge",
            f"`{label}` went to the edge of its support and no longer matters.",
            f"Fix it (fixed={{'{name}': ...}}), add runs that show it, or sample a posterior with a prior.",
        )


def _conditioning(fit: "Fit") -> Iterator[Note]:
    condition = fit.geometry.condition
    if condition < ILL_CONDITIONED:
        return
    if not np.all(np.isfinite(fit.geometry.jacobian)):
        reason = "The law has no finite slope in its parameters at some runs, so what these tell cannot be said."
        yield error("not-identified", reason, "Drop the runs at the edge of an input, such as a share of 0.")
        return
    reason = f"{tradeoff(fit)} (condition number {number(condition, 2)})."
    fix = "Add runs that vary the inputs apart, fix one of them, or sample a posterior with priors."
    yield (error("not-identified", reason, fix) if condition > SINGULAR else warning("ill-conditioned", reason, fix))


def tradeoff(fit: "Fit") -> str:
    """The direction in which the objective is flattest, in words and natural units; empty where there is none."""
    influence = fit.geometry.influence
    direction = fit.geometry.flattest / np.where(influence > 0, influence, 1.0)
    if len(direction) < 2 or not np.any(direction):
        return ""
    with jax.enable_x64(True):
        parts = np.concatenate([_along_line(fit, name, direction) for name in fit.layout.free])
    params = [fit.law.params[label.partition("[")[0]] for label in fit.layout.labels]
    values = [float(value) for name in fit.layout.free for value in np.atleast_1d(fit.params[name])]
    # A parameter that underflowed to its edge has no slope there; its own line moves as the vector does.
    return tradeoff_words(fit.layout.labels, params, values, np.where(np.isfinite(parts), parts, direction).tolist())


def _along_line(fit: "Fit", name: str, direction: np.ndarray) -> np.ndarray:
    """How the line of a parameter in natural units moves along a direction of the fit's vector, shape (size or 1,)."""
    param = fit.law.params[name]
    slopes = jax.vmap(jax.grad(lambda value: to_line(param, value)))(np.atleast_1d(fit.params[name]))
    with np.errstate(invalid="ignore"):
        return np.asarray(slopes) * np.atleast_1d(fit.natural_jacobian[name] @ direction)


def _precision(fit: "Fit") -> Iterator[Note]:
    variance = np.diag(fit.geometry.covariance)
    if not np.all(np.isfinite(variance)):
        yield warning(
            "no-standard-errors",
            f"{len(fit.runs)} runs leave no spare information for standard errors of {fit.layout.num_free} parameters.",
            "Add runs, or fix parameters.",
        )
        return
    by_ratio = [not np.all(np.isinf(fit.law.params[label.partition("[")[0]].edges)) for label in fit.layout.labels]
    spread = zip(fit.layout.labels, variance, by_ratio, strict=True)
    vague = [label for label, v, on_log_line in spread if on_log_line and v > VAGUE**2]
    if vague:
        yield warning(
            "imprecise",
            f"The runs leave {', '.join(f'`{label}`' for label in vague)} uncertain by a factor of e or more.",
            "Trust predictions inside the data only; more varied runs would help.",
        )


def _quality(fit: "Fit") -> Iterator[Note]:
    r_squared = fit.quality[f"r_squared_{fit.choices.space}"]
    if r_squared >= POOR_R_SQUARED or _explained(fit) >= POOR_R_SQUARED:
        return
    if r_squared < 0:
        yield error(
            "no-fit",
            f"The law explains less than a constant would (R^2 {number(r_squared, 2)}).",
            "Try another law; look for outliers.",
        )
    else:
        yield warning(
            "poor-fit",
            f"The law explains little of the response (R^2 {number(r_squared, 2)}).",
            "Try another law; look for outliers.",
        )


def _explained(fit: "Fit") -> float:
    """Share of the best constant's objective that the law removes; unknown of a likelihood, whose zero means nothing.

    A robust loss lets single runs go, and squares must not hold them against it.
    """
    loss = fit.choices.make_loss()
    if loss.extra:
        return -np.inf
    constants = np.quantile(fit.targets, np.linspace(0, 1, NUM_CONSTANTS))
    with jax.enable_x64(True):
        costs = np.asarray(_costs(loss, constants[:, None] - fit.targets))
    return 1.0 - fit.objective / max(float((costs @ fit.geometry.weights).min()), 1e-300)


@functools.partial(jax.jit, static_argnums=0)
def _costs(loss: Loss, residuals: Any) -> Any:
    return jax.vmap(jax.vmap(lambda residual: loss.cost(residual, jnp.zeros(0))))(residuals)


def _width(fit: "Fit") -> Iterator[Note]:
    """Whether the kink of a robust loss lies where the residuals are; in raw space its unit is easily mistaken."""
    loss, most = fit.choices.make_loss(), float(np.max(np.abs(fit.residuals)))
    noisy = most > 1e-9 * float(fit.problem.level)
    if fit.choices.space == "raw" and 0 < loss.width < np.inf and noisy and most < 0.1 * loss.width:
        yield warning(
            "delta-above-residuals",
            f"`delta` is {number(loss.width)} and the largest residual {number(most)}, so outliers are not spared.",
            "Give a `delta` of the size of a usual residual, in the response's unit.",
        )


def _trends(fit: "Fit") -> Iterator[Note]:
    for declared, found, names in (("falls", "rises", fit.law.falls), ("rises", "falls", fit.law.rises)):
        for name in names:
            if _moves(fit, name, found):
                yield warning(
                    "contradicts-trend",
                    f"The fitted law {found} with `{name}` over the runs; {fit.law.name!r} is declared as one that "
                    f"{declared}.",
                    "Check the sign and the unit of the response, or fit a law that may turn; do not extrapolate.",
                )


def _moves(fit: "Fit", name: str, way: str) -> bool:
    """Whether the law falls, or rises, from the least to the largest value of an input, for most of the runs."""
    columns = {each: np.asarray(fit.runs[each], dtype=np.float64) for each in fit.law.inputs}
    if columns[name].ndim > 1:
        return False
    ends = (np.full_like(columns[name], end) for end in (columns[name].min(), columns[name].max()))
    with jax.enable_x64(True):
        low, high = (np.asarray(_responses(fit.law, fit.params, {**columns, name: end})) for end in ends)
    gain = (high - low) * (1.0 if way == "rises" else -1.0)
    return bool(np.mean(gain > LEVEL * np.maximum(abs(low), abs(high))) > 0.5)


def _repeats(fit: "Fit") -> Iterator[Note]:
    if fit.runs.group is None:
        return
    num_groups = fit.runs.num_groups
    if num_groups <= fit.layout.num_free:
        yield warning(
            "few-groups",
            f"{len(fit.runs)} rows come from {num_groups} groups, and {fit.layout.num_free} parameters are free.",
            "Rows of one group are not independent: more groups are needed for standard errors.",
        )
