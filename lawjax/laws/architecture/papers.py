"""The papers of the family. Architecture: vocabulary, experts, streams, sparsity, attention."""

from lawjax.laws.records import Paper

PAPERS: tuple[Paper, ...] = ()
