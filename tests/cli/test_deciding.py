"""`lawjax decide`: every decision by name, from coefficients and from saved fits."""

import inspect

import numpy as np
import pytest

import lawjax as lj
from lawjax.cli import deciding
from tests.helpers import question_of


def test_without_a_name_it_lists_the_questions(run):
    listed = {record["name"]: record for record in run("decide", "--json").record["decisions"]}

    assert listed["critical-tokens"]["sources"] == ["source"]
    assert listed["crossover"]["sources"] == ["first", "second"]
    assert all(record["question"] for record in listed.values())


def test_it_answers_from_published_coefficients(run):
    ended = run("decide", "critical-tokens", "sun2025", "--at", "N=1e9,E=4,M=3,B=128", "--json")

    answer = lj.decisions.critical_tokens("sun2025", N=1e9, E=4, M=3, B=128)
    assert ended.record["answer"]["D"]["median"] == answer["D"]
    assert ended.record["held"]["N"] == 1e9


def test_it_answers_from_a_saved_fit_with_an_interval(run, tmp_path):
    truth = {"E": 1.8, "A": 480.0, "alpha": 0.35, "B": 2000.0, "beta": 0.37}
    runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=60, noise=0.01, key=0)
    saved = lj.fit(lj.laws.CHINCHILLA, runs).save(tmp_path / "fit.json")

    low, high = run("decide", "tokens-for-target", saved, "--at", "target=2.2,N=1e10", "--json").record["answer"]["D"][
        "interval"
    ]

    assert low < (2000.0 / (2.2 - 1.8 - 480.0 * 1e10**-0.35)) ** (1 / 0.37) < high


def test_what_is_missing_or_unknown_is_named(run):
    missing = run("decide", "critical-tokens", "sun2025", "--at", "N=1e9")
    unknown = run("decide", "the-moon")
    sources = run("decide", "crossover", "hoffmann2022")

    assert missing.status == unknown.status == sources.status == 2
    assert "missing ['E', 'M', 'B']" in missing.err
    assert "unknown decision 'the-moon'" in unknown.err
    assert "takes FIRST, SECOND" in sources.err


DECISIONS = sorted(deciding._decisions())


@pytest.fixture(params=DECISIONS)
def question(request, monkeypatch):
    """A decision with the sources and the held values of its own example, the latter as they are written."""
    fn = deciding._decisions()[request.param]
    sources, held = deciding._split(fn)
    asked = question_of(fn, monkeypatch)
    monkeypatch.setattr(deciding, "_source", lambda label: asked[label])
    written = {name: _written(value) for name, value in asked.items() if name not in sources}
    return fn, sources, held, written


def _written(value):
    return value if isinstance(value, str) else ":".join(repr(float(x)) for x in np.ravel(value))


def _wrong(fn, name):
    """Values that a parameter cannot take; two numbers are wrong where one is asked for."""
    parameter = inspect.signature(fn).parameters.get(name)
    two = "1:abc" if parameter and "vector" in deciding._forms(parameter) else "1:2"
    return ("abc", two, "nan")


def test_every_value_that_cannot_be_is_refused_in_one_line_that_names_it(run, question):
    fn, sources, held, written = question
    for name in {**held, **written}:
        for wrong in _wrong(fn, name):
            at = ",".join(f"{key}={value}" for key, value in {**written, name: wrong}.items())
            ended = run("decide", fn.__name__, *sources, "--at", at)
            assert (ended.status, ended.err.count("\n")) == (2, 1), (at, ended.err)
            assert name in ended.err or repr(wrong) in ended.err or f"`{wrong}`" in ended.err, (at, ended.err)


def test_what_cannot_be_written_is_not_offered(run):
    listed = {record["name"]: record["held"] for record in run("decide", "--json").record["decisions"]}

    assert listed["smallest-patch"] == ["image", "budget", "patches"]
    assert listed["optimal-mixture"] == ["cap", "capped", "most"]


def test_a_vector_of_one_is_written_as_a_number(run):
    at = "image=64,budget=1000,patches=4"
    ended = run("decide", "smallest-patch", "wang2025patches-deit-b-64", "--at", at, "--json")

    assert ended.record["answer"]["patch"]["median"] == 4.0
