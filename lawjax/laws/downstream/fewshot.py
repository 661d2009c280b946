"""Fine-tuning on few examples: the error rate against labels, and the pass rate against trajectories."""

from collections.abc import Mapping
from typing import Any

from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Params, Scalar, Variable, namespace, positive, real
from lawjax.laws.size.curves import power_law_floor, shifted_power_law
from lawjax.laws.terms import log_linear, logistic

LABELS = Variable(unit="labelled examples", kind="count", usual=(10.0, 1e4))
TRAJECTORIES = Variable(unit="training trajectories", kind="count", usual=(100.0, 1e5))


def few_shot_error(n: ScalarLike, *, e: ScalarLike, a: ScalarLike, c: ScalarLike) -> Scalar:
    r"""Error rate of a model fine-tuned on n labelled examples.

    A form of our own for these data: Dominguez-Olmedo et al. show learning curves and fit no law.

    $$\text{err}(n) = e + a\, n^{-c}$$

    Args:
        n: labelled examples [count].
        e: error rate that no number of labels removes.
        a, c: scale and exponent of the part that labels remove.
    Returns:
        Error rate, one less the accuracy.
    References:
        Dominguez-Olmedo et al. 2024, arXiv:2407.16615 (learning curves of ten legal tasks).
    """
    return power_law_floor(n, E=e, A=a, alpha=c)


def few_shot_error_shifted(n: ScalarLike, *, e: ScalarLike, a: ScalarLike, n0: ScalarLike, c: ScalarLike) -> Scalar:
    r"""Error rate of a model fine-tuned on n labelled examples, which starts from what it knew without any.

    A form of our own: curves that bend down in log n, as several of Dominguez-Olmedo et al. do, are no plain power.

    $$\text{err}(n) = e + a\, (n + n_0)^{-c}$$

    Args:
        n: labelled examples [count].
        e: error rate that no number of labels removes.
        a, c: scale and exponent of the part that labels remove.
        n0: labels that the untuned model is worth [count]; its error rate is $e + a\, n_0^{-c}$.
    Returns:
        Error rate, one less the accuracy.
    References:
        Dominguez-Olmedo et al. 2024, arXiv:2407.16615 (learning curves of ten legal tasks).
    """
    return shifted_power_law(n, E=e, A=a, x0=n0, alpha=c)


def pass_rate(n: ScalarLike, *, a: ScalarLike, b: ScalarLike) -> Scalar:
    r"""Share of tasks solved by a model trained on n trajectories.

    A form of our own: Zeng et al. show a curve without a formula. It has no ceiling below 1, because a few points
    of binary outcomes cannot show one.

    $$\log \frac{p}{1 - p} = a + b \log n$$

    Args:
        n: training trajectories [count].
        a: log odds of success at n = 1.
        b: what log odds gain when n grows e-fold.
    Returns:
        Share of tasks solved.
    References:
        Zeng et al. 2025, arXiv:2506.19290 (Skywork-SWE).
    """
    return logistic(log_linear(a, (n,), (b,)))


def _pass_rate_units(params: Params, factors: Mapping[str, Any]) -> Params:
    """The law for n divided by its factor: the intercept moves with the logarithm of the unit."""
    unit = factors.get("n", 1.0)
    return dict(a=params["a"] + params["b"] * namespace(unit).log(unit), b=params["b"])


FEW_SHOT_ERROR = Law(
    fn=few_shot_error,
    response="error",
    inputs=dict(n=LABELS),
    falls=("n",),
    unit="error rate",
    params=dict(e=positive(0.01, 0.5), a=positive(0.05, 1.0, dims={"n": "c"}), c=positive(0.02, 1.0)),
    linear=("e", "a"),
    reference="dominguez2024",
)
FEW_SHOT_ERROR_SHIFTED = Law(
    fn=few_shot_error_shifted,
    response="error",
    inputs=dict(n=LABELS),
    falls=("n",),
    unit="error rate",
    params=dict(
        e=positive(0.01, 0.5),
        a=positive(0.05, 10.0, dims={"n": "c"}),
        n0=positive(1.0, 1e4, dims={"n": 1.0}, centred=(1e-2, 10.0)),
        c=positive(0.02, 2.0),
    ),
    linear=("e", "a"),
    reference="dominguez2024",
)
PASS_RATE = Law(
    fn=pass_rate,
    response="pass_rate",
    inputs=dict(n=TRAJECTORIES),
    rises=("n",),
    unit="share of tasks",
    support="unit",
    params=dict(a=real(-8.0, 0.0), b=positive(0.05, 1.0)),
    recentre=_pass_rate_units,
    reference="zeng2025",
)
