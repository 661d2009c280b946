"""The only place that knows Matplotlib: a canvas in the house style, and the SVG it becomes.

Figures are drawn through the object interface, one axes each, and come back as text to set into a page. The
colours of ink, hairlines and accents become CSS variables there, so that a page can turn dark; text stays text.
"""

import contextlib
import io
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lawjax.errors import require
from lawjax.reporting.words import power_of_ten, short_count

INK, MUTED, HAIR = "#1d2730", "#5f6b76", "#dde2e6"
ACCENT, WARM, SHADE = "#0f6f7c", "#c2552d", "#8a949d"
RAMP = ("#e3a857", "#86a873", "#3f9488", "#1f7a8c", "#31688e")
"""From high loss or little compute to low loss or much compute; each legible on white and on near-black."""
THEMED = {INK: "ink", MUTED: "muted", HAIR: "hair", ACCENT: "accent", WARM: "warm", SHADE: "shade"}
WIDE, NARROW, LOW = (7.4, 4.1), (2.9, 2.4), (2.9, 1.55)
POINT_SIZE = 16.0

_RC = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.labelsize": 8.5,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": SHADE,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": HAIR,
    "grid.linewidth": 0.7,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}


def svg(name: str, paint: Callable[[Any], None], size: tuple[float, float] = NARROW) -> str:
    """One figure as SVG text for a page.

    Args:
        name: tells this figure's identifiers from those of others on the page; letters, digits, hyphens.
        paint: draws on the Matplotlib axes it is handed.
        size: width and height [inches].
    Returns:
        An `<svg>` element: the same text for the same data, with no date and no address of another host to load from.
    """
    figure_class = require("matplotlib.figure", "plots").Figure
    canvas_class = require("matplotlib.backends.backend_svg", "plots").FigureCanvasSVG
    with _style(name):
        figure = figure_class(figsize=size, layout="constrained")
        canvas_class(figure)
        paint(figure.add_subplot())
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return _for_page(text.getvalue(), name)


@contextlib.contextmanager
def _style(salt: str) -> Iterator[None]:
    matplotlib = require("matplotlib", "plots")
    with warnings.catch_warnings(), matplotlib.rc_context({**matplotlib.rcParamsDefault, **_RC, "svg.hashsalt": salt}):
        # The page's own font draws the text, so a sign that Matplotlib's font lacks is no loss.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def _for_page(text: str, name: str) -> str:
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(
        r'<svg[^>]*?(viewBox="[^"]*")[^>]*>', rf'<svg {_XMLNS} \1 aria-hidden="true">', text, count=1, flags=re.DOTALL
    )
    text = re.sub(r'\b(id="|xlink:href="#)', rf"\g<1>{name}-", text)
    text = text.replace("url(#", f"url(#{name}-").replace("'DejaVu Sans'", "inherit")
    text = re.sub(r"font: ([\d.]+)px inherit[^;\"]*", r"font-size: \1px", text)
    for colour, variable in THEMED.items():
        text = text.replace(colour, f"var(--{variable}, {colour})")
    return text


_XMLNS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def clean(label: str) -> str:
    """A label without signs that an SVG text cannot hold."""
    return "".join(sign if sign.isprintable() else " " for sign in label)


def labels(axes: Any, x: str, y: str, title: str = "") -> None:
    """Name both axes, and say above them, from the left, what is shown."""
    axes.set_xlabel(clean(x))
    axes.set_ylabel(clean(y))
    if title:
        axes.set_title(clean(title), loc="left", fontsize=9, color=INK, pad=8)


def log_axis(axes: Any, which: str, values: np.ndarray, *, power: bool = False) -> None:
    """A logarithmic x or y axis whose ticks read "10B", or "10²¹" where `power` is set."""
    ticker = require("matplotlib.ticker", "plots")
    getattr(axes, f"set_{which}scale")("log")
    axis = getattr(axes, f"{which}axis")
    finite = values[np.isfinite(values) & (values > 0)]
    decades = float(np.log10(finite.max() / finite.min())) if len(finite) else 1.0
    few = 0.8 if power else 1.6  # Powers of ten take more room than "30B".
    steps = (1.0, 2.0, 5.0) if decades < few else (1.0, 3.0) if decades < few + 1 else (1.0,)
    form = power_of_ten if power else short_count
    axis.set_major_locator(ticker.LogLocator(subs=steps, numticks=7))
    axis.set_minor_locator(ticker.NullLocator())
    axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: form(value)))


def few_ticks(axis: Any, most: int = 5) -> None:
    """At most so many ticks on a plain axis."""
    ticker = require("matplotlib.ticker", "plots")
    axis.set_major_locator(ticker.MaxNLocator(most))


def ramp(share: float) -> str:
    """The colour at `share`, 0 to 1, of the ramp."""
    colors = require("matplotlib.colors", "plots")
    return colors.to_hex(colormap()(float(np.clip(share, 0, 1))))


def colormap() -> Any:
    """The ramp as a Matplotlib colour map."""
    return require("matplotlib.colors", "plots").LinearSegmentedColormap.from_list("lawjax", RAMP)


def mapped(values: np.ndarray) -> Any:
    """What turns values into colours of the ramp, for points and their colour bar."""
    normal = require("matplotlib.colors", "plots").Normalize(float(np.min(values)), float(np.max(values)))
    return require("matplotlib.cm", "plots").ScalarMappable(normal, colormap().reversed())
