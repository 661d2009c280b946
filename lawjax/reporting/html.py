"""A page as one HTML file: every string is escaped by the template, only the figures are trusted."""

from collections.abc import Sequence
from importlib import resources

from lawjax.errors import require
from lawjax.reporting.headline import BADGES
from lawjax.reporting.page import Headline, Section
from lawjax.reporting.plots import THEMED


def render(title: str, headline: Headline, sections: Sequence[Section]) -> str:
    """The page.

    Args:
        title: its title.
        headline: the answer that comes first.
        sections: the parts below it; their figures must be SVG that lawjax drew.
    Returns:
        One self-contained HTML document.
    """
    jinja = require("jinja2", "plots")
    markup = require("markupsafe", "plots").Markup
    environment = jinja.Environment(
        autoescape=True, undefined=jinja.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    # Matplotlib escapes the text inside; everything else on the page goes through the template's escaping.
    environment.filters["drawn"] = markup
    source = resources.files("lawjax.reporting").joinpath("template.html").read_text(encoding="utf-8")
    return environment.from_string(source).render(
        title=title, headline=headline, sections=sections, badge=BADGES[headline.grade], light=THEMED.items()
    )
