"""Every example in a public docstring runs and prints what it says."""

import doctest
import importlib
import inspect
from pathlib import Path

import pytest

import lawjax as lj

ROOT = Path(lj.__file__).parent
ROOMS = [
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted(ROOT.rglob("*.py"))
    if ">>>" in path.read_text(encoding="utf-8")
]
FUNCTIONS = [name for name in lj.__all__ if inspect.isfunction(getattr(lj, name, None))]


@pytest.mark.parametrize("module", ROOMS)
def test_the_examples_of_a_module_run(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert found.failed == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_says_what_it_gives_and_shows_an_example(name):
    text = inspect.getdoc(getattr(lj, name))
    assert text
    assert "Example" in text or ">>>" in text, f"{name} has no example"
