"""`PowerLaw`: y = coefficient * x**exponent by least squares in logarithms, with draws; `log_log` fits it to runs."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from lawjax.classical.columns import MAX_BOOTS, checked_runs, group_codes, log_column, random_numbers, weight_of
from lawjax.classical.estimate import Estimate, check_prob, quantiles, spread
from lawjax.classical.lines import bend, fit_line
from lawjax.data.runs import Basis, Runs
from lawjax.errors import InputError, check_whole
from lawjax.text import number, table
from lawjax.verdict import Note, Verdict, info, warning

FEW_POINTS, FEW_RESAMPLED = 5, 10
POOR_R_SQUARED = 0.9


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class PowerLaw:
    r"""A power law through points, $y = k x^{a}$, fitted in logarithms.

    Attributes:
        x, y: names of the two quantities.
        coefficient: k, the value of y at x = 1 [unit of y, over the unit of x to the power a].
        exponent: a; negative where y falls.
        draws: "coefficient" and "exponent" in each resample, shape (draw,); NaN where a resample has no law.
        r_squared: share of the (weighted) variance of log y that the law explains.
        scatter: root mean square of what is left of log y.
        observed: least and greatest x among the points.
        num_points: how many points it goes through.
        prob: probability of intervals where none is named.
        verdict: notes on how far it may be trusted.
        basis: the runs that it rests on.
    """

    x: str
    y: str
    coefficient: float
    exponent: float
    draws: dict[str, np.ndarray]
    r_squared: float
    scatter: float
    observed: tuple[float, float]
    num_points: int
    prob: float = 0.9
    verdict: Verdict = dataclasses.field(default_factory=Verdict)
    basis: Basis = dataclasses.field(default_factory=Basis)

    def __len__(self) -> int:
        return len(self.draws["exponent"])

    @property
    def stderr(self) -> dict[str, float]:
        """Standard deviation of coefficient and exponent over the draws."""
        return {name: spread(draws) for name, draws in self.draws.items()}

    def interval(self, name: str = "exponent", prob: float | None = None) -> tuple[float, float]:
        """Central interval of the "exponent" or the "coefficient" from the quantiles of its draws.

        Raises:
            InputError: another name, or a probability outside 0 to 1.
        """
        if name not in self.draws:
            raise InputError(f'`name` must be "exponent" or "coefficient", got {name!r}.')
        low, high = quantiles(self.draws[name], self.prob if prob is None else prob)
        return float(low), float(high)

    def at(self, x: Any, *, prob: float | None = None) -> Estimate:
        """The law at some x, with the interval of its mean.

        Args:
            x: one value or several, positive, in the unit of the points.
            prob: probability of the interval; the law's own by default.
        Returns:
            An `Estimate` whose verdict says where x lies beyond the points.
        Raises:
            InputError: an x without a logarithm.
        Example:
            >>> import lawjax as lj
            >>> runs = lj.Runs.from_columns(C=[1e18, 1e19, 1e20, 1e21], N=[1e8, 3e8, 9e8, 2.7e9])
            >>> round(float(lj.classical.log_log(runs, x="C", y="N", num_boots=50).at(1e22).value) / 1e9, 3)
            8.1
        """
        at = np.asarray(x, dtype=np.float64)
        if not np.all(np.isfinite(at) & (at > 0)) or at.size == 0:
            raise InputError(f"`{self.x}` must be positive and finite, got {x!r}.")
        prob = self.prob if prob is None else prob
        with np.errstate(over="ignore"):
            value = self.coefficient * at**self.exponent
            draws = self.draws["coefficient"] * at[..., None] ** self.draws["exponent"]
        low, high = quantiles(np.moveaxis(draws, -1, 0), prob)
        verdict = self.verdict + Verdict(tuple(self._beyond(at)))
        return Estimate(x=self.x, y=self.y, at=at, value=value, low=low, high=high, prob=prob, verdict=verdict)

    def _beyond(self, at: np.ndarray) -> Iterator[Note]:
        low, high = self.observed
        factor = max(float(at.max()) / high, low / float(at.min()))
        if factor > 1 + 1e-9:
            reason = f"`{self.x}` lies up to {number(factor)} times beyond the points of `{self.y}`"
            span = f"({number(low)} to {number(high)})."
            yield info("extrapolation", f"{reason} {span}", "A power law holds there only if nothing changes.")

    def to_frame(self) -> Any:
        """One row per draw: coefficient and exponent, as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self.draws)

    def to_dict(self) -> dict[str, Any]:
        """Both numbers with their intervals, how well the law fits, and the verdict."""
        both = {"coefficient": self.coefficient, "exponent": self.exponent}
        return {
            "x": self.x,
            "y": self.y,
            **{name: {"value": value, "interval": list(self.interval(name))} for name, value in both.items()},
            "prob": self.prob,
            "r_squared": self.r_squared,
            "scatter": self.scatter,
            "observed": list(self.observed),
            "num_points": self.num_points,
            "num_draws": len(self),
            **self.basis.to_dict(),
            "verdict": self.verdict.to_dict(),
        }

    @property
    def formula(self) -> str:
        """The law in one line, as "D = 0.2994 C^0.5368"."""
        return f"{self.y} = {number(self.coefficient)} {self.x}^{number(self.exponent)}"

    def row(self) -> list[str]:
        """A row of a table of power laws: formula, exponent with its interval, share explained, points."""
        low, high = self.interval()
        shown = [number(value) for value in (self.exponent, low, high, self.r_squared)]
        return [self.formula, *shown, str(self.num_points)]

    def summary(self) -> str:
        """The law, the interval of its exponent, and the verdict."""
        return power_table([self], self.prob) + f"\n{self.verdict}"

    def __repr__(self) -> str:
        return self.summary()


