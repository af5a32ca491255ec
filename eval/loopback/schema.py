"""A JSON schema and what is known → a reply in that shape."""

from __future__ import annotations

from typing import Any

from eval.loopback.plain import as_list, as_object


class SchemaError(ValueError):
    """A schema that cannot be followed: it refers to nothing, or to itself without end."""


def shaped(schema: Any, value: Any) -> Any:
    """The value in the shape of a schema: ``null`` at leaves it does not know, nothing besides.

    Leaves become text. Lists keep their rows; without a value they have none, and a branch that
    may be ``null`` is. Follows ``properties``, ``items``, ``$ref``, ``anyOf`` and ``allOf``. Raises
    :class:`SchemaError`.
    """
    try:
        return _shaped(schema, value, schema)
    except (RecursionError, LookupError, TypeError) as error:
        raise SchemaError("the schema cannot be followed") from error


def _shaped(schema: Any, value: Any, root: Any) -> Any:
    told = _resolved(as_object(schema), root)
    choices = [_resolved(as_object(one), root) for one in as_list(told.get("anyOf"))]
    if choices:
        if value is None and any(one.get("type") == "null" for one in choices):
            return None
        fits = [one for one in choices if _holds(one) is type(value)]
        told = (fits or [one for one in choices if one.get("type") != "null"] or [{}])[0]
    if _holds(told) is dict:
        known = as_object(value)
        inner = as_object(told.get("properties"))
        return {name: _shaped(one, known.get(name), root) for name, one in inner.items()}
    if _holds(told) is list:
        return [_shaped(told.get("items"), one, root) for one in as_list(value)]
    return None if value is None or isinstance(value, dict | list) else str(value)


def _holds(schema: dict[str, Any]) -> type:
    """What a schema describes: ``dict``, ``list`` or a leaf, ``str``."""
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return dict
    return list if kind == "array" or "items" in schema else str


def _resolved(schema: dict[str, Any], root: Any) -> dict[str, Any]:
    """The schema itself, with references inside the document followed."""
    for _ in range(32):
        all_of = as_list(schema.get("allOf"))
        if isinstance(schema.get("$ref"), str):
            found = root
            for step in schema["$ref"].split("/")[1:]:
                found = found[step.replace("~1", "/").replace("~0", "~")]
            schema = as_object(found)
        elif len(all_of) == 1:
            schema = as_object(all_of[0])
        else:
            return schema
    raise RecursionError("a schema that refers to itself without end")
