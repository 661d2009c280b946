"""Chains from size and tokens to a score: put together, and solved for the tokens or the size."""

import functools
from typing import Any

from lawjax.decisions.answer import Answer, Solve, Source, decide
from lawjax.decisions.choosing import laws_for
from lawjax.decisions.held import above_zero, between
from lawjax.decisions.joining import beside, part
from lawjax.draws import Draws, as_draws
from lawjax.errors import InputError
from lawjax.laws.base import Law
from lawjax.laws.downstream import CHINCHILLA_SCORE, LOSS_TO_SCORE, TASK_SCORE, scored
from lawjax.laws.downstream.chains import names_in_chain
from lawjax.laws.roots import root
from lawjax.laws.terms import logit, power

CHAINS = (TASK_SCORE, CHINCHILLA_SCORE)
METHOD = "closed form: the sigmoid inverted, then the loss"
FAR = 1e20
"""How far beyond its usual values the size, or the tokens, of a chain without a closed form is looked for."""


def chained(losses: Source, scores: Source) -> Draws:
    """Draws of a chain from size and tokens to a score, out of its two steps.

    The steps are fitted apart, each to its own runs; their draws are put together in pairs.

    Args:
        losses: a fit, posterior, draws or published coefficients of a law of the loss.
        scores: the same of `loss_to_score`, or a dict of its parameters.
    Returns:
        `Draws` of `lawjax.laws.scored(the law of the loss)`, for `predict` and for the decisions on scores.
    Raises:
        InputError: a second source of another law, or numbers of draws that differ.
    References:
        Bhagia et al. 2024, arXiv:2412.04403; Xiao et al. 2024, arXiv:2412.04315.
    Example:
        >>> import lawjax as lj
        >>> link = dict(floor=0.25, ceiling=0.95, gamma=3.0, L_0=2.2)
        >>> draws = lj.decisions.chained("hoffmann2022", link)
        >>> round(float(lj.predict(draws, {"N": 7e9, "D": 2e12}).median[0]), 3)
        0.692
    """
    first = as_draws(losses)
    second = as_draws(scores, LOSS_TO_SCORE)
    both = beside(first, {"scores": second}, first.law, (LOSS_TO_SCORE,))
    losses_there = {new: both.params[name] for name, new in names_in_chain(first.law).items()}
    return Draws(
        law=scored(first.law),
        params={**losses_there, **part(both.params, "scores")},
        observed=first.observed,
        origin=f"{first.origin}; then {second.origin}",
        verdict=both.verdict,
        basis=first.basis,
    )


