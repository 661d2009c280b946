r"""Theory of data pruning: a perceptron that learns from the examples which a probe finds hardest.

A teacher T labels Gaussian inputs; a probe at the angle $\theta$ from T keeps the fraction of them with the least
$|z|$, $z$ being the probe's own output. A student of largest margin learns from $\alpha$ kept examples per dimension.

For many dimensions the student is $J \propto p\,\hat y + q\,\hat v + $ noise of norm 1, with $\hat y$ the teacher and
$\hat v$ the part of the probe across it, and it has the largest margin that its examples allow:
$$\max_{p, q} \frac{K}{n}, \quad \alpha\, \big\langle m_2(K - p y - q v) \big\rangle = 1, \quad n^2 = 1 + p^2 + q^2.$$
Here $m_2(x) = E[(x + t)_+^2]$ over a standard normal t, and $\langle\cdot\rangle$ is the mean over kept examples,
$|y \cos\theta + v \sin\theta| < \gamma$, that T labels +1, $y > 0$. It is the saddle point of the replica calculation
in other variables: it needs no care at $\theta = 0$ or where the student nears the teacher, and has one solution.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr, ndtri
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Param, Scalar, Variable

NUM_Y, NUM_V = 40, 40
FAR = 8.0
"""Standard deviations beyond which a normal is cut off."""
DIRECT_STEPS = 8
PRUNING_STEPS = 16
LAST_STEPS = 8
SOLVED = 1e-6


def pruned_perceptron(alpha: ScalarLike, keep: ScalarLike, *, theta: ScalarLike) -> Scalar:
    r"""Test error of a perceptron trained on the hardest examples, as a probe sees them.

    $$\varepsilon = \frac1\pi \arccos R, \quad R = \frac{p}{\sqrt{1 + p^2 + q^2}}$$

    p and q solve the saddle point that the module's docstring states. With a perfect probe, theta = 0, the harder
    the kept examples the better once there are enough; else there is a best fraction, `fraction_to_keep`.

    Args:
        alpha: examples kept per dimension, all of them times `keep`.
        keep: fraction kept, from 0 to 1; 1 is no pruning.
        theta: angle between probe and teacher [radians], 0 to pi / 2; 0 is a perfect metric of difficulty.
    Returns:
        Probability of a wrong label; NaN where the solver fails.
    References:
        Sorscher et al. 2022, arXiv:2206.14486.
    """
    alpha, keep, theta = (jnp.asarray(value, dtype=float) for value in (alpha, keep, theta))
    _, p, q = _student(_saddle(alpha, keep, theta))
    return jnp.arctan2(jnp.sqrt(1.0 + q**2), p) / jnp.pi


def _kept_examples(keep: Any, theta: Any) -> tuple[Any, Any]:
    """(1, -y, -v) at the nodes of a Gauss-Legendre rule over the kept examples, shape (3, node), and their weights.

    The range of y is cut where that of v begins to close, and its nodes are denser near 0: a good student's margin is
    narrow.
    """
    (at_y, weight_y), (at_v, weight_v) = (np.polynomial.legendre.leggauss(num) for num in (NUM_Y, NUM_V))
    even = 0.5 * (1.0 + at_y)
    share, step = even**3, 1.5 * weight_y * even**2
    gamma = jnp.minimum(-ndtri(0.5 * (1.0 - keep)), FAR)
    cosine, sine = jnp.cos(theta), jnp.sin(theta)
    last = jnp.minimum(gamma + FAR * sine, FAR * cosine) / cosine
    cut = jnp.clip((gamma - FAR * sine) / cosine, 0.0, last)
    y = jnp.concatenate([cut * share, cut + (last - cut) * share])
    weight = jnp.concatenate([cut * step, (last - cut) * step]) * _normal(y) * 2.0 / keep
    low, high = (_edge(end - y * cosine, sine) for end in (-gamma, gamma))
    width = 0.5 * (high - low)
    v = low[:, None] + width[:, None] * jnp.asarray(1.0 + at_v)[None, :]
    weights = (weight * width)[:, None] * jnp.asarray(weight_v)[None, :] * _normal(v)
    signs = jnp.stack([jnp.ones_like(v), -jnp.broadcast_to(y[:, None], v.shape), -v])
    return signs.reshape(3, -1), weights.reshape(-1)


def _edge(distance: Any, sine: Any) -> Any:
    """distance / sine within the range of a normal, also where sine is 0."""
    beyond = jnp.abs(distance) >= FAR * sine
    return jnp.where(beyond, FAR * jnp.sign(distance), distance / jnp.where(beyond, 1.0, sine))


def _normal(x: Any) -> Any:
    return jnp.exp(-0.5 * x**2) / np.sqrt(2.0 * np.pi)


def _moments(student: Any, nodes: tuple[Any, Any]) -> tuple[Any, Any, Any]:
    """Mean of m_2 over the kept examples with its gradient and Hessian in (K, p, q)."""
    signs, weights = nodes
    x = student @ signs
    below, density = ndtr(x), _normal(x)
    mean = jnp.dot(weights, (1.0 + x**2) * below + x * density)
    gradient = 2.0 * (signs @ (weights * (x * below + density)))
    return mean, gradient, 2.0 * ((signs * (weights * below)[None, :]) @ signs.T)


def _balance(student: Any, alpha: Any, mean: Any, gradient: Any) -> Any:
    """The three equations of the saddle point, shape (3,)."""
    K, p, q = student
    pull = K / (1.0 + p**2 + q**2)
    slope = gradient[1:] / gradient[0]
    return jnp.stack([jnp.log(alpha * mean), p * pull + slope[0], q * pull + slope[1]])


def _student(line: Any) -> Any:
    """(K, p, q) for a point of the line: K is above zero, p and q grow large."""
    return jnp.stack([jnp.exp(line[0]), jnp.sinh(line[1]), jnp.sinh(line[2])])


def _equations(line: Any, alpha: Any, nodes: tuple[Any, Any]) -> Any:
    student = _student(line)
    return _balance(student, alpha, *_moments(student, nodes)[:2])


def _newton(line: Any, alpha: Any, nodes: tuple[Any, Any]) -> Any:
    """Newton's step, from one pass over the examples."""
    student = _student(line)
    mean, gradient, hessian = _moments(student, nodes)

    def nearby(step: Any) -> Any:
        moved = _student(line + step) - student
        return _balance(student + moved, alpha, mean + gradient @ moved, gradient + hessian @ moved)

    here, jacobian = nearby(jnp.zeros(3)), jax.jacfwd(nearby)(jnp.zeros(3))
    return jnp.clip(-jnp.linalg.solve(jacobian, here), -1.0, 1.0)


