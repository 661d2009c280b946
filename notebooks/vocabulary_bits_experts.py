# %% [markdown]
# # Which vocabulary, bits and experts, when the model must fit one device?
#
# Size, tokens, vocabulary, bits per weight, share of active experts and granularity, all at once: about 1e9
# configurations under a budget of compute and one of memory.
#
# No paper has a law of all six. The one below is **a composition of ours** from published terms, each of which was
# fitted alone: read its answer as where to look, not as a forecast.

# %%
import os
from pathlib import Path

import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

import lawjax as lj
from lawjax.laws import LEVERAGE, QUANTISATION_GAP, VOCABULARY_LOSS

KEY = 0
SMALL = os.environ.get("LAWJAX_SMALL") == "1"
BUDGET = lj.flops(1e22)
DEVICE = lj.costs.DEVICES["h100-sxm"]
LIMIT = lj.Budget(0.8 * DEVICE.memory, "byte")  # the rest is for keys, values and activations

VOCABULARY, GAP, EXPERTS = (lj.laws.published(name).params for name in ("tao2024-loss", "ouyang2024", "tian2025"))
for name in ("tao2024-loss", "ouyang2024", "tian2025"):
    print(f"{name}: {lj.laws.published(name).note}\n")

# %% [markdown]
# ## The composition
# * The loss, less that of word frequencies, is that of Tao et al. 2024; its size leaves out the vocabulary.
# * Experts multiply compute by the leverage of Tian et al. 2025: size and tokens count as if each had grown by its
#   root.
# * Bits add the gap of Ouyang et al. 2024, fitted to 2 to 4 bits of dense models, here at the active size.
# * All parameters but the vocabulary's sit in experts; the vocabulary stays in 16 bits.
#
# Its parameters say how far each term carries over: 1 is as printed, and how far they may be from 1 is our doubt.


# %%
def vocabulary_size(N, V):
    """Parameters of the vocabulary: words times the width of a model whose width is 128 times its layers."""
    return V * jnp.cbrt(128 * N / 12)


def compute(N, V, D):
    """Training compute [FLOP], the vocabulary's too."""
    return 6 * (N + vocabulary_size(N, V)) * D


def stored(N, V, P, A):
    """Memory of the weights [byte]."""
    return lj.costs.weight_bytes(N / A, P) + lj.costs.weight_bytes(vocabulary_size(N, V))


def composed(N, D, V, P, A, G, *, words, gap, leverage):
    """Loss less that of word frequencies: N active parameters, D tokens, V words, P bits, share A, granularity G."""
    root = LEVERAGE.fn(A, G, compute(N, V, D), **EXPERTS) ** (0.5 * leverage)
    terms = VOCABULARY | dict(A2=words * VOCABULARY["A2"])
    whole = VOCABULARY_LOSS.fn(N * root, vocabulary_size(N, V), D * root, **terms)
    return whole + gap * QUANTISATION_GAP.fn(N, D, P, **GAP)


COMPOSED = lj.Law(
    composed,
    response="loss",
    support="real",
    inputs={
        **{name: lj.Variable(kind="count") for name in ("N", "D", "V")},
        "P": lj.Variable(kind="bits"),
        "A": lj.Variable(kind="fraction"),
        "G": lj.Variable(kind="number"),
    },
    params={name: lj.positive(0.5, 2.0) for name in ("words", "gap", "leverage")},
)
AS_PRINTED = dict(words=1.0, gap=1.0, leverage=1.0)
COST = lj.Cost(compute, unit="FLOP", name="training with the vocabulary")
MEMORY = lj.Cost(stored, unit="byte", name="weights")

# %% [markdown]
# ## The sweep

# %%
num = 12 if SMALL else 100
space = lj.space(
    N=lj.log_grid(3e8, 3e10, num),
    D=lj.log_grid(3e10, 3e12, num),
    V=lj.log_grid(8e3, 5e5, 12 if SMALL else 50),
    P=lj.values([2, 3, 4, 8, 16]),
    A=lj.log_grid(1 / 128, 1.0, 8 if SMALL else 20),
    G=lj.log_grid(2.0, 16.0, 4 if SMALL else 20),
)


def fits(memory):
    """Whether the weights fit the device."""
    return memory <= LIMIT.value


found = lj.sweep(
    AS_PRINTED,
    space,
    law=COMPOSED,
    budget=BUDGET,
    cost=COST,
    objectives={"memory": MEMORY},
    where=fits,
    keep={"best": lj.top_k(5), "by bits": lj.best_by("P"), "front": lj.pareto("loss", "memory")},
)
print(found)
print(found.summary("by bits"))
print(f"{len(found.tables['front']['loss'])} configurations on the front of loss and memory")

# %% [markdown]
# ## The winner polished
# Between the points of the grid, with the bits a list. The loss lies below that of word frequencies, so that no ratio
# of it makes sense; the price of a limit is then what one more of its unit would save.

# %%
problem = lj.Problem(
    choose={
        "N": (3e8, 3e10),
        "D": (3e10, 3e12),
        "V": (8e3, 5e5),
        "P": lj.values([2, 3, 4, 8, 16]),
        "A": (1 / 128, 1.0),
        "G": (2.0, 16.0),
    },
    minimise="loss",
    subject_to=[lj.at_most(COST, BUDGET), lj.at_most(MEMORY, LIMIT)],
)
best = lj.solve(AS_PRINTED, problem, law=COMPOSED)
print(best)
print(f"the grid's winner is {found.best['loss'] - best.objective[0]:.5f} nats/token above it")
print(f"10 GB more would save {1e10 * best.limits[1].price[0]:.5f} nats/token")

# %% [markdown]
# ## How far does it depend on our composition?
# Each term is let off by a factor, log-normal with a spread of 30 %, and the best is sought anew.

# %%
generator = np.random.default_rng(KEY)
doubts = {name: np.exp(0.3 * generator.standard_normal(20 if SMALL else 100)) for name in AS_PRINTED}
robust = lj.solve(doubts, problem, law=COMPOSED)
print(robust)
bits = {int(P): float(robust.share_of("P", P)[0]) for P in (2, 3, 4, 8, 16)}
print("share of the draws in which so many bits are best:", bits)

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
front = found.tables["front"]
for P in (2, 3, 4, 8, 16):
    here = front["P"] == P
    left.semilogx(front["memory"][here], front["loss"][here], ".", label=f"{P} bits")
left.set(xlabel="memory of the weights [byte]", ylabel="loss below word frequencies [nats/token]")
left.legend(frameon=False)
right.loglog(robust.optima["V"][0], robust.optima["A"][0], ".")
right.loglog(robust["V"], robust["A"], "k+", markersize=12)
right.set(xlabel="best vocabulary in each draw", ylabel="best share of active experts")
Path("figures").mkdir(exist_ok=True)
figure.savefig("figures/vocabulary_bits_experts.svg")

# %% [markdown]
# ## Answer

# %%
(fewest,), (most,) = robust.interval("V")
(least,), (highest,) = robust.interval("A")
print(
    f"{robust['P']:.0f} bits, {robust['V']:.3g} words (90 % {fewest:.3g} to {most:.3g}), {robust['A']:.1%} of the "
    f"experts active (90 % {least:.1%} to {highest:.1%}), {robust['N']:.2g} active parameters on {robust['D']:.2g} "
    "tokens. The intervals hold our doubt of 30 % in each term, and none of what the terms do to each other."
)
