"""The drafts of an indicator table, and what they come to as readings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from extractor.families.base import Family, Kind
from extractor.families.levels import LEVEL1, parent
from extractor.readers.cells import read_cells
from extractor.readers.levels import Level
from extractor.text import is_blank, squeeze, tidy, tidy_quantity
from extractor.types import Cell, Reading

LEAVES = ("name", "target", "actual", "weight", "score", "deviation")
SPREAD = ("nature", "measure")
ID_LEAVES = ("name", "target", "actual")


@dataclass(slots=True)
class Draft:
    """One indicator row while the page is read; ``cells`` holds the parts of each leaf.

    A leaf that is in ``lost`` has a column on the page, but the row ends before it or lost it; a
    level that is in ``unclear`` is printed, but not on this row nor on one that it follows from.
    """

    level1: Level | None
    level2: Level | None
    own_level: tuple[bool, bool]
    group: int | None
    cells: dict[str, list[Cell]]
    lost: set[str]
    reasons: tuple[str, ...]
    unclear: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class Group:
    """A level-1 group for which the page prints a weight."""

    level1: Level
    weight: list[Cell] = field(default_factory=list[Cell])
    listed: list[Cell] = field(default_factory=list[Cell])
    note: list[Cell] = field(default_factory=list[Cell])


@dataclass(frozen=True, slots=True)
class Readings:
    """Drafts → readings, with the columns and the printed headers that give them their address."""

    family: Family
    columns: Mapping[str, int]
    headers: Mapping[str, str]
    groups: Sequence[Group]

    def of_groups(self) -> dict[str, Reading]:
        """The leaves of the groups that have a weight of their own."""
        found: dict[str, Reading] = {}
        for index, group in enumerate(self.groups):
            self._group_readings(index, group, found)
        return found

    def of_rows(self, drafts: Sequence[Draft]) -> dict[str, Reading]:
        """The leaves of the indicator rows."""
        found: dict[str, Reading] = {}
        kinds: dict[str, Kind] = {}
        for leaf in LEAVES:
            kinds[leaf] = self.family.kind(f"indicators[].{leaf}")
        for index, draft in enumerate(drafts):
            self._draft_readings(index, draft, kinds, found)
        return found

    def _group_readings(self, index: int, group: Group, found: dict[str, Reading]) -> None:
        name = group.level1.value
        at = f"groups[{index}]"
        found[f"{at}.level1"] = _level_reading(f"{at}.level1", group.level1, f"groups › {name}", ())
        header = "权重" if "group_weight" in self.columns else self.headers.get("level1", "")
        weight = read_cells(f"{at}.weight", "weight", group.weight, f"groups › {name} › {header}")
        found[weight.path] = weight
        if self.family.layout.group_notes:
            if group.listed:
                address = f"groups › {name} › {self.headers.get('level2', '')}"
                found[f"{at}.level2_listed"] = _listed(f"{at}.level2_listed", group.listed, address)
            if group.note:
                address = f"groups › {name}"
                found[f"{at}.note"] = read_cells(f"{at}.note", "prose", group.note, address)

    def _draft_readings(
        self, index: int, draft: Draft, kinds: Mapping[str, Kind], found: dict[str, Reading]
    ) -> None:
        at = f"indicators[{index}]"
        names = draft.cells["name"]
        row = tidy(names[0].text) if names else f"{index + 1}"
        for leaf, level, own in (
            ("level1", draft.level1, draft.own_level[0]),
            ("level2", draft.level2, draft.own_level[1]),
        ):
            if leaf not in self.columns:
                continue
            path, address = f"{at}.{leaf}", f"indicators › {row} › {self.headers[leaf]}"
            if leaf in draft.unclear:
                unclear = (*draft.reasons, "levels_centred")
                found[path] = Reading(path, "blank", address=address, reasons=unclear)
            elif level is not None:
                reasons = draft.reasons if own else (*draft.reasons, "filled_down")
                if leaf == "level1" and level.value not in LEVEL1:
                    reasons = (*reasons, "unknown_level")
                if leaf == "level1" and _is_mismatch(level, draft):
                    reasons = (*reasons, "level_mismatch")
                found[path] = _level_reading(path, level, address, reasons)
            elif not (leaf == "level2" and self._listed_group(draft)):
                found[path] = Reading(path, "blank", None, address=address, reasons=draft.reasons)
        for leaf in LEAVES:
            if leaf not in self.columns:
                continue
            path, address = f"{at}.{leaf}", f"indicators › {row} › {self.headers[leaf]}"
            if leaf in draft.lost and not draft.cells[leaf]:
                ends = (*draft.reasons, "row_ends")
                found[path] = Reading(path, "absent", None, address=address, reasons=ends)
            elif leaf == "target" and ("nature" in self.columns or "measure" in self.columns):
                found[path] = self._spread(path, draft, address)
            else:
                kind = kinds[leaf]
                found[path] = read_cells(path, kind, draft.cells[leaf], address, draft.reasons)

    def _listed_group(self, draft: Draft) -> bool:
        return draft.group is not None and bool(self.groups[draft.group].listed)

    def _spread(self, path: str, draft: Draft, address: str) -> Reading:
        nature, target, measure = (
            "".join(tidy(cell.text) for cell in draft.cells[role] if not is_blank(cell.text))
            for role in ("nature", "target", "measure")
        )
        roles = (*SPREAD, "target")
        parts = sorted((c for role in roles for c in draft.cells[role]), key=lambda c: c.start)
        value = spread_value(nature, target, measure) or None
        standing = "read" if value else "blank"
        if value and not any(character.isalnum() for character in value):
            value, standing = None, "unread"
        raw, spans = tuple(c.text for c in parts), tuple(c.span for c in parts)
        return Reading(path, standing, value, raw, spans, address, None, draft.reasons)


def spread_value(nature: str, target: str, measure: str) -> str:
    """``≥`` · ``95`` · ``%`` → ``≥95(%)``; ``定性`` · ``健全`` → ``健全``."""
    joined = target if nature in ("定性", "定量") else nature + target
    if measure and any(character.isdigit() for character in joined):
        joined += f"({measure})"
    return tidy_quantity(joined)


def row_ids(drafts: Sequence[Draft]) -> tuple[str, ...]:
    """A stable id for each row: what it says, and a count where two rows say the same."""
    return ids_of(
        [cell.text for leaf in ID_LEAVES for cell in draft.cells[leaf]] for draft in drafts
    )


def ids_of(rows: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The same from the printed texts of each row's name, target and actual."""
    seen: dict[str, int] = {}
    ids: list[str] = []
    for parts in rows:
        base = f"r{crc32(squeeze(chr(31).join(parts)).encode('utf-8', 'replace')):08x}"
        seen[base] = seen.get(base, 0) + 1
        ids.append(base if seen[base] == 1 else f"{base}-{seen[base]}")
    return tuple(ids)


def _is_mismatch(level1: Level, draft: Draft) -> bool:
    """Whether a row's own level 2 belongs under another level 1 than the one filled down."""
    if draft.level2 is None or not draft.own_level[1]:
        return False
    wanted = parent(draft.level2.value)
    return wanted is not None and level1.value not in (wanted, wanted.replace("效益", "效果"))


def _level_reading(path: str, level: Level, address: str, reasons: tuple[str, ...]) -> Reading:
    raw, spans = level.printed
    reasons = (*level.reasons, *reasons) if level.reasons else reasons
    return Reading(path, "read", level.value, raw, spans, address, None, reasons)


def _listed(path: str, cells: list[Cell], address: str) -> Reading:
    value = " ".join(tidy(name) for cell in cells for name in cell.text.split())
    raw = tuple(cell.text for cell in cells)
    return Reading(path, "read", value, raw, tuple(c.span for c in cells), address)
