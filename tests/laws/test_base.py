"""What a law's record refuses, and what a law of one's own may be."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import over_draws, over_runs, rescale


def decay(D, *, E, B, beta):
    """A floor and a power."""
    return E + B * D**-beta


PARAMS = {"E": lj.positive(0.1, 5), "B": lj.positive(1, 1e4, dims={"D": "beta"}), "beta": lj.positive(0.1, 1)}


def test_a_record_must_name_the_parameters_of_its_function():
    with pytest.raises(lj.InputError, match="name the same parameters in both"):
        lj.Law(decay, response="loss", params={"E": PARAMS["E"]})


def test_a_record_must_not_invent_inputs():
    with pytest.raises(lj.InputError, match=r"inputs \['N'\] are not positional arguments"):
        lj.Law(decay, response="loss", params=PARAMS, inputs={"N": lj.Variable()})


def test_a_dimension_must_name_a_parameter():
    with pytest.raises(lj.InputError, match="names `gamma`, which is not a parameter"):
        lj.Law(decay, response="loss", params={**PARAMS, "B": lj.positive(1, 2, dims={"D": "gamma"})})


def test_a_dimension_must_name_an_input():
    with pytest.raises(lj.InputError, match="`B` declares a dimension in `N`"):
        lj.Law(decay, response="loss", params={**PARAMS, "B": lj.positive(1, 2, dims={"N": "beta"})})


def test_a_function_with_keyword_catch_all_is_refused():
    with pytest.raises(lj.InputError, match=r"takes \*args or \*\*kwargs"):
        lj.Law(lambda D, **params: D, response="loss", params=PARAMS)


def test_a_range_must_lie_inside_its_edges():
    with pytest.raises(lj.InputError, match="low < high"):
        lj.positive(5.0, 1.0)


@pytest.mark.parametrize("usual", [(0.0, 5.0), (-1.0, 5.0), (5.0, 1.0), (1.0, np.inf), (np.nan, 2.0),
                                   (1e-320, 1.0)])  # fmt: skip
def test_the_usual_range_of_a_positive_input_is_two_finite_numbers_above_zero(usual):
    with pytest.raises(lj.InputError, match="`usual` of a variable of kind 'positive' must be two finite numbers"):
        lj.Variable(usual=usual)


@pytest.mark.parametrize("centred", [(5.0, 1.0), (-5.0, -1.0), (0.0, 1.0), (np.nan, 2.0), (1.0, np.inf)])
def test_a_range_in_centred_units_is_two_finite_numbers_inside_the_edges(centred):
    with pytest.raises(lj.InputError, match="`centred` must be two finite numbers inside the edges"):
        lj.positive(1.0, 2.0, centred=centred)


@pytest.mark.parametrize("low", [-np.inf, 1e-320])
def test_a_usual_range_is_of_finite_numbers_with_a_finite_ratio(low):
    with pytest.raises(lj.InputError, match="finite numbers whose ratio is finite"):
        lj.real(low, 1e10)


@pytest.mark.parametrize(
    ("response", "message"),
    [("D", "response and an input"), ("E", "response and a parameter"), ("", "cannot be the name"), ("a b", "cannot")],
)  # fmt: skip
def test_a_response_is_a_name_of_its_own(response, message):
    with pytest.raises(lj.InputError, match=message):
        lj.Law(decay, response=response, params=PARAMS)


def test_a_parameter_may_be_called_self():
    law = lj.Law(lambda D, *, self: self * D, response="loss", params={"self": lj.positive(1, 2)}, name="own")
    assert law(2.0, self=3.0) == 6.0


def test_whole_columns_are_taken_as_numbers():
    law = lj.Law(lambda D, *, E: E * D**-2, response="loss", params={"E": lj.positive(1, 2)}, name="own")
    np.testing.assert_allclose(over_runs(law, {"E": 1.0}, {"D": np.array([1, 2])}), [1.0, 0.25])
    np.testing.assert_allclose(over_draws(law, {"E": np.array([1.0])}, {"D": np.array([1, 2])}), [[1.0, 0.25]])


def test_an_unknown_law_lists_the_choices():
    with pytest.raises(lj.InputError, match=r'unknown law \'chinchila\'.*"chinchilla"'):
        lj.laws.get("chinchila")


def test_a_law_that_returns_a_vector_is_refused_with_its_shape():
    def twice(D, *, E, B, beta):
        return jnp.stack([E + B * D**-beta] * 2)

    law = lj.Law(twice, response="loss", params=PARAMS)
    with pytest.raises(lj.InputError, match=r"one number for one run, got an array of shape \(2,\)"):
        over_runs(law, {"E": 1.0, "B": 2.0, "beta": 0.5}, {"D": np.ones(3)})


def test_draws_and_runs_of_equal_length_do_not_broadcast_against_each_other():
    law = lj.Law(decay, response="loss", params=PARAMS)
    draws = {"E": np.arange(3.0), "B": np.ones(3), "beta": np.ones(3)}
    assert over_draws(law, draws, {"D": np.array([1.0, 2.0, 4.0])}).shape == (3, 3)


def test_a_location_in_the_log_of_an_input_moves_by_its_log():
    def sigmoid(N, *, top, middle, slope):
        return top * jax.nn.sigmoid(slope * (jnp.log(N) - middle))

    law = lj.Law(
        sigmoid,
        response="accuracy",
        params={"top": lj.unit_interval(), "middle": lj.real(10, 30, shift={"N": 1.0}), "slope": lj.positive(0.1, 3)},
    )
    params = {"top": 0.9, "middle": 20.0, "slope": 0.7}
    moved = rescale(law, params, {"N": 1e6})
    assert float(law(1e9 / 1e6, **moved)) == pytest.approx(float(law(1e9, **params)), rel=1e-5)


def test_published_coefficients_are_given_by_name():
    assert lj.laws.published("besiroglu2024").params["alpha"] == 0.34781
    with pytest.raises(lj.InputError, match="unknown published law"):
        lj.laws.published("nobody1999")


def test_the_number_of_breaks_must_be_a_whole_number_above_zero():
    with pytest.raises(lj.InputError, match="whole number above 0"):
        lj.laws.broken_power_law(0)
    assert lj.laws.broken_power_law(3) is lj.laws.broken_power_law(3)
