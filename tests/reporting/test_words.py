"""Numbers in a report read as people say them."""

import pytest

from lawjax.laws import CHINCHILLA
from lawjax.reporting import words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7.236e10, "72.4 billion"),
        (1.4e12, "1.4 trillion"),
        (999_700, "1 million"),
        (1576, "1.58 thousand"),
        (400, "400"),
        (0, "0"),
        (3e17, "3×10¹⁷"),
    ],
)
def test_a_count_is_spoken(value, text):
    assert words.count(value) == text


@pytest.mark.parametrize(("value", "text"), [(5.76e23, "5.76×10²³"), (1e21, "10²¹"), (2.5e-7, "2.5×10⁻⁷"), (0, "0")])
def test_a_power_of_ten_drops_a_mantissa_of_one(value, text):
    assert words.power_of_ten(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (0.34, "0.34"), (72.36, "72.4"), (1234.5, "1230"), (0.00043, "0.00043")]
)
def test_a_plain_number_has_no_trailing_zeros(value, text):
    assert words.plain(value) == text


def test_labels_carry_the_unit():
    assert words.input_label(CHINCHILLA, "N") == "N [parameters]"
    assert words.response_label(CHINCHILLA) == "loss [nats/token]"
