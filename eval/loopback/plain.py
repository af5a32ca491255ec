"""JSON that somebody else wrote, looked at without trusting its shape."""

from __future__ import annotations

import json
from typing import Any, cast


def as_object(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The value if it is an array, else an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def compact(value: Any) -> str:
    """JSON text without spaces, Chinese characters as themselves."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
