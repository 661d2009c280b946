"""`suggest`: the next runs, chosen for what they do for one decision."""

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from lawjax.costs.budget import Budget, as_budgets
from lawjax.costs.cost import SIX_ND, Cost, as_cost
from lawjax.designs.aim import Aim, Decision, aim_of
from lawjax.designs.candidates import Candidates, candidates_of
from lawjax.designs.choosing import Question, chosen_runs, variances_along
from lawjax.designs.known import Known, Seen
from lawjax.designs.suggestion import Suggestion
from lawjax.draws import Draws
from lawjax.errors import InputError, check_whole, choose
from lawjax.fitting.fit_result import Fit
from lawjax.laws.base import Law
from lawjax.planning.source import check_prob, usable_draws
from lawjax.precision import in_float64
from lawjax.verdict import Note, Verdict, info, warning

CRITERIA = ("information", "regret")
NUM_DRAWS = 64
MAX_RUNS = 256
REPEATS = 16
ROUNDS = 2
"""How often every run is put up for exchange at most."""
WIDE = 1.0
"""Standard deviation of the decision's logarithm beyond which a linear view of it is rough."""


MOSTLY = 0.9
"""Share of the budget below which it counts as left."""


@in_float64
def suggest(
    source: Any,
    candidates: Any,
    *,
    budget: Any,
    at: Budget | Mapping[str, Any] | None = None,
    decision: Decision | None = None,
    criterion: str = "information",
    cost: Cost | Any = SIX_ND,
    observed: Any = None,
    noise: float | None = None,
    misfit: float = 0.0,
    repeats: int = REPEATS,
    max_runs: int = MAX_RUNS,
    bounds: Mapping[str, Any] | None = None,
    held: Mapping[str, Any] | None = None,
    prob: float = 0.9,
    num_draws: int = NUM_DRAWS,
    law: Law | None = None,
    force: bool = False,
) -> Suggestion:
    r"""The next runs: those that shrink the interval of a decision most, within a budget.

    What is known is a covariance $\Sigma$ about each draw: one over the information of the runs of a fit, or that of
    the draws themselves. In each draw the law is taken as linear in the parameters about that draw, so a run takes
    $w (g^\top \Sigma j)^2 / (1 + w\, j^\top \Sigma j)$ from the variance of the decision, where $g$ and $j$ are the
    slopes of the decision and of the law at the run, and $1/w$ is the variance of its response. Runs are chosen one by
    one by the fall of the criterion per unit of cost, then exchanged while that helps.

    Args:
        source: a fit, draws or a posterior: what is known so far. Of a fit with a parameter at its edge, the draws are
            those of a Laplace posterior with the default priors, and the verdict says so.
        candidates: configurations that may be run: a dict of columns, a frame, `Runs`, or an `lj.space` of choices.
        budget: what all new runs may cost together: `lj.flops(1e21)`, or a number in the cost's unit.
        at: where the decision is: a budget to be spent well one day (its best inputs), or a mapping of inputs (the
            response there).
        decision: with a budget in `at`, the input whose optimum is to be known, or the response for the least loss; the
            first input of the law by default. Without `at`, a parameter, or a JAX function of the dict of parameters.
        criterion: "information", the mean over draws of the log variance of the decision; or "regret", the mean loss
            above the least for spending the budget in `at` on what is known after the runs, to second order.
        cost: of one run, and of spending `at`.
        observed: the runs that are there, where the source does not know them: the covariance about each draw is then
            one over their information. By default those of a fit; without any, the draws' own covariance counts.
        noise: standard deviation of one run's response in the residual space; by default what the source knows.
        misfit: standard deviation of what the law misses at a configuration, which repeats of it share: above 0 it
            spreads the runs.
        repeats: the most runs of one candidate, from different seeds.
        max_runs: the most runs. Each counts as costing at least the budget over this, so that a smaller number asks for
            fewer and larger runs.
        bounds, held: bounds of the inputs of the budget in `at`, and inputs held there, as for `allocate`.
        prob: probability of the intervals.
        num_draws: at most so many draws are averaged over.
        law: the law of plain parameters, given as arrays of draws.
        force: suggest even if the source's verdict is an error.
    Returns:
        A `Suggestion`: the runs, what they cost, what is expected after each, and the worth of every candidate.
    Raises:
        VerdictError: the source's verdict forbids a decision.
        InputError: too few draws, a decision that cannot be, or a budget that pays for no candidate.
    References:
        Chaloner & Verdinelli 1995; Krause, Singh & Guestrin 2008; Fedorov 1972 for exchanges.
    Example:
        >>> import lawjax as lj
        >>> truth = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37)
        >>> small = {"N": [1e7, 3e7, 1e8, 3e8] * 4, "D": [1e9] * 4 + [2e9] * 4 + [4e9] * 4 + [8e9] * 4}
        >>> fit = lj.fit(lj.laws.CHINCHILLA, lj.simulate(lj.laws.CHINCHILLA, truth, small, noise=0.003, key=0))
        >>> more = lj.space(N=lj.log_grid(1e7, 1e10, 10), D=lj.log_grid(1e9, 1e11, 10))
        >>> found = lj.suggest(fit, more, budget=lj.flops(1e20), at=lj.flops(1e23))
        >>> bool(found.spent <= 1e20), bool(found.sd[-1] < 0.5 * found.sd[0])
        (True, True)
    """
    _check(criterion, prob, repeats, max_runs, num_draws, misfit)
    draws, lost = usable_draws(source, law, "suggest", force)
    if isinstance(source, Fit) and source.edges and not (source.choices.fixed or source.choices.tied):
        draws, lost = _kept_from_the_edge(source), (*lost, _edge_note(source))
    cost = as_cost(cost)
    amount = _one_budget(budget, cost)
    offered = candidates_of(draws.law, candidates, cost)
    if not np.any(offered.cost <= amount.value):
        raise InputError(
            f"the cheapest candidate costs {offered.cost.min():.3g} {cost.unit}, more than the budget of {amount}. "
            "Raise the budget or offer smaller runs."
        )
    known = Known.of(draws, offered, num_draws, noise, Seen.of(source, observed, draws))
    aim = aim_of(known, at, decision, cost, bounds, held)
    if criterion == "regret" and aim.regret is None:
        raise InputError('criterion="regret" is of how a budget is spent: give it as at=lj.flops(1e24).')
    asked = _Asked(known, aim, offered, criterion, amount, float(misfit), repeats, max_runs)
    return _suggestion(asked, prob, lost)


