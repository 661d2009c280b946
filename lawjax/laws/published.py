"""Coefficients from papers, each with its source, its units and a number that it must reproduce.

The families hold them, beside their laws; here they are one table.
"""

from collections.abc import Mapping
from types import MappingProxyType

from lawjax.errors import choose
from lawjax.laws.architecture.published import PUBLISHED as ARCHITECTURE
from lawjax.laws.data_quality.published import PUBLISHED as DATA_QUALITY
from lawjax.laws.downstream.published import PUBLISHED as DOWNSTREAM
from lawjax.laws.mixture.published import PUBLISHED as MIXTURE
from lawjax.laws.precision.published import PUBLISHED as PRECISION
from lawjax.laws.records import Published
from lawjax.laws.size.published import PUBLISHED as SIZE
from lawjax.laws.training.published import PUBLISHED as TRAINING

PUBLISHED: Mapping[str, Published] = MappingProxyType(
    {
        entry.name: entry
        for family in (SIZE, DATA_QUALITY, MIXTURE, PRECISION, ARCHITECTURE, TRAINING, DOWNSTREAM)
        for entry in family
    }
)
"""Every set of published coefficients by name."""


def published(name: str) -> Published:
    """The coefficients of a paper, ready for `predict`, `allocate`, `sweep` and every decision.

    Args:
        name: a key of `PUBLISHED`, such as "hoffmann2022".
    Raises:
        InputError: no such entry.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.published("hoffmann2022").params["E"]
        1.69
    """
    return PUBLISHED[choose("published law", name, PUBLISHED)]
