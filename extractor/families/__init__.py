"""The families of forms that Crossfoot reads, in the order in which a title is tried."""

from extractor.families.base import Family, Leaf
from extractor.families.department import FAMILY as DEPARTMENT
from extractor.families.near_misses import NEAR_MISSES, NearMiss
from extractor.families.project import FAMILY as PROJECT

FAMILIES: tuple[Family, ...] = (PROJECT, DEPARTMENT)


def family_of(name: str) -> Family:
    """The family of that name; a ``KeyError`` names the ones there are."""
    for family in FAMILIES:
        if family.name == name:
            return family
    raise KeyError(f"{name!r} is none of {', '.join(f.name for f in FAMILIES)}")


__all__ = ["FAMILIES", "NEAR_MISSES", "Family", "Leaf", "NearMiss", "family_of"]
