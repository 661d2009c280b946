"""Which of a decision's laws plain parameters belong to."""

from collections.abc import Mapping
from typing import Any

from lawjax.laws.base import Law


def laws_for(source: Any, laws: tuple[Law, ...]) -> tuple[Law, ...]:
    """The laws, the one whose parameters a dict names in front; as they are for any other source."""
    return tuple(sorted(laws, key=lambda law: isinstance(source, Mapping) and set(source) != set(law.params)))
