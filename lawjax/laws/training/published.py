"""Published coefficients. Training and decoding: rates, batches, schedules, drafts."""

from lawjax.laws.records import Published, Worked
from lawjax.laws.training.rates import (
    BATCH_BY_COMPUTE,
    BATCH_BY_TOKENS,
    LEARNING_RATE_BY_COMPUTE,
    LEARNING_RATE_BY_SIZE,
)

STEP_LAW = "Li et al. 2025, arXiv:2503.04715, the two formulas of Step Law, as printed"
STEP_LAW_SETTING = "dense language models; those released have 0.2B to 1.1B parameters and 4B to 100B tokens"
STEP_LAW_NOTE = (
    "The printed scales are cut, not rounded: the authors' 1000 bootstrap refits (step-law/steplaw) average to "
    "1.7973 N^-0.71292 D^0.30749 and 0.58069 D^0.57094. "
)
LEVERAGE = "Tian et al. 2025, arXiv:2507.17702, as printed"
LEVERAGE_SETTING = "mixture-of-experts language models at 3e18 to 3e20 FLOP"

PUBLISHED: tuple[Published, ...] = (
    Published(
        "li2025steplaw-rate",
        LEARNING_RATE_BY_SIZE,
        dict(c=1.79, alpha=0.713, beta=0.307),
        STEP_LAW,
        STEP_LAW_NOTE + "The rate is held at 1e-5 at the end of the schedule, not at a share of the peak.",
        setting=STEP_LAW_SETTING,
        worked=(Worked(dict(N=1e9, D=1e11), 1.632499402e-3, 1e-9, "recomputed"),),
    ),
    Published(
        "li2025steplaw-batch",
        BATCH_BY_TOKENS,
        dict(A=0.58, alpha=0.571),
        STEP_LAW,
        STEP_LAW_NOTE + "Batches are counted in tokens.",
        setting=STEP_LAW_SETTING,
        worked=(Worked(dict(D=1e11), 1107714.89, 1e-8, "recomputed"),),
    ),
    Published(
        "tian2025-rate",
        LEARNING_RATE_BY_COMPUTE,
        dict(c=1.1576, alpha=0.1529),
        LEVERAGE,
        "C is training compute without embeddings.",
        setting=LEVERAGE_SETTING,
        worked=(Worked(dict(C=1e20), 1.012881218e-3, 1e-9, "recomputed"),),
    ),
    Published(
        "tian2025-batch",
        BATCH_BY_COMPUTE,
        dict(A=0.0694, alpha=0.3644),
        LEVERAGE,
        "C is training compute without embeddings; that batches are counted in tokens is read off their size.",
        setting=LEVERAGE_SETTING,
        worked=(Worked(dict(C=1e20), 1346974.799, 1e-9, "recomputed"),),
    ),
)
