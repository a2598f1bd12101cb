"""Mistakes made on purpose, and whether the system caught each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from deploy.rehearsal.gate import Refused


@dataclass
class Planted:
    """Every mistake made, by kind, and every one the system caught."""

    made: dict[str, int] = field(default_factory=dict)
    caught: dict[str, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    def make(self, kind: str, *, caught: bool, what: str = "") -> None:
        """A mistake was made; was it caught?"""
        self.made[kind] = self.made.get(kind, 0) + 1
        if caught:
            self.caught[kind] = self.caught.get(kind, 0) + 1
        else:
            self.missed.append(f"{kind}: {what}")

    @contextmanager
    def refused(self, kind: str, *codes: str) -> Iterator[None]:
        """What is done inside must be refused with one of the codes (of the refusal, or of a finding)."""
        try:
            yield
        except Refused as refusal:
            self.make(kind, caught=refusal.code in codes or bool(refusal.rules & set(codes)), what=str(refusal))
        else:
            self.make(kind, caught=False, what="was accepted")

    @property
    def total(self) -> int:
        """How many were made."""
        return sum(self.made.values())

    @property
    def total_caught(self) -> int:
        """How many were caught."""
        return sum(self.caught.values())