def tokens_for_score(source: Source, score: float, N: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    r"""Training tokens with which a model of N parameters reaches a score on a task.

    $\hat L = L_0 + \frac1\gamma \log\frac{\text{ceiling} - S}{S - \text{floor}}$, then the loss law is solved for D.

    Args:
        source: draws of a chain from N and D (see `chained`), or a dict of the parameters of `TASK_SCORE` or
            `CHINCHILLA_SCORE`; `inputs_for_target` answers for chains from other inputs.
        score: the score to reach, from 0 to 1.
        N: model parameters [count].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with D [tokens] and loss; no answer in a draw whose ceiling, or whose size, forbids the score.
    Raises:
        InputError: a source of another law, or a score or size that cannot be.
    References:
        Xiao et al. 2024, arXiv:2412.04315, equations 2 to 4; Bhagia et al. 2024, arXiv:2412.04403.
    Example:
        >>> import lawjax as lj
        >>> link = dict(floor=0.25, ceiling=0.95, gamma=3.0, L_0=2.2)
        >>> chain = lj.decisions.chained("hoffmann2022", link)
        >>> f"{lj.decisions.tokens_for_score(chain, 0.68, 7e9)['D']:.3g}"
        '1.15e+12'
    """
    score, N = between("score", score, 0.0, 1.0), above_zero("N", N)
    chain, solves = _chain(source)
    return decide(
        chain,
        solves["D"],
        question=f"How many tokens take a model of {N:g} parameters to a score of {score:g}?",
        laws=(chain.law,),
        units={"D": "tokens", "loss": "nats/token"},
        held={"score": score, "N": N},
        method=METHOD if chain.law in CHAINS else "law inverted",
        prob=prob,
        force=force,
    )


def effective_size(
    source: Source, score: float, *, N: float | None = None, D: float = 1e12, prob: float = 0.9, force: bool = False
) -> Answer:
    r"""Size at which a reference model reaches a score, and the density of a model that has it with N parameters.

    $$\hat N(S) = \Big(\frac{\hat L(S) - b D^{-\beta}}{a}\Big)^{-1/\alpha}, \qquad \rho = \hat N(S) / N$$

    Near the floor or the ceiling of the score the size is the logarithm of a difference: read the interval.

    Args:
        source: draws of a chain of reference models, as for `tokens_for_score`.
        score: the score, from 0 to 1.
        N: parameters of the model whose density is asked [count]; None asks for the size alone.
        D: training tokens of the reference [tokens]; the paper takes 1e12.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with size [parameters] and, where N is given, density.
    Raises:
        InputError: a source of another law, or a score, size or number of tokens that cannot be.
    References:
        Xiao et al. 2024, arXiv:2412.04315, equations 1 and 4.
    Example:
        >>> import lawjax as lj
        >>> link = dict(floor=0.25, ceiling=0.95, gamma=3.0, L_0=2.2)
        >>> chain = lj.decisions.chained("hoffmann2022", link)
        >>> f"{lj.decisions.effective_size(chain, 0.68, N=5e9)['density']:.2f}"
        '1.57'
    """
    score = between("score", score, 0.0, 1.0)
    units = {"size": "parameters"} | ({} if N is None else {"density": ""})
    chain, solves = _chain(source)
    return decide(
        chain,
        solves["N"],
        question=f"How large is the reference model with a score of {score:g}?",
        laws=(chain.law,),
        units=units,
        held={"score": score, "D": D} | ({} if N is None else {"N": N}),
        method=METHOD if chain.law in CHAINS else "law inverted",
        prob=prob,
        force=force,
    )


def _chain(source: Source) -> tuple[Draws, dict[str, Solve]]:
    """The draws of a chain from N and D, and what solves it for either."""
    draws = as_draws(source, laws_for(source, CHAINS)[0])
    law = draws.law
    if set(law.inputs) != {"N", "D"} or not set(LOSS_TO_SCORE.params) <= set(law.params):
        raise InputError(
            f"this decision is for a chain from N and D to a score, as `chained` makes it, and the source is of "
            f"{law.name!r}. `inputs_for_target` solves any law for any one of its inputs."
        )
    return draws, {"D": _tokens, "N": _size} if law in CHAINS else _inverted(law)


@functools.cache
def _inverted(law: Law) -> dict[str, Solve]:
    """What solves a chain without a closed form: the root in either input, on the scale of the logit."""

    def found(free: str, params: Any, held: Any) -> Any:
        def excess(x: Any) -> Any:
            score = law.fn(*(x if name == free else held[name] for name in law.inputs), **params)
            return logit(score, *ends) - logit(held["score"], *ends)

        ends = params["floor"], params["ceiling"]
        low, high = law.inputs[free].usual or (1.0, 1.0)
        return root(excess, low / FAR, high * FAR)

    def tokens(params: Any, held: Any) -> dict[str, Any]:
        return {"D": found("D", params, held), "loss": _reached_loss(params, held)}

    def size(params: Any, held: Any) -> dict[str, Any]:
        size = found("N", params, held)
        return {"size": size, "density": size / held.get("N", 1.0)}

    return {"D": tokens, "N": size}


def _reached_loss(params: Any, held: Any) -> Any:
    """The loss at which the sigmoid gives the score; NaN outside floor and ceiling."""
    return params["L_0"] - logit(held["score"], params["floor"], params["ceiling"]) / params["gamma"]


def _loss_terms(params: Any) -> tuple[Any, Any, Any]:
    """Floor of the loss and scales of its terms, in the letters of either chain."""
    return (params["E"], params["A"], params["B"]) if "E" in params else (0.0, params["a"], params["b"])


def _tokens(params: Any, held: Any) -> dict[str, Any]:
    loss, (floor, a, b) = _reached_loss(params, held), _loss_terms(params)
    left = loss - floor - a / power(held["N"], params["alpha"])
    return {"D": power(left / b, -1 / params["beta"]), "loss": loss}


def _size(params: Any, held: Any) -> dict[str, Any]:
    loss, (floor, a, b) = _reached_loss(params, held), _loss_terms(params)
    left = loss - floor - b / power(held["D"], params["beta"])
    size = power(left / a, -1 / params["alpha"])
    return {"size": size, "density": size / held.get("N", 1.0)}
