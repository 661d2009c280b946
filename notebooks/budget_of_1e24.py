# %% [markdown]
# # How should 1e24 FLOP be spent, given Hoffmann's runs and everything they leave open?
#
# The largest of the runs took far less. So the question is not only which size is best, but how sure that is, what
# acting now costs against knowing the law, and what a shortage of tokens would cost.
#
# The runs are downloaded once. Without a network, point the environment variable `LAWJAX_DATA_DIR` at a folder that
# holds the upstream file.

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import lawjax as lj
from lawjax.laws import CHINCHILLA

KEY = 0
SMALL = os.environ.get("LAWJAX_SMALL") == "1"
BUDGET = 1e24  # FLOP
SAMPLED = dict(num_chains=2, num_warmup=100, num_draws=100) if SMALL else dict(num_draws=500)

runs = lj.datasets.fetch("hoffmann2022")
runs = runs.take(np.asarray(runs["used_in_published_fit"]) == 1, "among the five highest losses")
print(
    f"{len(runs)} runs, the largest of {runs['C'].max():.3g} FLOP: the budget is {BUDGET / runs['C'].max():.0f} "
    "times that"
)

# %% [markdown]
# ## Three ways to be unsure
# The spread of a fit by its curvature, by resampling the runs, and by a posterior whose scatter may have heavy tails.

# %%
fit = lj.fit(CHINCHILLA, runs, key=KEY)
boots = lj.bootstrap(fit, num=100 if SMALL else 1000, key=KEY)
post = lj.sample(CHINCHILLA, runs, key=KEY, **SAMPLED)
print(post)

# %%
plans = {
    name: lj.allocate(source, lj.flops(BUDGET))
    for name, source in {"fit": fit, "bootstrap": boots, "posterior": post}.items()
}
for name, plan in plans.items():
    (low,), (high,) = plan.interval("N")
    print(f"{name:9}: {plan.inputs['N'][0]:.3g} parameters, 90 % {low:.3g} to {high:.3g}, loss {plan.loss[0]:.4f}")

# %% [markdown]
# The interval is that of the best size. The loss is flat about it, so a size in the interval is seldom a costly
# mistake: `regret` below is what the plan loses on average against each draw's own optimum.

# %%
print(plans["posterior"])

# %% [markdown]
# ## Does it matter what "best" means under uncertainty?
# The least mean loss, the least loss that is exceeded in one draw of ten, the least mean of those worse draws, and the
# least greatest regret.

# %%
for objective in ("mean", "quantile", "cvar", "minimax"):
    plan = lj.allocate(post, lj.flops(BUDGET), objective=objective)
    print(f"{objective:9} {plan.inputs['N'][0]:.4g} parameters, mean regret {plan.regret[0]:.2e} nats/token")

# %% [markdown]
# ## How far is it?
# The plan says how far it reaches beyond the runs. Fits to the smaller runs say how well such reaches went before: each
# cut predicts the runs above it, and `coverage` is the share of them in bands that should hold nine of ten.

# %%
plan = plans["posterior"]
for note in plan.verdict.notes:
    print(note)
past = lj.backtest(CHINCHILLA, runs, along="C", num_cuts=3, key=KEY)
print(past)

# %% [markdown]
# ## What is it worth to know more?
# The mean regret is the value of perfect information: no further run can be worth more. In compute it is what the same
# fall of the loss would take.

# %%
dearer = lj.allocate(post, [lj.flops(BUDGET), lj.flops(1.1 * BUDGET)])
per_tenth = dearer.loss[0] - dearer.loss[1]
worth = plan.regret[0] / per_tenth * 0.1
print(
    f"10 % more compute is worth {per_tenth:.4f} nats/token, knowing the law {plan.regret[0]:.1e}: {worth:.2%} of "
    "the budget"
)

# %% [markdown]
# ## What if there are fewer tokens?
# A cap on the tokens is a further constraint. A list of caps goes along with a list of budgets; the price is by how
# many per cent the loss would fall if the cap were 1 % wider.

# %%
CAPS = [5e11, 7e11, 1e12, 1.4e12, 2e12]
some = post.draws.take(np.arange(0, len(post.draws), 5))
capped = lj.allocate(some, [lj.flops(BUDGET)] * len(CAPS), subject_to=lj.at_most("D", CAPS))
lost = capped.loss - lj.allocate(some, lj.flops(BUDGET)).loss[0]
for i, cap in enumerate(CAPS):
    print(
        f"at most {cap:.1e} tokens: {capped.inputs['N'][i]:.3g} parameters, {lost[i]:.4f} nats/token lost, "
        f"price {capped.limits[1].price[i]:.4f}"
    )

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
for name, plan in plans.items():
    left.hist(np.log10(plan.optima["N"][0]), bins=30, density=True, histtype="step", label=name)
left.axvline(np.log10(plans["posterior"].inputs["N"][0]), color="black", linewidth=0.8)
left.set(xlabel="best size, log10 parameters", ylabel="density", yticks=[])
left.legend(frameon=False)
right.plot(np.array(CAPS) / 1e12, lost, marker="o")
right.set(xlabel="tokens that there are [trillions]", ylabel="loss above that without a cap")
Path("figures").mkdir(exist_ok=True)
figure.savefig("figures/budget_of_1e24.svg")

# %% [markdown]
# ## Answer

# %%
plan = plans["posterior"]
(low,), (high,) = plan.interval("N")
print(
    f"Train {plan.inputs['N'][0]:.2g} parameters on {plan.inputs['D'][0]:.2g} tokens. The best size lies between "
    f"{low:.2g} and {high:.2g} with 90 % probability if the law holds this far out; bands that should have held 90 % "
    f"of the larger runs held {np.average(past.coverage, weights=past.num_test):.0%}, so take it as wider. Knowing "
    f"the law exactly would be worth {worth:.2%} of the budget. With {CAPS[0]:.0e} tokens the loss is {lost[0]:.3f} "
    "nats/token higher."
)
