"""Many tables in one call: each gets the fit and the bootstrap that it would get alone."""

import numpy as np
import pandas as pd
import pytest

import lawjax as lj
from lawjax.laws import POWER_LAW_FLOOR as POWER

TRUTHS = {"small": (1.7, 30.0, 0.3), "middle": (2.1, 50.0, 0.35), "large": (1.2, 20.0, 0.25)}
SIZES = {"small": 9, "middle": 21, "large": 40}
FEW = {"num_starts": 8}


def table(name):
    """Runs of a power law with the parameters, the length and the noise of this name."""
    generator = np.random.default_rng(SIZES[name])
    E, A, alpha = TRUTHS[name]
    x = 10 ** generator.uniform(3, 9, SIZES[name])
    return {"x": x, "loss": (E + A * x**-alpha) * np.exp(generator.normal(0, 0.01, SIZES[name]))}


@pytest.fixture(scope="module")
def tables():
    """Three tables of different length."""
    return {name: lj.Runs.from_columns(**table(name)) for name in TRUTHS}


@pytest.fixture(scope="module")
def together():
    """The same rows as one table, with a group and a number that name the table of each."""
    parts = [table(name) for name in TRUTHS]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in ("x", "loss")}
    labels = np.repeat(list(TRUTHS), [SIZES[name] for name in TRUTHS])
    columns |= {"seed": np.repeat([1.0, 2.0, 3.0], [SIZES[name] for name in TRUTHS]), "which": labels}
    return lj.Runs.from_frame(pd.DataFrame(columns), group="which")


@pytest.fixture(scope="module")
def fits(tables):
    return lj.fit_each(POWER, tables, **FEW)


def same(one, other):
    """Whether two fits are the same to the precision that a batch may change."""
    assert one.objective == pytest.approx(other.objective, rel=1e-12)
    for name in POWER.params:
        assert float(one.params[name]) == pytest.approx(float(other.params[name]), rel=1e-9), name


def test_each_table_gets_the_fit_that_it_would_get_alone(fits, tables):
    assert list(fits) == list(tables)
    for name, fit in fits.items():
        same(fit, lj.fit(POWER, tables[name], **FEW))


@pytest.mark.parametrize(("by", "names"), [("group", tuple(TRUTHS)), ("seed", (1.0, 2.0, 3.0))])
def test_a_table_is_parted_by_its_groups_or_by_a_column(together, fits, by, names):
    parted = lj.fit_each(POWER, together, by=by, **FEW)
    assert tuple(parted) == names
    for one, other in zip(parted.values(), fits.values(), strict=True):
        same(one, other)


def test_rows_of_a_table_that_was_a_group_are_no_group_any_more(together):
    assert lj.fit_each(POWER, together, **FEW)["large"].runs.group is None


def test_options_hold_for_every_table(tables):
    choices = dict(loss="squared", residual="raw", fixed={"E": 1.0}, **FEW)
    for name, fit in lj.fit_each(POWER, tables, **choices).items():
        same(fit, lj.fit(POWER, tables[name], **choices))
        assert float(fit.params["E"]) == 1.0


@pytest.mark.parametrize("kind", ["pairs", "wild"])
def test_each_table_gets_the_bootstrap_that_it_would_get_alone(fits, kind):
    draws = lj.bootstrap(fits, num=12, kind=kind, key=3)
    assert list(draws) == list(fits)
    for name, fit in fits.items():
        alone = lj.bootstrap(fit, num=12, kind=kind, key=3)
        np.testing.assert_allclose(draws[name]["alpha"], alone["alpha"], rtol=1e-7)


def test_the_frame_has_one_row_for_each_table(fits):
    frame = fits.to_frame()
    assert list(frame.index) == list(fits)
    assert frame.loc["middle", "alpha"] == float(fits["middle"].params["alpha"])
    assert list(frame["status"]) == ["converged"] * 3


def test_the_summary_names_the_law_the_tables_and_their_parameters(fits):
    text = str(fits)
    assert "power-law-floor fitted to 3 tables" in text
    assert all(name in text for name in (*TRUTHS, "alpha", "converged"))


def test_plain_data_holds_every_fit_by_its_table(fits):
    assert fits.to_dict()["small"]["params"]["E"] == float(fits["small"].params["E"])


def test_the_verdict_says_in_how_many_tables_a_note_was_made(tables):
    few = lj.Runs.from_columns(**{name: column[:3] for name, column in table("small").items()})
    verdict = lj.fit_each(POWER, {**tables, "few": few}, **FEW).verdict
    (note,) = (note for note in verdict.notes if note.code == "no-standard-errors")
    assert note.reason.startswith("In 1 of 4 tables; the first says: ")


@pytest.mark.parametrize(
    ("runs", "choices", "message"),
    [
        pytest.param(lambda t, w: {**t, "bad": t["small"].take(np.arange(1))}, {}, "table 'bad': ", id="too-short"),
        pytest.param(lambda t, w: {}, {}, "there are no tables to fit", id="none"),
        pytest.param(lambda t, w: w, {"by": "sed"}, "`by` names the column `sed`, which is not", id="no-column"),
        pytest.param(lambda t, w: t["small"], {}, "the runs have no groups", id="no-groups"),
        pytest.param(lambda t, w: t, {"loss": "hubr"}, "unknown loss 'hubr'", id="no-loss"),
    ],
)
def test_a_wrong_call_is_refused_with_the_table_and_the_fix(tables, together, runs, choices, message):
    with pytest.raises(lj.InputError, match=message):
        lj.fit_each(POWER, runs(tables, together), **choices, **FEW)
