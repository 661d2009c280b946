"""What a comparison says in words: which laws these runs tell apart, and what it matters at the target."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lawjax.checking.entries import Scored
from lawjax.checking.scores import NUM_FOLDS
from lawjax.checking.target import Target
from lawjax.prediction import FAR
from lawjax.text import number
from lawjax.verdict import Note, Severity, info, warning

if TYPE_CHECKING:
    from lawjax.checking.comparison import Comparison

CLEAR = 2.0
"""A difference of more than this many standard errors tells two laws apart."""
CLEAR_CRITERION = 6.0
"""So does a difference of AICc or BIC beyond this: one law is 20 times as likely as the other."""


def notes_of(found: "Comparison", results: Mapping[str, Scored], target: Target | None) -> Iterator[Note]:
    """All that a reader of a comparison must know.

    Args:
        found: the comparison, its laws in order.
        results: what was compared, in that order.
        target: what each law predicts where it matters, in that order.
    """
    level = _level(found)
    yield _told(found, level, target)
    if target is not None:
        yield from _target_notes(found, level, target)
    if found.aicc is not None:
        yield from _likelihood_notes(found, results)
    bad = [name for name, result in results.items() if result.verdict.severity == Severity.ERROR]
    if bad:
        yield warning("own-verdict", f"The verdict of {_listed(bad)} is an error in itself.", "Read it first.")


def _level(found: "Comparison") -> np.ndarray:
    """The laws that the score does not tell from the first, itself among them, shape (law,)."""
    if found.ranked_by == "cv" and _crowded(found).any():
        return np.ones(len(found.laws), dtype=bool)
    if found.ranked_by in ("cv", "loo"):
        return found.behind <= CLEAR * found.behind_se
    return _gaps(found) <= CLEAR_CRITERION


def _crowded(found: "Comparison") -> np.ndarray:
    """The laws with as many parameters as a fold leaves runs: whatever passes through these passes for a refit."""
    num = found.basis.rows_used
    return (found.num_params >= num - math.ceil(num / NUM_FOLDS)) & (found.aicc is not None)


def _gaps(found: "Comparison") -> np.ndarray:
    """How much worse than the first each law is by the score that ranks them, shape (law,)."""
    score = {"aicc": found.aicc, "bic": found.bic}.get(found.ranked_by)
    return found.behind if score is None else score - score[0]


def _told(found: "Comparison", level: np.ndarray, target: Target | None) -> Note:
    gaps, best = _gaps(found), found.laws[0]
    words = {"aicc": "AICc", "bic": "BIC"}.get(found.ranked_by, "held-out score")
    by = [f"`{name}` ({_gap(found, gaps, index)})" for index, name in enumerate(found.laws)]
    if level.sum() == 1:
        far = f"{CLEAR_CRITERION:g}" if found.ranked_by in ("aicc", "bic") else f"{CLEAR:g} standard errors"
        told = f"`{best}` has a better {words} than each other law, by over {far}; the next is {by[1]}"
        return info("clear-winner", f"{told}{_there(np.array([0, 1]), target)}.")
    others = ", ".join(by[index] for index in np.flatnonzero(level)[1:])
    reason = f"`{best}` has the best {words}, but these runs cannot tell it from {others}{_there(level, target)}."
    fix = "Average them, or get runs nearer to the target." if target else "Pass at={...} to see what it matters there."
    return info("indistinguishable", reason, fix)


def _gap(found: "Comparison", gaps: np.ndarray, index: int) -> str:
    """How far a law lies behind, in words."""
    behind = f"behind by {number(gaps[index], 2)}"
    if found.ranked_by in ("aicc", "bic"):
        return behind
    return f"{behind}, standard error {number(found.behind_se[index], 2)}"


def _there(which: np.ndarray, target: Target | None) -> str:
    return "" if target is None else f"; {target.words(which)}"


def _target_notes(found: "Comparison", level: np.ndarray, target: Target) -> Iterator[Note]:
    if level.sum() > 1 and target.wider_than_bands(level):
        reason = f"At {target.place} laws that these runs cannot tell apart differ by more than any one's band is wide."
        yield warning("laws-disagree", reason, "No band there includes the doubt about the law: average the laws.")
    if target.beyond > FAR:
        reason = f"The target lies {number(target.beyond, 3)} times beyond the runs."
        yield info("extrapolation", reason, "There a band holds only if its law does; back-test them (lj.backtest).")


def _likelihood_notes(found: "Comparison", results: Mapping[str, Scored]) -> Iterator[Note]:
    assert found.aicc is not None
    without = [name for name, value in zip(found.laws, found.aicc, strict=True) if np.isnan(value)]
    crowded = [found.laws[index] for index in np.flatnonzero(_crowded(found) | np.isposinf(found.aicc))]
    if without:
        reason = f"The fit of {_listed(without)} has no AICc or BIC: its loss is no likelihood, or the runs no scatter."
        yield info("no-likelihood", reason, "Held-out scores compare all the same.")
    if crowded:
        reason = f"{_listed(crowded)} estimates too many numbers for {found.basis.rows_used} runs to judge it by."
        yield warning("no-slack", reason, "Add runs, or fix parameters.")
    runs = next(iter(results.values())).runs
    if runs.group is not None and runs.num_groups < len(runs):
        reason = f"AICc and BIC take {len(runs)} rows for independent; they come from {runs.num_groups} groups."
        yield info("rows-of-groups", reason, "The held-out score leaves out whole groups: rank by that.")
    if len(without) < len(found.laws):
        yield from _disagreement(found)


def _disagreement(found: "Comparison") -> Iterator[Note]:
    """A note where AICc and the held-out score do not say the same."""
    delta, held_out = found.delta_aicc, found.held_out
    assert delta is not None
    best, first = int(np.nanargmin(delta)), int(np.argmin(held_out))
    told = _level(found) & (delta > CLEAR_CRITERION) & np.isfinite(delta)
    if best != first:
        reason = f"AICc is best for `{found.laws[best]}`, the held-out score for `{found.laws[first]}`."
    elif found.ranked_by == "cv" and told.any():
        listed = ", ".join(f"`{found.laws[index]}` by {number(delta[index], 2)}" for index in np.flatnonzero(told))
        reason = f"AICc does tell `{found.laws[best]}` from {listed}."
    else:
        return
    yield info("criteria-disagree", reason, "AICc holds if the likelihood does, and rows are independent.")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
