"""What is written on a command line as `N=1,D=2`, as Python values; an error names the bit and the form expected."""

import difflib
import math
from collections.abc import Callable, Sequence
from typing import Any

from lawjax.cli.output import say
from lawjax.errors import InputError, choose

Texts = Sequence[str] | None


def pairs(texts: Texts, option: str, form: str) -> dict[str, str]:
    """Names and values from `NAME=VALUE,NAME=VALUE`, given once or several times.

    Args:
        texts: what was given; None for nothing.
        option: the option, for messages.
        form: an example of what is expected, for messages.
    Raises:
        InputError: a bit that is not NAME=VALUE, or a name given twice.
    Example:
        >>> pairs(["N=params,D=tokens"], "--columns", "N=params")
        {'N': 'params', 'D': 'tokens'}
    """
    found: dict[str, str] = {}
    for bit in (bit.strip() for text in texts or () for bit in text.split(",")):
        name, equals, value = (part.strip() for part in bit.partition("="))
        if not (name and equals and value):
            raise InputError(f"cannot read {bit!r} in {option}: write NAME=VALUE, as in {option} {form}.")
        if name in found:
            raise InputError(f"{option} gives `{name}` twice, {found[name]!r} and {value!r}. Keep one.")
        found[name] = value
    return found


def numbers(texts: Texts, option: str, form: str) -> dict[str, float]:
    """As `pairs`, with numbers for values.

    Raises:
        InputError: also a value that is not a finite number.
    """
    return {name: number(value, f"{name}={value}", option, form) for name, value in pairs(texts, option, form).items()}


def number(text: str, bit: str, option: str, form: str) -> float:
    """One finite number."""
    try:
        value = math.nan if "_" in text else float(text)  # Python reads 1_0 as 10
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(
            f"cannot read {bit!r} in {option}: {text!r} is not a finite number; write it as in {option} {form}."
        )
    return value


def rows(texts: Texts, option: str, form: str) -> dict[str, list[float]]:
    """A column per name, from an option that is given once a row.

    Raises:
        InputError: nothing given, or rows with different names.
    Example:
        >>> rows(["N=1e9,D=2e10", "N=1e10,D=2e11"], "--at", "N=1e9,D=2e10")
        {'N': [1000000000.0, 10000000000.0], 'D': [20000000000.0, 200000000000.0]}
    """
    parsed = [numbers([text], option, form) for text in texts or ()]
    if not parsed:
        raise InputError(f"{option} is missing: say where, as in {option} {form}.")
    for text, row in zip(texts or (), parsed):
        if set(row) != set(parsed[0]):
            raise InputError(
                f"{option} {text!r} names {list(row)}, the first one {list(parsed[0])}. Give the same names each time."
            )
    return {name: [row[name] for row in parsed] for name in parsed[0]}


def bounds(texts: Texts, option: str = "--bounds", form: str = "D=1e9:1e13") -> dict[str, tuple[float, float]]:
    """Pairs (low, high) from `NAME=LOW:HIGH`."""
    found = {}
    for name, value in pairs(texts, option, form).items():
        bit, edges = f"{name}={value}", value.split(":")
        if len(edges) != 2:
            raise InputError(f"cannot read {bit!r} in {option}: write NAME=LOW:HIGH, as in {option} {form}.")
        found[name] = (number(edges[0], bit, option, form), number(edges[1], bit, option, form))
    return found


def axes(texts: Texts, option: str = "--axis", form: str = "N=1e8:1e12:1000") -> dict[str, Any]:
    """Axes of a sweep: `NAME=LOW:HIGH:NUM` is even in the logarithm, `NAME=VALUE` is held.

    Raises:
        InputError: no axis, or a bit in another form.
    """
    from lawjax.sweeps import log_grid

    found: dict[str, Any] = {}
    for name, value in pairs(texts, option, form).items():
        bit, parts = f"{name}={value}", value.split(":")
        if len(parts) not in (1, 3):
            raise InputError(
                f"cannot read {bit!r} in {option}: write NAME=LOW:HIGH:NUM or NAME=VALUE, as in {option} {form}."
            )
        values = [number(part, bit, option, form) for part in parts]
        found[name] = values[0] if len(values) == 1 else log_grid(values[0], values[1], whole(values[2], bit, option))
    if not found:
        raise InputError(f"{option} is missing: name each input's range, as in {option} {form}.")
    return found


def listed(texts: Texts, option: str = "--values", form: str = "N=7e9:13e9:70e9") -> dict[str, Any]:
    """Lists of values that an input may take: `NAME=VALUE:VALUE:...`.

    Raises:
        InputError: a bit in another form, or values that do not increase.
    """
    from lawjax.axes import values

    found = pairs(texts, option, form)
    bits = {
        name: [number(part, f"{name}={text}", option, form) for part in text.split(":")] for name, text in found.items()
    }
    return {name: values(items) for name, items in bits.items()}


def limits(texts: Texts, option: str, make: Callable[[str, float], Any]) -> list[Any]:
    """Constraints on inputs or on the loss: `NAME=LIMIT`.

    Args:
        texts: what was given; None for nothing.
        option: the option, for messages.
        make: `lj.at_most` or `lj.at_least`.
    """
    return [make(name, limit) for name, limit in numbers(texts, option, f"{option} D=1e12").items()]


