"""What a comparison of systems says in words: who is better where, and what it rests on."""

import dataclasses
from collections.abc import Iterator

import numpy as np

from lawjax.decisions.systems.curves import Responses, System
from lawjax.decisions.systems.grid import REACH, Grid
from lawjax.decisions.systems.pairing import share_runs
from lawjax.decisions.systems.result import SystemComparison
from lawjax.planning.plan import extrapolation_notes
from lawjax.text import number
from lawjax.verdict import Note, info, warning


def notes_of(
    found: SystemComparison, systems: list[System], given: list[Responses], grid: Grid, usable: np.ndarray
) -> Iterator[Note]:
    """All that a reader of a comparison must know."""
    yield _order(found)
    yield from _crossings(found)
    yield from _reaching(found)
    yield from _of_target(found)
    yield from _draws(found, systems, usable)
    yield from _of_sources(systems, [_source_notes(*side, grid) for side in zip(systems, given, strict=True)])


def _source_notes(system: System, responses: Responses, grid: Grid) -> tuple[Note, ...]:
    """What the source of a system says of itself, and how far beyond its runs it is taken."""
    inputs = {name: column[grid.rows] for name, column in responses.inputs.items()}
    return (*system.draws.verdict, *extrapolation_notes(inputs, system.draws.observed))


def _of_sources(systems: list[System], notes: list[tuple[Note, ...]]) -> Iterator[Note]:
    """The notes of both sources, saying whose they are; those of both once."""
    both = set(notes[0]) & set(notes[1])
    names = [system.name for system in systems]
    for name, own in zip(names, notes, strict=True):
        for note in own:
            whose = " and ".join(names) if note in both else name
            yield dataclasses.replace(note, reason=f"{whose}: {note.reason}")


def _order(found: SystemComparison) -> Note:
    """Who is better: everywhere, at either end, or not to be told."""
    (a, b), chance = found.names, found.prob_a_better
    surest = np.maximum(chance, 1 - chance)
    if surest.max() < found.prob:
        reason = f"At no budget is {a} or {b} better with a probability of {found.prob:.0%}; "
        return info("indistinguishable", f"{reason}{a} is with {chance.min():.0%} to {chance.max():.0%}.", "Get runs.")
    low, high = (_amount(found, edge) for edge in (found.budgets[0], found.budgets[-1]))
    return info(
        "order", f"{a} is better with a probability of {chance[0]:.1%} at {low} and {chance[-1]:.1%} at {high}."
    )


def _crossings(found: SystemComparison) -> Iterator[Note]:
    a, b = found.names
    share = found.prob_crossover
    if share > 0:
        low, middle, high = found.crossover_interval()
        ends = f"{number(low, 3)} to {number(high, 3)}"
        spread = f" ({found.prob:.0%} interval {ends})" if len(found) > 1 else ""
        none = f"; in {1 - share:.1%} they do not change order in the range" if share < 1 else ""
        reason = f"{a} and {b} cross at {_amount(found, middle)}{spread} in {share:.1%} of the draws{none}."
        yield info("crossover", reason)
    else:
        yield info("no-crossover", f"{a} and {b} do not change order in the range in any draw.")
    often = float(np.mean(found.crossings > 1))
    if often:
        reason = f"In {often:.1%} of the draws they cross more than once; the last crossing is given."
        yield warning("several-crossings", reason, "Narrow the budgets to the crossing that is meant.")


def _reaching(found: SystemComparison) -> Iterator[Note]:
    a, b = found.names
    worst = int(np.argmax(found.prob_never))
    if found.prob_never[worst] > 0:
        reason = (
            f"In {found.prob_never[worst]:.1%} of the draws {b} never has the {found.response} that {a} has at "
            f"{_amount(found, found.budgets[worst])}, not with {REACH:g} times the highest budget: the gain is "
            "infinite there."
        )
        yield info("out-of-reach", reason)


def _of_target(found: SystemComparison) -> Iterator[Note]:
    if found.ratio is None:
        return
    (a, b), what = found.names, f"a {found.response} of {number(found.target or 0.0)}"
    known = ~np.isnan(found.ratio)
    if known.any():
        low, median, high = (number(edge, 3) for edge in found.ratio_interval())
        spread = f" ({found.prob:.0%} interval {low} to {high})" if len(found) > 1 else ""
        yield info("ratio", f"For {what} {b} needs {median} times the budget of {a}{spread}.")
    if not known.all():
        share = (
            f"In {1 - known.mean():.1%} of the draws neither {a} nor {b} reaches {what}, or both do far below the range"
        )
        yield warning("target-out-of-reach", f"{share}.", "Those draws have no ratio; ask for a nearer target.")


def _draws(found: SystemComparison, systems: list[System], usable: np.ndarray) -> Iterator[Note]:
    first, second = (system.draws for system in systems)
    if not usable.all():
        reason = f"{int(np.sum(~usable))} of {len(usable)} draws have no finite response at every budget; left out."
        yield warning("nonfinite-draws", reason)
    if len(found) == 1:
        yield warning("no-uncertainty", "One set of parameters gives no interval.", "Pass fits or posteriors.")
    if found.paired == "draws independent" and share_runs(first, second):
        reason = "Both rest on the same runs, but their draws are independent, so that the difference looks less sure."
        yield info("unpaired", reason, "Bootstrap both with one key.")


def _amount(found: SystemComparison, value: float) -> str:
    """A budget with its unit."""
    return " ".join(filter(None, (number(value, 3), found.unit)))
