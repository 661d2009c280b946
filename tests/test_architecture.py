"""The house holds: imports point one way, each heavy library has one owner, and importing lawjax costs nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import lawjax as lj

ROOT = Path(lj.__file__).parent
DOCS = ROOT.parent / "docs"

LEVELS = [
    {"errors", "verdict", "text", "storage", "precision", "parallel"},
    {"laws", "data", "draws", "scatter", "drift", "spaces", "axes"},
    {"classical", "fitting", "inference", "simulation", "datasets"},
    {"checking", "prediction"},
    {"forecasting"},
    {"costs"},
    {"planning"},
    {"sweeps", "designs"},
    {"decisions"},
    {"reporting"},
    {"cli"},
    {"__main__"},
]
LEVEL = {room: index for index, rooms in enumerate(LEVELS) for room in rooms}
LAZY_UPWARD = {("storage", "laws")}
OWNERS = {
    "arviz": {"inference/arviz_bridge.py"},
    "flax": {"simulation", "laws/neural.py"},
    "jinja2": {"reporting"},
    "matplotlib": {"reporting"},
    "numpyro": {"inference"},
    "optax": {"fitting", "simulation", "cli"},
    "pooch": {"datasets"},
    "typer": {"cli"},
}
FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def imports(path: Path) -> set[str]:
    """Every module that a file imports, lazily or not; `if TYPE_CHECKING` blocks are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def room(path: Path) -> str:
    """The room a file belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_downwards(path):
    here = room(path)
    for module in imports(path):
        parts = module.split(".")
        if parts[0] == "lawjax" and len(parts) > 1 and (here, parts[1]) not in LAZY_UPWARD:
            assert LEVEL[parts[1]] <= LEVEL[here], f"{here} must not import {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_libraries_are_imported_by_their_owners_only(path):
    place = str(path.relative_to(ROOT))
    for module in imports(path):
        owners = OWNERS.get(module.split(".")[0])
        if owners is not None:
            assert any(place.startswith(owner) for owner in owners), f"{place} must not import {module}"


def fresh(code: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_lawjax_loads_nothing_heavy():
    heavy = ("jax", "arviz", "matplotlib", "numpyro", "flax", "pandas", "scipy")
    assert fresh(f"import sys, lawjax; print([m for m in {heavy} if m in sys.modules])") == "[]"


def test_importing_every_room_starts_no_backend():
    rooms = "classical, laws, fitting, inference, checking, planning, sweeps, decisions, reporting, simulation"
    code = f"from lawjax import {rooms}, costs, data, datasets, cli; import jax, sys; "
    code += "jax.config.update('jax_num_cpu_devices', 3); "
    code += "print(jax.device_count(), 'arviz' in sys.modules, 'matplotlib' in sys.modules, 'flax' in sys.modules)"
    assert fresh(code) == "3 False False False"


@pytest.mark.parametrize("name", lj.__all__)
def test_every_public_name_exists_and_is_in_the_docs(name):
    assert getattr(lj, name) is not None
    assert f"`{name}`" in (DOCS / "api.md").read_text(encoding="utf-8")


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'allocat'"):
        _ = lj.allocat


def test_no_code_is_evaluated_from_text():
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not called & {"eval", "exec", "compile"}, path
        assert "pickle" not in imports(path), path
