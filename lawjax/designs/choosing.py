r"""Which runs to add: greedy by what a run tells per FLOP, then exchanges, in one compiled program.

Each draw d has a covariance $\Sigma_d$ of the parameters, slopes $j_{di}$ of the law at candidate i, and roots $F_d$
of what matters, whose variance is $v_d = \operatorname{tr} F_d^\top \Sigma_d F_d$. A run with information $w_{di}$, one
over the variance of its response, takes from it

$$\Delta_{di} = \frac{w_{di} \, |F_d^\top \Sigma_d j_{di}|^2}{1 + w_{di} \, j_{di}^\top \Sigma_d j_{di}}.$$

The criterion is the mean over draws of $\log v_d$ or of $v_d$. Of all candidates only $F^\top \Sigma j$ and
$j^\top \Sigma j$ are carried along, so a step costs one product of slopes with one vector a draw. Removing a run is
adding it with information of the opposite sign.
"""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

ROUNDING = 1e-12
"""Share of the budget by which the runs may seem to exceed it."""
GAIN = 1e-9
"""An exchange must lower the criterion by more than this."""


class Question(NamedTuple):
    """What is asked of a choice; arrays lead with the draw axis, then the candidates'.

    Attributes:
        slopes: of the law, shape (draw, candidate, free).
        own: variance of a run's response that repeats average out, shape (draw, candidate).
        misfit: variance that repeats of one configuration share.
        covariance: of the parameters before, shape (draw, free, free).
        roots: F above, shape (draw, free, part).
        cost: of a run, shape (candidate,).
        budget: for all runs together.
        charge: what a run counts as costing at least, so that a choice is not spent on many tiny ones.
        repeats: the most runs of each candidate, shape (candidate,).
    """

    slopes: Any
    own: Any
    misfit: Any
    covariance: Any
    roots: Any
    cost: Any
    budget: Any
    charge: Any
    repeats: Any


class State(NamedTuple):
    """What is chosen so far and what follows from it.

    Attributes:
        covariance: of the parameters, shape (draw, free, free).
        crossed: F' Sigma j, shape (draw, candidate, part).
        spread: j' Sigma j, shape (draw, candidate).
        variance: of what matters, shape (draw,).
        count: runs of each candidate, shape (candidate,).
        left: of the budget.
    """

    covariance: Any
    crossed: Any
    spread: Any
    variance: Any
    count: Any
    left: Any


class Chosen(NamedTuple):
    """The runs that were chosen.

    Attributes:
        index: candidate of each run, -1 where fewer runs were chosen, shape (run,).
        value: fall of the criterion per unit of cost of a first run of each candidate, shape (candidate,).
        before: the variance of what matters without new runs, shape (draw,).
    """

    index: Any
    value: Any
    before: Any


@functools.partial(jax.jit, static_argnames=("logged", "most", "rounds"))
def chosen_runs(question: Question, logged: bool, most: int, rounds: int) -> Chosen:
    """The runs to make.

    Args:
        question: what is asked.
        logged: whether the criterion is the mean logarithm of the variance, or the mean variance.
        most: the most runs.
        rounds: how often every run is put up for exchange.
    """
    start = begin(question)
    first = jnp.full(most, -1)
    value = (_level(start.variance, logged) - _levels(question, start, logged)) / question.cost

    def grow(carry: tuple[Any, ...]) -> tuple[Any, ...]:
        state, index, place, _ = carry
        gain = _level(state.variance, logged) - _levels(question, state, logged)
        worth = jnp.where(_affordable(question, state), gain / jnp.maximum(question.cost, question.charge), -jnp.inf)
        best = jnp.argmax(worth)
        goes_on = worth[best] > 0
        grown = jax.lax.cond(goes_on, lambda: moved(question, state, best, 1), lambda: state)
        index = index.at[place].set(jnp.where(goes_on, best, -1))
        return grown, index, place + 1, goes_on

    def wants_more(carry: tuple[Any, ...]) -> Any:
        return (carry[2] < most) & carry[3]

    state, index, _, _ = jax.lax.while_loop(wants_more, grow, (start, first, 0, jnp.asarray(True)))

    def exchange(carry: tuple[Any, ...]) -> tuple[Any, ...]:
        state, index, step, still = carry
        state, index, lower = _exchanged(question, logged, step % most, state, index)
        return state, index, step + 1, jnp.where(lower, 0, still + 1)

    def improves(carry: tuple[Any, ...]) -> Any:
        return (carry[2] < rounds * most) & (carry[3] < most)

    _, index, _, _ = jax.lax.while_loop(improves, exchange, (state, index, 0, 0))
    return Chosen(index, value, start.variance)


