"""The API reference, one page a wing: a page says which wing it shows, and the modules that are there follow.

A line `% modules of critnet.neurons` in a page becomes one section for each public module of that wing, so that a new
module is in the reference the day it is in the package.
"""

import re
from pathlib import Path

MARK = re.compile(r"^% modules of (critnet[\w.]*)$", re.MULTILINE)


def public_modules(package, folder):
    """Dotted names of the public modules under a package folder, the package itself first, in alphabetical order.

    Parameters
    ----------
    package : str, such as "critnet.neurons"; may also name one module.
    folder : path of the project.

    Returns
    -------
    list of str.
    """
    path = Path(folder, *package.split("."))
    if path.with_suffix(".py").is_file():
        return [package]
    names = [package]
    for file in sorted(path.rglob("*.py")):
        parts = file.relative_to(path).with_suffix("").parts
        if file.name != "__init__.py" and not any(part.startswith("_") for part in parts):
            names.append(".".join((package, *parts)))
    return names


def sections(package, folder):
    lines = []
    for name in public_modules(package, folder):
        if name != package:
            lines.append(f"## {name.removeprefix(package + '.')}\n")
        lines.append(f"```{{eval-rst}}\n.. automodule:: {name}\n```\n")
    return "\n".join(lines)


def expand(app, docname, source):
    source[0] = MARK.sub(lambda found: sections(found[1], app.srcdir), source[0])


def setup(app):
    app.connect("source-read", expand)
