"""A family of least-squares problems: a law of some field, true values, a design, and what may change places."""

import dataclasses
import functools
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import numpy as np

import lawjax as lj

ANSWERS = Path(__file__).with_name("answers.json")
FAMILIES: dict[str, "Family"] = {}


@dataclasses.dataclass(frozen=True, eq=False)
class Family:
    """A law of some field, true values and a design to simulate, and what may change places in it.

    Attributes:
        fn: the formula.
        truth: the parameters that the runs follow.
        params: their usual ranges, two or three decades wide.
        design: the inputs, shape (run,) each.
        noise: standard deviation of the normal noise, as a share of the response's root mean square.
        alike: groups of parameters that may change places without changing the formula.
        wraps: period of each angle.
        mirror: the same curve by other parameters, where there is one that is no exchange of groups.
    """

    fn: Callable[..., Any]
    truth: dict[str, float]
    params: dict[str, lj.Param]
    design: dict[str, np.ndarray]
    noise: float
    alike: tuple[tuple[str, ...], ...] = ()
    wraps: dict[str, float] = dataclasses.field(default_factory=dict)
    mirror: Callable[[dict[str, float]], dict[str, float]] | None = None

    @property
    def name(self) -> str:
        """How the family is called."""
        return self.fn.__name__

    @functools.cached_property
    def law(self) -> lj.Law:
        """The law a user would write: no linear parameters named, no dimensions declared."""
        inputs = {
            key: lj.Variable(kind="positive" if column.min() > 0 else "real") for key, column in self.design.items()
        }
        return lj.Law(self.fn, response="y", params=self.params, inputs=inputs, support="real", name=self.name)

    def columns(self, seed: int) -> dict[str, np.ndarray]:
        """The runs with noise of that seed."""
        with jax.enable_x64(True):
            clean = np.asarray(self.fn(*self.design.values(), **self.truth))
        spread = self.noise * np.sqrt(np.mean(clean**2))
        return {**self.design, "y": clean + spread * np.random.default_rng(seed).normal(size=len(clean))}

    def runs(self, seed: int) -> lj.Runs:
        """The same as a table of runs."""
        return lj.Runs.from_columns(group=None, weight=None, **self.columns(seed))

    def answers(self, seed: int) -> Iterator[dict[str, float]]:
        """The least-squares parameters in every way to write the same curve."""
        found = answer(self.name, seed)["params"]
        for source in (found, self.mirror(found)) if self.mirror else (found,):
            for order in itertools.permutations(self.alike):
                moved = dict(zip(itertools.chain(*self.alike), itertools.chain(*order), strict=True))
                yield {key: source[moved.get(key, key)] for key in source}

    def relative_error(self, params: dict[str, np.ndarray], seed: int) -> float:
        """The largest relative error of a parameter, against the nearest answer."""
        return min(max(self._error(key, params[key], value) for key, value in a.items()) for a in self.answers(seed))

    def _error(self, key: str, value: Any, wanted: float) -> float:
        gap = float(value) - wanted
        period = self.wraps.get(key)
        gap = gap if period is None else gap - period * round(gap / period)
        return abs(gap / wanted)


def answer(name: str, seed: int) -> dict[str, Any]:
    """The recorded optimum: its parameters, its residual sum of squares, the share of SciPy's starts that found it."""
    return _recorded()[name][str(seed)]


@functools.cache
def _recorded() -> dict[str, Any]:
    return json.loads(ANSWERS.read_text())


def family(truth: dict[str, float], params: dict[str, lj.Param], noise: float, **more: Any) -> Callable[..., Any]:
    """Register the decorated formula; inputs are given by name, the other keywords are those of `Family`."""
    own = {key: more.pop(key) for key in ("alike", "wraps", "mirror") if key in more}

    def register(fn: Callable[..., Any]) -> Callable[..., Any]:
        FAMILIES[fn.__name__] = Family(fn, truth, params, more, noise, **own)
        return fn

    return register
