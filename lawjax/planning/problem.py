"""`Problem`: what may be chosen, what is best, and what must be kept to, for any law and any cost."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from lawjax.axes import Axis
from lawjax.costs.cost import Cost
from lawjax.costs.named import arguments_of, ordered
from lawjax.data.inputs import one_value
from lawjax.errors import InputError
from lawjax.laws.base import Law, Variable
from lawjax.planning.constraints import Change, Constraint, Quantity, label_of
from lawjax.planning.variables import Choices, Shares, choices_of

LOSS = "loss"
"""How the law's response is called among the quantities, whatever it measures."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """A decision under constraints, to be answered by `lj.solve`.

    Every function in it is a pure JAX function that names the inputs and quantities it takes. Lists of limits or of
    held values are scenarios: all lists have one length, and each place in them is a problem of its own.

    Attributes:
        choose: what may be chosen, by input: a range `(low, high)`, searched in logarithm where its ends are above 0; a
            list of values, `lj.values([4, 8, 16])`, `lj.integers(8, 96)`, `lj.powers_of_two(1, 64)`; named choices that
            set several inputs, `lj.choices({...})`; or the shares of a mixture, `lj.shares(3)`.
        minimise: what shall be least: "loss" (the law's response), an input, a quantity, a `Cost`, a function.
        maximise: or what shall be greatest.
        subject_to: constraints: `lj.at_most`, `lj.at_least`, `lj.equal`.
        given: the other inputs, each held at a number or vector, at a list of numbers for as many scenarios, or worked
            out from inputs by a function that names them, as `{"epochs": lambda D: D / 1e11}`.
        quantities: further quantities by name, functions of inputs, "loss" or the ones before them; costs; or changes.

    Raises:
        InputError: both or neither of `minimise` and `maximise`, something that is no constraint, an input that is both
            chosen and held, or lists of scenarios of different lengths.

    Example:
        >>> import lawjax as lj
        >>> problem = lj.Problem(
        ...     choose={"N": (1e8, 1e12), "D": (1e9, 1e14)},
        ...     minimise="loss",
        ...     subject_to=[lj.at_most(lj.costs.training(), lj.flops(1e24)), lj.at_most("D", 3e12)],
        ... )
        >>> problem
        <Problem: minimise loss over N, D; 6ND <= 1.000e+24 FLOP; D <= 3.000e+12>
    """

    choose: Mapping[str, tuple[float, float] | Axis | Shares]
    minimise: Quantity | None = None
    maximise: Quantity | None = None
    subject_to: Sequence[Constraint] = ()
    given: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    quantities: Mapping[str, Cost | Change | Callable[..., Any]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.minimise is None) == (self.maximise is None):
            raise InputError("a problem has one objective: give either `minimise` or `maximise`.")
        subject_to = (self.subject_to,) if isinstance(self.subject_to, Constraint) else tuple(self.subject_to)
        for item in subject_to:
            if not isinstance(item, Constraint):
                raise InputError(f"`subject_to` takes lj.at_most, lj.at_least or lj.equal (...), got {item!r}.")
        object.__setattr__(self, "subject_to", subject_to)
        object.__setattr__(self, "given", MappingProxyType(dict(self.given)))
        object.__setattr__(self, "quantities", MappingProxyType(dict(self.quantities)))
        twice = [name for name in self.given if name in self.choose]
        if twice:
            raise InputError(f"{twice} are both chosen and held. Keep one.")

    @property
    def objective(self) -> Quantity:
        """What is minimised or maximised."""
        found = self.minimise if self.minimise is not None else self.maximise
        assert found is not None
        return found

    @property
    def sign(self) -> float:
        """1 where the objective shall be least, -1 where it shall be greatest."""
        return 1.0 if self.minimise is not None else -1.0

    @property
    def aim(self) -> str:
        """The objective in words."""
        return f"{'minimise' if self.minimise is not None else 'maximise'} {label_of(self.objective)}"

    def with_(self, **changes: Any) -> "Problem":
        """The problem with some of its parts replaced."""
        return dataclasses.replace(self, **changes)

    def __repr__(self) -> str:
        over = f"{self.aim} over {', '.join(self.choose)}"
        return f"<Problem: {'; '.join([over, *map(str, self.subject_to)])}>"


@dataclasses.dataclass(frozen=True)
class Bound:
    """A problem bound to a law: every name known, every value checked.

    Attributes:
        problem: the problem.
        law: the law.
        choices: what may be chosen.
        held: every other input that is a value, with one entry per scenario, or with one entry for all.
        derived: the inputs that follow from others.
        num_scenarios: number of scenarios.
    """

    problem: Problem
    law: Law
    choices: Choices
    held: Mapping[str, np.ndarray]
    derived: Mapping[str, Callable[..., Any]]
    num_scenarios: int

    @property
    def limits(self) -> np.ndarray:
        """The limits, shape (scenario, constraint)."""
        rows = [[c.at(i) for c in self.problem.subject_to] for i in range(self.num_scenarios)]
        return np.array(rows, dtype=float).reshape(self.num_scenarios, len(self.problem.subject_to))


def bind(problem: Problem, law: Law) -> Bound:
    """The problem for a law.

    Raises:
        InputError: a name that nothing defines, an input that is neither chosen nor held, a value it cannot take.
    """
    if not isinstance(problem, Problem):
        raise InputError(f"`problem` must be a lj.Problem(choose=..., minimise=...), got {type(problem).__name__}.")
    choices = choices_of(problem.choose, law)
    derived = {name: value for name, value in problem.given.items() if callable(value)}
    values = {name: value for name, value in problem.given.items() if name not in derived}
    held = {name: _held(name, value, law.inputs.get(name)) for name, value in values.items()}
    order = ordered(derived, {*choices.known, *held}, "the problem")
    _check_names(problem, law, [*choices.known, *held, *order])
    lengths = {len(constraint.limits) for constraint in problem.subject_to} | {len(array) for array in held.values()}
    several = sorted(lengths - {1})
    if len(several) > 1:
        raise InputError(
            f"lists of limits and of held values are scenarios and must have one length, got {several}. "
            "Repeat values, or solve one problem after another."
        )
    return Bound(problem, law, choices, held, order, several[0] if several else 1)


def _held(name: str, value: Any, variable: Variable | None) -> np.ndarray:
    """A held input with a leading axis of scenarios, or of one."""
    known = variable or Variable(kind="real")
    array = np.asarray(value)
    items = list(value) if array.ndim == (2 if known.size is not None else 1) else [value]
    return np.stack([one_value(name, item, known) for item in items])


def _check_names(problem: Problem, law: Law, inputs: list[str]) -> None:
    missing = [name for name in law.inputs if name not in inputs]
    if missing:
        raise InputError(
            f"law {law.name!r} takes {missing}, which the problem neither chooses nor holds. Add each to `choose`, as "
            f'{{"{missing[0]}": (low, high)}}, or to `given`.'
        )
    known = [*inputs, LOSS]
    for name, function in problem.quantities.items():
        if name in known:
            raise InputError(f"`quantities` names {name!r}, which is already known. Choose another name.")
        _check_known(f"quantity `{name}`", _names_in(function), known)
        known.append(name)
    _check_known("the objective", _names_in(problem.objective), known)
    for constraint in problem.subject_to:
        _check_known(f"the constraint {str(constraint)!r}", _names_in(constraint.quantity), known)


def _names_in(quantity: Quantity) -> Sequence[str]:
    if isinstance(quantity, str):
        return (quantity,)
    if isinstance(quantity, Cost):
        return quantity.inputs
    if isinstance(quantity, Change):
        return tuple(name for name, _ in quantity.held)
    return arguments_of(quantity, "quantity")


def _check_known(role: str, names: Sequence[str], known: Sequence[str]) -> None:
    stray = [name for name in names if name not in known]
    if stray:
        raise InputError(f"{role} takes {stray}, which the problem does not have. It has {list(known)}.")
