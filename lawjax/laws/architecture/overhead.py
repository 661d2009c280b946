"""Semi-structured pruning with block-diagonal factors: what the factors cost, and what the pruned model is worth.

`block_overhead` is an exact count, not a law: nothing in it is fitted. `size_accuracy` is a form of our own by
which the worth of a pruned model can be said as the size of a dense one.
"""

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import ScalarLike

from lawjax.errors import InputError
from lawjax.laws.base import Law, Scalar, Variable, positive
from lawjax.laws.terms import hill

SIZE = Variable(unit="parameters", kind="count", usual=(1e9, 1e11))


def block_overhead(shapes: Sequence[tuple[int, int]], block: int) -> float:
    r"""Parameters that block-diagonal factors on both sides of each layer add, as a share of the layers' own.

    $$\frac{b \sum_l (d_l^{\text{in}} + d_l^{\text{out}})}{\sum_l d_l^{\text{in}} d_l^{\text{out}}}$$

    A layer W is replaced by A (W' o M) B with M a 2:4 mask and A, B block-diagonal with blocks of side b.

    Args:
        shapes: (d_in, d_out) of each linear layer of one block of the model; all blocks being alike, one is enough.
        block: side b of the blocks.
    Returns:
        Added parameters divided by dense parameters.
    Raises:
        InputError: no layer, a shape that is not two positive sizes, or a block that is not positive.
    References:
        Liu et al. 2025, arXiv:2510.05528.
    Example:
        >>> round(block_overhead([(4096, 4096), (4096, 11008)], block=128), 4)
        0.0482
    """
    sizes = np.asarray(shapes, dtype=np.float64)
    if sizes.ndim != 2 or sizes.shape[1] != 2 or not len(sizes) or not np.all(sizes > 0):
        raise InputError(f"`shapes` must hold a (d_in, d_out) of positive sizes for each layer, got {shapes!r}.")
    if not block > 0:
        raise InputError(f"`block` must be positive, got {block!r}.")
    return float(block * sizes.sum() / sizes.prod(axis=1).sum())


def size_accuracy(N: ScalarLike, *, N_50: ScalarLike, slope: ScalarLike) -> Scalar:
    r"""A form of our own: benchmark accuracy of dense models of one family, with a logit that is linear in log size.

    $$a(N) = \frac{1}{1 + (N_{50} / N)^{s}}$$

    Its inverse says a compressed model's accuracy as the size of the dense model that reaches it.

    Args:
        N: parameters of the dense model [count].
        N_50: size at which half of the questions are answered [count].
        slope: s, logits per e-fold of size.
    Returns:
        Accuracy, 0 to 1.
    References:
        Liu et al. 2025, arXiv:2510.05528, table 1 (the accuracies; the form is ours).
    """
    return 1.0 - hill(N, jnp.log(N_50), slope)


SIZE_ACCURACY = Law(
    fn=size_accuracy,
    response="accuracy",
    inputs=dict(N=SIZE),
    unit="share of questions",
    support="unit",
    rises=("N",),
    params=dict(
        N_50=positive(1e7, 1e10, dims={"N": 1.0}, centred=(1e-4, 10.0)),
        slope=positive(0.1, 1.0),
    ),
    reference="liu2025armor",
)
