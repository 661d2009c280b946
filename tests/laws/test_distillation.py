"""Distillation: the printed line, and the curve under it."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import CAPACITY_GAP, DISTILLED_SCORE

TRUTH = dict(peak=-0.6, slope=0.05, k=0.03, rho=2.5)


@pytest.mark.parametrize(("student", "teacher"), [(1000, 2486.5), (2800, 6982.9), (3000, 7482.5)])
def test_the_line_gives_the_teachers_that_its_constants_imply(student, teacher):
    line = lj.laws.published("zhang2023")
    ratio = float(CAPACITY_GAP(student * 1e6, **line.params))
    assert ratio * student == pytest.approx(teacher, rel=1e-5)


def test_the_printed_line_prunes_about_sixty_per_cent_of_a_teacher():
    assert lj.decisions.student_size("zhang2023", 7e9)["sparsity"] == pytest.approx(0.6, abs=0.005)


def test_a_teacher_too_small_costs_as_much_as_one_too_large():
    best, small, large = (float(DISTILLED_SCORE(T, 1e9, **TRUTH)) for T in (2.5e9, 2.5e9 / 3, 7.5e9))
    assert small == pytest.approx(large, abs=1e-5)
    assert best - small == pytest.approx(0.03 * np.log(3) ** 2, rel=1e-3)


def test_the_curve_tells_how_unsure_the_best_ratio_is_where_the_line_does_not():
    students = np.repeat(np.geomspace(1e8, 1.5e9, 5), 5)
    teachers = students * np.tile(np.geomspace(1.0, 8.0, 5), 5)
    exact = lj.simulate(DISTILLED_SCORE, TRUTH, {"T": teachers, "S": students}, noise=0.0)["score"]
    score = exact + np.random.default_rng(0).normal(0, 0.01, 25)
    runs = lj.Runs.from_columns(T=teachers, S=students, score=score)
    fit = lj.fit(DISTILLED_SCORE, runs, loss="squared", num_starts=4)
    best = teachers.reshape(5, 5)[np.arange(5), score.reshape(5, 5).argmax(axis=1)]
    picked = best / students.reshape(5, 5)[:, 0]
    low, high = lj.decisions.teacher_size(fit, 1e9).interval("ratio")
    assert low < 2.5 < high
    assert high / low < picked.max() / picked.min()