def power_table(laws: list[PowerLaw], prob: float) -> str:
    """A table of power laws with the intervals of their exponents."""
    edges = [f"{100 * (1 - prob) / 2:.3g} %", f"{100 * (1 + prob) / 2:.3g} %"]
    headers = ["power law", "exponent", *edges, "R^2", "points"]
    return table(headers, [law.row() for law in laws])


def log_log(
    runs: Runs,
    *,
    x: str,
    y: str,
    weights: Any = None,
    num_boots: int = 1000,
    prob: float = 0.9,
    key: Any = 0,
) -> PowerLaw:
    r"""A power law between two columns by regression of logarithms, with a pairs bootstrap.

    $$\log y = \log k + a \log x$$

    Args:
        runs: the table; whole groups are resampled where the runs have them, else single rows.
        x, y: names of the columns; `C` is 6ND where there is no such column.
        weights: weight of each run, shape (run,), such as one over the variance of log y; those of the runs by default.
        num_boots: how many resamples.
        prob: probability of the intervals.
        key: an int or a JAX key.
    Returns:
        A `PowerLaw`; a floor under y, such as an irreducible loss, bends the line and shows as the note "curved".
    Raises:
        InputError: a missing column, a value without a logarithm, fewer than three runs, or an x that does not vary.
    References:
        hestness2017, kaplan2020.
    Example:
        >>> import lawjax as lj
        >>> runs = lj.Runs.from_columns(N=[1e6, 1e7, 1e8, 1e9], loss=[8.0, 4.0, 2.0, 1.0])
        >>> round(log_log(runs, x="N", y="loss", num_boots=20).exponent, 6)
        -0.30103
    """
    check_whole("num_boots", num_boots, 2, MAX_BOOTS)
    runs = checked_runs(runs, weights)
    log_x, log_y, weight = log_column(runs, x), log_column(runs, y), weight_of(runs)
    _check_points(x, log_x)
    codes = group_codes(runs)
    counts = _resampled(len(runs), codes, num_boots, random_numbers(key))
    notes = tuple(_resampling_notes(runs, codes))
    return power_law(
        (x, y), log_x, log_y, weight, np.broadcast_to(log_y, counts.shape), weight * counts,
        prob=prob, basis=runs.basis, notes=notes,
    )  # fmt: skip


