"""`forecast`: what runs beyond those at hand will give.

Several laws are fitted as posteriors under weak priors, to all runs and to the runs below earlier cuts; the past
decides how much each law counts and by what the band is widened.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from lawjax.checking.estimating import FREEDOM, RECENCY, outlooks
from lawjax.checking.origins import Cut, column_along, default_axis, positions, rolling_cuts
from lawjax.checking.outlook import Outlook, blended
from lawjax.checking.rolling import LEAST
from lawjax.data.runs import Runs
from lawjax.errors import InputError, choose
from lawjax.fitting.many import parted
from lawjax.forecasting.applying import curve_notes
from lawjax.forecasting.calibrating import widenings
from lawjax.forecasting.candidates import Candidate, candidates
from lawjax.forecasting.linking import linked
from lawjax.forecasting.options import Answer, Options
from lawjax.forecasting.questions import Question, question_of
from lawjax.forecasting.result import Forecast, Forecasts
from lawjax.forecasting.telling import forecast_notes
from lawjax.forecasting.trying import Origin, earned_weights, tried
from lawjax.laws.base import Law
from lawjax.precision import seed_of
from lawjax.verdict import Note, Verdict

NUM_ORIGINS = 6
NUM_DRAWS, NUM_SETTLING = 1024, 24
"""Effort of the fits that the answer rests on; those to earlier cuts have the default of `outlooks`."""
DRIFT = 0.008
"""A share of the response for each factor of e beyond the runs: docs/extrapolation.md has what decided it."""
AVERAGES = ("backtest", "evidence", "equal")


def forecast(
    runs: Runs,
    target: Mapping[str, Any],
    *,
    response: str | None = None,
    through: str | None = None,
    laws: Sequence[Law] | None = None,
    along: str | None = None,
    kind: str = "new_run",
    prob: float = 0.9,
    noise: str = "student_t",
    recency: float = RECENCY,
    average: str = "backtest",
    drift: float = DRIFT,
    widen: bool = True,
    key: Any = 0,
) -> Forecast:
    """What runs at the target will give, with a band that was tried on the past.

    Candidate laws are fitted as posteriors with robust scatter under weak priors, runs near the frontier counting more.
    Each law's weight is what it earned by predicting, from the runs below earlier cuts, those beyond them; the band is
    widened by what the mixture missed there. docs/extrapolation.md has the evidence for each of these defaults.

    Args:
        runs: the runs.
        target: where: one number or array per input, by the table's column names. They say what the inputs are.
        response: the column to forecast; "loss", or the only column that is left.
        through: a column of losses that the response, a score between 0 and 1, depends on: these are forecast, and the
            score by how it goes with them among the runs.
        laws: laws to average in place of the default ones.
        along: the column that is extrapolated along; compute (6 N D) for N and D, else the first falling input.
        kind: "new_run" for the band of one more run, "mean" for that of the mean of many.
        prob: probability of the central band.
        noise: "student_t" or "normal".
        recency: by how much less a run weighs for each factor of e that it lies behind the furthest; 0 for not at all.
        average: "backtest" weights, those of the "evidence" (posterior probabilities of the laws), or "equal" ones.
        drift: standard deviation of what a law leaves out beyond the runs, as a share of the response for each factor
            of e; 0 for none.
        widen: whether to widen the band by what the past shows.
        key: seed.
    Returns:
        A `Forecast`. Where the runs do not look like any such law its verdict says so.
    Raises:
        InputError: a missing column, too few runs, or a target without a law.
    Example:
        >>> import lawjax as lj
        >>> runs = lj.Runs.from_columns(D=[1e6, 1e7, 1e8, 1e9, 1e10, 1e11], loss=[5.0, 4.0, 3.37, 2.97, 2.71, 2.55])
        >>> found = lj.forecast(runs, {"D": 1e12})
        >>> bool(found.low[0] < found.median[0] < 2.55)
        True
    """
    options = Options(along, kind, prob, noise, recency, average, drift, widen, key)
    asked = response if through is None else through
    answer = _answers({"": runs}, target, asked, laws, options)[""]
    return answer.forecast if through is None else linked(answer, runs, response, through, options)


def forecast_each(
    runs: Runs | Mapping[Any, Runs],
    target: Mapping[str, Any],
    *,
    by: str = "group",
    response: str | None = None,
    laws: Sequence[Law] | None = None,
    along: str | None = None,
    kind: str = "new_run",
    prob: float = 0.9,
    noise: str = "student_t",
    recency: float = RECENCY,
    average: str = "backtest",
    drift: float = DRIFT,
    widen: bool = True,
    key: Any = 0,
) -> Forecasts:
    """The forecast of each of many tables, such as the learning curve of each run, all in one batch.

    Args:
        runs: one table to be parted, or a dict of tables.
        target: as for `forecast`; a dict of such by table where they differ.
        by: the column whose values part the table; "group" for the runs' own groups.
        response, laws, along, kind, prob, noise, recency, average, drift, widen, key: as for `forecast`.
    Returns:
        `Forecasts`; each is what `forecast` alone gives for its table, to what rounding makes of the sampler's moves.
    Raises:
        InputError: as `forecast`, by the table's name.
    Example:
        >>> import lawjax as lj
        >>> steps = [1e3, 2e3, 4e3, 8e3, 1.6e4]
        >>> runs = lj.Runs.from_columns(
        ...     step=steps * 2, loss=[4.0, 3.6, 3.3, 3.08, 2.92, 4.2, 3.9, 3.65, 3.45, 3.28], recipe=[1] * 5 + [2] * 5)
        >>> found = lj.forecast_each(runs, {"step": 1e5}, by="recipe", response="loss")
        >>> bool(found[1].median[0] < found[2].median[0])
        True
    """
    options = Options(along, kind, prob, noise, recency, average, drift, widen, key)
    found = _answers(parted(runs, by), target, response, laws, options)
    return Forecasts({name: answer.forecast for name, answer in found.items()}, by)


def _answers(
    tables: Mapping[Any, Runs],
    target: Mapping[Any, Any],
    response: str | None,
    laws: Sequence[Law] | None,
    options: Options,
) -> dict[Any, Answer]:
    _check(options)
    if not isinstance(target, Mapping) or not target:
        raise InputError(f'`target` must be a dict of inputs, such as {{"N": 7e10, "D": 1.4e12}}, got {target!r}.')
    own = [target[name] if name in target and isinstance(target[name], Mapping) else target for name in tables]
    chosen = candidates(tuple(own[0]), laws)
    questions = [
        question_of(name, table, place, response, LEAST - 1)
        for (name, table), place in zip(tables.items(), own, strict=True)
    ]
    by_law = [_outlooks(candidate, questions, options) for candidate in chosen]
    return {
        name: _answer(question, chosen, [law[index] for law in by_law], options)
        for index, (name, question) in enumerate(zip(tables, questions, strict=True))
    }


def _check(options: Options) -> None:
    choose("kind of band", options.kind, ("mean", "new_run"))
    choose("noise", options.noise, FREEDOM)
    choose("average", options.average, AVERAGES)
    if not 0 < options.prob < 1:
        raise InputError(f"`prob` must lie between 0 and 1, got {options.prob!r}.")
    for name in ("recency", "drift"):
        value = getattr(options, name)
        if not (math.isfinite(value) and value >= 0):
            raise InputError(f"`{name}` must be a number from 0 up, got {value!r}.")


class LawOutlooks(NamedTuple):
    """What one law says of one table: at its earlier cuts, and at the targets."""

    cuts: list[Cut]
    past: list[Outlook]
    final: Outlook
    beyond: np.ndarray


def _outlooks(candidate: Candidate, questions: Sequence[Question], options: Options) -> list[LawOutlooks]:
    """Of all tables, in two batches: the earlier cuts, and the answers."""
    law = candidate.law
    tables = [candidate.table(question.runs, question.response) for question in questions]
    axis = _axis(candidate, options.along)
    cuts = [rolling_cuts(table, axis, NUM_ORIGINS, LEAST) for table in tables]
    finals = [_final(candidate, question, axis) for question in questions]
    how: dict[str, Any] = dict(estimator=options.noise, recency=options.recency, key=options.key)
    flat = [cut for own in cuts for cut in own]
    past = iter(outlooks(law, flat, **how) if flat else [])
    answers = outlooks(law, finals, num_draws=NUM_DRAWS, num_settling=NUM_SETTLING, **how)
    found = []
    for own, final, answer in zip(cuts, finals, answers, strict=True):
        ahead = np.flatnonzero(~final.seen)
        found.append(LawOutlooks(own, [next(past) for _ in own], answer.at(ahead), final.distance[ahead]))
    return found


def _axis(candidate: Candidate, along: str | None) -> str:
    """The axis by the law's own name for it."""
    if along is None:
        return default_axis(candidate.law)
    return dict(zip(candidate.columns, candidate.law.inputs, strict=True)).get(along, along)


