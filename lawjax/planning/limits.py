"""How a plan stands to its constraints: what is left of each limit, in which draws it is kept to, and its price."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lawjax.text import number, table

FIELDS = ("value", "limit", "room", "binds", "kept", "price")


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Limit:
    """How a solution stands to one constraint; every array has the shape (scenario,).

    Attributes:
        text: the constraint in words.
        value: the quantity at the solution, the mean over draws.
        limit: the limit.
        room: share of the limit that is left; of a constraint on a share of the draws, by the last draw of the share.
        binds: whether nothing is left.
        kept: share of the draws in which the solution keeps to it.
        price: by how much the objective would change, for better, were the limit wider.
        per: what the price is in: "% per %", or where the two cannot be compared by ratio "per FLOP", "per unit".
    """

    text: str
    value: np.ndarray
    limit: np.ndarray
    room: np.ndarray
    binds: np.ndarray
    kept: np.ndarray
    price: np.ndarray
    per: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "constraint": self.text,
            "price_per": self.per,
            **{name: getattr(self, name).tolist() for name in FIELDS},
        }


def limits_table(limits: Sequence[Limit]) -> str:
    """A table with one row per constraint and scenario."""
    rows = [
        [
            limit.text if i == 0 else "",
            number(limit.limit[i], 4),
            number(limit.value[i], 4),
            "binds" if limit.binds[i] else f"{100 * limit.room[i]:.3g} % left",
            f"{100 * limit.kept[i]:.3g} %",
            f"{number(limit.price[i], 3)} {limit.per}" if limit.price[i] else "0",
        ]
        for limit in limits
        for i in range(len(limit.limit))
    ]
    return table(["constraint", "limit", "value", "", "draws that keep to it", "price"], rows)


def limits_texts(limits: Sequence[Limit]) -> list[list[str]]:
    """What a record keeps of them as text."""
    return [[limit.text, limit.per] for limit in limits]


def limits_arrays(limits: Sequence[Limit]) -> dict[str, np.ndarray]:
    """What a record keeps of them, beside their texts."""
    return {f"limit.{i}.{name}": getattr(limit, name) for i, limit in enumerate(limits) for name in FIELDS}


def limits_from(texts: Sequence[Sequence[str]], arrays: Mapping[str, np.ndarray]) -> tuple[Limit, ...]:
    """Those of a record."""
    return tuple(
        Limit(text=text, per=per, **{name: arrays[f"limit.{i}.{name}"] for name in FIELDS})
        for i, (text, per) in enumerate(texts)
    )
