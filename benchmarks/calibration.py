"""Are posteriors calibrated? Ranks of the truth for laws, noise models and mistakes. Prints docs/calibration.md.

Seven laws, three noise models each, and run-level effects; then four mistakes that must be found. The picture goes to
docs/images/calibration.png. With LAWJAX_RESULTS set to a folder, what is finished is kept there and not done again.

    python benchmarks/calibration.py > docs/calibration.md
"""

import math
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from harness import FULL, SMALL

import lawjax as lj
from lawjax import laws
from lawjax.simulation import Calibration, calibrate
from lawjax.simulation.ecdf_bands import simultaneous_band

PROB = 0.99
NUM_DATA_SETS = 20 if SMALL else 1000 if FULL else 200
NUM_MISTAKEN = 20 if SMALL else 1000
NUM_RANKS = 19 if SMALL else 99
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "calibration.png"
RESULTS = os.environ.get("LAWJAX_RESULTS")
MISTAKES = ("scaled_noise", "shifted_prior", "no_jacobian", "clustered")
INK, ACCENT, WARM, SHADE = "#1d2730", "#0f6f7c", "#c2552d", "#8a949d"

Span = tuple[float, float, str]


class Case(NamedTuple):
    """A law, how many runs of it are simulated, where they lie, and the third noise model it is put to."""

    law: laws.Law
    num_runs: int
    spans: dict[str, Span]
    third: tuple[str, dict[str, Any]]


SIZES, TOKENS = (5e7, 1.6e10, "log"), (1e9, 5e11, "log")
ALONG_X = ("normal, scale along x", {"scale_along": "x"})
ALONG_D = ("normal, scale along D", {"scale_along": "D"})
BY_LOSS = ("normal, scale by loss", {"scale_along": "prediction"})
BINOMIAL = ("binomial, 500 trials", {"noise": "binomial", "trials": 500})
CASES = (
    Case(laws.POWER_LAW, 16, {"x": (1.0, 1e6, "log")}, ALONG_X),
    Case(laws.POWER_LAW_FLOOR, 24, {"x": (1.0, 1e6, "log")}, ALONG_X),
    Case(laws.MIXING_SHARE, 24, {"r": (0.02, 0.8, "linear")}, BY_LOSS),
    Case(laws.LOSS_TO_SCORE, 24, {"L": (0.5, 3.0, "log")}, BINOMIAL),
    Case(laws.KAPLAN_ND, 48, {"N": SIZES, "D": TOKENS}, ALONG_D),
    Case(laws.CHINCHILLA, 48, {"N": SIZES, "D": TOKENS}, ALONG_D),
    Case(laws.COUPLED, 48, {"N": SIZES, "D": TOKENS}, ALONG_D),
)
GROUPED, ROWS_OF_A_RUN = CASES[1], 4


class Setting(NamedTuple):
    """One calibration: the law, what it is called, and the arguments that differ."""

    case: Case
    label: str
    options: dict[str, Any]

    @property
    def num_data_sets(self) -> int:
        """Mistakes get the more: the smallest of them shows only in many."""
        return NUM_MISTAKEN if "mistake" in self.options else NUM_DATA_SETS


def settings() -> Iterator[Setting]:
    """The right models, and the mistakes in one of them."""
    for mistake in MISTAKES:
        yield Setting(GROUPED, f"mistake: {mistake}", {"noise": "student_t", "mistake": mistake})
    yield Setting(GROUPED, "normal, run effects", {"noise": "normal", "effects": "group"})
    for case in CASES[:1] if SMALL else CASES:
        yield Setting(case, "normal", {"noise": "normal"})
        yield Setting(case, "Student-t", {"noise": "student_t"})
        label, options = case.third
        yield Setting(case, label, {"noise": "normal", **options})


