"""What the catalogue records beside its laws: the coefficients of a paper, and the paper itself."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from lawjax.errors import choose
from lawjax.laws.base import Law, rescale

STATUSES = {
    "verified": "the paper's own form, as its text, its code or several independent readings give it",
    "ours": "a form of our own: the paper's formula was not found, or it has none",
    "none": "no law: the paper has none, and none would be honest",
}


@dataclasses.dataclass(frozen=True)
class Worked:
    """A number that published coefficients must reproduce.

    Attributes:
        inputs: the inputs, single units.
        value: what the law gives there.
        rtol: relative tolerance, from the digits that were printed.
        source: who printed or computed it.
    """

    inputs: Mapping[str, Any]
    value: float
    rtol: float
    source: str


@dataclasses.dataclass(frozen=True, eq=False)
class Published:
    """A law with the coefficients of a paper.

    Attributes:
        name: how it is called, as "hoffmann2022".
        law: the law.
        printed: one value per parameter, as printed.
        source: where the numbers are printed: paper, table or figure.
        note: what a user must know of them.
        scale: what the paper divides each input by: {"N": 1e6} for sizes in millions.
        setting: what they describe: data, models, range.
        log_base: base of the logarithms in the formula, where it has any.
        worked: numbers that the tests reproduce with them.

    Example:
        >>> import lawjax as lj
        >>> lj.laws.published("hoffmann2022").params["E"]
        1.69
    """

    name: str
    law: Law
    printed: Mapping[str, Any]
    source: str
    note: str = ""
    scale: Mapping[str, float] = dataclasses.field(default_factory=dict)
    setting: str = ""
    log_base: str = ""
    worked: tuple[Worked, ...] = ()

    def __post_init__(self) -> None:
        assert set(self.printed) == set(self.law.params), self.name
        object.__setattr__(self, "printed", MappingProxyType(dict(self.printed)))

    @property
    def params(self) -> Mapping[str, Any]:
        """One value per parameter, for inputs in single units."""
        natural = rescale(self.law, self.printed, {name: 1.0 / unit for name, unit in self.scale.items()})
        return MappingProxyType({name: natural[name] for name in self.law.params})


@dataclasses.dataclass(frozen=True)
class Paper:
    """A paper and what the catalogue makes of it.

    Attributes:
        reference: key into references.bib.
        title: short title.
        arxiv: arXiv number.
        laws: names of its laws in the catalogue.
        status: one of `STATUSES`.
        reproduced: the published numbers that a test reproduces, or in plain words why there are none.
        test: the test that does, as "tests/laws/test_precision.py::test_name"; empty where there is none.
        decision: names of the functions of `lawjax.decisions` that answer its question.
        data: the data set that it can be fitted to, or why there is none.
        caveats: what a user must know: contradictions in the source, units, what is ours.
        further: whether it is a source beyond the 44 papers that the catalogue set out to cover.
    """

    reference: str
    title: str
    arxiv: str
    laws: tuple[str, ...]
    status: str
    reproduced: str
    test: str = ""
    decision: tuple[str, ...] = ()
    data: str = "none public"
    caveats: tuple[str, ...] = ()
    further: bool = False

    def __post_init__(self) -> None:
        choose("status of a paper", self.status, STATUSES)
