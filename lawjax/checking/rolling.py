"""`backtest`: fit the small runs, predict the large ones, see how wrong that was.

Rolling origins along any column, for many laws, estimators and tables in one batch: each cut fits the rows below it and
scores those above, and says how often the bands held them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from lawjax.checking.backtested import Backtest, Rows
from lawjax.checking.estimating import ESTIMATORS, POINT_FITS, RECENCY, outlooks
from lawjax.checking.origins import Cut, default_axis, positions, rolling_cuts
from lawjax.checking.outlook import Outlook
from lawjax.data.checks import check_fit, check_law_and_runs
from lawjax.data.runs import Basis, Runs
from lawjax.errors import InputError, check_whole, choose
from lawjax.fitting.many import parted
from lawjax.fitting.residuals import choose_space
from lawjax.laws.base import Law
from lawjax.precision import seed_of
from lawjax.verdict import Verdict, info, warning

LEAST = 4
"""Rows below a cut for a posterior; a point fit needs one more than it has parameters."""


class Case(NamedTuple):
    """A law fitted in one way to one table below one cut."""

    table: str
    law: Law
    estimator: str
    cut: Cut


def backtest(
    law: Law | Sequence[Law],
    runs: Runs | Mapping[Any, Runs],
    *,
    along: str | None = None,
    by: str | None = None,
    estimator: str | Sequence[str] = "student_t",
    num_cuts: int = 5,
    prob: float = 0.9,
    recency: float | None = None,
    key: Any = 0,
) -> Backtest:
    """How well laws, fitted to the runs below a cut, predict the runs above it.

    Args:
        law: the law, or several.
        runs: the runs; a dict of tables, or with `by` one to be parted.
        along: the column to cut, groups whole; by default "C" (6 N D where the runs have no such column) for a law of
            N and D, else the law's first falling input.
        by: the column whose values part the table; "group" for its own groups.
        estimator: how the laws are fitted, or several ways: "student_t" or "normal", the posterior under weak priors
            with that scatter, or a point fit with the loss "huber", "absolute" or "squared", which has no band for the
            mean.
        num_cuts: how many cuts, from half of the rows up.
        prob: nominal probability of the bands whose coverage is counted.
        recency: by how much less a row weighs for each factor of e below the cut; 0.35 for posteriors and 0 for point
            fits unless given.
        key: seed.
    Returns:
        A `Backtest`: one entry per table, law, estimator and cut, and one per predicted row.
    Raises:
        InputError: no such column, an unknown estimator, or too few runs below the lowest cut.
    Example:
        >>> import lawjax as lj
        >>> truth = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37)
        >>> runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=80, noise=0.005, key=0)
        >>> bool(lj.backtest(lj.laws.CHINCHILLA, runs, num_cuts=3).relative_error.max() < 0.05)
        True
    """
    laws = [law] if isinstance(law, Law) else list(law)
    ways = [estimator] if isinstance(estimator, str) else list(estimator)
    tables = parted(runs, by or "group") if by is not None or not isinstance(runs, Runs) else {runs.origin.source: runs}
    _check(laws, ways, tables, num_cuts, prob)
    cases: list[Case] = []
    rows: list[Rows] = []
    for one in laws:
        for way in ways:
            own = [
                Case(str(n), one, way, cut) for n, t in tables.items() for cut in _cuts(one, way, t, along, num_cuts)
            ]
            found = outlooks(one, [c.cut for c in own], estimator=way, recency=_recency(recency, way), key=key)
            cases += own
            rows += [_scored(case, outlook, prob, key) for case, outlook in zip(own, found, strict=True)]
    return _result(cases, rows, prob, next(iter(tables.values())).basis)


def _check(laws: list[Law], ways: list[str], tables: Mapping[Any, Runs], num_cuts: int, prob: float) -> None:
    check_whole("num_cuts", num_cuts, 1)
    if not 0 < prob < 1:
        raise InputError(f"`prob` must lie between 0 and 1, got {prob!r}.")
    for way in ways:
        choose("estimator", way, ESTIMATORS)
    for law in laws:
        for name, table in tables.items():
            try:
                check_law_and_runs(law, table)
                check_fit(law, table, num_free=1, residual=choose_space(law, None), force=True)
            except InputError as problem:
                raise problem if len(tables) == 1 else InputError(f"table {name!r}: {problem}") from problem
    if len({law.response for law in laws}) > 1:
        raise InputError("a back-test needs laws of one response, so that their errors can be compared.")


def _cuts(law: Law, way: str, runs: Runs, along: str | None, num_cuts: int) -> list[Cut]:
    """The cuts of a table.

    Raises:
        InputError: too few rows to cut at all.
    """
    column = along or default_axis(law)
    needed = sum(p.size or 1 for p in law.params.values()) + 1 if way in POINT_FITS else LEAST
    cuts = rolling_cuts(runs.counted(), column, num_cuts, needed)
    if not cuts:
        raise InputError(
            f"no cut of `{column}` has {needed} runs below it, which {law.name!r} by {way!r} needs, and one above: "
            f"the {len(runs)} runs lie at {len(np.unique(positions(runs, column)))} places. Add runs, or cut another "
            "column."
        )
    return cuts


def _recency(recency: float | None, way: str) -> float:
    return recency if recency is not None else 0.0 if way in POINT_FITS else RECENCY


def _scored(case: Case, outlook: Outlook, prob: float, key: Any) -> Rows:
    """What was predicted of the rows above a cut, and how wrong it was."""
    generator = np.random.default_rng(seed_of(key))
    above = np.flatnonzero(~case.cut.seen)
    ahead = outlook.at(above)
    seen = np.asarray(case.cut.runs[case.law.response], dtype=np.float64)[above]
    low, high = ahead.band("new_run", prob, generator)
    lowest, highest = ahead.band("mean", prob, generator)
    return Rows(
        distance=np.exp(case.cut.distance[above]),
        seen=seen,
        median=ahead.median,
        low=low,
        high=high,
        mean_low=lowest,
        mean_high=highest,
        crps=ahead.crps(seen, generator),
        log_score=ahead.log_score(seen),
    )


def _result(cases: Sequence[Case], rows: Sequence[Rows], prob: float, basis: Basis) -> Backtest:
    num_rows = np.array([len(own.seen) for own in rows])
    joined = Rows(*(np.concatenate(parts) for parts in zip(*rows, strict=True)))
    found = Backtest(
        table=tuple(case.table for case in cases),
        law=tuple(case.law.name for case in cases),
        estimator=tuple(case.estimator for case in cases),
        cut=np.array([case.cut.value for case in cases]),
        num_train=np.array([int(case.cut.seen.sum()) for case in cases]),
        case=np.repeat(np.arange(len(cases)), num_rows),
        rows=joined,
        prob=prob,
        verdict=Verdict(),
        basis=basis,
    )
    return found.with_verdict(Verdict(tuple(_notes(found, prob))))


def _notes(found: Backtest, prob: float) -> Iterable[Any]:
    for name in dict.fromkeys(found.contender):
        own = np.array([contender == name for contender in found.contender])[found.case]
        covered = float(np.mean(found.rows.inside[own]))
        reason = f"{name}: new-run bands of nominal {prob:.0%} held {covered:.0%} of the runs above the cuts."
        if covered < prob - 0.1:
            yield warning("bands-too-narrow", reason, "Widen bands of extrapolations, as lj.forecast does.")
        else:
            yield info("bands-cover", reason)
