"""Published coefficients of size, data and compute laws; whole tables are in `tables.py`."""

from lawjax.laws.records import Published, Worked
from lawjax.laws.size.generative import OPTIMAL_SIZE_POWER, OPTIMAL_TOKENS_POWER, SCALE_POWER_LAW
from lawjax.laws.size.loss import CHINCHILLA, KAPLAN_D, KAPLAN_N, KAPLAN_ND
from lawjax.laws.size.overtraining import ERROR_OF_LOSS, OVERTRAINED
from lawjax.laws.size.steps import CRITICAL_BATCH_SIZE, KAPLAN_NS, KAPLAN_NSB
from lawjax.laws.size.tables import FLORENZ, GENERATIVE, PF_DAY, ROBOTS, TIME_SERIES, VISION

_RECOMPUTED = "recomputed from the printed constants"
_MASSIVE_TEXT = "MassiveText, more than 400 models of 70M to 16B parameters; 6 N D FLOP"
_GOPHER = dict(N=280e9, D=300e9)
_WEBTEXT = "WebText2, decoder-only Transformers of up to 1.5B non-embedding parameters"
_NANOGPT = "shehper/scaling_laws (a replication with nanoGPT): printed in its README and notebook"
_CONVERSIONS = "Read in two full-text conversions of the paper, tables and all, that agree; not in the paper itself."
_TWO_BATCHES = "Equations 1.4 and 5.3 print B_* = 2e8 tokens, table 5 and figure 10 print 2.1e8."
_OPENWEBTEXT = "OpenWebText, nanoGPT models of about 1e5 to 1e7 non-embedding parameters"

LOSSES = (
    Published(
        "hoffmann2022",
        CHINCHILLA,
        dict(E=1.69, A=406.4, alpha=0.34, B=410.7, beta=0.28),
        "Hoffmann et al. 2022, arXiv:2203.15556, section D.2, as printed (rounded)",
        "Rounding the exponents moves the optimal tokens per parameter by 1.6 times at 5.76e23 FLOP; "
        "compare `hoffmann2022-unrounded` and `besiroglu2024`.",
        setting=_MASSIVE_TEXT,
        worked=(Worked(_GOPHER, 1.993258, 1e-6, _RECOMPUTED),),
    ),
    Published(
        "hoffmann2022-unrounded",
        CHINCHILLA,
        dict(E=1.6933754, A=406.4009, alpha=0.33917084, B=410.7228, beta=0.2849083),
        "the same fit with more digits, recovered from the paper's source files by Besiroglu et al. 2024",
        setting=_MASSIVE_TEXT,
        worked=(Worked(_GOPHER, 1.967245, 1e-6, _RECOMPUTED),),
    ),
    Published(
        "besiroglu2024",
        CHINCHILLA,
        dict(E=1.81686, A=482.00572, alpha=0.34781, B=2085.43420, beta=0.36585),
        "Besiroglu et al. 2024, arXiv:2404.10102 (a least-absolute-deviations fit of 240 digitised runs)",
        setting="240 of the runs of Hoffmann et al., read off their figure 4",
        worked=(Worked(_GOPHER, 1.999080, 1e-6, _RECOMPUTED),),
    ),
    Published(
        "kaplan2020-n",
        KAPLAN_N,
        dict(N_c=8.8e13, alpha_N=0.076),
        "Kaplan et al. 2020, arXiv:2001.08361, equation 1.1",
        "N counts non-embedding parameters.",
        setting=_WEBTEXT + ", trained to convergence",
        worked=(Worked(dict(N=1e9), 2.375640, 1e-6, _RECOMPUTED),),
    ),
    Published(
        "kaplan2020-d",
        KAPLAN_D,
        dict(D_c=5.4e13, alpha_D=0.095),
        "Kaplan et al. 2020, arXiv:2001.08361, equation 1.2",
        setting=_WEBTEXT + ", large models stopped early",
        worked=(Worked(dict(D=1e10), 2.262442, 1e-6, _RECOMPUTED),),
    ),
    Published(
        "kaplan2020-nd",
        KAPLAN_ND,
        dict(N_c=6.4e13, alpha_N=0.076, D_c=1.8e13, alpha_D=0.103),
        "Kaplan et al. 2020, arXiv:2001.08361, table 2",
        "N counts non-embedding parameters.",
        setting=_WEBTEXT + ", stopped early on subsets of the data",
        worked=(Worked(dict(N=1e9, D=1e10), 2.419652, 1e-6, _RECOMPUTED),),
    ),
    Published(
        "kaplan2020-c",
        SCALE_POWER_LAW,
        dict(x_0=3.1e8, alpha=0.050),
        "Kaplan et al. 2020, arXiv:2001.08361, equation 1.3",
        "x is the least compute that reaches the loss, at a batch far below the critical one.",
        {"x": PF_DAY},
        _WEBTEXT + ", the best size for each compute [FLOP]",
        worked=(Worked(dict(x=PF_DAY), 2.658080, 1e-6, _RECOMPUTED),),
    ),
    Published(
        "kaplan2020-optimal",
        OPTIMAL_SIZE_POWER,
        dict(C_N=1.3e9 ** (-1 / 0.73), beta=0.73),
        "Kaplan et al. 2020, arXiv:2001.08361, table 6, printed as 1.3e9 C^0.73",
        "C is the least compute that reaches the loss; N counts non-embedding parameters.",
        {"C": PF_DAY},
        _WEBTEXT,
        worked=(Worked(dict(C=PF_DAY), 1.3e9, 1e-9, "table 6: the printed factor is the size for one PF-day"),),
    ),
    Published(
        "nanogpt-n",
        KAPLAN_N,
        dict(N_c=3.81e13, alpha_N=0.0823),
        _NANOGPT,
        setting=_OPENWEBTEXT,
        worked=(Worked(dict(N=1e9), 2.382375, 1e-6, _RECOMPUTED),),
    ),
    Published(
        "nanogpt-nd",
        KAPLAN_ND,
        dict(N_c=1.32e14, alpha_N=0.0763, D_c=1.22e12, alpha_D=0.1224),
        _NANOGPT,
        setting=_OPENWEBTEXT,
        worked=(Worked(dict(N=1e6, D=1e9), 4.170220, 1e-6, _RECOMPUTED),),
    ),
    Published(
        "nanogpt-c",
        SCALE_POWER_LAW,
        dict(x_0=4.23e6, alpha=0.0566),
        _NANOGPT,
        "x is the least compute that reaches the loss, at a batch far below the critical one.",
        {"x": PF_DAY},
        _OPENWEBTEXT + ", the best size for each compute [FLOP]",
        worked=(Worked(dict(x=PF_DAY), 2.371651, 1e-6, _RECOMPUTED),),
    ),
    Published(
        "nanogpt-optimal",
        OPTIMAL_SIZE_POWER,
        dict(C_N=4.27e9 ** (-1 / 0.7158), beta=0.7158),
        _NANOGPT + " as 4.27e9 C^0.7158",
        "C is the least compute that reaches the loss; N counts non-embedding parameters.",
        {"C": PF_DAY},
        _OPENWEBTEXT,
        worked=(Worked(dict(C=PF_DAY), 4.27e9, 1e-9, "the printed factor is the size for one PF-day"),),
    ),
)

