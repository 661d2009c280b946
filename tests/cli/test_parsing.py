"""What is written as `N=1,D=2` is read as it is meant, or refused with the form that is expected."""

import pytest

from lawjax.cli import parsing
from lawjax.errors import InputError


def test_pairs_may_be_given_once_or_several_times():
    assert parsing.pairs(["a=x, b=y", "c=z"], "--columns", "a=x") == {"a": "x", "b": "y", "c": "z"}


def test_a_value_may_hold_an_equals_sign():
    assert parsing.pairs(["a=x=y"], "--columns", "a=x") == {"a": "x=y"}


@pytest.mark.parametrize("bit", ["", "N", "N=", "=1", "N:1"])
def test_a_bit_without_name_or_value_is_refused(bit):
    with pytest.raises(InputError, match="write NAME=VALUE, as in --fix E=1"):
        parsing.pairs([bit], "--fix", "E=1.7")


@pytest.mark.parametrize("value", ["much", "nan", "inf", "1_0x", "1e999"])
def test_a_number_must_be_finite(value):
    with pytest.raises(InputError, match="is not a finite number"):
        parsing.numbers([f"E={value}"], "--fix", "E=1.7")


def test_rows_must_name_the_same_inputs():
    with pytest.raises(InputError, match="Give the same names each time"):
        parsing.rows(["N=1,D=2", "N=1"], "--at", "N=1,D=2")


def test_bounds_are_pairs():
    assert parsing.bounds(["D=1e9:1e13"]) == {"D": (1e9, 1e13)}
    with pytest.raises(InputError, match="write NAME=LOW:HIGH"):
        parsing.bounds(["D=1e9"])


def test_a_list_of_values_must_increase():
    assert parsing.listed(["N=7e9:7e10"])["N"].values.tolist() == [7e9, 7e10]
    with pytest.raises(InputError, match="must increase"):
        parsing.listed(["N=7e10:7e9"])


def test_an_axis_is_even_in_the_logarithm_or_held():
    axes = parsing.axes(["N=1e8:1e10:3", "D=2e9"])

    assert axes["N"].values.tolist() == pytest.approx([1e8, 1e9, 1e10])
    assert axes["D"] == 2e9


@pytest.mark.parametrize("text", ["N=1e8:1e10", "N=1e8:1e10:2.5", "N=1e8:1e10:0"])
def test_an_axis_in_another_form_is_refused(text):
    with pytest.raises(InputError, match="cannot read"):
        parsing.axes([text])


@pytest.mark.parametrize("text", ["top", "top:2.5", "pareto:loss"])
def test_a_keeper_in_another_form_is_refused(text):
    with pytest.raises(InputError, match="cannot read"):
        parsing.keepers([text])


def test_any_number_of_breaks_makes_a_law():
    assert parsing.law("broken-power-law-4").name == "broken-power-law-4"
    with pytest.raises(InputError, match="unknown law"):
        parsing.law("broken-power-law-x")
