"""Which laws a forecast is made of."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lawjax import laws as catalogue
from lawjax.data.runs import Runs
from lawjax.errors import InputError
from lawjax.laws.base import Law

OF_ONE_INPUT = (
    catalogue.POWER_LAW,
    catalogue.POWER_LAW_FLOOR,
    catalogue.SHIFTED_POWER_LAW,
    catalogue.LEVELLING_POWER_LAW,
    catalogue.RECTIFIED_HILL,
)
"""A power law, and one that levels off at large inputs, at small ones, or at both."""
OF_SIZE_AND_TOKENS = (catalogue.CHINCHILLA, catalogue.COUPLED, catalogue.KAPLAN_ND)


class Candidate(NamedTuple):
    """A law, and which column of a table each of its inputs is.

    Attributes:
        law: the law.
        columns: the table's column for each input, in the law's order.
    """

    law: Law
    columns: tuple[str, ...]

    def table(self, runs: Runs, response: np.ndarray) -> Runs:
        """The table as the law calls its columns."""
        named = {own: runs[column] for own, column in zip(self.law.inputs, self.columns, strict=True)}
        kept = Runs(columns={**named, self.law.response: response}, weight=runs.weight, group=runs.group)
        return kept if "C" not in runs or "C" in named else _with_column(kept, "C", runs["C"])


def _with_column(runs: Runs, name: str, column: np.ndarray) -> Runs:
    return Runs(columns={**runs.columns, name: column}, weight=runs.weight, group=runs.group)


def candidates(inputs: Sequence[str], given: Sequence[Law] | None) -> list[Candidate]:
    """The laws to average, for these inputs.

    Args:
        inputs: the columns that a target names.
        given: laws in place of the default ones.
    Raises:
        InputError: a given law takes other inputs, or no law of the catalogue takes these.
    """
    if given is not None:
        return [_matched(law, inputs) for law in given]
    if len(inputs) == 1:
        return [Candidate(law, tuple(inputs)) for law in OF_ONE_INPUT]
    if set(inputs) == {"N", "D"}:
        return [Candidate(law, tuple(law.inputs)) for law in OF_SIZE_AND_TOKENS]
    known = [catalogue.get(name) for name in catalogue.ALL]
    found = [law for law in known if set(law.inputs) == set(inputs) and law.response == "loss"]
    if not found:
        raise InputError(
            f"no law of the catalogue has the inputs {list(inputs)}. Name them as the laws do (N, D, ...), "
            "or pass `laws=[...]` with laws of your own."
        )
    return [Candidate(law, tuple(law.inputs)) for law in found]


def _matched(law: Law, inputs: Sequence[str]) -> Candidate:
    if set(law.inputs) == set(inputs):
        return Candidate(law, tuple(law.inputs))
    if len(law.inputs) == len(inputs) == 1:
        return Candidate(law, tuple(inputs))
    raise InputError(f"law {law.name!r} has the inputs {list(law.inputs)}, the target names {list(inputs)}.")
