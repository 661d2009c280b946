"""Whether rows look like checkpoints of one training run, though the table was read without a `group`.

Rows of one run share its luck, so intervals that count them as independent are too narrow. Two signs are looked
for: a column such as `run` whose entries repeat, and many evenly spaced amounts of training of one model.
"""

from collections.abc import Sequence

import numpy as np

from lawjax.data.roles import is_run_id
from lawjax.data.runs import Runs
from lawjax.data.words import listed
from lawjax.laws.base import Law
from lawjax.verdict import Note, info, warning

GROWING = ("tokens", "steps", "samples", "samples seen", "FLOP")
"""Units of what grows while one model trains."""
MANY = 8
EVEN = 0.05
MOSTLY = 0.8


def checkpoint_doubts(law: Law, runs: Runs) -> list[Note]:
    """A note where rows look like checkpoints of one run and no group says so.

    Args:
        law: the law; inputs that grow while a model trains are told from those that do not by their unit.
        runs: the table.
    Returns:
        Nothing, or one note: `repeated-run-ids` where names repeat, `evenly-spaced` where amounts of training do.
    """
    growing = [name for name, v in law.inputs.items() if v.unit in GROWING and v.scalable]
    still = [name for name in law.inputs if name not in growing]
    if runs.group is not None or not growing or not still:
        return []
    designs = _codes([np.asarray(runs[name], dtype=np.float64) for name in still])
    amount = np.asarray(runs[growing[0]], dtype=np.float64)
    return _repeated(runs, designs, amount, still, growing[0]) or _evenly_spaced(designs, amount, still, growing[0])


def _codes(columns: Sequence[np.ndarray]) -> np.ndarray:
    """One code for each distinct combination of entries, shape (run,)."""
    table = np.concatenate([column.reshape(len(column), -1) for column in columns], axis=1)
    return np.unique(table, axis=0, return_inverse=True)[1].reshape(-1)


def _repeated(runs: Runs, designs: np.ndarray, amount: np.ndarray, still: list[str], grows: str) -> list[Note]:
    for name, ids in _id_columns(runs):
        several = _distinct_per(ids, designs) > 1
        checkpoints = ~several & (_distinct_per(ids, amount) > 1)
        # A name that mostly covers several models is no name of runs.
        if checkpoints.sum() <= several.sum():
            continue
        reason = (
            f"`{name}` repeats: {checkpoints.sum()} of its {len(several)} names come with one {listed(still)} and "
            f"several `{grows}`, as checkpoints of one run do."
        )
        fix = f'Read the table with group="{name}"; taken as independent, such rows make intervals too narrow.'
        return [warning("repeated-run-ids", reason, fix)]
    return []


def _distinct_per(ids: np.ndarray, values: np.ndarray) -> np.ndarray:
    """How many distinct values each id has, shape (id,)."""
    pairs = np.unique(np.stack([ids, values], axis=1), axis=0)
    return np.unique(pairs[:, 0], return_counts=True)[1]


def _id_columns(runs: Runs) -> list[tuple[str, np.ndarray]]:
    """Columns that tell runs apart, as codes: the one of text, then those of numbers."""
    text = [] if runs.run_id is None else [(runs.origin.run_id, np.asarray(runs.run_id))]
    columns = {name: np.asarray(column) for name, column in runs.columns.items() if is_run_id(name)}
    return [*text, *((name, _codes([column])) for name, column in columns.items())]


def _evenly_spaced(designs: np.ndarray, amount: np.ndarray, still: list[str], grows: str) -> list[Note]:
    many = np.bincount(designs)[designs] >= MANY
    if many.sum() < MOSTLY * len(amount):
        return []
    order = np.flatnonzero(many)[np.lexsort((amount[many], designs[many]))]
    parts = np.split(amount[order], np.flatnonzero(np.diff(designs[order])) + 1)
    even = [part for part in parts if _is_even(np.unique(part))]
    if sum(map(len, even)) < MOSTLY * len(amount):
        return []
    reason = (
        f"{len(even)} sets of rows have the same {listed(still)} and {MANY} or more evenly spaced values of `{grows}`, "
        "as checkpoints of one run do."
    )
    return [info("evenly-spaced", reason, "If they are checkpoints, say which run each belongs to: group=...")]


def _is_even(amounts: np.ndarray) -> bool:
    steps = np.diff(amounts)
    return len(amounts) >= MANY and float(np.mean(np.abs(steps / np.median(steps) - 1) < EVEN)) >= MOSTLY
