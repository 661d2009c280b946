"""Precision laws: their special cases, and the paper whose table contradicts its law."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import BIT_LEVEL, CHINCHILLA, FLOATING_POINT, KAPLAN_ND, QUANTISATION_GAP, QUANTISED_LOSS

SIZES = (1e9, 7e9, 70e9, 405e9)
# Ouyang et al. 2024, table 1: trillions of tokens at which quantisation costs 0.2, 0.3, 0.4 and 0.5 nats.
GAPS = (0.2, 0.3, 0.4, 0.5)
FOUR_BITS = {
    1e9: (1.4424, 2.6786, 4.1556, 5.8422),
    7e9: (4.5066, 8.3689, 12.9836, 18.2531),
    70e9: (17.3499, 32.2192, 49.9854, 70.2723),
    405e9: (48.4861, 90.0398, 139.6892, 196.3829),
}
THREE_BITS = {
    1e9: (0.1089, 0.1990, 0.3051, 0.4251),
    7e9: (0.3038, 0.5550, 0.8512, 1.1860),
    70e9: (1.0228, 1.8687, 2.8659, 3.9932),
    405e9: (2.5807, 4.7151, 7.2311, 10.0754),
}
TWO_BITS = {
    1e9: (0.0011, 0.0025, 0.0043, 0.0066),
    7e9: (0.0026, 0.0057, 0.0099, 0.0152),
    70e9: (0.0071, 0.0154, 0.0267, 0.0409),
    405e9: (0.0151, 0.0328, 0.0567, 0.0868),
}

MANTISSAS = np.array([0.0, 1.0, 2.0, 3.0])


def _value(law, *inputs, **params):
    with jax.enable_x64(True):
        return float(law(*inputs, **params))


@pytest.mark.parametrize(
    ("name", "table", "rtol"),
    [("4bit", FOUR_BITS, 1e-5), ("3bit", THREE_BITS, 4e-4), ("2bit", TWO_BITS, 0.025)],
)
def test_one_law_per_width_gives_the_tokens_of_the_paper(name, table, rtol):
    for N, tokens in table.items():
        found = [lj.decisions.tokens_until_gap(f"ouyang2024-{name}", gap=gap, N=N)["D"] for gap in GAPS]
        np.testing.assert_allclose(np.divide(found, 1e12), tokens, rtol=rtol)


@pytest.mark.parametrize(
    ("bits", "table", "low", "high"),
    [(4.0, FOUR_BITS, -0.798, 0.478), (3.0, THREE_BITS, -0.876, 0.087), (2.0, TWO_BITS, 0.006, 0.055)],
)
def test_the_unified_law_gives_the_tokens_of_the_two_bit_column_alone(bits, table, low, high):
    unified = [
        np.log([lj.decisions.tokens_until_gap("ouyang2024", gap=gap, N=N, P=bits)["D"] / 1e12 for gap in GAPS])
        - np.log(tokens)
        for N, tokens in table.items()
    ]
    assert (np.min(unified), np.max(unified)) == pytest.approx((low, high), abs=1e-3)


@pytest.mark.parametrize(("name", "table"), [("4bit", FOUR_BITS), ("3bit", THREE_BITS), ("2bit", TWO_BITS)])
def test_a_line_through_the_logarithms_of_a_column_gives_its_law(name, table):
    rows = [(N, tokens * 1e12, gap) for N, column in table.items() for tokens, gap in zip(column, GAPS, strict=True)]
    N, D, gap = np.array(rows).T
    runs = lj.Runs.from_columns(N=N, D=D, gap=gap)
    fit = lj.fit(lj.laws.QUANTISATION_GAP_AT_WIDTH, runs, loss="squared", num_starts=8)
    printed = lj.laws.published(f"ouyang2024-{name}").params
    assert {key: float(value) for key, value in fit.params.items()} == pytest.approx(dict(printed), rel=2e-4)


def test_the_unified_law_contradicts_the_four_bit_column():
    law = lj.laws.published("ouyang2024")
    gaps = [_value(law.law, N, FOUR_BITS[N][0] * 1e12, 4.0, **law.params) for N in SIZES]
    np.testing.assert_allclose(gaps, [0.187, 0.219, 0.264, 0.304], atol=5e-4)
    tokens = lj.decisions.tokens_until_gap("ouyang2024", gap=0.2, N=405e9, P=4.0)["D"]
    assert tokens == pytest.approx(21.8e12, rel=2e-3)


@pytest.mark.parametrize(
    ("P", "gaps"), [(4.0, (1.113, 0.661, 0.445)), (3.0, (5.41, 3.21, 2.16))], ids=["4 bits", "3 bits"]
)
def test_the_unified_law_at_a_hundred_trillion_tokens(P, gaps):
    law = lj.laws.published("ouyang2024")
    found = [_value(QUANTISATION_GAP, N, 1e14, P, **law.params) for N in SIZES[1:]]
    np.testing.assert_allclose(found, gaps, rtol=2e-3)


def test_one_width_of_the_unified_law_is_a_law_of_that_width():
    p = lj.laws.published("ouyang2024").params
    unified = _value(QUANTISATION_GAP, 7e9, 1e12, 3.0, **p)
    scale = p["k"] / 3.0 ** p["gamma"]
    assert unified == pytest.approx(
        _value(lj.laws.QUANTISATION_GAP_AT_WIDTH, 7e9, 1e12, k=scale, alpha=p["alpha"], beta=p["beta"])
    )


def test_a_quantised_loss_is_the_loss_in_sixteen_bits_plus_the_gap():
    whole = lj.laws.published("ouyang2024-quantised").params
    loss = _value(KAPLAN_ND, 7e9, 1e12, **lj.laws.published("ouyang2024-pythia").params)
    gap = _value(QUANTISATION_GAP, 7e9, 1e12, 4.0, **lj.laws.published("ouyang2024").params)
    assert _value(QUANTISED_LOSS, 7e9, 1e12, 4.0, **whole) == pytest.approx(loss + gap, rel=1e-12)


def test_a_block_of_one_costs_nothing_and_leaves_chinchilla():
    p = lj.laws.published("sun2025").params
    chinchilla = dict(E=p["eps"], A=p["n"], alpha=p["alpha"], B=p["d"], beta=p["beta"])
    free = _value(FLOATING_POINT, 1e9, 1e11, 4.0, 3.0, 1.0, **p)
    assert free == pytest.approx(_value(CHINCHILLA, 1e9, 1e11, **chinchilla), rel=1e-12)


def test_in_low_precision_more_data_raise_the_loss_in_the_end():
    p = lj.laws.published("sun2025").params
    losses = [_value(FLOATING_POINT, 1e9, D, 2.0, 1.0, 128.0, **p) for D in (1e11, 0.4e12, 2e12)]
    assert losses[1] < losses[0]
    assert losses[1] < losses[2]


def test_each_bit_divides_the_rounding_of_the_bit_level_law_by_the_same():
    p = dict(E=0.0, A=0.0, alpha=0.3, G=20.0, kappa=0.1, rate=2.0)
    values = [_value(BIT_LEVEL, 1e9, b, **p) for b in (3.0, 4.0, 5.0)]
    assert values[0] / values[1] == pytest.approx(4.0)
    assert values[1] / values[2] == pytest.approx(4.0)


def test_the_three_constants_of_precision_are_recovered_from_runs_in_narrow_formats():
    entry = lj.laws.published("sun2025")
    rng = np.random.default_rng(0)
    layouts = np.array([(1, 1), (2, 1), (1, 2), (2, 3), (3, 2), (4, 3), (5, 2)], dtype=float)
    rows = rng.integers(len(layouts), size=160)
    design = dict(
        N=rng.choice([41e6, 85e6, 154e6, 679e6], size=160), D=rng.choice([1e10, 2e10, 5e10, 1e11], size=160),
        E=layouts[rows, 0], M=layouts[rows, 1], B=rng.choice([32.0, 128.0, 512.0], size=160),
    )  # fmt: skip
    runs = lj.simulate(FLOATING_POINT, entry.params, design, noise=1e-4, key=0)
    fit = lj.fit(FLOATING_POINT, runs, loss="squared", num_starts=8)
    found = [float(fit.params[name]) for name in ("delta", "nu")]
    np.testing.assert_allclose(found, [entry.params["delta"], entry.params["nu"]], rtol=0.03)


def test_formats_without_a_mantissa_are_data_and_those_with_less_are_not():
    entry = lj.laws.published("sun2025")
    size = len(MANTISSAS)
    design = dict(N=np.full(size, 1e8), D=np.geomspace(1e10, 1e11, size), E=np.full(size, 2.0), M=MANTISSAS)
    runs = lj.simulate(FLOATING_POINT, entry.params, design | dict(B=np.full(size, 128.0)), noise=0.0)
    columns = {name: np.asarray(runs[name]) for name in runs.columns}
    assert np.isfinite(columns["loss"]).all()
    with pytest.raises(lj.InputError, match="`M` must not be negative, got -1"):
        lj.predict("sun2025", {**{name: columns[name] for name in FLOATING_POINT.inputs}, "M": MANTISSAS - 1.0})
