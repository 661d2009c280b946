"""Training in several languages at once: transfer to the others against the number of languages."""

from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive, unit_interval
from lawjax.laws.terms import power


def parallel_languages(X: ScalarLike, *, alpha: ScalarLike, beta: ScalarLike) -> Scalar:
    r"""Cross-lingual transfer of a model trained on the same problems in X languages.

    $$f(X) = \alpha X^{\beta}, \qquad 0 < \beta < 1$$

    Each further language adds less. The paper fits runs with at least one parallel language: training in one
    language alone falls short of the law, by the gap that `monolingual_gap` of the decisions gives. Runs with more
    languages also saw more samples, so the law does not tell one from the other.

    Args:
        X: languages, counted as in the runs [count].
        alpha: transfer with one, in the unit of the response.
        beta: exponent, below 1.
    Returns:
        A transfer index or an accuracy.
    References:
        Yang et al. 2025, arXiv:2510.02272 (a power of the number of parallel languages, exponent below 1).
    """
    return alpha * power(X, beta)


PARALLEL_LANGUAGES = Law(
    fn=parallel_languages,
    response="transfer",
    inputs=dict(X=Variable(unit="languages", kind="number", usual=(1.0, 16.0))),
    rises=("X",),
    params=dict(alpha=positive(0.1, 100.0), beta=unit_interval(0.02, 0.9)),
    linear=("alpha",),
    reference="yang2025",
)
