"""The papers of the family. Size, data and compute."""

from lawjax.laws.records import Paper

PAPERS: tuple[Paper, ...] = ()