_KAPLAN_STEPS = dict(N_c=6.5e13, alpha_N=0.077, S_c=2.1e3, alpha_S=0.76)
_NANOGPT_STEPS = dict(N_c=3.81e13, alpha_N=0.0823, S_c=7.78e2, alpha_S=0.5937)
_NANOGPT_BATCH = dict(B_star=2.20e7, alpha_B=0.2346)
STEPS = (
    Published(
        "kaplan2020-ns",
        KAPLAN_NS,
        _KAPLAN_STEPS,
        "Kaplan et al. 2020, arXiv:2001.08361, table 3",
        _CONVERSIONS,
        setting=_WEBTEXT + ", training curves after warm-up",
        worked=(Worked(dict(N=1e9, S_min=1e5), 2.400514, 1e-6, _RECOMPUTED),),
    ),
    Published(
        "kaplan2020-critical-batch",
        CRITICAL_BATCH_SIZE,
        dict(B_star=2e8, alpha_B=0.21),
        "Kaplan et al. 2020, arXiv:2001.08361, equation 1.4",
        _TWO_BATCHES,
        setting=_WEBTEXT,
        worked=(Worked(dict(loss=3.0), 1.069114e6, 1e-6, _RECOMPUTED),),
    ),
    Published(
        "kaplan2020-nsb",
        KAPLAN_NSB,
        _KAPLAN_STEPS | dict(B_star=2e8, alpha_B=0.21),
        "Kaplan et al. 2020, arXiv:2001.08361, table 3 and equation 1.4",
        f"{_CONVERSIONS} {_TWO_BATCHES}",
        setting=_WEBTEXT + ", training curves after warm-up",
        worked=(Worked(dict(N=1e9, S=1e5, B=524288.0), 2.541193, 1e-6, _RECOMPUTED),),
    ),
    Published(
        "nanogpt-ns",
        KAPLAN_NS,
        _NANOGPT_STEPS,
        _NANOGPT,
        setting=_OPENWEBTEXT,
        worked=(Worked(dict(N=1e6, S_min=1e4), 4.4260, 1e-4, _RECOMPUTED),),
    ),
    Published(
        "nanogpt-critical-batch",
        CRITICAL_BATCH_SIZE,
        _NANOGPT_BATCH,
        _NANOGPT,
        "Printed also as 2.20e7 L^-4.2627.",
        setting=_OPENWEBTEXT,
        worked=(Worked(dict(loss=4.4260), 3.879e4, 5e-4, _RECOMPUTED),),
    ),
    Published(
        "nanogpt-nsb",
        KAPLAN_NSB,
        _NANOGPT_STEPS | _NANOGPT_BATCH,
        _NANOGPT,
        "L(N, S_min) and the critical batch of the replication put together; it does not print the sum.",
        setting=_OPENWEBTEXT,
        worked=(
            Worked(dict(N=1e6, S=1e4, B=524288.0), 4.4354, 1e-4, _RECOMPUTED),
            Worked(dict(N=1e6, S=1e4, B=16384.0), 4.6248, 1e-4, _RECOMPUTED),
        ),
    ),
)

