"""What a formula says of units: which parameters take up a change of one, and which enter linearly."""

from collections.abc import Iterator, Sequence

from lawjax.laws.base import Exponent
from lawjax.laws.formulas.syntax import Node, evaluate

ONE = Node("number", 1.0)


def dimensions(tree: Node, inputs: Sequence[str], names: Sequence[str]) -> dict[str, dict[str, Exponent]]:
    """Powers of the inputs in each parameter's dimension; an input that cannot be covered is in none."""
    once = {key for key in names if tree.names.count(key) == 1}
    dims: dict[str, dict[str, Exponent]] = {key: {} for key in names}
    for variable in inputs:
        found: dict[str, Exponent] = {}
        if _balanced(tree, variable, once, found):
            for key, exponent in found.items():
                dims[key][variable] = exponent
    return dims


def _balanced(tree: Node, variable: str, once: set[str], found: dict[str, Exponent]) -> bool:
    """Whether each term can be made free of the unit of `variable`; the parameters that take it up go to `found`."""
    return all(_term_balanced(term, variable, once, found) for term in terms_of(tree))


def _term_balanced(term: Node, variable: str, once: set[str], found: dict[str, Exponent]) -> bool:
    factors = list(_factors(term))
    if any(variable in exponent.names for _, exponent in factors):
        return False
    powers = [exponent for base, exponent in factors if base == Node("name", variable)]
    for base, exponent in factors:
        if base.kind != "name" and variable in base.names:
            inside = _inside(base, exponent, variable, once, found)
            if inside is None:
                return False
            powers += inside
    if not powers:
        return True
    takers = [(b.value, e.value) for b, e in factors if b.kind == "name" and b.value in once and _is_one(e)]
    if not takers:
        return False
    name, sign = takers[0]
    found[name] = _as_exponent(_total(powers), -sign)
    return True


def _inside(base: Node, exponent: Node, variable: str, once: set[str], found: dict[str, Exponent]) -> list[Node] | None:
    """The powers of `variable` that a factor leaves to its term: none where it is free of units in itself."""
    trial = dict(found)
    if all(_balanced(part, variable, once, trial) for part in (base.parts if base.kind == "call" else (base,))):
        found |= trial
        return []
    if base.kind not in ("*", "/"):
        return None
    within = list(_factors(base))
    if any((b.kind != "name" and variable in b.names) or variable in e.names for b, e in within):
        return None
    return [Node("*", None, (e, exponent)) for b, e in within if b == Node("name", variable)]


def _is_one(exponent: Node) -> bool:
    return exponent.kind == "number" and abs(exponent.value) == 1.0


def terms_of(tree: Node) -> Iterator[Node]:
    """The terms of a sum, signs left out."""
    if tree.kind in ("+", "-", "neg"):
        for part in tree.parts:
            yield from terms_of(part)
    else:
        yield tree


def _factors(tree: Node, sign: float = 1.0) -> Iterator[tuple[Node, Node]]:
    """The factors of a product with their exponents."""
    if tree.kind == "neg":
        yield from _factors(tree.parts[0], sign)
    elif tree.kind in ("*", "/"):
        yield from _factors(tree.parts[0], sign)
        yield from _factors(tree.parts[1], sign if tree.kind == "*" else -sign)
    elif tree.kind == "**":
        yield tree.parts[0], tree.parts[1] if sign > 0 else _negative(tree.parts[1])
    else:
        yield tree, Node("number", sign)


def exponents_of(tree: Node) -> list[Node]:
    """Every exponent in a formula."""
    return [node.parts[1] for node in tree.walk() if node.kind == "**"]


def _negative(node: Node) -> Node:
    if node.kind == "number":
        return Node("number", -node.value)
    return node.parts[0] if node.kind == "neg" else Node("neg", None, (node,))


def _total(powers: Sequence[Node]) -> Node:
    total = powers[0]
    for power in powers[1:]:
        total = Node("+", None, (total, power))
    return total


def _as_exponent(node: Node, sign: float) -> Exponent:
    """`sign` times an exponent, in the shortest form that a record has."""
    node = node if sign > 0 else _negative(node)
    if node.kind == "number":
        return node.value
    if node.kind == "name":
        return node.value
    if node.kind == "neg" and node.parts[0].kind == "name":
        return f"-{node.parts[0].value}"
    return lambda params: evaluate(node, params)


def linear_in(tree: Node, names: Sequence[str]) -> tuple[str, ...]:
    """One parameter of each term that stands in it once, as a factor, and nowhere else."""
    once = {key for key in names if tree.names.count(key) == 1}
    found = []
    for term in terms_of(tree):
        scales = [b.value for b, e in _factors(term) if b.kind == "name" and b.value in once and e == ONE]
        found += scales[:1]
    return tuple(found)
