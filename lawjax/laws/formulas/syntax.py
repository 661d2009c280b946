"""Formulas as text, read by an allow-list: numbers, names, + - * / **, brackets and a table of functions.

The text is split into words first, so that nothing but those reaches Python's parser; the parser's tree is turned
into `Node`s, and `evaluate` walks them. No text is ever run as code.
"""

import ast
import dataclasses
import keyword
import math
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp

from lawjax.errors import InputError
from lawjax.laws import terms

MAX_LENGTH = 1000
MAX_BRACKETS = 24
MAX_DEPTH = 80
MAX_NAME = 40
WHOLE = 16
"""Whole powers up to this are products, so that their base may be below zero; all others need a base above."""

FUNCTIONS: Mapping[str, tuple[int, Callable[..., Any]]] = MappingProxyType(
    {
        "abs": (1, jnp.abs),
        "exp": (1, jnp.exp),
        "log": (1, jnp.log),
        "log2": (1, jnp.log2),
        "log10": (1, jnp.log10),
        "sqrt": (1, jnp.sqrt),
        "tanh": (1, jnp.tanh),
        "logistic": (1, terms.logistic),
        "sigmoid": (1, jax.nn.sigmoid),
        "softplus": (1, jax.nn.softplus),
        "min": (2, jnp.minimum),
        "max": (2, jnp.maximum),
        "power": (2, terms.power),
        "repeats_worth": (2, terms.repeats_worth),
        "bump": (3, terms.bump),
        "hill": (3, terms.hill),
        "saturate": (3, terms.saturate),
        "softmin": (3, lambda first, second, sharpness: terms.softmin((first, second), sharpness)),
    }
)
"""Each function that a formula may call: how many arguments it takes, and what it is."""

WORD = re.compile(r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
                  r"|(?P<sign>\*\*|[-+*/(),])|(?P<space> +)")  # fmt: skip
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
NOT_NUMBERS = frozenset({"nan", "inf", "infinity"})
HINTS = {"^": "write ** for a power", "=": "give only the right-hand side", "%": "there is no remainder"}


@dataclasses.dataclass(frozen=True)
class Node:
    """A part of a formula.

    Attributes:
        kind: "number", "name", "call", "neg", or one of + - * / **.
        value: the number, the name, or the name of the function that is called.
        parts: what it is made of.
    """

    kind: str
    value: Any = None
    parts: "tuple[Node, ...]" = ()

    def walk(self) -> "Iterator[Node]":
        """Every node, this one first, in the order of the text."""
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.parts)

    @property
    def names(self) -> list[str]:
        """The names in it, in order of appearance, each time that they appear."""
        return [node.value for node in self.walk() if node.kind == "name"]


def parse(text: str) -> Node:
    """The formula that a text says.

    Raises:
        InputError: anything but numbers, names, + - * / **, brackets and calls of `FUNCTIONS`; the message names the
            piece, its column and what is allowed.
    Example:
        >>> parse("E + A / N**alpha").names
        ['E', 'A', 'N', 'alpha']
    """
    if not isinstance(text, str):
        raise InputError(f"a formula is a text such as 'E + A / N**alpha', got {type(text).__name__}.")
    if len(text) > MAX_LENGTH:
        raise InputError(
            f"a formula has at most {MAX_LENGTH} characters, got {len(text)}. Write the law as a function."
        )
    _check_words(text)
    try:
        tree = ast.parse(text.strip(" "), mode="eval")
    except SyntaxError as error:
        # The parser says 0 where it comes to the end and wants more.
        where = (error.offset or len(text)) + len(text) - len(text.lstrip(" "))
        found = WORD.match(text, where - 1) if error.offset else None
        what = f"near {found.group()!r}" if found and found.group().strip() else "something is missing at its end"
        raise refusal(text, min(where, len(text)), f"it is not whole: {what}") from None
    except (RecursionError, MemoryError):
        raise refusal(text, 1, "it is nested too deeply") from None
    return _node(tree.body, text, MAX_DEPTH)


def refusal(text: str, column: int, what: str) -> InputError:
    """The error for a text that is not a formula."""
    shown = text if len(text) <= 60 else f"{text[:57]}..."
    return InputError(
        f"cannot read the formula {shown!r}: {what}, at column {column}. A formula has numbers, names, + - * / **, "
        f"brackets and the functions {', '.join(FUNCTIONS)}."
    )


def _check_words(text: str) -> None:
    """Refuse whatever is not a word of a formula, before any parser sees it."""
    place, depth, before = 0, 0, ""
    while place < len(text):
        word = WORD.match(text, place)
        column, found = place + 1, word.group() if word else text[place]
        if word is None:
            hint = HINTS.get(found, "")
            raise refusal(text, column, f"{found!r} is not part of one" + (f" ({hint})" if hint else ""))
        if word["name"]:
            _check_name(found, text, column, before)
        if word["number"] and not math.isfinite(float(found)):
            raise refusal(text, column, f"the number {found[:20]} is not finite")
        if word["number"] and before == "number":
            raise refusal(text, column, f"the number before {found[:20]!r} is not written as one")
        depth += (found == "(") - (found == ")")
        if depth > MAX_BRACKETS:
            raise refusal(text, column, f"its brackets are nested more than {MAX_BRACKETS} deep")
        before, place = str(word.lastgroup), word.end()
    if not text.strip(" "):
        raise refusal(text, 1, "it is empty")


