"""Canonical JSON: one text for one value, readable by any parser and safe inside a page."""

import json
import math
from typing import Any

import numpy as np

from critnet.errors import UsageError


def dumps_json(obj: Any, *, html: bool = False) -> str:
    """Write plain data as canonical JSON: sorted keys, no blanks, ASCII, no NaN.

    Parameters
    ----------
    obj : None, bool, int, float, str, numpy scalar or array, and lists, tuples and dicts of these
        Keys are text or whole numbers. NaN and infinities become null: JSON has no other word for them.
    html : bool
        Write ``<``, ``>`` and ``&`` as escapes, so that no text can end the script element it is embedded in.

    Raises
    ------
    UsageError
        For any other type, and for keys that become equal as text.

    >>> dumps_json({"b": float("nan"), "a": np.float32(0.5)})
    '{"a":0.5,"b":null}'
    >>> dumps_json("</script>", html=True)
    '"\\\\u003c/script\\\\u003e"'
    """
    text = json.dumps(_plain(obj), sort_keys=True, separators=(",", ":"), allow_nan=False)
    if html:
        text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return text


def _plain(obj: Any) -> Any:
    if isinstance(obj, np.generic | np.ndarray):
        obj = obj.tolist()  # a numpy scalar becomes Python's own, an array nested lists
    if obj is None or isinstance(obj, bool | int | str):
        return obj
    if isinstance(obj, float):
        return obj if math.isfinite(obj) else None
    if isinstance(obj, list | tuple):
        return [_plain(item) for item in obj]
    if isinstance(obj, dict):
        plain = {_key(key): _plain(value) for key, value in obj.items()}
        if len(plain) != len(obj):
            raise UsageError(f"two keys of {list(obj)} are the same as text; give each its own")
        return plain
    raise UsageError(f"{type(obj).__name__} {obj!r} is not plain data; convert it to numbers, text, lists or dicts")


def _key(key: Any) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, int | np.integer) and not isinstance(key, bool):
        return str(int(key))
    raise UsageError(f"JSON key {key!r} is a {type(key).__name__}; use text or a whole number")
