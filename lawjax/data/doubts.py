"""Notes on runs that can be fitted but may not mean what they seem to.

Everything here is a rough look at the table in logarithms, before any fit: cheap, and wrong now and then, so it
warns and never stops.
"""

import itertools
from collections.abc import Mapping

import numpy as np

from lawjax.data.checkpoints import checkpoint_doubts
from lawjax.data.runs import Runs
from lawjax.data.words import listed, rows_text
from lawjax.laws.base import Law
from lawjax.text import number
from lawjax.verdict import Note, error, info, warning

COLLINEAR = 0.999
GAP = 1e5
RATIO_GAP = 1e3
OUTLIER_SDS = 8.0
OUTLIER_FLOOR = 0.06
RISING_T = 3.0
ROUNDS = 12
USUAL_NATS = (0.3, 15.0)


def doubts_of(law: Law, runs: Runs, rows: np.ndarray, counted: np.ndarray, num_free: int) -> list[Note]:
    """What to know of runs before a law is fitted to them.

    Args:
        law: the law; only its inputs and its response are looked at.
        runs: runs that passed the errors of `check_fit`.
        rows: row number of each run, shape (run,).
        counted: which runs have a weight above 0, shape (run,).
        num_free: number of free parameters.
    Returns:
        Notes with these codes: `zero-weight`, `no-slack`, `duplicate-rows`, `fixed-ratio`, `fixed-product`,
        `unit-mix`, `group-mixed`, `repeated-run-ids`, `evenly-spaced`, `constant-response`, `loss-unit`,
        `rising-loss`, `outlier`.
    """
    logs = {name: np.log(np.asarray(runs[name], dtype=np.float64))[counted] for name in _scalable(law)}
    response = np.asarray(runs[law.response], dtype=np.float64)[counted]
    rows_counted = rows[counted]
    return [
        *_zero_weight(counted),
        *_no_slack(law, distinct_runs(law, runs, counted), num_free),
        *_duplicates(law, runs, rows),
        *_collinear(logs),
        *(_unit_mix(logs, rows_counted, GAP) or _unit_mix(_ratios(law, logs), rows_counted, RATIO_GAP)),
        *_mixed_groups(law, runs),
        *checkpoint_doubts(law, runs),
        *_constant(law, response),
        *_loss_unit(law, response, rows_counted),
        *_rising(law, logs, response),
        *_outliers(law, logs, response, rows_counted),
    ]


def _scalable(law: Law) -> list[str]:
    """Inputs with one positive number per run."""
    return [name for name, variable in law.inputs.items() if variable.scalable and variable.size is None]


def _zero_weight(counted: np.ndarray) -> list[Note]:
    lost = int((~counted).sum())
    return [info("zero-weight", f"{lost} of {len(counted)} runs have weight 0 and do not count.")] if lost else []


def _no_slack(law: Law, num_runs: int, num_free: int) -> list[Note]:
    if num_runs > num_free:
        return []
    reason = (
        f"{num_runs} different runs and {num_free} free parameters of `{law.name}`: the fit passes through every run."
    )
    return [warning("no-slack", reason, "Nothing is left to judge it by or to make intervals from; add runs.")]


def distinct_runs(law: Law, runs: Runs, counted: np.ndarray) -> int:
    """How many of the runs that count differ in a column of the law."""
    return int(counted.sum()) - len(_copies(_table(law, runs)[counted]))


def _table(law: Law, runs: Runs) -> np.ndarray:
    """The columns of the law side by side, shape (run, number)."""
    columns = [np.asarray(runs[name], dtype=np.float64) for name in (*law.inputs, law.response)]
    return np.concatenate([column.reshape(len(runs), -1) for column in columns], axis=1)


def _copies(table: np.ndarray) -> np.ndarray:
    """Positions of the rows that repeat an earlier one."""
    order = np.lexsort(table.T)
    repeats = (table[order[1:]] == table[order[:-1]]).all(axis=1)
    return order[1:][repeats]


def _duplicates(law: Law, runs: Runs, rows: np.ndarray) -> list[Note]:
    copies = rows[_copies(_table(law, runs))]
    if len(copies) == 0:
        return []
    reason = f"{len(copies)} of {len(rows)} runs repeat another in every column of the law ({rows_text(copies)})."
    return [warning("duplicate-rows", reason, "Copies make intervals too narrow: drop them.")]


def _collinear(logs: Mapping[str, np.ndarray]) -> list[Note]:
    notes = []
    for (first, x), (second, y) in itertools.combinations(logs.items(), 2):
        if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
            continue
        correlation = float(np.corrcoef(x, y)[0, 1])
        if abs(correlation) > COLLINEAR:
            code = "fixed-ratio" if correlation > 0 else "fixed-product"
            reason = f"`{first}` and `{second}` move together: their logarithms have the correlation {correlation:.5f}."
            fix = (
                f"The effect of one cannot be told from the other's; add runs that vary `{second}` at fixed `{first}`."
            )
            notes.append(warning(code, reason, fix))
    return notes


