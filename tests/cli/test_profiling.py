"""`lawjax profile` says what `lj.profile` says."""

import pytest

import lawjax as lj


def test_a_profile_is_printed_as_plain_data(run, curve):
    ended = run("profile", curve, "--law", "power-law", "--param", "alpha", "--num", "5", "--prob", "0.8", "--json")

    found = lj.profile(lj.fit(lj.laws.POWER_LAW, lj.read_runs(curve)), "alpha", num=5, prob=0.8)
    assert ended.record["interval"] == pytest.approx(found.interval, rel=1e-6)
    assert ended.record["parameter"] == "alpha"
    assert len(ended.record["statistic"]) == 5


def test_a_parameter_that_the_law_lacks_is_named(run, curve):
    ended = run("profile", curve, "--law", "power-law", "--param", "beta")

    assert ended.status == 2
    assert "has no parameter `beta`. It has A, alpha" in ended.err
