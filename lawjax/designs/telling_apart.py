r"""How many runs tell two laws apart.

Fitted to the other law's runs, a wrong law leaves residuals that noise does not average out. With $\lambda$ their sum
of squares over the variance of the noise, the difference of the two laws' sums of squares after m repeats is normal
with mean $m \lambda$ and variance $4 m \lambda$ in units of that variance (Vuong 1989). AIC adds twice the difference
in parameters, of which the fits themselves take back half.
"""

import numpy as np

from lawjax.costs.cost import Cost
from lawjax.data.runs import Runs
from lawjax.designs.planned import Planned
from lawjax.designs.power_result import Power
from lawjax.designs.repeats import least_whole, shown_repeats
from lawjax.errors import InputError
from lawjax.fitting.many import fit_each
from lawjax.laws.base import Law, over_draws
from lawjax.verdict import Verdict, error


def between_laws(planned: Planned, against: Law, power: float, cost: Cost) -> Power:
    """The repeats of a design after which the right law is preferred with a probability.

    Args:
        planned: the design, and the right law with its parameters.
        against: the wrong law.
        power: the probability.
        cost: of a run.
    Raises:
        InputError: laws of other inputs or responses.
    """
    from scipy.stats import norm

    apart = _noncentrality(planned, against)
    spare = len(against.params) - len(planned.draws.law.params)

    def chance(times: float) -> float:
        total = times * apart
        return float(np.median(norm.cdf((total + spare) / (2 * np.sqrt(np.maximum(total, 1e-300))))))

    needed = least_whole(lambda times: 1.0 - chance(times), 1.0 - power)
    shown = np.array(shown_repeats(needed, True))
    runs, (paid, unit) = planned.num_runs, planned.plan.cost(cost)
    unknown = np.full(len(shown), np.nan)
    reason = f"Fitted to these runs, {against.name!r} says the same as {planned.draws.law.name!r}."
    never = () if np.isfinite(needed) else (error("never-enough", reason, "Change the design."),)
    return Power(
        question=f"{planned.draws.law.name} told from {against.name}, power {power:g}", needed=needed,
        needed_runs=needed * runs, needed_cost=needed * paid, unit=unit, repeats=shown, runs=shown * runs,
        cost=shown * paid, sd=unknown, width=unknown, power=np.array([chance(times) for times in shown]), prob=power,
        num_draws=len(planned.draws), verdict=Verdict(never),
    )  # fmt: skip


def _noncentrality(planned: Planned, against: Law) -> np.ndarray:
    """What the other law, fitted to these runs without noise, leaves of them over the noise's variance, per draw."""
    law, inputs, space = planned.draws.law, planned.plan.inputs, planned.problem.space
    if set(against.inputs) != set(law.inputs) or against.response != law.response:
        raise InputError(
            f"{against.name!r} predicts {against.response} from {list(against.inputs)}, {law.name!r} {law.response} "
            f"from {list(law.inputs)}; they can be told apart only on the same runs."
        )
    clean = np.asarray(over_draws(law, planned.draws.params, inputs))
    # The fit asks for more runs than parameters; repeats without noise change nothing.
    tables = {i: _twice(Runs.from_columns(**inputs, **{law.response: row})) for i, row in enumerate(clean)}
    fits = fit_each(against, tables, loss="squared", residual=space, force=True)
    num = len(planned.plan)
    missed = np.stack([fit.residuals[:num] for fit in fits.values()])
    return np.sum(missed**2 / planned.variances, axis=1)


def _twice(runs: Runs) -> Runs:
    return runs.take(np.tile(np.arange(len(runs)), 2))
