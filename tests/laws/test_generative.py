"""Generative and time-series models: tables against each other, digitised points against printed curves."""

import re

import numpy as np
import pytest

import lawjax as lj
from lawjax.classical import isoflop
from lawjax.laws import (
    CHINCHILLA,
    IRREDUCIBLE_POWER_LAW,
    POWER_LAW,
    POWER_LAW_FLOOR,
    SCALE_POWER_LAW,
    published,
)

PF_DAY = 8.64e19
TOKENS_PER_IMAGE = {"8x8": 192, "16x16": 768, "32x32": 3072}
SIZES = [872, 7032, 100928, 302656, 1771712, 4747264, 1.41e7, 3.78e7, 1.27e8, 3.02e8]
ENCODER_POINTS = [1e7, 1e8, 1.03e9, 15.7e9]
DECODER_POINTS = [1e7, 1e8, 1.03e9, 4.8e9]
SERIES = {
    # Read off the figures of Qingrenn/TSFM-ScalingLaws (analysis/*.ipynb), to about 0.01.
    "encoder-n-lsf": (SIZES, [5.117, 5.229, 5.007, 4.773, 4.493, 4.410, 4.329, 3.957, 3.887, 3.848]),
    "encoder-n-monash": (SIZES, [6.219, 5.933, 5.512, 4.976, 5.007, 4.873, 4.915, 4.736, 4.649, 4.670]),
    "encoder-n-id": (SIZES, [2.389, 2.441, 2.204, 2.097, 2.008, 1.947, 1.894, 1.797, 1.728, 1.720]),
    "decoder-n-lsf": (SIZES, [5.464, 4.897, 4.920, 4.668, 4.615, 4.605, 4.600, 4.291, 4.291, 4.415]),
    "decoder-n-monash": (SIZES, [5.577, 5.389, 5.226, 4.920, 4.931, 4.875, 4.754, 4.599, 4.594, 4.553]),
    "decoder-n-id": (SIZES, [2.846, 2.845, 2.776, 2.534, 2.616, 2.505, 2.569, 2.292, 2.449, 2.454]),
    "encoder-d-lsf": (ENCODER_POINTS, [4.882, 4.527, 4.210, 3.947]),
    "encoder-d-monash": (ENCODER_POINTS, [5.514, 5.192, 4.903, 4.642]),
    "encoder-d-id": (ENCODER_POINTS, [3.619, 2.523, 2.222, 1.744]),
    "decoder-d-lsf": (DECODER_POINTS, [4.995, 4.835, 4.541, 4.467]),
    "decoder-d-monash": (DECODER_POINTS, [5.494, 5.259, 4.711, 4.640]),
    "decoder-d-id": (DECODER_POINTS, [4.329, 3.478, 2.847, 2.481]),
}
LIQUID = {
    # Validation loss of image tokens after 5, 10, ... 40 thousand steps of 1e6 tokens, by size in 1e9 parameters;
    # read off assets/multimodal_scaling_law.png of FoundationVision/Liquid, to about 0.003.
    0.5: [6.486, 6.240, 6.107, 6.026, 5.957, 5.906, 5.863, 5.827],
    1.0: [6.427, 6.135, 5.978, 5.874, 5.796, 5.743, 5.696, 5.656],
    2.0: [6.127, 5.819, 5.651, 5.546, 5.470, 5.410, 5.369, 5.327],
    7.0: [6.067, 5.817, 5.660, 5.550, 5.467, 5.410, 5.353, 5.311],
    9.0: [5.999, 5.622, 5.404, 5.294, 5.211, 5.154, 5.101, 5.080],
    32.0: [5.582, 5.315, 5.186, 5.101, 5.039, 4.987, 4.945, 4.914],
}


def reducible(name, pf_days=1.0):
    """The part of a published loss that compute takes away."""
    p = published(name).printed
    return (p["x_0"] / pf_days) ** p["alpha"]


def test_a_loss_by_its_scale_is_the_power_law_with_a_floor():
    scale, alpha, x = 5.1e3, 0.16, 1e9
    by_scale = float(IRREDUCIBLE_POWER_LAW(x, L_inf=2.0, x_0=scale, alpha=alpha))
    assert by_scale == pytest.approx(float(POWER_LAW_FLOOR(x, E=2.0, A=scale**alpha, alpha=alpha)), rel=1e-5)


def test_losses_per_token_and_per_image_agree_but_for_images_of_8x8():
    ratio = {
        size: tokens * reducible(f"henighan2020-image-{size}-c") / reducible(f"henighan2020-image-{size}-per-image")
        for size, tokens in TOKENS_PER_IMAGE.items()
    }
    assert ratio["16x16"] == pytest.approx(1.0, abs=0.01)
    assert ratio["32x32"] == pytest.approx(1.0, abs=0.01)
    assert ratio["8x8"] == pytest.approx(1.54, abs=0.01)


def test_a_slip_of_one_power_of_ten_would_explain_the_curve_of_8x8_images():
    mended = TOKENS_PER_IMAGE["8x8"] * 1.8e-9**0.19
    assert mended == pytest.approx(reducible("henighan2020-image-8x8-per-image"), rel=0.01)