def _final(candidate: Candidate, question: Question, axis: str) -> Cut:
    """All runs, with the targets as rows that are not seen."""
    table = candidate.table(question.runs, question.response)
    ahead = candidate.table(question.targets, np.full(len(question.targets), np.nan))
    columns = {n: np.concatenate([np.asarray(table[n], float), np.asarray(ahead[n], float)]) for n in ahead.columns}
    seen = np.arange(len(table) + len(ahead)) < len(table)
    weight = None if table.weight is None else np.append(table.weight, np.ones(len(ahead)))
    group = None if table.group is None else np.append(table.group, np.max(table.group) + 1 + np.arange(len(ahead)))
    whole = Runs(columns=columns, weight=weight, group=group)
    position = np.append(positions(table, axis), column_along(ahead, axis))
    return Cut(whole, seen, position)


def _answer(question: Question, chosen: list[Candidate], by_law: list[LawOutlooks], options: Options) -> Answer:
    origins = [Origin(cut, [law.past[i] for law in by_law]) for i, cut in enumerate(by_law[0].cuts)]
    evidence = np.array([law.final.log_evidence for law in by_law])
    weights = earned_weights(question, origins, evidence, options.average)
    generator = np.random.default_rng(seed_of(options.key))
    beyond = by_law[0].beyond
    mixed = blended([law.final for law in by_law], weights).drifting(options.drift, beyond, generator)
    past, misses = tried(question, origins, weights, options, generator)
    wider = widenings(misses, beyond, options.prob) if options.widen else np.ones(len(beyond))
    low, high = mixed.band(options.kind, options.prob, generator, wider)
    axis = _axis(chosen[0], options.along)
    notes = [*_shape_notes(question, chosen[0], axis), *forecast_notes(question, past, beyond, wider, misses)]
    found = Forecast(
        inputs={name: np.asarray(column) for name, column in question.targets.columns.items()},
        response=question.name,
        **question.restored(mixed.median, low, high),
        prob=options.prob,
        kind_of_band=options.kind,
        along=options.along or dict(zip(chosen[0].law.inputs, chosen[0].columns, strict=True)).get(axis, axis),
        beyond=np.exp(beyond),
        widening=wider,
        laws=tuple(candidate.law.name for candidate in chosen),
        weights=weights,
        by_law=question.turned(np.stack([law.final.median for law in by_law])),
        past=past,
        verdict=Verdict(tuple(notes)),
        basis=question.runs.basis,
    )
    return Answer(found, mixed, wider)


def _shape_notes(question: Question, candidate: Candidate, axis: str) -> Iterator[Note]:
    """Notes on the shape of a curve of one input; of several inputs no curve can be seen."""
    if len(candidate.columns) == 1:
        table = candidate.table(question.runs, question.response)
        yield from curve_notes(column_along(table, axis), question.response)