def design(case: Case, grouped: bool) -> lj.Runs | dict[str, np.ndarray]:
    """Each input even over its span, in an order of its own; in runs of four rows where they are grouped."""
    generator = np.random.default_rng(0)
    spaced = {"log": np.geomspace, "linear": np.linspace}
    columns = {
        name: generator.permutation(spaced[how](low, high, case.num_runs))
        for name, (low, high, how) in case.spans.items()
    }
    if not grouped:
        return columns
    return lj.Runs.from_columns(**columns, group=[row // ROWS_OF_A_RUN for row in range(case.num_runs)])


def calibrated(setting: Setting) -> Calibration:
    """The calibration of one setting, or the one that is kept."""
    case, label, options = setting
    name = "-".join(f"{case.law.name} {label}.json".replace(":", "").replace(",", "").split())
    kept = None if RESULTS is None else Path(RESULTS) / name
    if kept is not None and kept.is_file():
        return lj.load(kept)
    began = time.perf_counter()
    table = design(case, options.get("effects") == "group")
    num = setting.num_data_sets
    found = calibrate(case.law, table, num_data_sets=num, num_ranks=NUM_RANKS, prob=PROB, key=2, **options)
    print(f"{case.law.name}, {label}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    # Programs of finished settings fill the process's memory maps, of which there are 65,530.
    jax.clear_caches()
    if kept is not None:
        found.save(kept)
    return found


Found = list[tuple[Setting, Calibration]]

HEAD = """# Are the posteriors calibrated?

<!-- Written by `make calibration-study`; every figure below comes from that run. -->

If parameters come from the priors and data from the model at those parameters, the truth is as likely to have any
rank among posterior draws as any other. That is so only where density, priors and sampler all are what they should be.
Here lawjax simulates {num} data sets in each setting, samples every posterior, and ranks the truth among {ranks} draws:
by each parameter of law and noise, by the log-likelihood, by a prediction ten times beyond the design, and, where the
law has N and D, by the best size for ten times the design's largest budget. `lawjax.simulation.calibrate` does this for
any law.

The distribution of {num} ranks stays inside a band at all points at once with probability {prob:.0%}, over all {count}
quantities of the right models together (Säilynoja et al. 2022, arXiv:2103.10522; Bonferroni over the quantities): a
quantity is off where its p-value is below {threshold:.1e}. No data set is left out: those that were sampled badly at
first were sampled again, and those that failed their gate to the end are ranked like all others.

![Distribution of ranks less the uniform one, with its band](images/calibration.png)
"""

MISTAKEN = f"""
## Deliberate mistakes

All on {GROUPED.law.name} with Student-t noise, whose right model is above: noise simulated 1.3 times as large as the
model has it; truths drawn 0.3 prior standard deviations above the priors; a density that lacks the Jacobian of its
change of variables; and half of the noise's variance shared by four rows of a run, inferred as if all rows were
independent. Each must be off; {NUM_MISTAKEN} data sets each.
"""


def head(count: int) -> str:
    """What was done."""
    return HEAD.format(num=NUM_DATA_SETS, ranks=NUM_RANKS, prob=PROB, count=count, threshold=(1 - PROB) / count)


def outcome(found: Calibration, threshold: float) -> str:
    """The quantities that are off, if any."""
    off = [name for name, test in found.tests.items() if test.p_value < threshold]
    return "inside" if not off else "off: " + ", ".join(off)


def overview(found: Found, threshold: float) -> Iterator[str]:
    """One line a setting."""
    yield "| law | model | quantities | lowest p | sampled again | failed gate | redrawn | ranks |"
    yield "|---|---|---|---|---|---|---|---|"
    for setting, one in found:
        lowest = min(test.p_value for test in one.tests.values())
        counts = (one.num_again, int(np.sum(one.failed)), one.num_redrawn)
        cells = [f"{len(one.ranks)}", f"{lowest:.2g}", *map(str, counts), outcome(one, threshold)]
        yield f"| {setting.case.law.name} | {setting.label} | " + " | ".join(cells) + " |"


def details(found: Found) -> Iterator[str]:
    """One line a quantity."""
    yield "| law | model | quantity | p (band) | p (chi-square) | farthest | shift / se | spread / se |"
    yield "|---|---|---|---|---|---|---|---|"
    for setting, one in found:
        for name, test in one.tests.items():
            cells = [f"{test.p_value:.2g}", f"{test.chi_square:.2g}", f"{test.farthest:.3f}"]
            cells += [f"{test.shift:.1f}", f"{test.spread:.1f}"]
            yield f"| {setting.case.law.name} | {setting.label} | {name} | " + " | ".join(cells) + " |"


def draw(found: Found, threshold: float) -> None:
    """A small figure per setting: a line per quantity, and the band."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns, rows = 4, math.ceil(len(found) / 4)
    figure = Figure(figsize=(9, 1.6 * rows), dpi=150, layout="constrained")
    cells = figure.subplots(rows, columns, sharex=True, squeeze=False).ravel()
    for axes, (setting, one) in zip(cells, found, strict=False):
        band = simultaneous_band(setting.num_data_sets, NUM_RANKS, 1 - threshold)
        axes.fill_between(band.points, band.low, band.high, color=SHADE, alpha=0.25, lw=0)
        for name, test in one.tests.items():
            axes.plot(band.points, one.departure(name), lw=0.9, color=WARM if test.p_value < threshold else ACCENT)
        axes.set_title(f"{setting.case.law.name}\n{setting.label}", loc="left", fontsize=7, color=INK)
        axes.tick_params(labelsize=6)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in cells[len(found) :]:
        axes.set_axis_off()
    figure.supxlabel("rank of the truth, share of the draws", fontsize=8)
    figure.supylabel("distribution less uniform", fontsize=8)
    FigureCanvasAgg(figure).print_png(PICTURE)


def lines() -> Iterator[str]:
    """The page, line by line."""
    found = [(setting, calibrated(setting)) for setting in settings()]
    right, wrong = ([pair for pair in found if (pair[1].mistake is None) == honest] for honest in (True, False))
    count = sum(len(one.ranks) for _, one in right)
    threshold = (1 - PROB) / count
    if not SMALL:
        draw(found, threshold)
    yield head(count)
    yield "## Right models\n"
    yield from overview(right, threshold)
    yield MISTAKEN
    yield from overview(wrong, threshold)
    yield "\n## By quantity\n"
    yield "Shift is positive where the truth lies above the draws too often, spread where intervals are too narrow.\n"
    yield from details(found)


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
