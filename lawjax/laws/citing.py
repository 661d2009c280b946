"""`cite`: what to cite when a law is used."""

import functools
import re
from importlib import resources

from lawjax.errors import InputError
from lawjax.laws.base import Law


def cite(law: Law) -> str:
    """The BibTeX entry of the paper that a law is from.

    Raises:
        InputError: a law without a reference, such as one of your own.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.cite(lj.laws.CHINCHILLA)
        '@article{hoffmann2022, title={Training Compute-Optimal Large Language Models}, ...}'
    """
    if law.reference not in bibliography():
        raise InputError(
            f"law {law.name!r} names no paper in lawjax's bibliography; cite the one that you took it from."
        )
    return bibliography()[law.reference]


@functools.cache
def bibliography() -> dict[str, str]:
    """The BibTeX entry of each key."""
    text = resources.files("lawjax.laws").joinpath("references.bib").read_text(encoding="utf-8")
    return {key: entry for entry, key in re.findall(r"^(@\w+\{(\w+),.*\})$", text, re.MULTILINE)}
