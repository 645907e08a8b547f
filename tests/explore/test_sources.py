"""Keys of the frame cache: they change with what a picture depends on, and with nothing else."""

import importlib
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import xarray as xr

from critnet.explore import sources


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small package: panels -> (parts.ink, deep.tone relatively, inside a function); other is not used."""
    files = {
        "toy/__init__.py": "",
        "toy/panels.py": """
            from toy.parts import ink
            def panel(t):
                from .deep import tone
                return ink, tone, t
            def make():
                return lambda t: t
        """,
        "toy/parts.py": "ink = 1",
        "toy/deep/__init__.py": "from .colour import tone",
        "toy/deep/colour.py": "tone = 1",
        "toy/other.py": "x = 1",
        "toy/look.mplstyle": "lines.linewidth: 1",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / "toy", importlib.import_module("toy.panels")
    for name in [name for name in sys.modules if name.split(".")[0] == "toy"]:
        del sys.modules[name]


@pytest.mark.parametrize(
    "file", ["panels.py", "parts.py", "deep/__init__.py", "deep/colour.py", "look.mplstyle", "__init__.py"]
)
def test_digest_changes_with_a_file_the_panel_depends_on(package, file):
    folder, module = package
    before = sources.code_digest(module.panel)
    path = folder / file
    path.write_text(path.read_text() + "\nchanged = 1\n")
    assert sources.code_digest(module.panel) != before


def test_digest_stays_when_only_words_about_the_code_change(package):
    folder, module = package
    before = sources.code_digest(module.panel)
    path = folder / "parts.py"
    path.write_text('"""What it holds."""\n\nink = (\n    1  # as in print\n)\n')
    assert sources.code_digest(module.panel) == before
    path.write_text('"""What it holds."""\n\nink = (\n    2  # as in print\n)\n')
    assert sources.code_digest(module.panel) != before


def test_digest_stays_when_another_module_changes(package):
    folder, module = package
    before = sources.code_digest(module.panel)
    (folder / "other.py").write_text("x = 2")
    assert sources.code_digest(module.panel) == before


def test_functions_without_a_name_are_taken_by_value():
    def make(number):
        return lambda t: number * t

    assert sources.code_digest(make(1)) == sources.code_digest(make(1))
    assert sources.code_digest(make(1)) != sources.code_digest(make(2))


def test_key_depends_on_every_part():
    assert sources.key_digest({"a": 1, "b": 2}) == sources.key_digest({"b": 2, "a": 1})
    assert sources.key_digest({"a": 1, "b": 2}) != sources.key_digest({"a": 1, "b": 3})


IN_ANOTHER_PROCESS = """
import numpy as np, xarray as xr
from critnet.explore.sources import content_digest
data = xr.Dataset({"a": (("t", "run"), np.arange(6.0).reshape(2, 3), {"units": "1"})}, {"t": [0, 5]}, {"title": "x"})
print(content_digest({"data": data}))
"""


def test_the_digest_of_labelled_arrays_is_that_of_their_content():
    """Not of the process, nor of what was done with them: else no frame of a later build came from the cache."""

    def make(last=5.0):
        values = np.append(np.arange(5.0), last).reshape(2, 3)
        return xr.Dataset({"a": (("t", "run"), values, {"units": "1"})}, {"t": [0, 5]}, {"title": "x"})

    data = make()
    before = sources.content_digest({"data": data})
    data["a"].sel(t=5).mean()
    assert sources.content_digest({"data": data}) == before != sources.content_digest({"data": make(6.0)})
    assert sources.content_digest(data["a"]) != sources.content_digest(data["a"].rename("b"))
    other = subprocess.run([sys.executable, "-c", IN_ANOTHER_PROCESS], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == before
