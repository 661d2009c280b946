"""Patch size of a vision model: what is lost by cutting an image into coarser tokens."""

from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive
from lawjax.laws.terms import power

PATCH = Variable(unit="pixels", kind="positive", usual=(1.0, 16.0))


def patch_size(P: ScalarLike, *, E: ScalarLike, A: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""A form of our own: loss of a vision model whose patches are P pixels wide.

    $$L(P) = E + A P^{\alpha}$$

    The paper plots such lines, of the loss less a constant on logarithmic axes, and prints no formula. A square image
    of side I makes (I / P)^2 tokens, so halving the patch makes four times as many.

    Args:
        P: side of a patch [pixels].
        E: loss at the finest patch that can be thought of.
        A, alpha: scale and exponent of what patches lose; A has dimension loss P^-alpha.
    Returns:
        Test loss, or error rate, in the unit of E.
    References:
        Wang et al. 2025, arXiv:2502.03738, figure 1.
    """
    return E + A * power(P, alpha)


PATCH_SIZE = Law(
    fn=patch_size,
    response="loss",
    inputs=dict(P=PATCH),
    unit="test loss or error rate",
    rises=("P",),
    params=dict(E=positive(0.05, 2.0), A=positive(1e-4, 0.1, dims={"P": "-alpha"}), alpha=positive(0.1, 2.0)),
    linear=("E", "A"),
    reference="wang2025patches",
)
