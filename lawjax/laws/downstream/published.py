"""Published coefficients. Downstream: from loss to what people want."""

from lawjax.laws.records import Published

PUBLISHED: tuple[Published, ...] = ()
