# %% [markdown]
# # How small should a model be that will serve ten trillion tokens?
#
# A smaller model trained for longer reaches the same loss, costs more to train and less to serve (Sardana and Frankle
# 2023, arXiv:2401.00448). What is cheapest depends on the demand, which is not known when training begins.
#
# The law is fitted to Hoffmann's runs, which are downloaded once. Without a network, point the environment variable
# `LAWJAX_DATA_DIR` at a folder that holds the upstream file.

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import lawjax as lj
from lawjax.laws import CHINCHILLA

KEY = 0
SMALL = os.environ.get("LAWJAX_SMALL") == "1"
TARGET = 1.98  # nats/token
DEMANDS = [1e10, 1e11, 1e12, 1e13, 1e14]  # tokens served over the model's life
EXPECTED = 1e13

runs = lj.datasets.fetch("hoffmann2022")
runs = runs.take(np.asarray(runs["used_in_published_fit"]) == 1, "among the five highest losses")
fit = lj.fit(CHINCHILLA, runs, key=KEY)
draws = lj.bootstrap(fit, num=50 if SMALL else 300, key=KEY)
print(draws)

# %% [markdown]
# ## What it costs
# Training and serving on the same kind of device, at shares of its peak and a price that are our assumptions: change
# them to yours. Serving reaches a smaller share, since answers are written token by token. `D_inf` is the demand.

# %%
GPU, PRICE = "h100-sxm", 2.0  # USD per device-hour
training = lj.costs.training().on(GPU, utilisation=0.4).priced(PRICE)
serving = lj.costs.inference().on(GPU, utilisation=0.1).priced(PRICE)
life = training + serving
print(life)

# %% [markdown]
# ## The cheapest way to a loss
# The loss must be reached in nine draws of ten; every demand is a scenario of one problem.

# %%
CHOOSE = {"N": (1e9, 1e12), "D": (1e10, 1e15)}
problem = lj.Problem(
    choose=CHOOSE,
    minimise=life,
    subject_to=lj.at_most("loss", TARGET, prob=0.9),
    given={"D_inf": DEMANDS},
)
best = lj.solve(draws, problem)
sizes, tokens = best.inputs["N"], best.inputs["D"]
trainings = np.array([training(N=N, D=D) for N, D in zip(sizes, tokens)])
for i, demand in enumerate(DEMANDS):
    print(
        f"{demand:.0e} tokens served: {sizes[i]:.2e} parameters, {tokens[i] / sizes[i]:5.0f} tokens each, "
        f"{best.objective[i] / 1e6:6.2f} million USD, {1 - trainings[i] / best.objective[i]:.0%} of it for serving"
    )
print(best.verdict)

# %% [markdown]
# The interval of the best size is that of a model that is best in each draw. It is wide because the draws disagree
# about the loss that can be reached at all, and hence about how much of everything the target takes.

# %%
low, high = best.interval("N")
for i, demand in enumerate(DEMANDS):
    print(f"{demand:.0e}: 90 % {low[i]:.2e} to {high[i]:.2e} parameters")

# %% [markdown]
# ## Is that the law or the target?
# With the money given instead of the loss, what is best hardly depends on how low the loss can be. The budget is what
# the plan above costs at the expected demand.

# %%
place = DEMANDS.index(EXPECTED)
budget = lj.usd(float(best.objective[place]))
plan = lj.allocate(draws, budget, cost=life, fixed={"D_inf": EXPECTED}, bounds=CHOOSE)
alone = lj.allocate(draws, budget, cost=training, bounds=CHOOSE)
print(plan)
shrunk = plan.optima["N"][0] / alone.optima["N"][0]
print(
    f"the best size is {np.median(shrunk):.2f} of that without serving, 90 % {np.quantile(shrunk, 0.05):.2f} "
    f"to {np.quantile(shrunk, 0.95):.2f}"
)

# %% [markdown]
# ## And if the demand is another?
# What each plan costs at each demand, over the least that this demand could have cost.

# %%
costs = np.array([[life(N=N, D=D, D_inf=demand) for demand in DEMANDS] for N, D in zip(sizes, tokens)])
dearer = costs / costs.diagonal()
print("planned for, served:" + "".join(f"{demand:9.0e}" for demand in DEMANDS))
for demand, row in zip(DEMANDS, dearer):
    print(f"{demand:19.0e} " + "".join(f"{ratio:9.2f}" for ratio in row))
safe = int(np.argmin(dearer.max(axis=1)))

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
left.fill_between(DEMANDS, low, high, alpha=0.2)
left.loglog(DEMANDS, sizes, marker="o")
left.set(xlabel="tokens served", ylabel=f"best size for {TARGET} nats/token")
for i in (0, safe, len(DEMANDS) - 1):
    right.loglog(DEMANDS, dearer[i], marker="o", label=f"planned for {DEMANDS[i]:.0e}")
right.set(xlabel="tokens served", ylabel="cost over the least possible")
right.legend(frameon=False)
Path("figures").mkdir(exist_ok=True)
figure.savefig("figures/size_for_serving.svg")

# %% [markdown]
# ## Answer

# %%
print(
    f"For {EXPECTED:.0e} tokens, {sizes[place]:.2g} parameters trained on {tokens[place]:.2g} tokens are cheapest; for "
    f"{DEMANDS[0]:.0e} it would be {sizes[0]:.2g}. If the demand is anyone's guess between {DEMANDS[0]:.0e} and "
    f"{DEMANDS[-1]:.0e}, plan for {DEMANDS[safe]:.0e}: that costs at most {dearer[safe].max():.2f} times the least."
)
