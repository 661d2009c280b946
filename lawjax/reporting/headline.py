"""The first lines of a report: the plan or the prediction, how sure it is, and what to beware of."""

import numpy as np

from lawjax.prediction import predict
from lawjax.reporting.findings import AHEAD, PROB, Findings
from lawjax.reporting.page import Fact, Headline
from lawjax.reporting.words import plain, power_of_ten, quantity, span, with_unit
from lawjax.verdict import Severity

PERCENT = f"{PROB:.0%}"
BADGES = {"ok": "no doubts found", "warning": "use with care", "error": "do not decide on this"}


def headline(found: Findings) -> Headline:
    """The answer of the report."""
    answer, facts = _of_plan(found) if found.plan is not None else _of_law(found)
    intervals = f"intervals are central {PERCENT}, {found.draws.origin}, {len(found.draws)} draws."
    none = f"there are no intervals, because there is one set of parameters ({found.draws.origin})."
    basis = f"{found.law.name} fitted to {len(found.runs)} runs; {intervals if found.spreads else none}"
    facts = facts if found.spreads else tuple(fact._replace(detail="") for fact in facts)
    return Headline(answer, basis, facts, found.verdict.grade, _caution(found))


def _of_plan(found: Findings) -> tuple[str, tuple[Fact, ...]]:
    plan, law = found.plan, found.law
    assert plan is not None
    assert found.budget is not None
    chosen = {name: float(values[0]) for name, values in plan.inputs.items()}
    parts = [quantity(value, law.inputs[name]) + f" {law.inputs[name].unit or name}" for name, value in chosen.items()]
    answer = f"With {power_of_ten(found.budget.value)} {found.budget.unit}, train {' on '.join(parts)}."
    facts = [_chosen_fact(found, name) for name in chosen]
    ratio = plan.tokens_per_parameter
    if ratio is not None:
        ratios = plan.optima["D"][0] / plan.optima["N"][0] if {"N", "D"} <= set(plan.optima) else ratio
        low, high = np.quantile(ratios, [(1 - PROB) / 2, (1 + PROB) / 2])
        facts.append(Fact("tokens per parameter", plain(float(ratio[0])), span(float(low), float(high), plain)))
    low, high = (float(edge[0]) for edge in plan.loss_interval)
    detail = span(low, high, _four) + _new_run(found, chosen)
    facts.append(Fact(with_unit(law.response, law.unit), plain(float(plan.loss[0]), 4), detail))
    return answer, tuple(facts)


def _chosen_fact(found: Findings, name: str) -> Fact:
    plan = found.plan
    assert plan is not None
    variable = found.law.inputs[name]
    low, high = (float(edge[0]) for edge in plan.interval(name))
    edges = span(low, high, lambda value: quantity(value, variable))
    return Fact(with_unit(name, variable.unit), quantity(float(plan.inputs[name][0]), variable), edges)


def _new_run(found: Findings, inputs: dict[str, float]) -> str:
    """Where a single run at these inputs may end, noise included."""
    if not found.draws.noise.known or set(inputs) != set(found.law.inputs):
        return ""
    band = predict(found.draws, inputs, kind="new_run", prob=PROB)
    return f"; a single run {span(float(band.low[0]), float(band.high[0]), _four)}"


def _of_law(found: Findings) -> tuple[str, tuple[Fact, ...]]:
    law = found.law
    if len(law.inputs) != 1 or any(variable.size is not None for variable in law.inputs.values()):
        return f"{law.name} fitted to {len(found.runs)} runs. No plan is given.", _quality(found)
    ((name, variable),) = law.inputs.items()
    furthest = AHEAD * float(np.max(np.asarray(found.runs[name])))
    band = predict(found.draws, {name: furthest}, prob=PROB)
    low, middle, high = (float(edge[0]) for edge in (band.low, band.median, band.high))
    where = f"{name} = {quantity(furthest, variable)}, {AHEAD:g} times the largest run"
    answer = f"At {where}, {law.response} is predicted at {_four(middle)}."
    detail = span(low, high, _four) + _new_run(found, {name: furthest})
    return answer, (Fact(with_unit(law.response, law.unit), _four(middle), detail), *_quality(found))


def _quality(found: Findings) -> tuple[Fact, ...]:
    quality = found.fit.quality
    return (
        Fact("R²", plain(quality["r_squared_raw"], 4)),
        Fact("typical error", plain(quality["rmse_raw"], 2), with_unit("RMSE", found.law.unit)),
    )


def _caution(found: Findings) -> str:
    """The worst note, in one line."""
    if found.plan is None and found.budget is not None:
        return found.refusal
    if not found.budget_given and found.budget is not None:
        start = f"No budget was given; this one is {AHEAD:g} times the largest run. "
    else:
        start = ""
    worst = [note for note in found.verdict.notes if note.severity >= Severity.WARNING][:2]
    return start + " ".join(f"{note.reason} {note.fix}" for note in worst)


def _four(value: float) -> str:
    return plain(value, 4)