_GADRE = (
    "recomputed: the procedure and the runs of mlfoundations/scaling, RedPajama models judged on the C4 evaluation; "
    "Gadre et al. 2024, arXiv:2403.08540"
)
_LLAMA = "Read in public reading notes on the paper, several that agree, not in the paper itself."
BUDGETS = (
    Published(
        "gadre2024-redpajama",
        OVERTRAINED,
        dict(E=1.836648408738623, a=212.2361216791635, b=366.6871979615622, eta=0.13642535308930864),
        _GADRE,
        "Four parameters from five runs, so it has one degree of freedom.",
        setting="four models of 0.011B to 0.411B parameters on 20 tokens per parameter and one on 320; in FLOP",
        worked=(
            Worked(
                dict(C=7960359236901273600000.0, M=640.0),
                2.502053562117363 * 1.007103,
                1e-6,
                "scaling_explorer.ipynb prints a relative error of 0.7103 % for 1.4B parameters",
            ),
            Worked(
                dict(C=5695677343708741632000.0, M=20.0),
                2.424993099368689 * 1.007320,
                1e-6,
                "scaling_explorer.ipynb prints a relative error of 0.7320 % for 6.9B parameters",
            ),
        ),
    ),
    Published(
        "gadre2024-redpajama-error",
        ERROR_OF_LOSS,
        dict(epsilon=0.85699193, k=2.20649009, gamma=0.71459055),
        _GADRE,
        setting="mean top-1 error of 17 tasks, the five runs and one of 1.4B parameters on 20 tokens per parameter",
        worked=(
            Worked(
                dict(loss=2.519826538991966),
                0.475215231671053 * 1.036365,
                1e-6,
                "scaling_explorer.ipynb prints a relative error of 3.6365 % for 1.4B parameters",
            ),
            Worked(
                dict(loss=2.4427451703568828),
                0.471637180622886 * 1.000464,
                1e-6,
                "scaling_explorer.ipynb prints a relative error of 0.0464 % for 6.9B parameters",
            ),
        ),
    ),
    Published(
        "grattafiori2024",
        OPTIMAL_TOKENS_POWER,
        dict(A=0.29, alpha=0.53),
        "Grattafiori et al. 2024, arXiv:2407.21783, section 3.2.1, as printed in the text (rounded)",
        f"{_LLAMA} These digits give 10.5T tokens at 3.8e25 FLOP, not the 16.55T printed beside them: two digits of "
        "the exponent are a factor of 1.5 there. Use `grattafiori2024-figure`.",
        setting="Llama 3, isoFLOP minima at 6e18 to 1e22 FLOP",
        worked=(Worked(dict(C=3.8e25), 1.046365e13, 1e-6, _RECOMPUTED),),
    ),
    Published(
        "grattafiori2024-figure",
        OPTIMAL_TOKENS_POWER,
        dict(A=0.299, alpha=0.537),
        "Grattafiori et al. 2024, arXiv:2407.21783, legend of figure 3",
        f"{_LLAMA} Refitted by us from the digitised points it is 0.299355 and 0.536779. The 402B parameters and "
        "16.55T tokens that the paper derives cost 3.99e25 FLOP, 5 % more than its 3.8e25.",
        setting="Llama 3, isoFLOP minima at 6e18 to 1e22 FLOP",
        worked=(Worked(dict(C=3.8e25), 16.55e12, 0.02, "section 3.2.1 prints 16.55T tokens"),),
    ),
)

PUBLISHED: tuple[Published, ...] = (
    *LOSSES,
    *STEPS,
    *BUDGETS,
    *GENERATIVE,
    *TIME_SERIES,
    *VISION,
    *FLORENZ,
    *ROBOTS,
)
