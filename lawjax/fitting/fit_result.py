"""`Fit`: a law fitted to runs, with the answers about the answer."""

import dataclasses
import functools
import hashlib
from typing import Any, ClassVar, Self

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.data.runs import Runs
from lawjax.draws import Draws
from lawjax.errors import InputError
from lawjax.fitting.centring import Centring
from lawjax.fitting.covariance import Geometry, covariance_of, geometry
from lawjax.fitting.diagnosis import diagnose, tradeoff
from lawjax.fitting.given import check_rounding
from lawjax.fitting.losses import Loss, make_loss
from lawjax.fitting.optima import Ends
from lawjax.fitting.problem import (
    Layout,
    Problem,
    make_problem,
    natural_params,
    on_log_line,
    padded_weights,
)
from lawjax.fitting.status import ADVICE, Status
from lawjax.laws.base import Law, Params
from lawjax.precision import to_numpy
from lawjax.scatter import Noise
from lawjax.spaces import from_space, to_space
from lawjax.storage import Record, Stored, law_meta, versions
from lawjax.text import number, table, values
from lawjax.verdict import Verdict

NUM_NORMAL_DRAWS = 400
MAX_OPTIMA = 4
FIT_ARRAYS = ("vector", "extra", "start_vectors", "start_objectives", "start_status")
NO_INFLUENCE = 1e-6
"""A parameter whose step along the line moves the residuals by less than this share of the strongest one's."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Choices:
    """What was asked of a fit."""

    loss: Any = "huber"
    delta: float = 1e-3
    penalty: float = 10.0
    space: str = "log"
    rounding: Any = None
    fixed: tuple[tuple[str, float], ...] = ()
    tied: tuple[tuple[str, str], ...] = ()
    method: str = "gauss-newton"
    num_starts: int = 64
    max_steps: int = 200

    def make_loss(self) -> Loss:
        """The loss that was asked."""
        return make_loss(self.loss, self.delta, self.penalty)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Fit(Stored):
    """A law fitted to runs.

    Attributes:
        law: the law.
        runs: the runs it was fitted to.
        vector: the optimum on the line, centred, shape (free,).
        extra: the loss's own numbers on the line (scale and degrees of freedom of a Student-t), shape (extra,).
        objective: the minimised sum of losses, lower is better.
        status: how the best start ended.
        num_steps: steps that the best start took.
        choices: loss, residual space, fixed and tied parameters, method.
        start_vectors: where every start ended on the line, shape (start, free).
        start_objectives: the objective there, shape (start,).
        start_status: how every start ended, shape (start,).
        data_verdict: what the checks of the data said.
        seconds: wall time of the fit, compilation included.
        device: what it ran on.
        num_bred: how many of the starts, at the end, were bred in a second round from where others had ended.
    """

    kind: ClassVar[str] = "fit"

    law: Law
    runs: Runs
    vector: np.ndarray
    extra: np.ndarray
    objective: float
    status: Status
    num_steps: int
    choices: Choices
    start_vectors: np.ndarray
    start_objectives: np.ndarray
    start_status: np.ndarray
    data_verdict: Verdict
    seconds: float
    device: str
    num_bred: int = 0

    @functools.cached_property
    def layout(self) -> Layout:
        """Which parameters were free."""
        return Layout(self.law, tuple(dict(self.choices.fixed)), self.choices.tied)

    @functools.cached_property
    def params(self) -> dict[str, np.ndarray]:
        """The estimate: natural units, one float64 array per parameter."""
        return {name: array[0] for name, array in self._natural(self.vector[None]).items()}

    @functools.cached_property
    def start_params(self) -> dict[str, np.ndarray]:
        """Parameters at the end of every start, natural units, each leading with (start,)."""
        return self._natural(self.start_vectors)

    def _natural(self, vectors: np.ndarray) -> dict[str, np.ndarray]:
        with jax.enable_x64(True):
            return natural_params(self.problem, vectors)

    @property
    def loss_params(self) -> dict[str, float]:
        """What the loss estimated of its own: a Student-t's scale, in the residual's unit, and degrees of freedom."""
        found = self.choices.make_loss().natural_extra(self.extra)
        # The likelihood is worked out in units of the response's typical size.
        return {name: value * float(self.problem.level) if name == "scale" else value for name, value in found.items()}

    @functools.cached_property
    def centring(self) -> Centring:
        """The change of units in which the fit ran."""
        return Centring.of(self.law, self.runs)

    @functools.cached_property
    def problem(self) -> Problem:
        """The centred problem that was solved, float64."""
        with jax.enable_x64(True):
            rounding = check_rounding(self.runs, self.choices.rounding)
            return make_problem(
                self.layout, self.runs, self.centring, self.choices.space,
                fixed=dict(self.choices.fixed), rounding=rounding,
            )  # fmt: skip

    def pack(self, params: Params) -> np.ndarray:
        """The vector on the line, centred, for parameters in natural units, shape (free,)."""
        natural = {name: np.asarray(value, dtype=np.float64) for name, value in params.items()}
        return np.asarray(self.layout.pack(self.centring.to_centred(natural)))

    @functools.cached_property
    def geometry(self) -> Geometry:
        """Residuals, Jacobian and covariance at the optimum."""
        with jax.enable_x64(True):
            groups = None if self.runs.group is None else np.asarray(self.runs.group)
            loss = self.choices.make_loss()
            weights = padded_weights(self.runs)
            return geometry(self.problem, loss, self.vector, self.extra, weights, groups, len(self.runs))

    @property
    def method(self) -> str:
        """Which solver ran."""
        return self.choices.method

    @property
    def edges(self) -> tuple[str, ...]:
        """Entries of the vector that went to the edge of their support and no longer matter."""
        bounded = on_log_line(self.layout)
        # Of a change by a share, whatever the unit of the response or of a parameter on the whole line.
        influence = self.geometry.influence * np.where(bounded, 1.0, np.abs(self.vector))
        still = influence < NO_INFLUENCE * influence.max()
        return tuple(label for label, can, no in zip(self.layout.labels, bounded, still, strict=True) if can and no)

    @property
    def residuals(self) -> np.ndarray:
        """Prediction less observation in the residual space, shape (run,)."""
        return self.geometry.residuals

    @property
    def ends(self) -> Ends:
        """Where the starts ended, and which of them agree."""
        weights = padded_weights(self.runs)
        likelihood = bool(self.choices.make_loss().extra)
        return Ends(self.start_objectives, self.num_bred, weights.sum(), float(self.problem.level), likelihood)

    @property
    def agreement(self) -> float:
        """Share of the drawn starts that ended at the best objective, to one part in a million."""
        return self.ends.agreement

    @property
    def gradient_norm(self) -> float:
        """Largest entry of the gradient on the line, relative to the objective."""
        return float(np.max(np.abs(self.geometry.gradient)) / max(abs(self.objective), 1e-300))

    @functools.cached_property
    def stderr(self) -> dict[str, np.ndarray]:
        """Standard error of each parameter, natural units; 0 where fixed, infinite where it does not exist."""
        covariance = self.geometry.covariance
        return {name: _spread(self.natural_jacobian[name], covariance) for name in self.law.params}

    @functools.cached_property
    def natural_jacobian(self) -> dict[str, np.ndarray]:
        """Derivative of each parameter, natural units, in the vector on the line; the last axis is the vector's."""
        with jax.enable_x64(True):
            return to_numpy(_natural_jacobian(self.problem, self.vector))

    def covariance(self, kind: str = "sandwich") -> Any:
        """The covariance matrix of the parameters in natural units, by the delta method, as a frame.

        Args:
            kind: "sandwich", by group where there are groups, or "hessian", which supposes independent runs that
                scatter alike.
        Returns:
            A pandas frame with a row and a column for each number of each parameter: 0 where it is fixed, infinite
            where the runs leave no covariance.
        Raises:
            InputError: an unknown kind.
        """
        import pandas as pd

        on_line = covariance_of(self.geometry, kind)
        rows = np.concatenate([np.atleast_2d(self.natural_jacobian[name]) for name in self.law.params])
        labels = [label for name in self.law.params for label in self._labels(name)]
        moves = np.any(rows != 0, axis=1)
        nowhere = np.where(moves[:, None] & moves, np.inf, 0.0)
        found = rows @ on_line @ rows.T if np.all(np.isfinite(on_line)) else nowhere
        return pd.DataFrame(found, index=labels, columns=labels)

    @property
    def tradeoff(self) -> str:
        """The direction that the runs determine worst, in words and natural units; empty with one free number.

        It says what the parameters do in proportion, not that the runs allow it: `geometry.condition` says how flat
        the direction is.
        """
        return tradeoff(self)

    @functools.cached_property
    def verdict(self) -> Verdict:
        """Notes on how far the fit may be trusted."""
        return self.data_verdict + diagnose(self)

    @property
    def optima(self) -> list[dict[str, Any]]:
        """Every distinct optimum within 1 % of the best: objective, share of starts, parameters; best first."""
        ends = self.ends
        return [
            {
                "objective": float(self.start_objectives[index]),
                "share": share,
                "params": {name: array[index].tolist() for name, array in self.start_params.items()},
            }
            for index, share in zip(ends.optima, ends.shares, strict=True)
        ]

    @property
    def optimum_vectors(self) -> list[np.ndarray]:
        """Vectors of the best distinct optima, where refits start: four at most, best first."""
        return [self.start_vectors[index] for index in self.ends.optima[:MAX_OPTIMA]]

    def other_ends(self, most: int) -> np.ndarray:
        """Where starts ended other than at the best optimum, best first, shape (end, free)."""
        return self.start_vectors[self.ends.others(most)]

    @property
    def quality(self) -> dict[str, float]:
        """R^2 and root mean square error, in the residual space and in raw units."""
        space = self.choices.space
        target = self.targets
        predicted = target + self.residuals
        pairs = {space: (target, predicted), "raw": (self.observed_response, self._from_space(predicted))}
        weight = None if self.runs.weight is None else np.asarray(self.runs.weight)
        found: dict[str, float] = {}
        with np.errstate(invalid="ignore", over="ignore"):
            for name, (seen, said) in pairs.items():
                found[f"r_squared_{name}"] = _r_squared(seen, said, weight)
                found[f"rmse_{name}"] = float(np.sqrt(np.average((said - seen) ** 2, weights=weight)))
        return found

    @property
    def observed_response(self) -> np.ndarray:
        """The response of the runs, shape (run,)."""
        return np.asarray(self.runs[self.law.response], dtype=np.float64)

    @property
    def targets(self) -> np.ndarray:
        """The response of the runs in the residual space, shape (run,)."""
        with jax.enable_x64(True):
            return np.asarray(to_space(self.choices.space, jnp.asarray(self.observed_response)))

    def _from_space(self, value: np.ndarray) -> np.ndarray:
        return from_space(self.choices.space, value)

    @property
    def noise(self) -> Noise:
        """The fit's own residuals, widened for the parameters they paid for."""
        spare = max(len(self.runs) - self.layout.num_free, 1)
        return Noise(space=self.choices.space, residuals=-self.residuals * np.sqrt(len(self.runs) / spare))

    @property
    def point(self) -> Draws:
        """The estimate alone, as one draw."""
        params = {name: array[None] for name, array in self.params.items()}
        return self.as_draws_of(params, "point estimate")

    @functools.cached_property
    def draws(self) -> Draws:
        """The estimate with its normal approximation, as 400 draws; the estimate alone where there is none."""
        covariance = self.geometry.covariance
        if not np.all(np.isfinite(covariance)):
            return self.point
        # Seeded by the runs: fits of different runs must not move together in a decision that takes both. Not by the
        # law's name, so that another name changes no number.
        seed = hashlib.sha256(f"{self.runs.basis.data_sha256} {self.layout.num_free}".encode()).digest()
        generator = np.random.default_rng(list(seed))
        # A direction that the runs do not determine leaves the matrix short of semidefinite; the verdict says so.
        vectors = generator.multivariate_normal(
            self.vector, self._given_edges(covariance), NUM_NORMAL_DRAWS, method="svd", check_valid="ignore"
        )
        with jax.enable_x64(True):
            params = natural_params(self.problem, vectors)
        return self.as_draws_of(params, "normal approximation of the fit")

    def _given_edges(self, covariance: np.ndarray) -> np.ndarray:
        """The covariance of the others given those at an edge: no normal describes these, and they no longer matter."""
        at_edge = np.isin(self.layout.labels, self.edges)
        if not at_edge.any() or at_edge.all():
            return covariance
        across = covariance[np.ix_(~at_edge, at_edge)]
        shared = across @ np.linalg.pinv(covariance[np.ix_(at_edge, at_edge)], hermitian=True) @ across.T
        given = np.zeros_like(covariance)
        given[np.ix_(~at_edge, ~at_edge)] = covariance[np.ix_(~at_edge, ~at_edge)] - shared
        return given

    def as_draws_of(self, params: dict[str, np.ndarray], origin: str, **more: Any) -> Draws:
        """Draws that know this fit's law, noise, range and verdict."""
        facts = {
            "noise": self.noise,
            "observed": observed_ranges(self.law, self.runs),
            "verdict": self.verdict,
            "basis": self.runs.basis,
        }
        return Draws(law=self.law, params=params, origin=origin, **{**facts, **more})

    def to_dict(self) -> dict[str, Any]:
        """The fit as plain data, as the command line prints it."""
        origin = self.runs.origin
        return {
            "law": self.law.name,
            "params": {name: array.tolist() for name, array in self.params.items()},
            "stderr": {name: array.tolist() for name, array in self.stderr.items()},
            "objective": self.objective,
            "loss": self.choices.make_loss().name,
            "loss_params": self.loss_params,
            "residual": self.choices.space,
            "status": self.status.name.lower(),
            "advice": ADVICE[self.status],
            "agreement": self.agreement,
            "gradient_norm": self.gradient_norm,
            "condition": self.geometry.condition,
            "optima": self.optima,
            **self.quality,
            "dropped": [{"reason": reason, "rows": rows} for reason, rows in origin.dropped],
            **self.runs.basis.to_dict(),
            "fixed": dict(self.choices.fixed),
            "tied": dict(self.choices.tied),
            "method": self.choices.method,
            "num_starts": len(self.start_objectives),
            "num_steps": self.num_steps,
            "seconds": self.seconds,
            "device": self.device,
            "versions": versions(),
            "verdict": self.verdict.to_dict(),
        }

    def to_frame(self) -> Any:
        """One row per parameter: value, standard error, 95 % interval of the normal approximation."""
        import pandas as pd

        rows: dict[str, tuple[Any, ...]] = {}
        for name in self.law.params:
            cells = self._row(name)
            labels = self._labels(name)
            rows |= dict(zip(labels, zip(*(np.broadcast_to(cell, len(labels)) for cell in cells)), strict=True))
        return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "stderr", "low_95", "high_95"])

    def _labels(self, name: str) -> list[str]:
        """One label for each number of a parameter."""
        size = self.law.params[name].size
        return [name] if size is None else [f"{name}[{index}]" for index in range(size)]

    def _row(self, name: str) -> tuple[Any, Any, Any, Any]:
        low, high = self.draws.interval(name) if len(self.draws) > 1 else (np.nan, np.nan)
        return self.params[name], self.stderr[name], low, high

    def summary(self) -> str:
        """A table of the parameters and of how the fit went."""
        rows = [[name, *(values(cell) for cell in self._row(name)), self._held(name)] for name in self.law.params]
        title = (
            f"{self.law.name} fitted to {len(self.runs)} runs ({self.runs.rows_dropped} dropped), "
            f"{self.choices.make_loss().name} loss of {self.choices.space} residuals"
        )
        space = self.choices.space
        footer = (
            f"objective {self.objective:.10g}, {self.status.name.lower()}; {self.agreement:.0%} of "
            f"{len(self.start_objectives)} starts agree; R^2 ({space}) {number(self.quality[f'r_squared_{space}'])}; "
            f"condition {number(self.geometry.condition, 2)}; {self._of_loss}"
            f"{self.choices.method}, {self.seconds:.2f} s, "
            f"{self.device}\n"
            f"{self.verdict}"
        )
        return table(["parameter", "value", "stderr", "2.5 %", "97.5 %", ""], rows, title=title, footer=footer)

    @property
    def _of_loss(self) -> str:
        return "".join(f"{name} {number(value)}; " for name, value in self.loss_params.items())

    def _held(self, name: str) -> str:
        if name in dict(self.choices.fixed):
            return "fixed"
        return f"= {dict(self.choices.tied)[name]}" if name in dict(self.choices.tied) else ""

    def __repr__(self) -> str:
        return self.summary()

    def to_record(self) -> Record:
        """What the fit is made of, its runs included."""
        runs = self.runs.to_record()
        arrays = {f"runs.{name}": array for name, array in runs.arrays.items()}
        arrays |= {f"fit.{name}": getattr(self, name) for name in FIT_ARRAYS}
        choices = dataclasses.asdict(self.choices)
        if callable(choices["loss"]):
            raise InputError(
                "a fit with your own loss cannot be saved, because a file never holds code. Save its draws "
                "(fit.draws.save, or those of a bootstrap) instead."
            )
        meta = {
            **law_meta(self.law),
            "runs": runs.meta,
            "objective": self.objective,
            "status": int(self.status),
            "num_steps": self.num_steps,
            "choices": choices,
            "data_verdict": self.data_verdict.to_dict(),
            "seconds": self.seconds,
            "device": self.device,
            "num_bred": self.num_bred,
        }
        return Record(meta, arrays)

    @classmethod
    def from_record(cls, record: Record, law: Law | None) -> Self:
        """The fit that `to_record` described."""
        assert law is not None
        meta, arrays = record.meta, record.arrays

        def part(prefix: str) -> dict[str, np.ndarray]:
            return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}

        choices = {**meta["choices"], **{k: tuple(tuple(x) for x in meta["choices"][k]) for k in ("fixed", "tied")}}
        return cls(
            law=law,
            runs=Runs.from_record(Record(meta["runs"], part("runs."))),
            objective=float("inf") if meta["objective"] is None else meta["objective"],
            status=Status(meta["status"]),
            num_steps=meta["num_steps"],
            choices=Choices(**choices),
            **part("fit."),
            data_verdict=Verdict.from_dict(meta["data_verdict"]),
            seconds=meta["seconds"],
            device=meta["device"],
            num_bred=meta["num_bred"],
        )


def observed_ranges(law: Law, runs: Runs) -> dict[str, tuple[float, float]]:
    """Lowest and highest value of each scalar input among the runs."""
    columns = {name: np.asarray(runs[name], dtype=np.float64) for name in law.inputs}
    return {name: (float(c.min()), float(c.max())) for name, c in columns.items() if c.ndim == 1}


@jax.jit
def _natural_jacobian(problem: Problem, vector: Any) -> dict[str, Any]:
    """Derivative of each natural parameter in the vector on the line."""
    return jax.jacfwd(problem.natural)(vector)


def _spread(rows: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Delta-method standard error for a parameter whose derivative in the vector is `rows`."""
    if not np.all(np.isfinite(covariance)):
        return np.where(np.any(rows != 0, axis=-1), np.inf, 0.0)
    return np.sqrt(np.einsum("...i,ij,...j->...", rows, covariance, rows))


def _r_squared(target: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None) -> float:
    total = np.average((target - np.average(target, weights=weight)) ** 2, weights=weight)
    return float(1 - np.average((target - predicted) ** 2, weights=weight) / total) if total > 0 else float("nan")
