"""The formulas as NumPy, one function per law of the catalogue; a family's file may add `TRUTHS` and `TOLERANCES`.

`TRUTHS` holds parameters to simulate from where the middle of the usual ranges would hide a part of the law;
`TOLERANCES` how far law and transcription may differ where both solve integrals, each with nodes of its own.
"""

from tests.reference import architecture, data_quality, downstream, mixture, precision, size, training

_FAMILIES = (size, data_quality, mixture, precision, architecture, training, downstream)
BY_NAME = {
    name.replace("_", "-"): value
    for family in _FAMILIES
    for name, value in vars(family).items()
    if callable(value) and not name.startswith("_") and getattr(value, "__module__", "") == family.__name__
}
TRUTHS = {name: truth for family in _FAMILIES for name, truth in getattr(family, "TRUTHS", {}).items()}
TOLERANCES = {name: rtol for family in _FAMILIES for name, rtol in getattr(family, "TOLERANCES", {}).items()}
