"""The papers of the family. Data quality: repetition, filtering, pruning, synthetic data."""

from lawjax.laws.records import Paper

PAPERS: tuple[Paper, ...] = ()
