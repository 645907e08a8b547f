"""The API reference, one page a wing: a page says which wing it shows, and the modules that are there follow.

A line `% modules of critnet.neurons` in a page becomes one section for each public module of that wing, so that a new
module is in the reference the day it is in the package.
"""

import re
from pathlib import Path

MARK = re.compile(r"^% modules of (critnet[\w.]*)$", re.MULTILINE)


DEFINITION = re.compile(r"\bD(\d+)\b")
ON_METHODS_PAGE = {*range(1, 19), 21}


def link(found):
    """A definition's number, linked to the page of definitions where that has it."""
    return f":ref:`{found[0]} <d{found[1]}>`" if int(found[1]) in ON_METHODS_PAGE else found[0]


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
    lines, names = [], public_modules(package, folder)
    for name in names:
        if name != package:
            lines.append(f"## {name.removeprefix(package + '.')}\n")
        # What a package or module re-exports is described where it is defined, and only there.
        option = ":no-members:" if name == package and len(names) > 1 else ":ignore-module-all:"
        lines.append(f"```{{eval-rst}}\n.. automodule:: {name}\n   {option}\n```\n")
    return "\n".join(lines)


def expand(app, docname, source):
    source[0] = MARK.sub(lambda found: sections(found[1], app.srcdir), source[0])


def tidy_docstring(app, what, name, obj, options, lines):
    """Make reStructuredText of the docstring's plain text.

    Bars of absolute values are no substitutions. The source line and the examples that end a docstring become sections
    of their own: NumPy's format has no end of a section but the next one, so they would belong to `Raises`.
    """
    lines[:] = [line if line.lstrip().startswith((">>>", "...")) else line.replace("|", r"\|") for line in lines]
    lines[:] = [DEFINITION.sub(link, line) if "METHODS" in line else line for line in lines]
    if what in ("property", "attribute"):
        lines[:1] = [line.replace(": ", " – ", 1) for line in lines[:1]]  # or napoleon takes it for "type: description"
    marked, section = [], ""
    for before, line in zip(["", *lines], lines, strict=False):
        wanted = {"Sourc": "Notes", ">>> ": "Examples"}.get(line[:5] if line.startswith("Source:") else line[:4])
        if wanted and section and not before.strip() and section != wanted:
            marked += [wanted, "-" * len(wanted)]
            section = wanted
        elif line and set(line) == {"-"}:
            section = before.strip()
        marked.append(line)
    lines[:] = marked


def resolve(app, env, node, contnode):
    """Find our errors by their bare name; any other name outside critnet stays the text it is."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py" or target.startswith("critnet."):
        return None
    domain = env.get_domain("py")
    found = f"critnet.errors.{target}"
    if found in domain.objects:
        source = node.get("refdoc", env.docname)
        return domain.resolve_xref(env, source, app.builder, "exc", found, node, contnode)
    return contnode


def setup(app):
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("source-read", expand)
    app.connect("autodoc-process-docstring", tidy_docstring, priority=400)  # before napoleon
    app.connect("missing-reference", resolve)
