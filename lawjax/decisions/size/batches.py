"""How large a batch and how many steps: the critical batch, and what a loss costs at any other."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero
from lawjax.laws.size import CRITICAL_BATCH_SIZE, KAPLAN_NSB
from lawjax.laws.size.loss import kaplan_n
from lawjax.laws.size.steps import critical_batch_size

__all__ = ["critical_batch", "steps_and_tokens"]

Params = Mapping[str, Any]
STEP_UNITS = {
    "S": "steps",
    "tokens": "tokens",
    "C": "FLOP",
    "S_min": "steps",
    "tokens_min": "tokens",
    "B_crit": "tokens per step",
}


def critical_batch(source: Source, loss: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    """The batch with the best trade of time for compute at a loss: twice the least steps for twice the least tokens.

    Args:
        source: a fit, draws, a posterior, published coefficients or their name, or parameters of the critical batch's
            law; of that or of Kaplan's L(N, S, B).
        loss: the loss at which it is asked for [nats/token].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `B_crit` [tokens per step], one per draw.
    Raises:
        InputError: a law of something else, or a loss that is not above 0.
        VerdictError: the source's verdict forbids a decision.
    References:
        Kaplan et al. 2020, arXiv:2001.08361, equation 1.4.
    Example:
        >>> import lawjax as lj
        >>> f"{lj.decisions.critical_batch('kaplan2020-critical-batch', 3.0)['B_crit']:.3e}"
        '1.069e+06'
    """
    loss = above_zero("loss", loss)
    return decide(
        source,
        _critical,
        question=f"critical batch at a loss of {loss:g}",
        laws=(CRITICAL_BATCH_SIZE, KAPLAN_NSB),
        units={"B_crit": "tokens per step"},
        held={"loss": loss},
        method="closed form",
        prob=prob,
        force=force,
    )


def steps_and_tokens(
    source: Source, loss: float, N: float, *, B: float | None = None, prob: float = 0.9, force: bool = False
) -> Answer:
    r"""The steps, tokens and compute that a model of N parameters takes to reach a loss at a batch.

    $S = S_{\min} (1 + B_{\text{crit}} / B)$ and $E = E_{\min} (1 + B / B_{\text{crit}})$.

    Args:
        source: a fit, draws, a posterior, published coefficients or their name, or parameters of Kaplan's L(N, S, B).
        loss: the loss to reach [nats/token].
        N: non-embedding parameters [count].
        B: batch [tokens per step]; the critical one of each draw where None.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `S` [steps], `tokens` and `C` [FLOP, 6 N tokens] at the batch; the least steps `S_min` that any batch takes,
        the least tokens `tokens_min`, and `B_crit`. NaN in draws in which N parameters never reach the loss.
    Raises:
        InputError: another law, or a number that is not above 0.
        VerdictError: the source's verdict forbids a decision.
    References:
        Kaplan et al. 2020, arXiv:2001.08361, equations 5.3 and 5.4.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.steps_and_tokens("nanogpt-nsb", 4.4354, 1e6, B=524288)
        >>> f"{answer['S']:.0f} {answer['S_min']:.0f}"
        '9999 9316'
    """
    loss, N = above_zero("loss", loss), above_zero("N", N)
    held = {"loss": loss, "N": N} | ({} if B is None else {"B": B})
    return decide(
        source,
        _at_critical_batch if B is None else _at_batch,
        question=f"steps and tokens for a loss of {loss:g} with {N:.3g} parameters",
        laws=(KAPLAN_NSB,),
        units=STEP_UNITS,
        held=held,
        method="closed form",
        prob=prob,
        force=force,
    )


def _critical(params: Params, held: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"B_crit": critical_batch_size(held["loss"], B_star=params["B_star"], alpha_B=params["alpha_B"])}


def _at_batch(params: Params, held: Mapping[str, Any]) -> Mapping[str, Any]:
    critical = _critical(params, held)["B_crit"]
    return _steps(params, held, held["B"] / critical, critical)


def _at_critical_batch(params: Params, held: Mapping[str, Any]) -> Mapping[str, Any]:
    return _steps(params, held, 1.0, _critical(params, held)["B_crit"])


def _steps(params: Params, held: Mapping[str, Any], ratio: Any, critical: Any) -> Mapping[str, Any]:
    """Steps and tokens at a batch of `ratio` critical ones."""
    left = held["loss"] - kaplan_n(held["N"], N_c=params["N_c"], alpha_N=params["alpha_N"])
    least_steps = params["S_c"] * jnp.exp(-jnp.log(left) / params["alpha_S"])
    least_tokens = least_steps * critical
    tokens = least_tokens * (1.0 + ratio)
    return {
        "S": least_steps * (1.0 + 1.0 / ratio),
        "tokens": tokens,
        "C": 6.0 * held["N"] * tokens,
        "S_min": least_steps,
        "tokens_min": least_tokens,
        "B_crit": critical,
    }