@pytest.mark.parametrize(("size", "nats"), [("8x8", 4.197), ("16x16", 43.34), ("32x32", 439.7)])
def test_reducible_losses_per_image_at_one_petaflop_day(size, nats):
    assert reducible(f"henighan2020-image-{size}-per-image") == pytest.approx(nats, rel=2e-4)


def test_the_table_and_the_figure_of_mathematics_differ():
    entry = published("henighan2020-math-c")
    by_figure = entry.printed["x_0"] ** 0.14
    assert entry.printed["alpha"] == 0.17
    assert by_figure / reducible("henighan2020-math-c") == pytest.approx(1.40, abs=0.01)


def test_best_tokens_grow_at_most_with_two_thirds_of_the_power_of_size():
    tables = [entry for name, entry in lj.laws.PUBLISHED.items() if re.fullmatch("henighan2020-.*-optimal", name)]
    betas = [entry.printed["beta"] for entry in tables]
    powers = [(1 - beta) / beta for beta in betas]
    assert len(powers) == 10
    assert max(powers) < 2 / 3
    assert np.median(powers) == pytest.approx(0.4, abs=0.05)


def test_an_image_tells_a_model_nothing_at_its_threshold_size():
    law = lj.laws.INFORMATION_GAIN
    assert float(law(1e6, slope=0.02, N_c=1e6)) == 0.0
    assert float(law(1e6 * np.e, slope=0.02, N_c=1e6)) == pytest.approx(0.02, rel=1e-4)


@pytest.mark.parametrize("name", list(SERIES))
def test_fits_to_digitised_time_series_losses_agree_with_the_legends(name):
    x, losses = SERIES[name]
    entry = published(f"yao2024-{name}")
    fit = lj.fit(POWER_LAW, lj.Runs.from_columns(x=x, loss=losses), loss="squared", num_starts=4)
    middle = {"x": [np.exp(np.mean(np.log(x)))]}
    ours, legend = (lj.predict(source, middle).median[0] for source in (fit.point, entry))
    assert float(fit.params["alpha"]) == pytest.approx(entry.printed["alpha"], abs=7e-4)
    assert ours == pytest.approx(legend, rel=0.05)


def test_the_scale_of_a_shallow_curve_cannot_be_read_off():
    x, losses = SERIES["encoder-n-lsf"]
    fit = lj.fit(SCALE_POWER_LAW, lj.Runs.from_columns(x=x, loss=losses), loss="squared", num_starts=8)
    assert float(fit.params["alpha"]) == pytest.approx(0.02617, abs=1e-5)
    assert float(fit.params["x_0"]) == pytest.approx(1.08e31, rel=0.01)
    assert "imprecise" in [note.code for note in fit.verdict.notes]


def test_chinchilla_fits_the_digitised_losses_of_liquid_but_mixes_its_families():
    N = np.repeat(list(LIQUID), 8) * 1e9
    D = np.tile(np.arange(5.0, 45.0, 5.0), 6) * 1e9
    loss = np.concatenate(list(LIQUID.values()))
    fit = lj.fit(CHINCHILLA, lj.Runs.from_columns(N=N, D=D, loss=loss), loss="squared", num_starts=16)
    p = {name: float(value) for name, value in fit.params.items()}
    in_billions = p["A"] * 1e9 ** -p["alpha"], p["B"] * 1e9 ** -p["beta"]
    off = loss - lj.predict(fit.point, {"N": N, "D": D}).median
    assert (p["E"], p["alpha"], p["beta"]) == pytest.approx((1.362, 0.0783, 0.2315), rel=2e-3)
    assert in_billions == pytest.approx((3.013, 2.918), rel=2e-3)
    assert np.sqrt(np.mean(np.log(1 - off / loss) ** 2)) == pytest.approx(0.0151, abs=1e-4)
    assert off[N == 2e9].mean() == pytest.approx(-0.123, abs=2e-3)
    assert off[N == 7e9].mean() == pytest.approx(0.133, abs=2e-3)
    assert "imprecise" in [note.code for note in fit.verdict.notes]


def test_isoflop_minima_of_llama_3_give_its_power_law(shared_data):
    runs = lj.read_runs(
        shared_data / "llama3_isoflop" / "isoflops.csv",
        columns={"D": "tokens", "C": "budget", "loss": "loss"},
        where="condition == 'raw_loss'",
    )
    tokens = isoflop(runs, along="D", num_boots=2)["D"]
    assert tokens.num_points == 10
    assert tokens.coefficient == pytest.approx(0.299355, abs=1e-6)
    assert tokens.exponent == pytest.approx(0.536779, abs=1e-6)
    assert float(tokens.at(3.8e25).value) == pytest.approx(16.10e12, rel=1e-3)


def test_the_digits_in_the_text_of_llama_3_do_not_give_its_tokens():
    text, figure = (
        lj.predict(name, {"C": [3.8e25]}).median[0]
        for name in (published("grattafiori2024"), published("grattafiori2024-figure"))
    )
    assert text == pytest.approx(10.46e12, rel=1e-3)
    assert figure == pytest.approx(16.55e12, rel=0.02)
