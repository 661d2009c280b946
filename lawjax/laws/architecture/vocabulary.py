"""Vocabulary size: tokens per character, unigram-normalised loss, and how the best vocabulary grows."""

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive, real
from lawjax.laws.terms import log_polynomial, power, scaled_power

LARGEST = 200_000
"""Vocabulary beyond which tokens per character are taken as constant."""


def tokens_per_character(V: ScalarLike, *, a: ScalarLike, b: ScalarLike, c: ScalarLike) -> Scalar:
    r"""Tokens that a tokenizer with V words makes of one character.

    $$f(V) = a \log^2 \min(V, 200000) + b \log \min(V, 200000) + c$$

    Args:
        V: words in the vocabulary [count].
        a, b, c: coefficients of the log-polynomial, highest power first.
    Returns:
        Tokens per character; D = H f(V) tokens are H characters.
    References:
        Tao et al. 2024, arXiv:2407.13623, and sail-sg/scaling-with-vocab, `utils.py`.
    """
    return log_polynomial(jnp.minimum(V, LARGEST), (c, b, a))


def vocabulary_loss_untied(
    N_nv: ScalarLike,
    N_v: ScalarLike,
    D: ScalarLike,
    *,
    E: ScalarLike,
    A1: ScalarLike,
    alpha1: ScalarLike,
    A2: ScalarLike,
    alpha2: ScalarLike,
    B: ScalarLike,
    beta: ScalarLike,
) -> Scalar:
    r"""Unigram-normalised loss, each of the three powers with an exponent of its own.

    $$L_u(N_{nv}, N_v, D) = -E + A_1 N_{nv}^{-\alpha_1} + A_2 N_v^{-\alpha_2} + B D^{-\beta}$$

    Six sizes of model barely hold alpha1: it may run to 0 with E and A1 to infinity, so prefer the tied form.

    Args:
        N_nv: parameters outside the vocabulary [count].
        N_v: parameters of the vocabulary, words times width [count].
        D: training tokens [tokens].
        E: what is gained over a unigram model without limits on size and data [nats/token].
        A1, alpha1: scale and exponent of the term of the parameters outside the vocabulary.
        A2, alpha2: scale and exponent of the term of the vocabulary.
        B, beta: scale and exponent of the data term.
    Returns:
        Cross-entropy minus that of a unigram model, below 0 for a model that has learnt [nats/token].
    References:
        Tao et al. 2024, arXiv:2407.13623, approach 3.
    """
    return A1 / power(N_nv, alpha1) + A2 / power(N_v, alpha2) + B / power(D, beta) - E


def vocabulary_loss(
    N_nv: ScalarLike,
    N_v: ScalarLike,
    D: ScalarLike,
    *,
    E: ScalarLike,
    A1: ScalarLike,
    A2: ScalarLike,
    alpha2: ScalarLike,
    B: ScalarLike,
    beta: ScalarLike,
) -> Scalar:
    r"""Unigram-normalised loss of a model with N_v parameters in its vocabulary and N_nv elsewhere.

    $$L_u(N_{nv}, N_v, D) = -E + A_1 N_{nv}^{-\beta} + A_2 N_v^{-\alpha_2} + B D^{-\beta}$$

    Size and data share the exponent beta, so that both grow alike with compute.

    Args:
        N_nv: parameters outside the vocabulary [count].
        N_v: parameters of the vocabulary, words times width [count].
        D: training tokens [tokens].
        E: what is gained over a unigram model without limits on size and data [nats/token].
        A1: scale of the term of the parameters outside the vocabulary.
        A2, alpha2: scale and exponent of the term of the vocabulary.
        B: scale of the data term.
        beta: exponent of the first and the last term.
    Returns:
        Cross-entropy minus that of a unigram model, below 0 for a model that has learnt [nats/token].
    References:
        Tao et al. 2024, arXiv:2407.13623, approach 3.
    """
    return vocabulary_loss_untied(N_nv, N_v, D, E=E, A1=A1, alpha1=beta, A2=A2, alpha2=alpha2, B=B, beta=beta)


