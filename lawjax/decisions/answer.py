"""`Answer`: what a decision function gives, with the uncertainty of the law carried through; `decide` makes it.

A decision is a pure function of one draw of the parameters and of what is held. `decide` checks the source, runs
it over every draw at once in float64, and says in how many draws there is no answer.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Self

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.data.inputs import one_value
from lawjax.data.runs import Basis
from lawjax.decisions.choosing import laws_for
from lawjax.errors import InputError
from lawjax.laws.base import Law, Variable
from lawjax.planning.source import check_prob, point_note, usable_draws
from lawjax.precision import in_float64
from lawjax.storage import Record, Stored, law_meta
from lawjax.text import number, table, values
from lawjax.verdict import Note, Verdict, info, warning

ROUNDING = 1e-9
"""How far beyond the runs, relative to them, a held value may be by the rounding of its logarithm."""
Source = Annotated[Any, "a fit, a posterior, draws, published coefficients or their name, or parameters"]
"""Where a decision takes its law and its uncertainty from."""
Solve = Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]
"""A decision for one draw: `solve(params, held)` gives one number, or one vector, per quantity; NaN is no answer."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Answer(Stored):
    """The answer to a decision, one value per draw.

    Attributes:
        question: what was asked, in one line.
        law: the law that answers it.
        draws: each quantity's value per draw, shape (draw,) or (draw, size); NaN where a draw has no answer.
        units: unit of each quantity.
        held: what the caller held.
        method: how it was found.
        prob: probability of the intervals.
        verdict: notes of the source and of the answer.
        basis: the runs that the draws rest on.
    """

    kind: ClassVar[str] = "answer"

    question: str
    law: Law
    draws: dict[str, np.ndarray]
    units: dict[str, str]
    held: dict[str, Any]
    method: str
    prob: float
    verdict: Verdict
    basis: Basis = dataclasses.field(default_factory=Basis)

    def __len__(self) -> int:
        return len(next(iter(self.draws.values())))

    def __getitem__(self, name: str) -> Any:
        """Median over draws: a number, or a vector; a draw's own answer where there is one draw."""
        if name not in self.draws:
            raise InputError(f"this answer has no `{name}`; it has {list(self.draws)}.")
        middle = _quantile(self.draws[name], 0.5)
        return float(middle) if middle.ndim == 0 else middle

    def interval(self, name: str, prob: float | None = None) -> tuple[Any, Any]:
        """Central interval over the draws that have an answer."""
        prob = self.prob if prob is None else prob
        self[name]
        return _quantile(self.draws[name], (1 - prob) / 2), _quantile(self.draws[name], (1 + prob) / 2)

    @property
    def share_answered(self) -> float:
        """Share of the draws that have an answer."""
        return float(np.mean(_answered(self.draws)))

    def to_frame(self) -> Any:
        """One row per draw, as a pandas frame."""
        import pandas as pd

        from lawjax.data.runs import flat_columns

        return pd.DataFrame(flat_columns(self.draws))

    def to_dict(self) -> dict[str, Any]:
        """Median and interval of each quantity, with the verdict; JSON-able."""
        quantities = {
            name: {
                "median": np.asarray(self[name]).tolist(),
                "interval": [np.asarray(edge).tolist() for edge in self.interval(name)],
                "unit": self.units.get(name, ""),
            }
            for name in self.draws
        }
        return {
            "question": self.question,
            "law": self.law.name,
            "answer": quantities,
            "held": {name: np.asarray(value).tolist() for name, value in self.held.items()},
            "method": self.method,
            "prob": self.prob,
            "num_draws": len(self),
            "share_answered": self.share_answered,
            **self.basis.to_dict(),
            "verdict": self.verdict.to_dict(),
        }

    def summary(self) -> str:
        """A table of the answer, what was held, how it was found and the verdict."""
        rows = []
        for name in self.draws:
            low, high = self.interval(name)
            spread = [values(low), values(high)] if len(self) > 1 else ["", ""]
            rows.append([name, values(np.asarray(self[name])), *spread, self.units.get(name, "")])
        edges = [f"{100 * (1 - self.prob) / 2:.3g} %", f"{100 * (1 + self.prob) / 2:.3g} %"]
        held = ", ".join(f"{name} = {values(np.asarray(value))}" for name, value in self.held.items())
        footer = f"{self.law.name}, {self.method}" + (f"; {held}" if held else "") + f"\n{self.verdict}"
        return table(["", "answer", *edges, "unit"], rows, title=self.question, footer=footer)

    def __repr__(self) -> str:
        return self.summary()

    def to_record(self) -> Record:
        """What the answer is made of."""
        meta = {
            **law_meta(self.law),
            "question": self.question,
            "units": self.units,
            "held": {name: np.asarray(value).tolist() for name, value in self.held.items()},
            "method": self.method,
            "prob": self.prob,
            "verdict": self.verdict.to_dict(),
            "basis": self.basis.to_dict(),
        }
        return Record(meta, dict(self.draws))

    @classmethod
    def from_record(cls, record: Record, law: Law | None) -> Self:
        """The answer that `to_record` described."""
        assert law is not None
        meta = record.meta
        return cls(
            question=meta["question"],
            law=law,
            draws=dict(record.arrays),
            units=dict(meta["units"]),
            held={name: np.asarray(value, dtype=np.float64) for name, value in meta["held"].items()},
            method=meta["method"],
            prob=meta["prob"],
            verdict=Verdict.from_dict(meta["verdict"]),
            basis=Basis(**meta["basis"]),
        )


