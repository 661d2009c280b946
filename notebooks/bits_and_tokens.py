# %% [markdown]
# # How many tokens may a model see before 4 bits cost it a fifth of a nat?
#
# Weights are often quantised after training. Ouyang et al. 2024 (arXiv:2411.17691) found that the more tokens a model
# has seen, the more it loses. Their paper prints a law for all bit widths, and a table of token counts that does not
# follow from it: one law per bit width does. lawjax ships both. Which tokens do they give, and how far apart?

# %%
import lawjax as lj

GAP = 0.2  # nats/token: the quantised model keeps 80 % of the likelihood
SIZES = (1e9, 7e9, 70e9, 405e9)

# %% [markdown]
# The decision is one call. The verdict carries the caveat of the coefficients.

# %%
one = lj.decisions.tokens_until_gap("ouyang2024", gap=GAP, N=7e9, P=4)
print(one)

# %% [markdown]
# Both laws, at the sizes of the paper's table 1.

# %%
rows = []
for size in SIZES:
    unified = lj.decisions.tokens_until_gap("ouyang2024", gap=GAP, N=size, P=4)["D"]
    own = lj.decisions.tokens_until_gap("ouyang2024-4bit", gap=GAP, N=size)["D"]
    rows.append((size, unified, own))
    print(f"{size:8.0e} parameters: {unified:9.3e} tokens by the law of all widths, {own:9.3e} by that of 4 bits")

# %% [markdown]
# A law that is fitted to runs has an interval. Simulated runs of the 4-bit law show what 60 models with 5 % noise in
# the gap would say of 405 billion parameters, forty times beyond the largest of them.

# %%
source = lj.laws.published("ouyang2024-4bit")
runs = lj.simulate(source.law, source.params, num_runs=60, noise=0.05, key=0)
fit = lj.fit(source.law, runs, loss="squared")
answer = lj.decisions.tokens_until_gap(fit, gap=GAP, N=SIZES[-1])
low, high = answer.interval("D")
print(answer)

# %% [markdown]
# The answer.

# %%
size, unified, own = rows[-1]
print(
    f"At {size:.0e} parameters the two published laws differ {own / unified:.1f} times, far more than the interval of "
    f"either: with 60 runs it is a factor of {high / low:.2f} wide. Which law holds matters more than its noise."
)
