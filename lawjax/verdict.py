"""What a result says about itself: coded notes, their severity, and what to do.

A note's code is stable, so that programs can act on it. An error-grade verdict stops every decision
(`allocate`, `sweep`) unless the caller says `force=True`.
"""

import dataclasses
import enum
from collections.abc import Iterator
from typing import Any

from lawjax.errors import VerdictError


class Severity(enum.IntEnum):
    """How much a note matters."""

    INFO = 0
    WARNING = 1
    ERROR = 2


@dataclasses.dataclass(frozen=True)
class Note:
    """One thing a reader must know: a stable code, how bad, why, and the fix."""

    code: str
    severity: Severity
    reason: str
    fix: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (f"[{self.severity.name.lower()}:{self.code}]", self.reason, self.fix) if part)

    def to_dict(self) -> dict[str, str]:
        """The note as plain strings."""
        return {"code": self.code, "severity": self.severity.name.lower(), "reason": self.reason, "fix": self.fix}

    @classmethod
    def from_dict(cls, record: dict[str, str]) -> "Note":
        """The note that `to_dict` wrote."""
        return cls(record["code"], Severity[record["severity"].upper()], record["reason"], record["fix"])


@dataclasses.dataclass(frozen=True)
class Verdict:
    """All notes of a result, worst first."""

    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", tuple(sorted(self.notes, key=lambda note: -note.severity)))

    @property
    def severity(self) -> Severity:
        """The worst severity among the notes."""
        return max((note.severity for note in self.notes), default=Severity.INFO)

    @property
    def grade(self) -> str:
        """ "ok", "warning" or "error"."""
        return {Severity.INFO: "ok", Severity.WARNING: "warning", Severity.ERROR: "error"}[self.severity]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all notes, worst first."""
        return tuple(note.code for note in self.notes)

    def require(self, action: str, *, force: bool = False) -> None:
        """Let a decision pass, or stop it.

        Raises:
            VerdictError: a note is an error and `force` is False.
        """
        if force or self.severity < Severity.ERROR:
            return
        reasons = " ".join(str(note) for note in self.notes if note.severity == Severity.ERROR)
        raise VerdictError(f"`{action}` is refused: {reasons} Pass force=True to go on all the same.")

    def __iter__(self) -> Iterator[Note]:
        return iter(self.notes)

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(tuple(dict.fromkeys(self.notes + other.notes)))

    def __str__(self) -> str:
        return "\n".join([f"verdict: {self.grade}", *(f"  {note}" for note in self.notes)])

    def to_dict(self) -> dict[str, Any]:
        """Grade and notes as plain data."""
        return {"grade": self.grade, "notes": [note.to_dict() for note in self.notes]}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "Verdict":
        """The verdict that `to_dict` wrote."""
        return cls(tuple(Note.from_dict(note) for note in record["notes"]))


def info(code: str, reason: str, fix: str = "") -> Note:
    """A note to know."""
    return Note(code, Severity.INFO, reason, fix)


def warning(code: str, reason: str, fix: str = "") -> Note:
    """A note that changes how far a result may be trusted."""
    return Note(code, Severity.WARNING, reason, fix)


def error(code: str, reason: str, fix: str = "") -> Note:
    """A note that forbids decisions."""
    return Note(code, Severity.ERROR, reason, fix)