def _check(criterion: str, prob: float, repeats: Any, max_runs: Any, num_draws: Any, misfit: Any) -> None:
    choose("criterion", criterion, CRITERIA)
    check_prob(prob)
    check_whole("repeats", repeats, 1)
    check_whole("max_runs", max_runs, 1)
    check_whole("num_draws", num_draws, 1)
    if isinstance(misfit, bool) or not isinstance(misfit, int | float) or not 0 <= misfit < np.inf:
        raise InputError(f"`misfit` must be 0 or a positive number, in the unit of `noise`, got {misfit!r}.")


def _kept_from_the_edge(fit: Fit) -> Draws:
    """Draws about what runs and default priors say together, where the runs alone sent a parameter to its edge.

    About such a fit the law has the wrong slopes: with a floor of 0, exponents are too small everywhere.
    """
    from lawjax.inference import sample

    return sample(fit.law, fit.runs, method="laplace", key=0).draws


def _edge_note(fit: Fit) -> Note:
    names = ", ".join(f"`{name}`" for name in fit.edges)
    reason = f"{names} went to the edge in the fit, so the draws are those of a Laplace posterior with default priors."
    return info("priors-added", reason, "Pass a posterior with priors of your own.")


def _one_budget(budget: Any, cost: Cost) -> Budget:
    found = as_budgets(budget, cost.unit)
    if len(found) > 1:
        raise InputError(f"`budget` is one amount for all new runs together, got {len(found)}. Ask for each by itself.")
    return next(iter(found))


@dataclasses.dataclass(frozen=True, eq=False)
class _Asked:
    """What was asked, and its parts as the program takes them."""

    known: Known
    aim: Aim
    offered: Candidates
    criterion: str
    amount: Budget
    misfit: float
    repeats: int
    max_runs: int

    @functools.cached_property
    def inside(self) -> np.ndarray:
        """The draws that count."""
        return np.flatnonzero(np.all(np.isfinite(self.aim.quantity.gradient), axis=1))

    def question(self, roots: np.ndarray) -> Question:
        """The question for these roots of what matters, shape (draw, free, part)."""
        return self._whole._replace(roots=jnp.asarray(roots[self.inside]))

    @functools.cached_property
    def _whole(self) -> Question:
        """The question but for what matters; the large arrays go to the device once."""
        known, kept = self.known, self.inside
        part = jnp.asarray if len(kept) == len(known.draws) else lambda array: jnp.asarray(array[kept])
        return Question(
            slopes=part(known.slopes),
            own=part(known.variances),
            misfit=np.float64(self.misfit**2),
            covariance=part(known.covariance),
            roots=None,
            cost=jnp.asarray(self.offered.cost),
            budget=np.float64(self.amount.value),
            charge=np.float64(self.amount.value / self.max_runs),
            repeats=np.full(len(self.offered), self.repeats),
        )


