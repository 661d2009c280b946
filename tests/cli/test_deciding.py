"""`lawjax decide`: every decision by name, from coefficients and from saved fits."""

import lawjax as lj


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
