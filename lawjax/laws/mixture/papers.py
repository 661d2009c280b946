"""The papers of the family. Mixtures of data."""

from lawjax.laws.records import Paper

PAPERS: tuple[Paper, ...] = (
    Paper(
        "que2024",
        "D-CPT Law",
        "2406.01375",
        laws=("d-cpt", "d-cpt-cross-domain", "d-cpt-early-loss"),
        status="verified",
        reproduced="the paper's conditions on the form, and its two uses by a fine grid; the paper's text was not at "
        "hand and no coefficients were found, so its ratios 0.924 and 0.732 cannot be recomputed",
        test="tests/laws/test_mixture.py::test_d_cpt_falls_in_the_share_when_eta_is_one_or_more_and_the_data_many",
        decision=("best_ratio_under_cap", "best_ratio_of_limited_data", "best_size_at_ratio", "critical_mixture_ratio"),
        data="none public: recovery is tested on simulated runs of the paper's design",
        caveats=(
            "The form is second-hand: three accounts of the paper agree on it, one prints products for quotients.",
            "The domain loss need not fall in the share, nor the general loss rise: the best share may lie inside.",
            "The loss can only fall in D, so forgetting (a general loss that rises with training) is out of its reach.",
            "With eta below 1 it rises in the share near 0; put eta at 1 or more where that matters.",
            "Three ratios, or two sizes, do not determine it; four ratios leave C, gamma and eps uncertain by half.",
        ),
    ),
    Paper(
        "gu2024",
        "CMR Scaling Law",
        "2407.17467",
        laws=("cmr-loss", "cmr-domain-change", "cmr-general-change", "critical-ratio"),
        status="verified",
        reproduced="the four held-out domain losses of table 2 from the other four ratios, to 1e-4",
        test="tests/laws/test_cmr.py::test_four_ratios_predict_the_domain_loss_at_the_one_left_out",
        decision=("critical_time", "critical_mixture_ratio", "critical_ratio_at"),
        data="figures of table 2, in the test",
        caveats=(
            "The coefficients of the trajectories and of the CMR law are not printed; none is shipped.",
            "R is the share of domain data; some accounts take it for the share of general data.",
            "T = 100 is 20B tokens in the paper, while the text of its figure 5 takes T = 250 for 500B instead of "
            "50B; lawjax counts tokens.",
        ),
    ),
    Paper(
        "ye2025",
        "Data Mixing Laws",
        "2403.16952",
        laws=("mixing-share", "mixing-3", "mixing-5"),
        status="verified",
        reproduced="eleven pairs of coefficients for two domains, five objectives for five domains, and the critical "
        "proportion 0.2862 of the authors' notebooks",
        test="tests/laws/test_mixing.py::test_five_domains_reach_the_objective_of_the_source",
        decision=("optimal_mixture", "critical_mixture_ratio"),
        data="yegcjs/mixinglaws (no licence stated)",
        caveats=(
            "k and a shift of all t cannot be told apart; hold k at 1 when fitting.",
            "The twelfth pair for two domains is degenerate in the source too: its constant c runs to 0.",
        ),
        further=True,
    ),
)
