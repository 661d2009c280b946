"""Repeated data: loss when tokens are seen more than once, and the damage of repeating a small part often."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive
from lawjax.laws.size.loss import NATS, SIZE, TOKENS, chinchilla
from lawjax.laws.terms import bump, power, repeats_worth

EPOCHS = Variable(unit="passes over the unique data", kind="number", usual=(1.0, 64.0))


def size_for_tokens(D: Any, *, A: Any, alpha: Any, B: Any, beta: Any) -> Any:
    r"""The size that D tokens are best spent on under a budget of 6ND: $\alpha A N^{-\alpha} = \beta B D^{-\beta}$."""
    return power(alpha * A / (beta * B) * power(D, beta), 1 / alpha)


def data_constrained(
    N: ScalarLike,
    D: ScalarLike,
    epochs: ScalarLike,
    *,
    E: ScalarLike,
    A: ScalarLike,
    alpha: ScalarLike,
    B: ScalarLike,
    beta: ScalarLike,
    R_D_star: ScalarLike,
    R_N_star: ScalarLike,
) -> Scalar:
    r"""Loss of a model with N parameters trained on D tokens, which are several passes over fewer unique ones.

    $$L = E + A N'^{-\alpha} + B D'^{-\beta}, \quad
    D' = U_D \big(1 + R_D^* (1 - e^{-R_D / R_D^*})\big), \quad
    N' = U_N \big(1 + R_N^* (1 - e^{-R_N / R_N^*})\big)$$

    Here U_D = D / epochs are the unique tokens and R_D = epochs - 1 the repeats; U_N = min(N, the size for which U_D
    tokens are the best choice) and R_N = N / U_N - 1. With both constants infinite it is Chinchilla.

    Args:
        N: model parameters [count].
        D: training tokens seen, repeats counted [tokens].
        epochs: passes over the unique tokens, D over unique tokens; below 1 counts as 1.
        E: irreducible loss [nats/token].
        A, alpha: scale and exponent of the size term.
        B, beta: scale and exponent of the data term.
        R_D_star: repeats after which a further one is worth 1/e of the first pass.
        R_N_star: the same for parameters beyond those that the unique tokens call for.
    Returns:
        Validation cross-entropy [nats/token].
    References:
        Muennighoff et al. 2023, arXiv:2305.16264, equations 5 and 6; the code of huggingface/datablations.
    """
    unique = D / jnp.maximum(epochs, 1.0)
    matched = jnp.minimum(N, size_for_tokens(unique, A=A, alpha=alpha, B=B, beta=beta))
    useful_N = matched * (1.0 + repeats_worth(N / matched - 1.0, R_N_star))
    useful_D = unique * (1.0 + repeats_worth(D / unique - 1.0, R_D_star))
    return chinchilla(useful_N, useful_D, E=E, A=A, alpha=alpha, B=B, beta=beta)


def repeated_data(
    N: ScalarLike, repeats: ScalarLike, *, h: ScalarLike, w: ScalarLike, c: ScalarLike, k: ScalarLike
) -> Scalar:
    r"""A form of our own: what is left of a model's size when a small part of its data is repeated often.

    $$\ln \frac{N_\text{eff}}{N} = -h \exp\!\Big(-\frac{(\ln R - \ln R^*)^2}{2 w^2}\Big), \quad R^*(N) = c\, N^k$$

    The harm is greatest at R* repeats and fades on both sides, as in the double descent that the paper describes
    in words. N_eff is the size that reaches the same loss on data without repeats: see `effective_size`.

    Args:
        N: model parameters [count].
        repeats: times that the small part is seen.
        h: depth: exp(-h) is what is left at the worst number of repeats.
        w: width in log repeats.
        c, k: scale and exponent of the worst number of repeats.
    Returns:
        N_eff / N, from 0 to 1.
    References:
        Hernandez et al. 2022, arXiv:2205.10487 (the finding; it prints no formula for it).
    """
    return jnp.exp(-(h * bump(repeats, jnp.log(c) + k * jnp.log(N), w)))


DATA_CONSTRAINED = Law(
    fn=data_constrained,
    response="loss",
    inputs=dict(N=SIZE, D=TOKENS, epochs=EPOCHS),
    falls=("N", "D"),
    rises=("epochs",),
    unit=NATS,
    params=dict(
        E=positive(0.2, 4.0),
        A=positive(1e1, 1e4, dims={"N": "alpha"}),
        alpha=positive(0.1, 1.0),
        B=positive(1e1, 1e4, dims={"D": "beta"}),
        beta=positive(0.1, 1.0),
        R_D_star=positive(1.0, 100.0),
        R_N_star=positive(1.0, 100.0),
    ),
    linear=("E",),
    reference="muennighoff2023",
)
REPEATED_DATA = Law(
    fn=repeated_data,
    response="size_ratio",
    inputs=dict(
        N=Variable(unit="parameters", kind="count", usual=(1e6, 1e9)),
        repeats=Variable(unit="times seen", kind="number", usual=(1.0, 1e3)),
    ),
    params=dict(
        h=positive(0.1, 1.5),
        w=positive(0.3, 2.0),
        c=positive(1e-2, 10.0, dims={"N": "-k"}, centred=(3.0, 300.0)),
        k=positive(0.2, 0.6),
    ),
    reference="hernandez2022",
)