def _start(alpha: Any) -> Any:
    """Close to the solution without pruning, where the error is near 1 / (2 + 2 alpha)."""
    length = 1.0 / jnp.tan(0.5 * jnp.pi / (1.0 + alpha))
    return jnp.stack([jnp.log(0.6 + 0.7 * alpha**-0.75), jnp.arcsinh(length), jnp.zeros_like(length)])


def _saddle(alpha: Any, keep: Any, theta: Any) -> Any:
    """The solution on the line, with its gradient by the implicit function theorem; NaN where none was found."""
    nodes, start = _kept_examples(keep, theta), _start(alpha)

    def residual(line: Any) -> Any:
        return _equations(line, alpha, nodes)

    def solve(residual: Any, start: Any) -> Any:
        return _descend(*jax.lax.stop_gradient((alpha, keep, theta)), start)

    def tangent(linear: Any, value: Any) -> Any:
        return jnp.linalg.solve(jax.jacfwd(linear)(value), value)

    found = jax.lax.custom_root(residual, start, solve, tangent)
    return jnp.where(jnp.max(jnp.abs(residual(found))) < SOLVED, found, jnp.nan)


def _descend(alpha: Any, keep: Any, theta: Any, start: Any) -> Any:
    """Newton's method straight to the fraction; where that fails, from no pruning by steps in log fraction."""
    tolerance = 1e2 * jnp.finfo(start.dtype).eps

    def advance(state: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        count, line, _ = state
        line = jnp.where(count == DIRECT_STEPS, start, line)
        share = jnp.clip((count - DIRECT_STEPS) / PRUNING_STEPS, 0.0, 1.0)
        share = jnp.where(count < DIRECT_STEPS, 1.0, share)
        nodes = _kept_examples(keep**share, theta)
        step = _newton(line, alpha, nodes)
        whole, part = line + step, line + 0.25 * step
        missed = [jnp.sum(_equations(tried, alpha, nodes) ** 2) for tried in (whole, part)]
        better = missed[0] <= missed[1]
        done = (jnp.where(better, *missed) < tolerance**2) & (share == 1.0)
        return count + 1, jnp.where(better, whole, part), done

    def unfinished(state: tuple[Any, Any, Any]) -> Any:
        return (state[0] < DIRECT_STEPS + PRUNING_STEPS + LAST_STEPS) & ~state[2]

    return jax.lax.while_loop(unfinished, advance, (0, start, False))[1]


PRUNED_PERCEPTRON = Law(
    fn=pruned_perceptron,
    response="error",
    inputs=dict(
        alpha=Variable(unit="examples kept per dimension", kind="number", usual=(0.5, 16.0)),
        keep=Variable(unit="fraction kept", kind="fraction", usual=(0.2, 0.95)),
    ),
    support="unit",
    falls=("alpha",),
    params=dict(theta=Param(0.1, 1.2, edges=(0.0, np.pi / 2))),
    reference="sorscher2022",
)
