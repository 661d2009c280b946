"""The papers of the family. Downstream: from loss to what people want."""

from lawjax.laws.records import Paper

PAPERS: tuple[Paper, ...] = ()
