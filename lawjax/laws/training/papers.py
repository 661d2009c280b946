"""The papers of the family. Training and decoding: rates, batches, schedules, drafts."""

from lawjax.laws.records import Paper

PAPERS: tuple[Paper, ...] = ()
