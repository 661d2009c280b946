"""The formulas of the NIST nonlinear regression problems, each with what a user would know of it."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp


@dataclasses.dataclass(frozen=True)
class Model:
    """A formula and the signs of its parameters.

    Attributes:
        fn: the formula for one observation.
        signs: "-" for a parameter known to be negative, "real" for one of unknown sign; the others are positive.
        alike: groups of parameters, term by term, that may change places without changing the formula.
        response: what the formula predicts.
    """

    fn: Callable[..., Any]
    signs: Mapping[str, str] = dataclasses.field(default_factory=dict)
    alike: tuple[tuple[str, ...], ...] = ()
    response: str = "y"

    def sign_of(self, name: str) -> str:
        """The sign of one parameter."""
        return self.signs.get(name, "+")


def _real(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "real")


def misra1a(x, *, b1, b2):
    """Misra 1978, monomolecular adsorption."""
    return b1 * (1 - jnp.exp(-b2 * x))


def misra1b(x, *, b1, b2):
    """Misra 1978, the second form."""
    return b1 * (1 - (1 + b2 * x / 2) ** -2)


def misra1c(x, *, b1, b2):
    """Misra 1978, the third form."""
    return b1 * (1 - (1 + 2 * b2 * x) ** -0.5)


def misra1d(x, *, b1, b2):
    """Misra 1978, the fourth form: a saturation."""
    return b1 * b2 * x / (1 + b2 * x)


def chwirut(x, *, b1, b2, b3):
    """Chwirut 1979, ultrasonic response."""
    return jnp.exp(-b1 * x) / (b2 + b3 * x)


def lanczos(x, *, b1, b2, b3, b4, b5, b6):
    """Lanczos 1956, a sum of three exponentials."""
    return b1 * jnp.exp(-b2 * x) + b3 * jnp.exp(-b4 * x) + b5 * jnp.exp(-b6 * x)


def gauss(x, *, b1, b2, b3, b4, b5, b6, b7, b8):
    """Rust 1996, two peaks on a decaying background."""
    peaks = b3 * jnp.exp(-((x - b4) ** 2) / b5**2) + b6 * jnp.exp(-((x - b7) ** 2) / b8**2)
    return b1 * jnp.exp(-b2 * x) + peaks


def danwood(x, *, b1, b2):
    """Daniel and Wood 1980, radiated energy."""
    return b1 * x**b2


def kirby2(x, *, b1, b2, b3, b4, b5):
    """Kirby 1979, a quadratic over a quadratic."""
    return (b1 + b2 * x + b3 * x**2) / (1 + b4 * x + b5 * x**2)


def cubic_ratio(x, *, b1, b2, b3, b4, b5, b6, b7):
    """Hahn 1979 and Thurber 1979, a cubic over a cubic."""
    return (b1 + b2 * x + b3 * x**2 + b4 * x**3) / (1 + b5 * x + b6 * x**2 + b7 * x**3)


def nelson(x1, x2, *, b1, b2, b3):
    """Nelson 1981, logarithm of dielectric breakdown strength."""
    return b1 - b2 * x1 * jnp.exp(-b3 * x2)


def mgh09(x, *, b1, b2, b3, b4):
    """Kowalik and Osborne 1978, enzyme kinetics."""
    return b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4)


def mgh10(x, *, b1, b2, b3):
    """Meyer 1970, resistance of a thermistor."""
    return b1 * jnp.exp(b2 / (x + b3))


def mgh17(x, *, b1, b2, b3, b4, b5):
    """Osborne 1972, two exponentials and a constant."""
    return b1 + b2 * jnp.exp(-x * b4) + b3 * jnp.exp(-x * b5)


def roszman1(x, *, b1, b2, b3, b4):
    """Roszman 1979, quantum defects of iodine."""
    return b1 - b2 * x - jnp.arctan(b3 / (x - b4)) / jnp.pi


def enso(x, *, b1, b2, b3, b4, b5, b6, b7, b8, b9):
    """Kahaner, Moler and Nash 1989, three cycles of air pressure, one of them of a year."""
    year, first, second = (2 * jnp.pi * x / period for period in (12.0, b4, b7))
    cycles = b5 * jnp.cos(first) + b6 * jnp.sin(first) + b8 * jnp.cos(second) + b9 * jnp.sin(second)
    return b1 + b2 * jnp.cos(year) + b3 * jnp.sin(year) + cycles


def rat42(x, *, b1, b2, b3):
    """Ratkowsky 1983, a logistic yield."""
    return b1 / (1 + jnp.exp(b2 - b3 * x))


def rat43(x, *, b1, b2, b3, b4):
    """Ratkowsky 1983, a logistic of Richards' form."""
    return b1 / (1 + jnp.exp(b2 - b3 * x)) ** (1 / b4)


def eckerle4(x, *, b1, b2, b3):
    """Eckerle 1979, transmittance of an interference filter."""
    return b1 / b2 * jnp.exp(-0.5 * ((x - b3) / b2) ** 2)


def bennett5(x, *, b1, b2, b3):
    """Bennett, Swartzendruber and Brown 1994, superconductivity magnetization."""
    return b1 * (b2 + x) ** (-1 / b3)


_LANCZOS = Model(lanczos, alike=(("b1", "b2"), ("b3", "b4"), ("b5", "b6")))
_GAUSS = Model(gauss, alike=(("b3", "b4", "b5"), ("b6", "b7", "b8")))
_RATIO = Model(cubic_ratio, _real("b1", "b2", "b3", "b4", "b5", "b6", "b7"))
_CYCLES = _real("b1", "b2", "b3", "b5", "b6", "b8", "b9")

MODELS = {
    "Misra1a": Model(misra1a),
    "Misra1b": Model(misra1b),
    "Misra1c": Model(misra1c),
    "Misra1d": Model(misra1d),
    "Chwirut1": Model(chwirut),
    "Chwirut2": Model(chwirut),
    "Lanczos1": _LANCZOS,
    "Lanczos2": _LANCZOS,
    "Lanczos3": _LANCZOS,
    "Gauss1": _GAUSS,
    "Gauss2": _GAUSS,
    "Gauss3": _GAUSS,
    "DanWood": Model(danwood),
    "Kirby2": Model(kirby2, _real("b1", "b2", "b3", "b4", "b5")),
    "Hahn1": _RATIO,
    "Nelson": Model(nelson, {"b3": "-"}, response="log_y"),
    "MGH09": Model(mgh09),
    "MGH10": Model(mgh10),
    "MGH17": Model(mgh17, _real("b1", "b2", "b3"), alike=(("b2", "b4"), ("b3", "b5"))),
    "Roszman1": Model(roszman1, _real("b1", "b2", "b4")),
    "ENSO": Model(enso, _CYCLES, alike=(("b4", "b5", "b6"), ("b7", "b8", "b9"))),
    "Thurber": _RATIO,
    "Rat42": Model(rat42),
    "Rat43": Model(rat43),
    "Eckerle4": Model(eckerle4),
    "Bennett5": Model(bennett5, {"b1": "-"}),
    "BoxBOD": Model(misra1a),
}
