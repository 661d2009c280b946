"""What a comparison compares: results of one table, checked, under names that tell them apart."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lawjax.errors import InputError
from lawjax.fitting.fit_result import Fit
from lawjax.inference.posterior import Posterior

Scored = Fit | Posterior


def entries_of(results: Mapping[str, Scored] | Sequence[Scored]) -> dict[str, Scored]:
    """The results by name: as given, or the law's name with what tells it from another of the same law.

    Raises:
        InputError: fewer than two, fits mixed with posteriors, or results that no score compares.
    """
    named = isinstance(results, Mapping)
    items = list(results.values()) if isinstance(results, Mapping) else list(results)
    _check(items)
    names = [str(name) for name in results] if named else names_of(items)
    return dict(zip(names, items, strict=True))


def names_of(results: Sequence[Scored]) -> list[str]:
    """The law's names; where several are of one law, with their loss or noise, what is fixed, or their place.

    Example:
        >>> import lawjax as lj
        >>> runs = lj.simulate(lj.laws.POWER_LAW, {"A": 20.0, "alpha": 0.1}, num_runs=30, noise=0.01, key=0)
        >>> names_of([lj.fit(lj.laws.POWER_LAW, runs, loss=loss) for loss in ("huber", "squared")])
        ['power-law [huber(0.001)]', 'power-law [squared]']
    """
    names = [result.law.name for result in results]
    for feature in (_estimator, _held, _model):
        names = _told_apart(names, results, feature)
    places = [names[:index].count(name) + 1 for index, name in enumerate(names)]
    return [f"{name} #{place}" if names.count(name) > 1 else name for name, place in zip(names, places, strict=True)]


def _told_apart(names: list[str], results: Sequence[Scored], feature: Callable[[Scored], str]) -> list[str]:
    """The names, with a feature added wherever results that share one differ in it."""
    words = [feature(result) for result in results]
    differ = {name for name in names if len({w for n, w in zip(names, words, strict=True) if n == name}) > 1}
    return [f"{name} [{word or 'plain'}]" if name in differ else name for name, word in zip(names, words, strict=True)]


def _estimator(result: Scored) -> str:
    return result.choices.make_loss().name if isinstance(result, Fit) else result.options.noise


def _held(result: Scored) -> str:
    choices = result.choices if isinstance(result, Fit) else None
    return ", ".join(f"{name}={value}" for name, value in (*choices.fixed, *choices.tied)) if choices else ""


def _model(result: Scored) -> str:
    if isinstance(result, Fit):
        return ""
    return ", ".join(filter(None, (result.options.discrepancy, *(name for name, _ in result.options.vary))))


def _check(results: list[Any]) -> None:
    alike = all(isinstance(result, Fit) for result in results) or all(isinstance(r, Posterior) for r in results)
    if len(results) < 2 or not alike:
        raise InputError(
            "compare needs a list of two or more fits, or two or more posteriors: "
            "compare([fit(law1, runs), fit(law2, runs)])."
        )
    if len({(result.runs.sha256, result.law.response) for result in results}) > 1:
        raise InputError("compare needs results for the same runs and response; fit every law to one table.")
    if results[0].runs.group is not None and results[0].runs.num_groups < 2:
        raise InputError("all rows are of one group, so that nothing can be held out. Drop the group, or add groups.")
    measures = {(r.options.counts, r.options.rounding is not None) for r in results if isinstance(r, Posterior)}
    if len(measures) > 1:
        raise InputError(
            "compare needs posteriors whose responses are of one kind: counts of right answers, rounded values and "
            "exact values have densities in different units. Pass the same `noise` family and `rounding` to each."
        )
    if len({result.choices.space for result in results if isinstance(result, Fit)}) > 1:
        raise InputError('compare needs fits in one residual space; pass the same residual="..." to each fit.')