def power_law(
    names: tuple[str, str],
    log_x: np.ndarray,
    log_y: np.ndarray,
    weight: np.ndarray,
    log_y_draws: np.ndarray,
    weight_draws: np.ndarray,
    *,
    prob: float,
    basis: Basis,
    notes: tuple[Note, ...] = (),
) -> PowerLaw:
    """The power law through points, and through each resample of them.

    Args:
        names: of x and y.
        log_x, log_y, weight: the points, shape (point,); those of weight 0 count in resamples only.
        log_y_draws, weight_draws: y and weight of each point in each resample, shape (draw, point).
        prob: probability of the intervals.
        basis: the runs behind the points.
        notes: what to say of them besides.
    """
    check_prob(prob)
    slopes, levels = fit_line(log_x, log_y_draws, weight_draws)
    log_x, log_y, weight = (array[weight > 0] for array in (log_x, log_y, weight))
    slope, level = fit_line(log_x, log_y, weight)
    left = log_y - (level + slope * log_x)
    share = weight / weight.sum()
    total = float(np.sum(share * (log_y - np.sum(share * log_y)) ** 2))
    scatter = float(np.sqrt(np.sum(share * left**2)))
    fitted = PowerLaw(
        x=names[0],
        y=names[1],
        coefficient=float(np.exp(level)),
        exponent=float(slope),
        draws={"coefficient": np.exp(levels), "exponent": slopes},
        r_squared=1.0 - scatter**2 / total if total > 0 else 1.0,
        scatter=scatter,
        observed=(float(np.exp(log_x.min())), float(np.exp(log_x.max()))),
        num_points=len(log_x),
        prob=prob,
        basis=basis,
    )
    found = (*notes, *_notes(fitted, log_x, log_y, weight))
    return dataclasses.replace(fitted, verdict=Verdict(found))


def _check_points(x: str, log_x: np.ndarray) -> None:
    if len(log_x) < 3:
        raise InputError(f"{len(log_x)} runs cannot show how well a power law fits; give at least 3.")
    if np.ptp(log_x) == 0:
        raise InputError(f"`{x}` is {number(np.exp(log_x[0]))} in all runs; add runs with another `{x}`.")


def _resampled(num_runs: int, codes: np.ndarray | None, num: int, generator: np.random.Generator) -> np.ndarray:
    """How often each run is drawn in each resample, shape (draw, run)."""
    size = num_runs if codes is None else int(codes.max()) + 1
    counts = generator.multinomial(size, np.full(size, 1 / size), size=num).astype(np.float64)
    return counts if codes is None else counts[:, codes]


def _resampling_notes(runs: Runs, codes: np.ndarray | None) -> Iterator[Note]:
    what = "runs" if codes is None else "groups"
    if runs.num_groups < FEW_RESAMPLED:
        reason = f"Only {runs.num_groups} {what} were resampled; the intervals are rough."
        yield warning("few-resampled", reason, f"Add {what}.")


def _notes(fitted: PowerLaw, log_x: np.ndarray, log_y: np.ndarray, weight: np.ndarray) -> Iterator[Note]:
    name = f"`{fitted.y}` against `{fitted.x}`"
    if fitted.num_points < FEW_POINTS:
        reason = f"Only {fitted.num_points} points of `{fitted.x}` carry a power law."
        yield warning("few-points", reason, "Add budgets or runs before extrapolating.")
    if fitted.r_squared < POOR_R_SQUARED:
        reason = f"The power law of {name} leaves {1 - fitted.r_squared:.0%} of the variance of log {fitted.y}."
        yield warning("poor-fit", reason, f"Plot it: the points may not follow a power law of `{fitted.x}` alone.")
    drift = bend(log_x, log_y, weight)
    if drift is not None:
        reason = f"The exponent of {name} drifts by {number(drift)} from the least `{fitted.x}` to the greatest."
        yield warning("curved", reason, "Extrapolate with a law that has a floor or a break instead.")
    lost = float(np.mean(~np.isfinite(fitted.draws["exponent"])))
    if lost > 0:
        yield warning("failed-resamples", f"{lost:.1%} of the resamples give no power law of `{fitted.x}`.")
