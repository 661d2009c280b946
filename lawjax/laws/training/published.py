"""Published coefficients. Training and decoding: rates, batches, schedules, drafts."""

from lawjax.laws.records import Published

PUBLISHED: tuple[Published, ...] = ()
