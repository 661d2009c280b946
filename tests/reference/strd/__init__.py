"""The nonlinear regression problems of the NIST Statistical Reference Datasets: data, starts and certified answers.

Each JSON file beside this one holds one problem as NIST publishes it: the columns, two starts (the first poor, the
second better), the certified parameters with their standard deviations, and the certified residual sum of squares.
`models.py` writes the formulas as JAX functions; `ranges.py` makes usual ranges from the starts.

Reference: NIST/ITL Statistical Reference Datasets, Nonlinear Regression (public domain), doi:10.18434/T43G6C.
"""

import dataclasses
import functools
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import lawjax as lj
from tests.reference.strd.models import MODELS, Model
from tests.reference.strd.ranges import param_of

NAMES = tuple(MODELS)


@dataclasses.dataclass(frozen=True)
class Problem:
    """One problem with its certified answer."""

    name: str
    model: Model
    columns: dict[str, np.ndarray]
    start_1: dict[str, float]
    start_2: dict[str, float]
    certified: dict[str, float]
    residual_sum_of_squares: float

    @property
    def runs(self) -> lj.Runs:
        """The observations."""
        return lj.Runs.from_columns(group=None, weight=None, **self.columns)

    def law(self, ranges: str) -> lj.Law:
        """The model with usual ranges of one kind of `ranges.KINDS`."""
        params = {
            key: param_of(self.model.sign_of(key), self.start_1[key], self.start_2[key], ranges)
            for key in self.certified
        }
        inputs = {key: column for key, column in self.columns.items() if key != self.model.response}
        kinds = {key: lj.Variable(kind="positive" if column.min() > 0 else "real") for key, column in inputs.items()}
        fn = self.model.fn
        return lj.Law(fn, response=self.model.response, params=params, inputs=kinds, support="real", name=self.name)

    def answers(self) -> Iterator[dict[str, float]]:
        """The certified parameters in every order of terms that may stand in for each other."""
        for order in itertools.permutations(self.model.alike):
            moved = dict(zip(itertools.chain(*self.model.alike), itertools.chain(*order), strict=True))
            yield {key: self.certified[moved.get(key, key)] for key in self.certified}

    def relative_error(self, params: dict[str, np.ndarray]) -> float:
        """The largest relative error of a parameter, against the nearest certified answer."""
        return min(
            max(abs(float(params[key]) / value - 1.0) for key, value in answer.items()) for answer in self.answers()
        )


@functools.cache
def load(name: str) -> Problem:
    """The problem of that name."""
    record = json.loads(Path(__file__).with_name(f"{name}.json").read_text())
    model = MODELS[name]
    columns = {key: np.asarray(column, dtype=np.float64) for key, column in record["columns"].items()}
    if model.response == "log_y":
        columns["log_y"] = np.log(columns.pop("y"))
    parts = ("start_1", "start_2", "certified", "residual_sum_of_squares")
    return Problem(name=name, model=model, columns=columns, **{part: record[part] for part in parts})