def whole(value: float, bit: str, option: str) -> int:
    """A whole number above 0."""
    if value != int(value) or value < 1:
        raise InputError(f"cannot read {bit!r} in {option}: the last part must be a whole number above 0.")
    return int(value)


KEEP_FORMS = "top:100, pareto:loss,cost, best-by:N, quantiles:loss or best-in-draws"


def keepers(texts: Texts) -> list[Any]:
    """What a sweep keeps, in one of `KEEP_FORMS`.

    Raises:
        InputError: another form.
    """
    return [_keeper(text) for text in texts or ("top:100",)]


def _keeper(text: str) -> Any:
    from lawjax.sweeps import best_by, best_in_draws, pareto, quantiles, top_k

    kind, _, rest = text.partition(":")
    choose("kind of --keep", kind, ("top", "pareto", "best-by", "quantiles", "best-in-draws"))
    if bool(rest) == (kind == "best-in-draws"):
        raise InputError(f"cannot read {text!r} in --keep: write {KEEP_FORMS}.")
    if kind == "best-in-draws":
        return best_in_draws()
    if kind == "top":
        return top_k(whole(number(rest, text, "--keep", "top:100"), text, "--keep"))
    if kind in ("best-by", "quantiles"):
        return best_by(rest) if kind == "best-by" else quantiles(rest)
    names = rest.split(",")
    if len(names) < 2:
        raise InputError(
            f"cannot read {text!r} in --keep: a frontier is of two to four quantities, as in --keep pareto:loss,cost."
        )
    return pareto(*names)


FORMULA_SIGNS = frozenset("+*/()= ")


def law(name: str, runs: Any = None, ranges: Texts = None) -> Any:
    """The law of that name, or of that formula; "broken-power-law-3" is made for any number of breaks.

    Args:
        name: a name, or a formula such as "loss = E + A / N**alpha"; without "=" it is of the loss.
        runs: the table whose columns are the inputs of a formula.
        ranges: where a formula's parameters usually lie, as E=0.1:5.
    Raises:
        InputError: no such law, with a list of those there are, or a formula that cannot be read.
    """
    from lawjax.laws import ALL, broken_power_law, get

    family, _, breaks = name.rpartition("-")
    broken = name not in ALL and family == "broken-power-law" and breaks.isdigit()
    if FORMULA_SIGNS & set(name.strip()) or not (name in ALL or broken or _no_difference(name, runs)):
        return formula(name, runs, ranges)
    if ranges:
        raise InputError(f"--param-range is for a formula, and {name!r} is the name of a law. Leave it out.")
    return broken_power_law(int(breaks)) if broken else get(name)


def _no_difference(name: str, runs: Any) -> bool:
    """Whether a text with dashes, which names of laws have too, takes no column of the table from anything."""
    return runs is None or "-" not in name or not any(part in runs.columns for part in name.split("-"))


def formula(text: str, runs: Any, ranges: Texts = None) -> Any:
    """The law of a formula whose inputs are columns of a table; standard error says what was read as what.

    Raises:
        InputError: no table, no column of it in the formula, one that is not of numbers, a response on both sides, or
            a formula that cannot be read.
    """
    from lawjax.laws import Variable, law_from_formula
    from lawjax.laws.formulas.formula import names_in

    left, equals, right = text.partition("=")
    response, right = (left.strip(), right) if equals else ("loss", text)
    if runs is None:
        raise InputError(f"{text!r} is a formula; this command takes the name of a law. `lawjax laws` lists them.")
    # Blanks stand for the left side, so that errors count columns in the text as it was typed.
    names = names_in(" " * (len(text) - len(right)) + right)
    if response in names:
        told = "" if equals else " Without `=`, a formula is of the loss."
        raise InputError(f"`{response}` is on both sides of {text!r}: a response is not its own input.{told}")
    columns = {key: column for key, column in runs.columns.items() if column.ndim == 1 and column.dtype.kind in "fiu"}
    unusable = {key: "is not one number per row." for key in runs.columns if key not in columns}
    for key, reason in {**unusable, **dict(runs.origin.unusable)}.items():
        if key in names:
            raise InputError(f"{text!r} needs the column `{key}`, which {reason}")
    measured = [key for key in names if key in columns]
    if not measured:
        raise InputError(f"the formula {text!r} names no column of numbers of the table; it has {', '.join(columns)}.")
    inputs = {key: Variable(kind="positive" if (columns[key] > 0).all() else "real") for key in measured}
    usual = {key: f"{low}:{high}" for key, (low, high) in bounds(ranges, "--param-range", "E=0.1:5").items()}
    support = "positive" if response in columns and (columns[response] > 0).all() else "real"
    found = law_from_formula(right.strip(), inputs=inputs, params=usual, response=response, support=support)
    say(f"{response}: inputs {', '.join(found.inputs)}; parameters {', '.join(found.params)}")
    for key in found.params:
        for column in _near(key, [column for column in runs.columns if column not in measured and column != response]):
            say(f"`{key}` is taken as a parameter; did you mean the column `{column}`?")
    return found


def _near(name: str, columns: Sequence[str]) -> list[str]:
    """The column that a name may have been meant for: at most one."""
    same = [column for column in columns if column.lower() == name.lower()]
    return (same or difflib.get_close_matches(name, columns, n=1, cutoff=0.75))[:1]
