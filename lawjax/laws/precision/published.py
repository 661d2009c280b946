"""Published coefficients. Precision: bits and number formats."""

from lawjax.laws.records import Published

PUBLISHED: tuple[Published, ...] = ()