def _ratios(law: Law, logs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Tokens per parameter: a unit that changes between rows shows there when the sizes themselves overlap."""
    units = {name: variable.unit for name, variable in law.inputs.items()}
    sizes, amounts = ([name for name in logs if units[name] == unit] for unit in ("parameters", "tokens"))
    return {f"{n}` / `{d}": logs[n] - logs[d] for n in amounts for d in sizes}


def _unit_mix(logs: Mapping[str, np.ndarray], rows: np.ndarray, gap: float) -> list[Note]:
    notes = []
    for name, x in logs.items():
        order = np.argsort(x)
        steps = np.diff(x[order])
        if len(steps) == 0 or steps.max() < np.log(gap):
            continue
        cut = int(np.argmax(steps)) + 1
        smaller = order[:cut] if cut <= len(x) / 2 else order[cut:]
        below, above = (number(float(np.exp(x[order[place]]))) for place in (cut - 1, cut))
        apart = rows_text(rows[smaller])
        reason = f"`{name}` jumps from {below} to {above} with nothing between; {apart} stand apart."
        notes.append(warning("unit-mix", reason, "Check that all rows are in the same unit."))
    return notes


def _mixed_groups(law: Law, runs: Runs) -> list[Note]:
    sizes = [name for name, variable in law.inputs.items() if variable.unit == "parameters"]
    if runs.group is None or not sizes:
        return []
    codes = np.asarray(runs.group)
    pairs = np.unique(np.stack([codes, np.asarray(runs[sizes[0]])], axis=1), axis=0)
    groups, counts = np.unique(pairs[:, 0], return_counts=True)
    mixed = [_label(runs, int(code)) for code in groups[counts > 1]]
    if not mixed:
        return []
    reason = f"{len(mixed)} groups hold models of several sizes `{sizes[0]}` ({listed(mixed[:3])})."
    return [warning("group-mixed", reason, "A group is one training run; check the column that names it.")]


def _label(runs: Runs, code: int) -> str:
    return runs.origin.group_labels[code] if runs.origin.group_labels else str(code)


def _constant(law: Law, response: np.ndarray) -> list[Note]:
    if len(response) < 2 or np.ptp(response) > 0:
        return []
    reason = f"`{law.response}` is {number(response[0])} in all {len(response)} runs: there is nothing to explain."
    return [error("constant-response", reason, "Check the column.")]


def _loss_unit(law: Law, response: np.ndarray, rows: np.ndarray) -> list[Note]:
    low, high = USUAL_NATS
    odd = (response < low) | (response > high)
    if law.response != "loss" or law.unit != "nats/token" or not odd.any():
        return []
    guess = "perplexity, whose logarithm is the loss" if (response > high).any() else "bits or a normalised loss"
    reason = f"`{law.response}` is {number(response[odd][0])} in {rows_text(rows[odd])}, unusual for nats per token."
    return [warning("loss-unit", reason, f"Is it {guess}?")]


def _rising(law: Law, logs: Mapping[str, np.ndarray], response: np.ndarray) -> list[Note]:
    if law.response != "loss" or not logs or (response <= 0).any():
        return []
    design = np.stack([np.ones(len(response)), *logs.values()], axis=1)
    slack = len(response) - design.shape[1]
    if slack < 3 or np.linalg.matrix_rank(design) < design.shape[1]:
        return []
    slopes, residuals = _least_squares(design, np.log(response), np.ones(len(response)))
    variance = (residuals @ residuals / slack) * np.diag(np.linalg.inv(design.T @ design))
    falling = law.falls if law.falls or law.rises else tuple(logs)
    rising = [
        name for i, name in enumerate(logs, start=1) if name in falling and slopes[i] > RISING_T * np.sqrt(variance[i])
    ]
    if not rising:
        return []
    reason = f"`{law.response}` rises with {listed(rising)} when the other inputs are held."
    return [warning("rising-loss", reason, "Losses usually fall; check the columns and the runs that diverged.")]


def _outliers(law: Law, logs: Mapping[str, np.ndarray], response: np.ndarray, rows: np.ndarray) -> list[Note]:
    if not logs or (response <= 0).any():
        return []
    design = _quadratic(np.stack(list(logs.values()), axis=1))
    num_runs, num_terms = design.shape
    if num_runs < 4 * num_terms:
        return []
    residuals = np.abs(_robust_residuals(design, np.log(response)))
    # The fit passes through as many runs as it has terms; their residuals say nothing of the scatter.
    sd = 1.4826 * float(np.median(np.sort(residuals)[num_terms:]))
    # A surface of second order in logarithms misses a law itself by up to 5 %, hence the floor.
    far = residuals > max(OUTLIER_SDS * sd, OUTLIER_FLOOR)
    if not far.any():
        return []
    where = rows_text(rows[far])
    reason = f"`{law.response}` in {where}: more than {OUTLIER_SDS:g} robust standard deviations from a smooth surface."
    return [warning("outlier", reason, "A robust fit gives such runs little weight; look at them.")]


def _quadratic(x: np.ndarray) -> np.ndarray:
    """1, the columns of x and their products of two, each column scaled to spread 1."""
    spread = x.std(axis=0)
    z = (x - x.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    pairs = itertools.combinations_with_replacement(range(z.shape[1]), 2)
    return np.stack([np.ones(len(x)), *z.T, *(z[:, i] * z[:, j] for i, j in pairs)], axis=1)


def _robust_residuals(design: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Residuals of a fit by least absolute deviations, found by reweighting."""
    _, residuals = _least_squares(design, y, np.ones(len(y)))
    for _ in range(ROUNDS):
        _, residuals = _least_squares(design, y, 1 / np.maximum(np.abs(residuals), 1e-6))
    return residuals


def _least_squares(design: np.ndarray, y: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    weighted = design.T * weights
    slopes = np.linalg.lstsq(weighted @ design, weighted @ y, rcond=None)[0]
    return slopes, y - design @ slopes
