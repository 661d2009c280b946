# %% [markdown]
# # Parallel streams or a larger model, if an answer may take no longer?
#
# ParScale (Chen et al. 2025, arXiv:2505.10475) runs P learnt views of an input side by side and mixes their outputs.
# That is worth as much as k ln P + 1 times the parameters. Reading the weights takes as long as before, arithmetic and
# caches take P times as much: nearly free for one user, dear for many. Where is the turn?

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import lawjax as lj
from lawjax.laws import PARALLEL_STREAMS

KEY = 0
SMALL = os.environ.get("LAWJAX_SMALL") == "1"
SIZE = 1.6e9  # parameters of the model that is there, with one stream
CONTEXT = 256  # tokens that each sequence holds
BATCHES = np.geomspace(1.0, 256.0, 5 if SMALL else 17)  # sequences that are written together
CACHES = {"a cache for each head": 1.0, "one for eight heads": 1 / 8}

published = lj.laws.published("chen2025parscale-pile")
print(published.setting)
print(published.note)
print(lj.decisions.equal_loss_multiplier(published, P=8))

# %% [markdown]
# ## What such runs leave open
# The 24 measured losses are not part of lawjax. Runs simulated at the same sizes and streams, with a scatter of 0.3 %,
# which is about what the law leaves of them, say how well they hold its constants.

# %%
sizes, streams = np.meshgrid(np.geomspace(0.5e9, 4.4e9, 6), [1.0, 2.0, 4.0, 8.0])
runs = lj.simulate(PARALLEL_STREAMS, published.params, dict(N=sizes.ravel(), P=streams.ravel()), noise=0.003, key=KEY)
fit = lj.fit(PARALLEL_STREAMS, runs, loss="squared", key=KEY)
draws = lj.bootstrap(fit, num=50 if SMALL else 300, key=KEY)
print(draws)

# %% [markdown]
# ## What a token takes
# The slower of reading (weights once, the cache of every stream of every sequence) and arithmetic, on one device at
# shares of its peaks that are our assumptions.

# %%
SERVER = lj.costs.Server("h100-sxm", utilisation=0.5, bandwidth_share=0.7)


def seconds(N, P, batch, share):
    """Time for one token of each sequence, every stream with a cache of its own."""
    cache = share * lj.costs.cache_bytes(lj.costs.dense_transformer(N), tokens=CONTEXT)
    return lj.costs.decode_seconds(N, SERVER, batch=batch * P, cache=cache)


LATENCY = lj.Cost(seconds, unit="s", name="a token")

# %% [markdown]
# ## The best of both at equal latency
# Every batch with every kind of cache is a scenario: as fast as the model that is there, size and streams free.

# %%
shares, batches = (grid.ravel() for grid in np.meshgrid(list(CACHES.values()), BATCHES, indexing="ij"))
limits = [float(LATENCY(N=SIZE, P=1.0, batch=b, share=c)) for b, c in zip(batches, shares)]
problem = lj.Problem(
    choose={"N": (5e7, 4.4e9), "P": lj.powers_of_two(1, 8)},
    minimise="loss",
    subject_to=lj.at_most(LATENCY, [lj.Budget(limit, "s") for limit in limits]),
    given={"batch": list(batches), "share": list(shares)},
)
best = lj.solve(draws, problem)
print(best.method)
print(best.verdict)

# %% [markdown]
# The plan is the best on average over the draws; beside it, what it gains on the model that is there, and how probable
# it is that streams pay at all.

# %%
pays = 1 - best.share_of("P", 1.0)
alone = np.mean(draws["E"] + (draws["A"] / SIZE) ** draws["alpha"])
for i in range(0, len(best), 2):
    size, num, gained = best.inputs["N"][i], best.inputs["P"][i], abs(alone - best.objective[i])
    print(
        f"cache x {shares[i]:.3g}, batch {batches[i]:3.0f}: {num:.0f} streams of {size:.2e} parameters, "
        f"{gained:.4f} nats/token gained, streams pay in {pays[i]:.0%}"
    )
work = 2 * best.inputs["N"] * batches * best.inputs["P"] / SERVER.flop_per_second
print(f"arithmetic would take {np.max(work / limits):.0%} of the time at most: reading sets it in every scenario")

# %% [markdown]
# ## Where streams stop to pay
# In each draw it is the largest batch, of those tried, at which more than one stream is best.

# %%
figure, axes = plt.subplots(figsize=(5.5, 3.4), layout="constrained")
turns = {}
for name, share in CACHES.items():
    here = shares == share
    turns[name] = np.max(np.where(best.optima["P"][here] > 1, batches[here][:, None], 0.0), axis=0)
    low, middle, high = np.quantile(turns[name], [0.05, 0.5, 0.95])
    print(f"{name}: up to batch {middle:.0f} (90 % {low:.0f} to {high:.0f}, in steps of {BATCHES[1] / BATCHES[0]:.2f})")
    axes.semilogx(batches[here], pays[here], marker="o", label=name)
axes.set(xlabel="sequences written together", ylabel="probability that streams pay")
axes.legend(frameon=False)
Path("figures").mkdir(exist_ok=True)
figure.savefig("figures/streams_or_size.svg")

# %% [markdown]
# ## Answer
# Streams also take P times the arithmetic of training, which is not counted here.

# %%
first, last = (np.median(turn) for turn in turns.values())
print(
    f"At batch {batches[0]:.0f}, {best.inputs['P'][0]:.0f} streams of {best.inputs['N'][0]:.2g} parameters are worth "
    f"{alone - best.objective[0]:.3f} nats/token at the same latency. They pay up to about batch {first:.0f} at "
    f"{CONTEXT} tokens of context, or {last:.0f} if eight heads share a cache; beyond, take the larger model. The "
    "runs hold that turn to a step or two, so what moves it is the memory that a stream reads, not what the law "
    "leaves open."
)
