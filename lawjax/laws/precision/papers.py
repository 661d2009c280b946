"""The papers of the family. Precision: bits and number formats."""

from lawjax.laws.records import Paper

PAPERS: tuple[Paper, ...] = ()