@jax.jit
def variances_along(question: Question, index: Any) -> Any:
    """The variance of what matters after each run of a list, shape (run, draw); -1 stands for no run."""

    def add(state: State, chosen: Any) -> tuple[State, Any]:
        after = moved(question, state, jnp.maximum(chosen, 0), 1)
        state = jax.tree.map(lambda new, old: jnp.where(chosen >= 0, new, old), after, state)
        return state, state.variance

    return jax.lax.scan(add, begin(question), index)[1]


def begin(question: Question) -> State:
    """Nothing chosen."""
    toward = jnp.einsum("sij,sjr->sir", question.covariance, question.roots)
    crossed = jnp.einsum("ski,sir->skr", question.slopes, toward)
    spread = jnp.einsum("ski,sij,skj->sk", question.slopes, question.covariance, question.slopes)
    variance = jnp.einsum("sir,sir->s", question.roots, toward)
    count = jnp.zeros(question.cost.shape, jnp.int32)
    return State(question.covariance, crossed, spread, variance, count, jnp.asarray(question.budget))


def _weight(question: Question, count: Any, own: Any) -> Any:
    """Information of so many runs of a configuration: their own noise averages out, the law's misfit does not."""
    return count / (own + question.misfit * count)


def _added(question: Question, state: State) -> Any:
    """Information that one more run of each candidate adds, shape (draw, candidate)."""
    count = state.count[None].astype(question.own.dtype)
    return _weight(question, count + 1, question.own) - _weight(question, count, question.own)


def _levels(question: Question, state: State, logged: bool) -> Any:
    """The criterion after one more run of each candidate, shape (candidate,)."""
    added = _added(question, state)
    fall = added * jnp.sum(state.crossed**2, axis=2) / (1 + added * state.spread)
    return _level(state.variance[:, None] - fall, logged)


def _level(variance: Any, logged: bool) -> Any:
    """The criterion of variances, mean over the leading axis."""
    if not logged:
        return jnp.mean(variance, axis=0)
    return jnp.mean(jnp.log(jnp.maximum(variance, jnp.finfo(variance.dtype).tiny)), axis=0)


def _affordable(question: Question, state: State) -> Any:
    slack = question.budget * ROUNDING
    return (question.cost <= state.left + slack) & (state.count < question.repeats)


def moved(question: Question, state: State, index: Any, by: Any) -> State:
    """The state with one run of a candidate more (`by` 1) or less (-1)."""
    count, own = state.count[index].astype(question.own.dtype), question.own[:, index]
    added = _weight(question, count + by, own) - _weight(question, count, own)
    slope = question.slopes[:, index]
    toward = jnp.einsum("sij,sj->si", state.covariance, slope)
    shrink = added / (1 + added * state.spread[:, index])
    across = jnp.einsum("ski,si->sk", question.slopes, toward)
    crossed = state.crossed[:, index]
    return State(
        covariance=state.covariance - shrink[:, None, None] * toward[:, :, None] * toward[:, None, :],
        crossed=state.crossed - (shrink[:, None] * across)[:, :, None] * crossed[:, None, :],
        spread=state.spread - shrink[:, None] * across**2,
        variance=state.variance - shrink * jnp.sum(crossed**2, axis=1),
        count=state.count.at[index].add(by),
        left=state.left - by * question.cost[index],
    )


def _exchanged(question: Question, logged: bool, place: Any, state: State, index: Any) -> tuple[State, Any, Any]:
    """The choice with one of its runs, or a free place, given to the run that is best there; whether that helped."""
    old = index[place]
    without = jax.lax.cond(old >= 0, lambda: moved(question, state, old, -1), lambda: state)
    levels = jnp.where(_affordable(question, without), _levels(question, without, logged), jnp.inf)
    best = jnp.argmin(levels)
    now = _level(state.variance, logged)
    lower = levels[best] < now - (GAIN if logged else GAIN * now)
    state = jax.lax.cond(lower, lambda: moved(question, without, best, 1), lambda: state)
    return state, index.at[place].set(jnp.where(lower, best, old)), lower
