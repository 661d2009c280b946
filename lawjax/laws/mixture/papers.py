"""The papers of the family. Mixtures of data."""

from lawjax.laws.records import Paper

PAPERS: tuple[Paper, ...] = ()