def _check_name(name: str, text: str, column: int, before: str) -> None:
    if before == "number":
        raise refusal(text, column, f"{name[:20]!r} follows a number without * between them")
    if name.startswith("_") or "__" in name:
        raise refusal(text, column, f"the name {name[:20]!r} starts with an underscore or holds two together")
    if len(name) > MAX_NAME:
        raise refusal(text, column, f"the name {name[:20]!r}... is longer than {MAX_NAME} letters")
    if keyword.iskeyword(name):
        raise refusal(text, column, f"{name!r} is a word of Python, not a name")
    if name.lower() in NOT_NUMBERS:
        raise refusal(text, column, f"{name!r} reads as a number that is none, not as a name")


def _node(tree: ast.AST, text: str, room: int) -> Node:
    column = getattr(tree, "col_offset", 0) + 1 + len(text) - len(text.lstrip(" "))
    if room == 0:
        raise refusal(text, column, f"it is nested more than {MAX_DEPTH} deep")
    if isinstance(tree, ast.Constant) and isinstance(tree.value, int | float):
        return Node("number", float(tree.value))
    if isinstance(tree, ast.Name):
        if tree.id in FUNCTIONS:
            raise refusal(text, column, f"{tree.id!r} is a function; call it, or choose another name")
        return Node("name", tree.id)
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub | ast.UAdd):
        inside = _node(tree.operand, text, room - 1)
        return _folded(Node("neg", None, (inside,)), text, column) if isinstance(tree.op, ast.USub) else inside
    if isinstance(tree, ast.BinOp):
        return _joined(tree, text, room)
    if isinstance(tree, ast.Call):
        return _call(tree, text, column, room)
    raise refusal(text, column, "it is a list of formulas or another form that is no formula")


def _joined(tree: ast.BinOp, text: str, room: int) -> Node:
    """A chain such as a + b * c - d, from its left end: a long one is not nested deeply."""
    chain, first = [], tree
    while isinstance(first, ast.BinOp):
        chain.append(first)
        first = first.left
    found = _node(first, text, room - 1)
    for link in reversed(chain):
        column = _sign_column(link, text)
        if type(link.op) not in OPERATORS:
            raise refusal(text, column, "two values are joined by a sign that is none of + - * / **")
        right = _node(link.right, text, room - 1)
        if isinstance(link.op, ast.Div) and right == Node("number", 0.0):
            raise refusal(text, column, "it divides by zero, which gives no finite number")
        found = _folded(Node(OPERATORS[type(link.op)], None, (found, right)), text, column)
    return found


def _sign_column(tree: ast.BinOp, text: str) -> int:
    """Where the sign between two values stands; brackets may stand between it and either."""
    before = len(text) - len(text.lstrip(" "))
    place = before + (tree.left.end_col_offset or 0)
    return next(i for i in range(place, len(text)) if text[i] in "+-*/") + 1


def _call(tree: ast.Call, text: str, column: int, room: int) -> Node:
    if not isinstance(tree.func, ast.Name):
        raise refusal(text, column, "a value is called as if it were a function")
    name = tree.func.id
    if name not in FUNCTIONS:
        raise refusal(text, column, f"there is no function {name!r}")
    starred = [part for part in tree.args if isinstance(part, ast.Starred)]
    if starred or tree.keywords:
        raise refusal(text, column, f"{name!r} takes plain arguments only")
    if len(tree.args) != FUNCTIONS[name][0]:
        raise refusal(text, column, f"{name!r} takes {FUNCTIONS[name][0]} arguments, got {len(tree.args)}")
    parts = tuple(_node(part, text, room - 1) for part in tree.args)
    return _folded(Node("**", None, parts) if name == "power" else Node("call", name, parts), text, column)


def _folded(node: Node, text: str, column: int) -> Node:
    """A number where all parts are numbers, so that what is left never overflows in Python."""
    if any(part.kind != "number" for part in node.parts):
        return node
    compute = CONSTANTS.get(node.value) if node.kind == "call" else ARITHMETIC[node.kind]
    if compute is None:
        return node
    try:
        value = compute(*(part.value for part in node.parts))
    except (OverflowError, ZeroDivisionError, ValueError):
        value = math.inf
    if isinstance(value, complex) or not math.isfinite(value):
        raise refusal(text, column, "its numbers come to something that is not a finite number")
    return Node("number", value)


ARITHMETIC: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "**": lambda a, b: a**b,
        "neg": lambda a: -a,
    }
)


CONSTANTS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "abs": abs,
        "exp": math.exp,
        "log": math.log,
        "log2": math.log2,
        "log10": math.log10,
        "sqrt": math.sqrt,
        "tanh": math.tanh,
        "min": min,
        "max": max,
    }
)
"""Functions of plain numbers, to find those that come to nothing finite before JAX runs."""


def evaluate(node: Node, values: Mapping[str, Any]) -> Any:
    """What a formula gives for values of its names."""
    chain = []
    while len(node.parts) == 2 and node.kind in "+-*/":
        chain.append(node)
        node = node.parts[0]
    found = _evaluated(node, values)
    for outer in reversed(chain):
        found = ARITHMETIC[outer.kind](found, evaluate(outer.parts[1], values))
    return found


def _evaluated(node: Node, values: Mapping[str, Any]) -> Any:
    if node.kind == "number":
        return node.value
    if node.kind == "name":
        return values[node.value]
    parts = [evaluate(part, values) for part in node.parts]
    if node.kind == "call":
        return FUNCTIONS[node.value][1](*parts)
    if node.kind == "**":
        return _power(parts[0], parts[1], node.parts[1])
    return ARITHMETIC[node.kind](*parts)


def _power(base: Any, exponent: Any, written: Node) -> Any:
    if written.kind == "number" and written.value.is_integer() and abs(written.value) <= WHOLE:
        whole = int(written.value)
        # JAX refuses a negative power of an integer.
        return base**whole if whole >= 0 else 1.0 / base**-whole
    return terms.power(base, exponent)
