"""What a page is made of: sections with text, tables and figures, as plain values that the template sets."""

from typing import NamedTuple


class Table(NamedTuple):
    """A table; the first column is text, the others numbers unless `prose` is set."""

    headers: tuple[str, ...]
    rows: list[tuple[str, ...]]
    prose: bool = False


class Figure(NamedTuple):
    """A figure: trusted SVG, what it shows in words, and whether it takes the full width."""

    svg: str
    caption: str
    wide: bool = False


class Section(NamedTuple):
    """A part of the page."""

    slug: str
    title: str
    text: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    code: str = ""


class Fact(NamedTuple):
    """A number that a reader came for, and what it is."""

    label: str
    value: str
    detail: str = ""


class Headline(NamedTuple):
    """The answer before everything else."""

    answer: str
    basis: str
    facts: tuple[Fact, ...]
    grade: str
    caution: str
