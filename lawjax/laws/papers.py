"""The papers that the catalogue covers: the families hold their rows, here they are one table."""

from collections.abc import Mapping
from types import MappingProxyType

from lawjax.laws.architecture.papers import PAPERS as ARCHITECTURE
from lawjax.laws.data_quality.papers import PAPERS as DATA_QUALITY
from lawjax.laws.downstream.papers import PAPERS as DOWNSTREAM
from lawjax.laws.mixture.papers import PAPERS as MIXTURE
from lawjax.laws.precision.papers import PAPERS as PRECISION
from lawjax.laws.records import Paper
from lawjax.laws.size.papers import PAPERS as SIZE
from lawjax.laws.training.papers import PAPERS as TRAINING

PAPERS: Mapping[str, Paper] = MappingProxyType(
    {
        paper.reference: paper
        for family in (SIZE, DATA_QUALITY, MIXTURE, PRECISION, ARCHITECTURE, TRAINING, DOWNSTREAM)
        for paper in family
    }
)
"""Every paper by its key in references.bib."""
