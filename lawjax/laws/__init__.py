"""Laws as pure JAX functions, each with the record that describes it.

A folder holds a family of laws, with the coefficients that papers published (`published.py`) and the papers
themselves (`papers.py`). Open `size/loss.py` first: it shows the whole idea.
"""

from collections.abc import Mapping
from types import MappingProxyType

from lawjax.errors import choose
from lawjax.laws import architecture, data_quality, downstream, mixture, precision, size, training
from lawjax.laws.architecture import *
from lawjax.laws.base import (
    Law,
    Param,
    Params,
    Variable,
    bounded,
    over_draws,
    over_runs,
    positive,
    real,
    rescale,
    unit_interval,
)
from lawjax.laws.citing import cite
from lawjax.laws.composition.compose import add, chain, multiply, substitute
from lawjax.laws.composition.linking import link
from lawjax.laws.composition.variants import fix, rename, tie
from lawjax.laws.data_quality import *
from lawjax.laws.downstream import *
from lawjax.laws.formulas.formula import law_from_formula
from lawjax.laws.gaussian import condition_linear
from lawjax.laws.mixture import *
from lawjax.laws.neural import with_discrepancy
from lawjax.laws.papers import PAPERS
from lawjax.laws.precision import *
from lawjax.laws.published import PUBLISHED, published
from lawjax.laws.records import Paper, Published, Worked
from lawjax.laws.roots import crossing, invert, root
from lawjax.laws.size import *
from lawjax.laws.training import *

FAMILIES: Mapping[str, tuple[Law, ...]] = MappingProxyType(
    {
        "size": size.LAWS,
        "data quality": data_quality.LAWS,
        "mixture": mixture.LAWS,
        "precision": precision.LAWS,
        "architecture": architecture.LAWS,
        "training": training.LAWS,
        "downstream": downstream.LAWS,
    }
)
"""The laws of each family."""

ALL: Mapping[str, Law] = MappingProxyType({law.name: law for laws in FAMILIES.values() for law in laws})
"""Every law of the catalogue by name."""


def get(name: str) -> Law:
    """The law of that name.

    Raises:
        InputError: no such law; the message lists them.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.get("chinchilla")
        <Law chinchilla: loss(N, D; E, A, alpha, B, beta)>
    """
    return ALL[choose("law", name, ALL)]


__all__ = [
    "ALL",
    "FAMILIES",
    "PAPERS",
    "PUBLISHED",
    "Law",
    "Paper",
    "Param",
    "Params",
    "Published",
    "Variable",
    "Worked",
    "add",
    "bounded",
    "chain",
    "cite",
    "condition_linear",
    "crossing",
    "fix",
    "get",
    "invert",
    "law_from_formula",
    "link",
    "multiply",
    "over_draws",
    "over_runs",
    "positive",
    "published",
    "real",
    "rename",
    "rescale",
    "root",
    "substitute",
    "tie",
    "unit_interval",
    "with_discrepancy",
    *architecture.__all__,
    *data_quality.__all__,
    *downstream.__all__,
    *mixture.__all__,
    *precision.__all__,
    *size.__all__,
    *training.__all__,
]