@in_float64
def decide(
    source: Source,
    solve: Solve,
    *,
    question: str,
    laws: tuple[Law, ...],
    units: Mapping[str, str],
    held: Mapping[str, Any] | None = None,
    aside: Mapping[str, Any] | None = None,
    vectors: tuple[str, ...] = (),
    method: str,
    prob: float = 0.9,
    force: bool = False,
    notes: tuple[Note, ...] = (),
) -> Answer:
    """The answer of every draw of a source.

    Args:
        source: a fit, draws, a posterior, published coefficients or their name, or parameters of one of `laws`.
        solve: the decision for one draw; define it once, at module level, so that it compiles once.
        question: what is asked, in one line.
        laws: the laws that it may be asked of; empty for any.
        units: the quantities of the answer, each with its unit.
        held: what the caller holds: one number each; those that are inputs of the law are checked as such.
        aside: what `solve` is given with the held values that nobody held: numbers that were worked out before.
        vectors: names of what is held that may have any length.
        method: how the answer is found.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
        notes: notes to add to the verdict.

    Raises:
        VerdictError: the source's verdict forbids a decision.
        InputError: a source of another law, a held value that cannot be, or no draw with finite parameters.
    """
    check_prob(prob)
    laws = laws_for(source, laws)
    draws, lost = usable_draws(source, laws[0] if laws else None, "decide", force)
    if laws and draws.law not in laws:
        raise InputError(
            f"this decision is for {' or '.join(repr(law.name) for law in laws)}; the source is of {draws.law.name!r}."
        )
    given = {name: _held(name, value, draws.law, name in vectors) for name, value in (held or {}).items()}
    params = {name: jnp.asarray(array) for name, array in draws.params.items()}
    known = {name: jnp.asarray(value) for name, value in {**given, **(aside or {})}.items()}
    found = _over_draws(solve, params, known)
    answers = {name: np.asarray(found[name]) for name in units}
    return Answer(
        question=question,
        law=draws.law,
        draws=answers,
        units=dict(units),
        held=given,
        method=method,
        prob=prob,
        verdict=draws.verdict
        + Verdict((*lost, *notes, *_unanswered(answers), *point_note(draws), *_beyond(given, draws.observed))),
        basis=draws.basis,
    )


@functools.partial(jax.jit, static_argnums=0)
def _over_draws(solve: Solve, params: Mapping[str, Any], held: Mapping[str, Any]) -> Any:
    return jax.vmap(lambda draw: {name: jnp.asarray(value) for name, value in solve(draw, held).items()})(params)


def _held(name: str, value: Any, law: Law, vector: bool) -> np.ndarray:
    """A held value as an array, checked as the law's input of that name would be."""
    if name in law.inputs:
        return one_value(name, value, law.inputs[name])
    return one_value(name, value, Variable(kind="real", size=np.size(value) if vector else None))


def _answered(draws: Mapping[str, np.ndarray]) -> np.ndarray:
    """Which draws have an answer in every quantity, shape (draw,)."""
    return np.all([np.isfinite(a.reshape(len(a), -1)).all(axis=1) for a in draws.values()], axis=0)


def _unanswered(draws: Mapping[str, np.ndarray]) -> tuple[Note, ...]:
    share = 1.0 - float(np.mean(_answered(draws)))
    if share == 0.0:
        return ()
    reason = f"{100 * share:.3g} % of the draws have no answer where it was looked for."
    fix = "Ask for something nearer to the runs, look further where there are bounds, or read it as conditional."
    return (warning("no-answer", reason, fix),)


def _beyond(held: Mapping[str, np.ndarray], observed: Mapping[str, tuple[float, float]]) -> tuple[Note, ...]:
    """A note for each held input that lies outside the runs."""
    notes = []
    for name, (low, high) in observed.items():
        value = held.get(name)
        slack = ROUNDING * max(abs(low), abs(high))
        if value is not None and value.ndim == 0 and not low - slack <= value <= high + slack:
            reason = f"`{name}` = {number(float(value))} lies outside the runs ({number(low)} to {number(high)})."
            notes.append(info("extrapolation", reason))
    return tuple(notes)


def _quantile(array: np.ndarray, share: float) -> np.ndarray:
    """Quantile over the draws that are finite, NaN where none is."""
    finite = np.isfinite(array)
    if not finite.any(axis=0).all():
        safe = np.where(finite.any(axis=0), np.where(finite, array, np.nan), 0.0)
        return np.where(finite.any(axis=0), np.nanquantile(safe, share, axis=0), np.nan)
    return np.asarray(np.nanquantile(np.where(finite, array, np.nan), share, axis=0))
