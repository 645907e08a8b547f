"""Digests over meaning: words about the code do not count, everything that computes does."""

import pytest

from critnet import program

CODE = '''
"""A module."""

from math import exp  # why


class Bound:
    """A class."""

    LIMIT = 1.5

    async def one(self, x=0.0, *, step: int = 1) -> float:
        """A method."""
        return exp(-x) if x < self.LIMIT else f"{x:.2f}"


def two(values):
    """A function with
    a longer text."""
    return [value * 2 for value in values if value is not None]
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A module.", "Another text."),
        ('"""A class."""', "# no text at all"),
        ('"""A method."""', '"""A method that\n        does more."""'),
        ("  # why", ""),
        ("[value * 2 for value in", "[\n        (value * 2)  # twice\n        for value in"),
        ("1.5", "1.50"),
    ],
)
def test_words_and_layout_keep_the_meaning(old, new):
    assert old in CODE
    assert program.meaning(CODE.replace(old, new)) == program.meaning(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1.5", "1.25"),
        ("* 2", "* 2.0"),
        ("* 2", "+ 2"),
        ("is not None", "is None"),
        ("x < self", "x <= self"),
        (".2f", ".3f"),
        ("x=0.0", "x=-0.0"),
        ("step: int = 1", "step: int = True"),
        ("from math import exp", "from cmath import exp"),
        ("async def", "def"),
    ],
)
def test_whatever_computes_changes_the_meaning(old, new):
    assert old in CODE
    assert program.meaning(CODE.replace(old, new)) != program.meaning(CODE)


def test_a_text_that_is_used_is_no_docstring():
    assert program.meaning("name = 'a'") != program.meaning("name = 'b'")
    assert program.meaning("def f():\n    return 'a'") != program.meaning("def f():\n    return 'b'")


def test_a_digest_does_not_depend_on_the_folder_but_on_the_names_in_the_package(tmp_path):
    def files(folder, name):
        (tmp_path / folder / "toy").mkdir(parents=True)
        written = [tmp_path / folder / "toy" / file for file in ("__init__.py", name, "look.mplstyle")]
        for path, text in zip(written, ("", "x = 1\n", "lines.linewidth: 1\n"), strict=True):
            path.write_text(text)
        return written

    first, moved, renamed = files("a", "ink.py"), files("b", "ink.py"), files("c", "tone.py")
    assert program.digest(first) == program.digest(reversed(moved)) != program.digest(renamed)
    first[2].write_text("lines.linewidth: 2\n")
    assert program.digest(first) != program.digest(moved)


def test_files_are_reached_through_imports_of_their_own_package_alone(tmp_path):
    texts = {
        "toy/__init__.py": "",
        "toy/a.py": "import json\nfrom toy import b\ndef f():\n    from .c import d\n",
        "toy/b.py": "import other",
        "toy/c.py": "",
        "toy/unused.py": "",
        "other.py": "",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = program.reached([tmp_path / "toy" / "a.py"])
    assert {path.name for path in found} == {"__init__.py", "a.py", "b.py", "c.py"}