def _suggestion(asked: _Asked, prob: float, lost: tuple[Note, ...]) -> Suggestion:
    from scipy.stats import norm

    known, aim = asked.known, asked.aim
    decision = aim.quantity.gradient[:, :, None]
    roots = aim.regret if aim.regret is not None and asked.criterion == "regret" else decision
    question, logged = asked.question(roots), roots is decision
    chosen = chosen_runs(question, logged, asked.max_runs, ROUNDS)
    few, places = _alone(question, np.asarray(chosen.index))
    order = _together(np.asarray(chosen_runs(few, logged, asked.max_runs, 0).index))
    runs = places[order[order >= 0]]
    sd = np.exp(np.log(_along(few, decision[asked.inside], order)).mean(axis=1) / 2)
    regret = np.full(len(sd), np.nan)
    if aim.regret is not None:
        regret = _along(few, aim.regret[asked.inside], order).mean(axis=1)
    middle = dataclasses.replace(aim.quantity, value=np.median(aim.quantity.value[asked.inside]))
    picked, draws = asked.offered.take(runs), known.draws
    return Suggestion(
        law=draws.law.name, decision=aim.quantity.name, criterion=asked.criterion, index=runs, inputs=picked.columns,
        cost=picked.cost, budget=asked.amount.value, unit=asked.amount.unit, sd=sd,
        width=middle.width(sd, float(norm.ppf((1 + prob) / 2))), regret=regret, value=np.asarray(chosen.value),
        middle=float(middle.value), prob=prob, noise=float(np.sqrt(np.mean(known.variances))),
        num_draws=len(asked.inside), basis=draws.basis,
        verdict=draws.verdict + Verdict((*lost, *_notes(asked, sd, picked))),
    )  # fmt: skip


def _alone(question: Question, index: np.ndarray) -> tuple[Question, np.ndarray]:
    """The question with the chosen candidates alone, each as often as it was chosen, and the place of each."""
    found, counts = np.unique(index[index >= 0], return_counts=True)
    # As many as runs at most, so that one program serves all choices; the rest may not be chosen.
    spare = len(index) - len(found)
    places, repeats = np.pad(found, (0, spare)), np.pad(counts, (0, spare))
    few = question._replace(
        slopes=question.slopes[:, places], own=question.own[:, places], cost=question.cost[places],
        repeats=repeats, budget=np.float64(np.inf),
    )  # fmt: skip
    return few, places


def _together(index: np.ndarray) -> np.ndarray:
    """The same runs, those of one candidate after each other, in the order of the first of each; -1 at the end."""
    found, first, counts = np.unique(index[index >= 0], return_index=True, return_counts=True)
    order = np.argsort(first)
    runs = np.repeat(found[order], counts[order])
    return np.pad(runs, (0, len(index) - len(runs)), constant_values=-1)


def _along(question: Question, roots: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The variance of what matters before any run and after each, shape (run + 1, draw)."""
    question = question._replace(roots=jnp.asarray(roots))
    before = jnp.einsum("sir,sij,sjr->s", question.roots, question.covariance, question.roots)
    after = np.asarray(variances_along(question, order))[: np.sum(order >= 0)]
    return np.concatenate([np.asarray(before)[None], after])


def _notes(asked: _Asked, sd: np.ndarray, picked: Candidates) -> Iterator[Note]:
    """What a reader must know of a suggestion."""
    if asked.aim.lost:
        reason = f"In {asked.aim.lost} of {len(asked.known.draws)} draws the optimum is at its bounds: left out."
        yield warning("at-bounds", reason, "Widen `bounds` unless they are real.")
    if sd[0] > WIDE:
        reason = f"The decision is known to a factor of {np.exp(sd[0]):.3g} now, which is wide for a linear view."
        yield warning("rough", reason, "Make part of these runs, refit, and ask again.")
    if len(picked) and len(np.unique(np.stack(list(_flat(picked)), axis=1), axis=0)) <= asked.known.slopes.shape[2]:
        reason = "The runs are at few configurations: best where the law is right, blind to where it is not."
        yield info("few-configurations", reason, "Spread them with `misfit` or fewer `repeats`, and refit in between.")
    if len(picked) == asked.max_runs and picked.cost.sum() < MOSTLY * asked.amount.value:
        yield info(
            "max-runs", f"`max_runs` ({asked.max_runs}) ended the list with budget left.", "Raise it for more runs."
        )


def _flat(picked: Candidates) -> Iterator[np.ndarray]:
    return (column.reshape(len(picked), -1)[:, 0] for column in picked.inputs.values())
