"""A report is one page that says what the runs show, holds all it needs, and trusts no string."""

import dataclasses
import re
from html.parser import HTMLParser

import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import Variable
from lawjax.reporting.plots import svg
from lawjax.verdict import Verdict, error

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "'-->]]></style></svg><iframe src=//x>",
    "{{ 7 * 7 }} $\\frac{1}{2}$ \x00\u202e 数",
)


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def runs(truth):
    return lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=48, noise=0.005, key=0)


@pytest.fixture(scope="module")
def fit(runs):
    return lj.fit(lj.laws.CHINCHILLA, runs)


@pytest.fixture(scope="module")
def draws(fit):
    generator = np.random.default_rng(0)
    params = {name: float(value) * np.exp(0.02 * generator.standard_normal(40)) for name, value in fit.params.items()}
    return fit.as_draws_of(params, "made up for a test")


@pytest.fixture(scope="module")
def text(runs, fit, draws, tmp_path_factory):
    page = tmp_path_factory.mktemp("page") / "report.html"
    return lj.report(runs, page, fit=fit, draws=draws, budget=1e23, command="lawjax report runs.csv").read_text()


def test_the_answer_comes_first_with_its_interval(text, fit, draws):
    plan = lj.allocate(draws, lj.flops(1e23))

    answer = Page(text).text.split("The runs")[0]

    assert "With 10²³ FLOP, train" in answer
    assert f"{plan.inputs['N'][0] / 1e9:.3g}" in answer
    assert re.search(r"loss \[nats/token\]\s*[\d.]+\s*[\d.]+ to [\d.]+; a single run", answer)


@pytest.mark.parametrize(
    "section",
    ["data", "fit", "residuals", "isoflop", "uncertainty", "path", "verdict", "origin"],
)
def test_every_section_is_there(text, section):
    assert f'<section id="{section}">' in text


def test_the_page_says_how_to_make_it_again(text, runs):
    assert runs.sha256 in text
    assert "$ lawjax report runs.csv" in text
    assert lj.__version__ in text
    assert "40 draws, made up for a test" in text


def test_the_page_loads_nothing(text):
    page = Page(text)

    loads = [value for name, value in page.attributes if name in ("src", "href", "xlink:href", "action", "data")]
    assert all(value.startswith("#") for value in loads)
    assert not re.search(r"url\((?!#)|@import", text)
    assert not page.tags & {"script", "img", "iframe", "object", "embed", "link", "form", "image"}


def test_identifiers_of_figures_do_not_collide(text):
    found = [value for name, value in Page(text).attributes if name == "id"]

    assert len(found) == len(set(found))


def test_every_reference_inside_the_page_has_a_target(text):
    page = Page(text)

    targets = {value for name, value in page.attributes if name == "id"}
    used = {value[1:] for name, value in page.attributes if name in ("href", "xlink:href")}
    used |= set(re.findall(r"url\(#([^)]+)\)", text))
    assert used <= targets


def test_the_same_runs_make_the_same_page(text, runs, fit, draws, tmp_path):
    again = lj.report(
        runs, tmp_path / "report.html", fit=fit, draws=draws, budget=1e23, command="lawjax report runs.csv"
    )

    assert again.read_text() == text


def test_without_a_budget_ten_times_the_largest_run_is_planned(runs, fit, draws, tmp_path):
    largest = float(np.max(6 * runs["N"] * runs["D"]))

    page = Page(lj.report(runs, tmp_path / "report.html", fit=fit, draws=draws).read_text())

    assert "No budget was given; this one is 10 times the largest run" in page.text
    assert f"{largest * 10:.2e}"[:4] in page.text


def test_an_error_verdict_gives_a_page_without_a_plan(runs, fit, tmp_path):
    doubted = dataclasses.replace(fit, data_verdict=Verdict((error("made-up", "These runs are made up."),)))

    page = Page(lj.report(runs, tmp_path / "report.html", fit=doubted, draws=doubted.point, budget=1e23).read_text())

    assert "do not decide on this" in page.text
    assert "These runs are made up." in page.text
    assert "train" not in page.text.split("The runs")[0]


def test_a_hostile_string_is_only_text(tmp_path):
    hostile = "".join(HOSTILE)
    law, made = hostile_law(hostile), hostile_runs(hostile)
    fit = lj.fit(law, made, num_starts=4)

    page = lj.report(made, tmp_path / "report.html", fit=fit, draws=fit.draws, title=hostile, command=hostile)

    text = page.read_text()
    seen = Page(text)
    assert not seen.tags & {"script", "img", "iframe"}
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    assert all(value[:1] == "#" for name, value in seen.attributes if name in ("href", "src", "xlink:href"))
    drawn = Page("".join(re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)))
    for part in HOSTILE:
        assert seen.text.count(part) >= 5
        assert "".join(sign if sign.isprintable() else " " for sign in part) in drawn.text


def line(x, *, a, b):
    return a + b / x


LINE = lj.Law(line, response="loss", params=dict(a=lj.positive(0.1, 5), b=lj.positive(0.1, 5)), linear=("a", "b"))


def hostile_law(hostile):
    """The same law with a hostile unit; its function is shared, so that it compiles alike."""
    return dataclasses.replace(LINE, name=hostile, unit=hostile, inputs={"x": Variable(unit=hostile, kind="positive")})


def hostile_runs(hostile):
    x = np.geomspace(1, 30, 16)
    columns = {"x": x, "loss": 2 + 3 / x + 0.01 * np.cos(7 * x), hostile: x}
    made = lj.Runs.from_columns(group=[f"{hostile}{i}" for i in range(16)], **columns)
    origin = dataclasses.replace(made.origin, source=hostile, dropped=((hostile, 3),), unusable=((hostile, "text"),))
    return dataclasses.replace(made, origin=origin)


def test_a_law_of_one_input_shows_its_curve(tmp_path):
    made = hostile_runs("seconds")
    fit = lj.fit(LINE, made, num_starts=4)

    text = lj.report(made, tmp_path / "report.html", fit=fit, draws=fit.draws).read_text()

    assert "10 times the largest run, loss is predicted at" in text
    assert 'id="curve-' in text
    assert 'id="isoflop"' not in text


def test_runs_without_a_clear_law_are_refused(tmp_path):
    with pytest.raises(lj.InputError, match="the runs have no N, D and loss, only"):
        lj.report(hostile_runs("seconds"), tmp_path / "report.html")


def test_one_set_of_parameters_claims_no_interval(runs, fit, tmp_path):
    answer = lj.report(runs, tmp_path / "report.html", fit=fit, draws=fit.point, budget=1e23).read_text()

    assert "there are no intervals, because there is one set of parameters" in answer
    assert '<dd class="detail">' not in answer
    assert "expected to lose" not in answer


@pytest.mark.parametrize("name", ["report.pdf", "nowhere/report.html"])
def test_a_page_that_cannot_be_written_is_refused_before_any_work(runs, tmp_path, name):
    with pytest.raises(lj.InputError, match=r"ends in \.html|does not exist"):
        lj.report(runs, tmp_path / name)


def test_drawing_leaves_the_users_matplotlib_settings_alone():
    import matplotlib

    before = dict(matplotlib.rcParams)
    svg("test", lambda axes: axes.plot([1, 2], [1, 2]))

    assert dict(matplotlib.rcParams) == before
