"""The notes on a planned design: what its runs leave open, what they cannot tell apart, and why."""

from collections.abc import Iterator, Mapping

import numpy as np

from lawjax.designs.information import Precision
from lawjax.draws import Draws
from lawjax.fitting.diagnosis import ILL_CONDITIONED, SINGULAR
from lawjax.fitting.problem import Layout, on_log_line
from lawjax.text import number
from lawjax.verdict import Note, error, info, warning

OPEN = 1.0
"""Standard deviation of a logarithm, a factor of e, from which a parameter counts as open."""
VAGUE = 0.3
"""From which it counts as vague."""
ENTANGLED = 3.0
"""What others not known must add to a standard deviation for the parameter to be one of those not told apart."""
ON_A_LINE = 1e-3
"""Spread of the runs across a line, as a share of that along it, up to which they lie on it."""
ONE_GUESS = "The widths hold for one set of parameters; draws, such as a posterior's, average over what they may be."
FIX = "Add runs off it, so that the inputs vary apart"


def remarks(
    draws: Draws,
    inputs: Mapping[str, np.ndarray],
    num_runs: int,
    sd: np.ndarray,
    inflation: np.ndarray,
    layout: Layout,
    precision: Precision,
    words: str,
    joined: bool,
) -> tuple[Note, ...]:
    """All notes on a planned design.

    Args:
        draws: the parameters that were supposed.
        inputs: of the planned rows.
        num_runs: how many are planned.
        sd: expected standard deviation of each parameter on its line, for inputs of typical size, shape (free,): a
            scale at inputs of 1, far from all runs, says little in any design.
        inflation: what the others add to it, shape (free,).
        layout: which parameters are free.
        precision: what all runs together tell.
        words: the direction of which they tell least.
        joined: whether other runs are there already.
    """
    line = "" if joined else line_words(inputs)
    opened = list(_open(num_runs, sd, inflation, layout, words, line))
    flat = list(_conditioning(precision, words)) if not opened else []
    alone = [warning("one-line", f"{line}.", f"{FIX}.")] if line and not opened else []
    guess = info("one-guess", ONE_GUESS) if len(draws) == 1 else None
    return tuple(note for note in (*opened, *flat, *alone, guess) if note is not None)


def _open(
    num_runs: int, sd: np.ndarray, inflation: np.ndarray, layout: Layout, words: str, line: str
) -> Iterator[Note]:
    """What these runs leave open: an error where a parameter is known to no better than a factor of e."""
    logged = on_log_line(layout)
    for grade, code, least, most, verb in (
        (error, "not-separable", OPEN, np.inf, "cannot separate"),
        (warning, "barely-separable", VAGUE, OPEN, "hardly separate"),
    ):
        within = logged & (sd >= least) & ((sd < most) | ~np.isfinite(most))
        bad = [label for label, yes in zip(layout.labels, within & ~(inflation < ENTANGLED), strict=True) if yes]
        lone = [label for label, yes in zip(layout.labels, within & (inflation < ENTANGLED), strict=True) if yes]
        if bad:
            because = f", for {line[0].lower() if line.startswith('The') else line[0]}{line[1:]}" if line else ""
            reason = f"{num_runs} runs {verb} {listed(bad)}{because}; {words}."
            fix = f"{FIX}, or fix one of them." if line else "Vary the inputs apart and wider, or fix one of them."
            yield grade(code, reason, fix)
        if lone:
            size = "by a factor of e or more" if grade is error else f"by {100 * VAGUE:.0f} % or more"
            yield warning(
                "imprecise",
                f"{num_runs} runs leave {listed(lone)} uncertain {size}.",
                "Plan more runs, or runs where it matters.",
            )


def _conditioning(precision: Precision, words: str) -> Iterator[Note]:
    condition = float(np.median(precision.condition))
    if condition >= ILL_CONDITIONED:
        grade = error if condition > SINGULAR else warning
        code = "not-identified" if condition > SINGULAR else "ill-conditioned"
        yield grade(code, f"{words} (condition number {number(condition, 2)}).", "Vary the inputs apart and wider.")


def line_words(inputs: Mapping[str, np.ndarray]) -> str:
    """What holds of all runs where their inputs lie on one line in logarithms; empty where they do not.

    Example:
        >>> line_words({"N": np.array([1e7, 1e8, 1e9]), "D": np.array([1e11, 1e10, 1e9])})
        '`N` x `D` is the same in all runs (one isoFLOP line)'
        >>> line_words({"N": np.array([1e7, 1e8, 1e9]), "D": np.array([2e8, 2e9, 2e10])})
        '`D` / `N` is the same in all runs'
    """
    columns = {name: column for name, column in inputs.items() if column.ndim == 1 and np.all(column > 0)}
    logs = {name: np.log(column) - np.log(column).mean() for name, column in columns.items()}
    still = [name for name, log in logs.items() if np.max(np.abs(log)) < 1e-9]
    if still and len(logs) > 1:
        return f"{listed(still)} {'is' if len(still) == 1 else 'are'} the same in all runs"
    if len(logs) != 2:
        return ""
    (first, x), (second, y) = logs.items()
    values, directions = np.linalg.eigh(np.cov(x, y))
    if values[0] > ON_A_LINE**2 * values[1]:
        return ""
    power = -directions[0, 1] / directions[1, 1]  # along the line, first * second**power stays
    if abs(power - 1) < 10 * ON_A_LINE:
        isoflop = " (one isoFLOP line)" if {first, second} == {"N", "D"} else ""
        return f"`{first}` x `{second}` is the same in all runs{isoflop}"
    if abs(power + 1) < 10 * ON_A_LINE:
        return f"`{second}` / `{first}` is the same in all runs"
    return f"`{first}` x `{second}`^{number(power, 3)} is the same in all runs"


def listed(names: list[str]) -> str:
    """Names in backticks, joined by commas and a last "and"."""
    quoted = [f"`{name}`" for name in names]
    return " and ".join(part for part in (", ".join(quoted[:-1]), quoted[-1]) if part)
