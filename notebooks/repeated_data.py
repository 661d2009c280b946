# %% [markdown]
# # How often should 100 billion unique tokens be repeated with 1e23 FLOP?
#
# A repeated token is worth less than a new one. Muennighoff et al. 2023 (arXiv:2305.16264) fitted how much less, with
# two constants: R_D* repeats, and R_N* for parameters beyond those that the unique tokens call for. lawjax ships the
# fit with its caveat, and the caveat is about this very question.

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import lawjax as lj
from lawjax.laws import DATA_CONSTRAINED

KEY = 0
SMALL = os.environ.get("LAWJAX_SMALL") == "1"
BUDGET, UNIQUE = 1e23, 1e11  # FLOP, tokens

published = lj.laws.published("muennighoff2023")
print(published.setting)
print(published.note)

# %% [markdown]
# ## By the published constants

# %%
said = lj.decisions.best_epochs(published, BUDGET, UNIQUE)
print(said)

# %% [markdown]
# ## Two basins
# The objective of their 182 runs has several optima of nearly the same height. Another one, a little better than the
# published, has far more patience with repeats and less with large models (`tests/laws/test_repetition.py` finds it in
# the authors' runs). Both are equally good accounts of what was seen; the decision is where they part.

# %%
OTHER = dict(published.params) | dict(R_D_star=95.37, R_N_star=1.706)
basins = {"published": dict(published.params), "other optimum": OTHER}
for name, params in basins.items():
    answer = lj.decisions.best_epochs(params, BUDGET, UNIQUE)
    print(
        f"{name:13}: {answer['N']:.3g} parameters, {answer['epochs']:.1f} epochs, loss {answer['loss']:.4f}, "
        f"{answer['cost']:.4f} of it for want of tokens"
    )

# %% [markdown]
# ## How sure could such runs be?
# Runs simulated from each basin with a design like theirs, 7M to 8.7B parameters and up to 1500 epochs, and with as
# much scatter as their residuals show; then the fit of both constants with the other five held, as the paper did, and a
# bootstrap that searches every resample globally.

# %%
SCATTER = 0.1  # of the log loss
generator = np.random.default_rng(KEY)
num = 182
unique = np.exp(generator.uniform(np.log(1e8), np.log(6e10), num))
passes = np.exp(generator.uniform(0.0, np.log(1500.0), num)).clip(1.0, np.maximum(9e11 / unique, 1.0))
design = dict(N=np.exp(generator.uniform(np.log(7e6), np.log(8.7e9), num)), D=unique * passes, epochs=passes)
held = {name: published.params[name] for name in ("E", "A", "alpha", "B", "beta")}
draws = {}
for name, params in basins.items():
    runs = lj.simulate(DATA_CONSTRAINED, params, design, noise=SCATTER, key=KEY)
    fit = lj.fit(DATA_CONSTRAINED, runs, fixed=held, loss="squared", key=KEY)
    draws[name] = lj.bootstrap(fit, num=50 if SMALL else 300, key=KEY)
    low, high = draws[name].interval("R_D_star", 0.9)
    answer = lj.decisions.best_epochs(draws[name], BUDGET, UNIQUE)
    least, most = answer.interval("epochs")
    print(f"{name:13}: R_D* from {low:.3g} to {high:.3g}, hence {least:.1f} to {most:.1f} epochs (90 %)")

# %% [markdown]
# ## One plan for both
# Size, tokens and epochs together, the epochs being what the unique tokens make of the tokens. All draws of both basins
# count alike, and the plan is the one whose greatest regret is least. A list of unique tokens gives as many scenarios.

# %%
HELD = [2.5e10, 5e10, UNIQUE, 2e11, 4e11]


def unique_tokens(D, epochs):
    """Tokens that are seen for the first time."""
    return D / epochs


both = {key: np.concatenate([one[key] for one in draws.values()]) for key in published.params}
problem = lj.Problem(
    choose={"N": (1e8, 1e12), "D": (1e9, 1e14), "epochs": (1.0, 1e4)},
    minimise="loss",
    subject_to=[lj.at_most(lj.costs.training(), lj.flops(BUDGET)), lj.equal(unique_tokens, HELD)],
)
plan = lj.solve(both, problem, objective="minimax", law=DATA_CONSTRAINED)
print(plan)

# %% [markdown]
# The price of the second constraint is that of data: by how many per cent the loss would fall with 1 % more unique
# tokens.

# %%
low, high = plan.interval("epochs")
for i, tokens in enumerate(HELD):
    print(
        f"{tokens:.1e} unique tokens: {plan.inputs['epochs'][i]:4.1f} epochs (90 % {low[i]:.1f} to {high[i]:.1f}), "
        f"{plan.inputs['N'][i]:.3g} parameters, price of data {plan.limits[1].price[i]:.4f}"
    )

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
sizes = np.geomspace(3e9, BUDGET / (6 * UNIQUE), 200)
tokens = BUDGET / (6 * sizes)
seen = {"N": sizes, "D": tokens, "epochs": tokens / UNIQUE}
for name, params in basins.items():
    left.semilogx(seen["epochs"], lj.predict(params, seen, law=DATA_CONSTRAINED).median, label=name)
left.set(xlabel="epochs", ylabel="loss along the budget [nats/token]")
left.legend(frameon=False)
billions = np.array(HELD) / 1e9
right.fill_between(billions, low, high, alpha=0.2)
right.semilogy(billions, plan.inputs["epochs"], marker="o")
right.set(xlabel="unique tokens [billions]", ylabel="epochs of the plan, 90 % of the draws")
Path("figures").mkdir(exist_ok=True)
figure.savefig("figures/repeated_data.svg")

# %% [markdown]
# ## Answer

# %%
here = HELD.index(UNIQUE)
print(
    f"About {plan.inputs['epochs'][here]:.0f} epochs, with {plan.inputs['N'][here]:.2g} parameters. By one basin of "
    f"the constants or the other anything from {low[here]:.0f} to {high[here]:.0f} epochs may be best (90 %), but "
    f"the plan loses {plan.regret[here]:.4f} nats/token on average for not knowing which."
)
