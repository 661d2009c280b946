"""A byte-level decoder-only transformer, small enough to train by the dozen on a laptop.

`Transformer` is the model; `count_params`, `count_all_params` and `flops_per_token` are its sizes in closed
form, which is what a scaling law is fitted on. Every size follows from the width and the depth alone.
"""

import dataclasses

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float, Integer

from lawjax.errors import InputError

HEAD_WIDTH = 32
WIDTH_PER_LAYER = 24
MLP_RATIO = 4
ROTARY_BASE = 10_000.0
ARCHITECTURE = (
    "decoder-only transformer on bytes: pre-norm RMSNorm, rotary positions, GELU MLP four times the width, no biases, "
    "embedding shared with the head; layers = max(2, round(d_model / 24)), heads = max(1, d_model // 32); "
    "params = layers * (12 d_model^2 + 2 d_model) + d_model, params_total = params + 256 d_model; "
    "FLOPs per token = 3 (layers * (24 d_model^2 + 4 context d_model) + 512 d_model)"
)


@dataclasses.dataclass(frozen=True)
class TransformerConfig:
    """Shape of one model; hashable, so that it can be a static argument.

    Attributes:
        d_model: width of the residual stream.
        num_layers: blocks of attention and MLP.
        num_heads: attention heads per block; the width of a head, `d_model / num_heads`, must be even.
        context: bytes that the model sees at once.
        vocab: number of symbols; 256 for bytes.
    """

    d_model: int
    num_layers: int
    num_heads: int
    context: int = 128
    vocab: int = 256

    def __post_init__(self):
        if min(self.d_model, self.num_layers, self.num_heads) < 1 or self.d_model % (2 * self.num_heads):
            raise InputError(
                f"`d_model` must be an even multiple of `num_heads` and all sizes at least 1, got "
                f"d_model={self.d_model}, num_layers={self.num_layers}, num_heads={self.num_heads}. "
                f"`TransformerConfig.of_width` chooses the heads for you."
            )

    @classmethod
    def of_width(cls, d_model: int) -> "TransformerConfig":
        """Config of this width by one rule: depth `d_model / 24`, at least 2; heads 32 wide, at least one."""
        num_layers = max(2, round(d_model / WIDTH_PER_LAYER))
        return cls(d_model, num_layers, num_heads=max(1, d_model // HEAD_WIDTH))


def count_params(config: TransformerConfig) -> int:
    r"""Parameters outside the embedding, $L (12 d^2 + 2 d) + d$ [count].

    Per block $4 d^2$ for attention, $8 d^2$ for the MLP and $2 d$ for the two norms; $d$ for the last norm.
    Positions are rotary and have no parameters.
    """
    d = config.d_model
    return config.num_layers * ((4 + 2 * MLP_RATIO) * d**2 + 2 * d) + d


def count_all_params(config: TransformerConfig) -> int:
    """All parameters: `count_params` and the embedding, which the output head shares [count]."""
    return count_params(config) + config.vocab * config.d_model


def flops_per_token(config: TransformerConfig) -> int:
    r"""Training FLOPs per token, $3 (24 L d^2 + 4 L T d + 2 V d)$ with context $T$ and vocabulary $V$.

    These are the matrix multiplies of the forward pass (two FLOPs per multiply-add), times three for forward
    and backward: $24 d^2$ per block for its weights, $4 T d$ for scores and mixing of values, $2 V d$ for the
    head. Attention counts the full square, as the causal half is masked and not skipped.
    """
    d = config.d_model
    per_block = 2 * (4 + 2 * MLP_RATIO) * d**2 + 4 * config.context * d
    return 3 * (config.num_layers * per_block + 2 * config.vocab * d)


def rotate(heads: Float[Array, "batch time head width"]) -> Float[Array, "batch time head width"]:
    """Rotary positions: turn each pair of features by an angle proportional to its time step.

    References:
        Su et al. 2021, arXiv:2104.09864, section 3.2.
    """
    _, time, _, width = heads.shape
    frequency = ROTARY_BASE ** -jnp.linspace(0.0, 1.0, width // 2, endpoint=False)
    angle = jnp.arange(time, dtype=jnp.float32)[:, None] * frequency[None, :]
    cos, sin = jnp.cos(angle)[None, :, None, :], jnp.sin(angle)[None, :, None, :]
    first, second = jnp.split(heads, 2, axis=-1)
    return jnp.concatenate([first * cos - second * sin, first * sin + second * cos], axis=-1)


class Attention(nnx.Module):
    """Causal self-attention with rotary positions and no biases."""

    def __init__(self, config: TransformerConfig, *, rngs: nnx.Rngs):
        d = config.d_model
        self.num_heads = config.num_heads
        self.into = nnx.Linear(d, 3 * d, use_bias=False, rngs=rngs)
        self.out = _residual_linear(d, config, rngs)

    def __call__(self, x: Float[Array, "batch time d"]) -> Float[Array, "batch time d"]:
        """What attention adds to the stream."""
        heads = self.into(x).reshape(*x.shape[:2], 3 * self.num_heads, -1)
        query, key, value = jnp.split(heads, 3, axis=2)
        mixed = jax.nn.dot_product_attention(rotate(query), rotate(key), value, is_causal=True)
        return self.out(mixed.reshape(x.shape))


class MLP(nnx.Module):
    """Two layers with a GELU between, four times as wide inside, no biases."""

    def __init__(self, config: TransformerConfig, *, rngs: nnx.Rngs):
        inside = MLP_RATIO * config.d_model
        self.into = nnx.Linear(config.d_model, inside, use_bias=False, rngs=rngs)
        self.out = _residual_linear(inside, config, rngs)

    def __call__(self, x: Float[Array, "batch time d"]) -> Float[Array, "batch time d"]:
        """What the MLP adds to the stream."""
        return self.out(nnx.gelu(self.into(x)))


class Block(nnx.Module):
    """Pre-norm residual block: attention, then MLP."""

    def __init__(self, config: TransformerConfig, *, rngs: nnx.Rngs):
        self.attention_norm = nnx.RMSNorm(config.d_model, rngs=rngs)
        self.attention = Attention(config, rngs=rngs)
        self.mlp_norm = nnx.RMSNorm(config.d_model, rngs=rngs)
        self.mlp = MLP(config, rngs=rngs)

    def __call__(self, x: Float[Array, "batch time d"]) -> Float[Array, "batch time d"]:
        """The stream after both branches."""
        x = x + self.attention(self.attention_norm(x))
        return x + self.mlp(self.mlp_norm(x))


class Transformer(nnx.Module):
    """Logits of the next byte at every position.

    Args:
        config: shape of the model.
        rngs: Flax random streams; only `params` is drawn from.
    """

    def __init__(self, config: TransformerConfig, *, rngs: nnx.Rngs):
        d = config.d_model
        init = nnx.initializers.normal(d**-0.5)
        self.embedding = nnx.Embed(config.vocab, d, embedding_init=init, rngs=rngs)
        self.blocks = nnx.List(Block(config, rngs=rngs) for _ in range(config.num_layers))
        self.norm = nnx.RMSNorm(d, rngs=rngs)

    def __call__(self, tokens: Integer[Array, "batch time"]) -> Float[Array, "batch time vocab"]:
        """Logits from tokens; the one at time t is of the byte at t + 1 and sees bytes up to t."""
        # The rows of the shared embedding have norm one, right for the head; the stream wants unit variance.
        x = self.embedding(tokens) * self.embedding.embedding.shape[1] ** 0.5
        for block in self.blocks:
            x = block(x)
        return self.embedding.attend(self.norm(x))


def _residual_linear(width_in: int, config: TransformerConfig, rngs: nnx.Rngs) -> nnx.Linear:
    # 2 L branches add up in the residual stream; this keeps its variance from growing with depth.
    init = nnx.initializers.variance_scaling(0.5 / config.num_layers, "fan_in", "truncated_normal")
    return nnx.Linear(width_in, config.d_model, use_bias=False, kernel_init=init, rngs=rngs)