def vocabulary_at_compute(C: ScalarLike, *, A: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""The best number of parameters in the vocabulary for a compute budget.

    $$N_v^*(C) = A\, C^{\alpha}$$

    The best size and data of the same approach are `optimal_size_power` and `optimal_tokens_power`.

    Args:
        C: training compute [FLOP].
        A: the optimum at one FLOP [count].
        alpha: exponent.
    Returns:
        Parameters of the vocabulary, words times width [count].
    References:
        Tao et al. 2024, arXiv:2407.13623, approach 1.
    """
    return scaled_power(C, A, alpha)


def vocabulary_growth(N_nv: ScalarLike, *, N_v0: ScalarLike, gamma: ScalarLike) -> Scalar:
    r"""The best number of parameters in the vocabulary, grown from a small model's with the size of the model.

    $$N_v^*(N_{nv}) = N_{v,0}\, N_{nv}^{\gamma}$$

    With N_nv counted in the small model's, N_v0 is that model's own optimum.

    Args:
        N_nv: parameters outside the vocabulary [count].
        N_v0: the optimum where N_nv is 1 [count].
        gamma: exponent; below 1 the vocabulary grows more slowly than the model.
    Returns:
        Parameters of the vocabulary, words times width [count].
    References:
        Tao et al. 2024, arXiv:2407.13623, approach 2.
    """
    return scaled_power(N_nv, N_v0, gamma)


NON_VOCABULARY = Variable(unit="parameters", kind="count", usual=(3e7, 3e9))
INPUTS = dict(
    N_nv=NON_VOCABULARY,
    N_v=Variable(unit="parameters", kind="count", usual=(2e6, 2e8)),
    D=Variable(unit="tokens", kind="count", usual=(1e8, 6e10)),
)
BUDGET = Variable(unit="FLOP", usual=(1e17, 1e21))
WORDS = Variable(unit="words", kind="number", usual=(2e3, 1.5e5))
UNIGRAM_NATS = "nats/token below a unigram model"

TOKENS_PER_CHARACTER = Law(
    fn=tokens_per_character,
    response="tokens_per_character",
    inputs=dict(V=WORDS),
    unit="tokens/character",
    falls=("V",),
    params=dict(a=real(0.0055, 0.0065), b=real(-0.162, -0.156), c=real(1.16, 1.3)),
    linear=("a", "b", "c"),
    reference="tao2024",
)
VOCABULARY_LOSS_UNTIED = Law(
    fn=vocabulary_loss_untied,
    response="loss",
    inputs=INPUTS,
    unit=UNIGRAM_NATS,
    support="real",
    falls=("N_nv", "N_v", "D"),
    params=dict(
        E=positive(3.0, 8.0),
        A1=positive(1e2, 1e4, dims={"N_nv": "alpha1"}),
        alpha1=positive(0.2, 0.8),
        A2=positive(1e2, 1e5, dims={"N_v": "alpha2"}),
        alpha2=positive(0.3, 1.2),
        B=positive(1e3, 1e5, dims={"D": "beta"}),
        beta=positive(0.2, 0.8),
    ),
    linear=("E", "A1", "A2", "B"),
    reference="tao2024",
)
VOCABULARY_LOSS = Law(
    fn=vocabulary_loss,
    response="loss",
    inputs=INPUTS,
    unit=UNIGRAM_NATS,
    support="real",
    falls=("N_nv", "N_v", "D"),
    params=dict(
        E=positive(3.0, 8.0),
        A1=positive(1e2, 1e4, dims={"N_nv": "beta"}),
        A2=positive(1e2, 1e5, dims={"N_v": "alpha2"}),
        alpha2=positive(0.3, 1.2),
        B=positive(1e3, 1e5, dims={"D": "beta"}),
        beta=positive(0.2, 0.8),
    ),
    linear=("E", "A1", "A2", "B"),
    reference="tao2024",
)
VOCABULARY_AT_COMPUTE = Law(
    fn=vocabulary_at_compute,
    response="N_v",
    inputs=dict(C=BUDGET),
    unit="parameters",
    rises=("C",),
    params=dict(A=positive(1e-2, 1e2, dims={"C": "-alpha"}), alpha=positive(0.3, 0.7)),
    reference="tao2024",
)
VOCABULARY_GROWTH = Law(
    fn=vocabulary_growth,
    response="N_v",
    inputs=dict(N_nv=NON_VOCABULARY),
    unit="parameters",
    rises=("N_nv",),
    params=dict(N_v0=positive(0.1, 1e2, dims={"N_nv": "-gamma"}), gamma=positive(0.5, 1.0)),
    reference="tao2024",
)
