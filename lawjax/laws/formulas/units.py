"""What a formula says of units: which parameters take up a change of one, and which enter linearly."""

from collections.abc import Iterator, Sequence, Set

from lawjax.laws.base import Exponent
from lawjax.laws.formulas.syntax import Node, evaluate

ONE = Node("number", 1.0)


def dimensions(tree: Node, inputs: Sequence[str], names: Sequence[str]) -> dict[str, dict[str, Exponent]]:
    """Powers of the inputs in each parameter's dimension; an input that cannot be covered is in none.

    Nor is one whose power goes with an input, as the N of `A * N**(-alpha * D)`: a dimension is of parameters alone.
    """
    once = {key for key in names if tree.names.count(key) == 1}
    dims: dict[str, dict[str, Exponent]] = {key: {} for key in names}
    for variable in inputs:
        found: dict[str, Node] = {}
        if _balanced(tree, variable, once, found) and all(set(e.names) <= set(names) for e in found.values()):
            for key, exponent in found.items():
                dims[key][variable] = _as_exponent(exponent)
    return dims


def _balanced(tree: Node, variable: str, once: set[str], found: dict[str, Node]) -> bool:
    """Whether each term can be made free of the unit of `variable`; the parameters that take it up go to `found`."""
    return all(_term_balanced(term, variable, once, found) for term in terms_of(tree))


def _term_balanced(term: Node, variable: str, once: set[str], found: dict[str, Node]) -> bool:
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
    found[name] = _total(powers) if sign < 0 else _negative(_total(powers))
    return True


def _inside(base: Node, exponent: Node, variable: str, once: set[str], found: dict[str, Node]) -> list[Node] | None:
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
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if node.kind in ("+", "-", "neg"):
            waiting += reversed(node.parts)
        else:
            yield node


def _factors(tree: Node, sign: float = 1.0) -> Iterator[tuple[Node, Node]]:
    """The factors of a product with their exponents."""
    waiting = [(tree, sign)]
    while waiting:
        node, sign = waiting.pop()
        if node.kind == "neg":
            waiting.append((node.parts[0], sign))
        elif node.kind in ("*", "/"):
            waiting += [(node.parts[1], sign if node.kind == "*" else -sign), (node.parts[0], sign)]
        elif node.kind == "**":
            yield node.parts[0], node.parts[1] if sign > 0 else _negative(node.parts[1])
        else:
            yield node, Node("number", sign)


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


def _as_exponent(node: Node) -> Exponent:
    """An exponent in the shortest form that a record has."""
    if node.kind == "number":
        return node.value
    if node.kind == "name":
        return node.value
    if node.kind == "neg" and node.parts[0].kind == "name":
        return f"-{node.parts[0].value}"
    return lambda params: evaluate(node, params)


def affine(node: Node, names: Set[str]) -> bool:
    """Whether a formula is linear in all of `names` together, as it is written."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        with_names = [part for part in node.parts if names & set(part.names)]
        straight = node.kind in ("+", "-", "neg") or (
            len(with_names) == 1 and (node.kind == "*" or (node.kind == "/" and with_names[0] is node.parts[0]))
        )
        if with_names and not straight:
            return False
        waiting += with_names
    return True


def linear_in(tree: Node, names: Sequence[str]) -> tuple[str, ...]:
    """One parameter of each term that stands in it once, as a factor, and nowhere else."""
    once = {key for key in names if tree.names.count(key) == 1}
    found = []
    for term in terms_of(tree):
        scales = [b.value for b, e in _factors(term) if b.kind == "name" and b.value in once and e == ONE]
        found += scales[:1]
    return tuple(found)
