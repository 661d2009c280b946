"""Transfer: how much pretraining pays before fine-tuning."""

from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero
from lawjax.laws.downstream import TRANSFER_SCORE
from lawjax.laws.terms import power


def break_even_tokens(source: Source, score: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    r"""Pretraining tokens after which a fine-tuned model reaches a score, such as that of training from scratch.

    With the paper's constants $D_p^* = \big(e^{f_0^{1/\beta}} / A\big)^{1/\alpha}$.

    Args:
        source: a fit, posterior or draws of `transfer_score`, or a dict of its parameters.
        score: the score to reach, above 0 [unit of the law's score].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with D_p [tokens].
    Raises:
        InputError: a source of another law, or a score that is not above 0.
        VerdictError: the source's verdict forbids it, as where the score does not rise with pretraining.
    References:
        Isik et al. 2024, arXiv:2402.04177.
    Example:
        >>> import lawjax as lj
        >>> law = dict(s=4.0, D_0=1e5, beta=0.8)
        >>> f"{lj.decisions.break_even_tokens(law, 25.0)['D_p']:.3g}"
        '1.96e+09'
    """
    score = above_zero("score", score)
    return decide(
        source,
        _break_even,
        question=f"After how many pretraining tokens is the score {score:g}?",
        laws=(TRANSFER_SCORE,),
        units={"D_p": "pretraining tokens"},
        held={"score": score},
        method="closed form",
        prob=prob,
        force=force,
    )


def _break_even(params: Any, held: Any) -> dict[str, Any]:
    return {"D_p": params["D_0"] * jnp.exp(power(held["score"] / params["s"], 1 / params["beta"]))}
