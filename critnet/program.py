"""What a piece of the program computes, as one digest: over its meaning, not over its bytes.

A digest is taken of the syntax tree of every module that is reached through import statements. Comments, positions,
the way a line is broken and docstrings are not in it, so neither a formatter nor a better sentence changes it; every
name, operator and number is.
"""

import ast
import hashlib
from pathlib import Path


def digest(paths):
    """Digest of Python files by what they compute, and of other files by their bytes.

    Parameters
    ----------
    paths : iterable of Path

    Returns
    -------
    str, 64 hexadecimal digits
        It depends on the names of the modules within their package (`critnet/losses/tilting.py`), not on where the
        package lies.
    """
    found = hashlib.sha256()
    named = {path.relative_to(base_of(path)).as_posix(): path for path in paths}
    for name, path in sorted(named.items()):
        content = meaning(path.read_bytes()).encode() if path.suffix == ".py" else path.read_bytes()
        found.update(f"{name}\0".encode() + content + b"\0")
    return found.hexdigest()


def meaning(source):
    """The syntax tree of a module as text, without docstrings, positions and comments.

    Parameters
    ----------
    source : str or bytes

    Raises
    ------
    SyntaxError
        If it is no Python.

    >>> meaning("x = (1 +\\n     2)  # three") == meaning('"A docstring."\\nx = 1 + 2') != meaning("x = 1 + 3")
    True
    """
    return _spelt(ast.parse(source))


def _spelt(thing):
    """A tree as text. Empty fields are left out, so that a release of Python that adds one changes no digest."""
    if isinstance(thing, list):
        return "[" + " ".join(_spelt(part) for part in thing if not _is_remark(part)) + "]"
    if not isinstance(thing, ast.AST):
        return f"{type(thing).__name__} {thing!r}"
    fields = [f"{name}={_spelt(value)}" for name, value in ast.iter_fields(thing) if value is not None and value != []]
    return f"{type(thing).__name__}({' '.join(fields)})"


def _is_remark(node):
    """Whether a statement is text that nothing is done with: a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def reached(start):
    """The files given and all that their import statements name, directly or through others, of the same package.

    Statements inside functions count. A file in no package reaches its neighbours in the same folder.

    Parameters
    ----------
    start : iterable of Path

    Returns
    -------
    set of Path
    """
    seen: set[Path] = set()
    waiting = list(start)
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += _imported(path)
    return seen


def base_of(path):
    """The folder from which a file's module would be imported."""
    base = path.parent
    while (base / "__init__.py").is_file():
        base = base.parent
    return base


def _imported(path):
    """Files that one module names in its import statements, of its own top-level package or folder."""
    base = base_of(path)
    package = path.relative_to(base).parts[:-1]
    names = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {tuple(alias.name.split(".")) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = tuple(node.module.split(".")) if node.module else ()
            if node.level:
                start = package[: len(package) - node.level + 1] + start
            names |= {(*start, alias.name) for alias in node.names}
    for name in names:
        if package and name[:1] != package[:1]:
            continue
        for length in range(1, len(name) + 1):
            stem = base.joinpath(*name[:length])
            for found in (stem.with_name(stem.name + ".py"), stem / "__init__.py"):
                if found.is_file():
                    yield found
