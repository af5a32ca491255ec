"""Figures: readable lines as they are measured, one JSON object at the end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any


class Figures:
    """Prints what a proof measured and keeps it; ``missed`` names the bounds not met."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.missed: list[str] = []

    def title(self, text: str) -> None:
        print(f"\n{text}", flush=True)

    def say(self, text: str) -> None:
        print(f"  {text}", flush=True)

    def put(self, name: str, value: Any) -> None:
        """Keeps a figure for the last line without printing it."""
        self.values[name] = value

    def bound(self, name: str, value: Any, text: str, holds: bool) -> None:
        """A figure with a bound: says whether it is met."""
        self.put(name, value)
        self.say(f"{'ok    ' if holds else 'MISSED'} {text}")
        if not holds:
            self.missed.append(name)

    def examples(self, lines: Iterable[object], most: int = 12) -> None:
        """At most ``most`` lines, and how many more there are."""
        found = list(lines)
        for line in found[:most]:
            self.say(f"         {line}")
        if len(found) > most:
            self.say(f"         … and {len(found) - most} more")

    def finish(self) -> int:
        """Prints the JSON object; the exit code."""
        self.values["missed"] = self.missed
        print()
        print(json.dumps(self.values, ensure_ascii=False), flush=True)
        return 1 if self.missed else 0


def percent(part: int, whole: int) -> float:
    """A share in percent, rounded to three decimals; 0 of 0 is 0."""
    return round(100 * part / whole, 3) if whole else 0.0
