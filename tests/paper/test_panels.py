"""Every panel draws in both themes, from data/ alone, with a text alternative that states its numbers."""

import subprocess
import sys

import matplotlib.pyplot as plt
import pytest

from critnet.errors import DataError, UsageError
from critnet.explore import NoMatch
from critnet.paper import panels, results, style


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", panels.PANELS)
def test_a_panel_draws_and_says_its_numbers(name, theme):
    with style.theme(theme):
        drawing = panels.PANELS[name](panels.data_of(name))
    assert any(character.isdigit() for character in drawing.alt)
    assert len(drawing.table) > 10
    assert drawing.figure.get_size_inches()[0] == 7.6


def test_all_64_panels_of_the_paper_are_there():
    """1a to 6e by their letters; others with a hyphen are our own."""
    of_paper = [name for name in panels.PANELS if "-" not in name]
    wanted = {"1": "i", "2": "i", "3": "p", "4": "l", "5": "m", "6": "e"}  # the last letter of each figure
    assert of_paper == [f"{n}{chr(k)}" for n, last in wanted.items() for k in range(ord("a"), ord(last) + 1)]
    assert len(of_paper) == 64


def test_the_definition_changes_what_is_drawn():
    with style.theme("light"):
        for name, panel in panels.PANELS.items():
            coded, control = (panel(panels.data_of(name), definition=d) for d in ("as-coded", "control"))
            assert coded.alt != control.alt
            assert not coded.table.equals(control.table)


def test_an_iteration_without_activity_is_no_match():
    with style.theme("light"), pytest.raises(NoMatch, match="t = 7"):
        panels.PANELS["1a"](results.load("fig1"), t=7)


def test_a_panel_is_saved_with_the_same_bytes_each_time(tmp_path):
    for name in ("one.svg", "two.svg"):
        panels.save("1d", tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


@pytest.mark.parametrize(("name", "file", "message"), [("9z", "x.svg", "1a, 1b"), ("1b", "x.gif", "svg, png, pdf")])
def test_an_unknown_panel_or_format_is_refused(name, file, message, tmp_path):
    with pytest.raises(UsageError, match=message):
        panels.save(name, tmp_path / file)


def test_missing_results_say_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setenv("CRITNET_RESULTS", str(tmp_path))
    with pytest.raises(DataError, match=r"fig1\.nc is missing\. Copy .* anew .*CRITNET_RESULTS.*critnet reduce"):
        results.load("fig1")
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("CRITNET_RESULTS", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    with pytest.raises(DataError, match=r"fig1\.nc is missing\. Restore it with: git checkout -- "):
        results.load("fig1")


def test_all_panels_and_the_ledger_work_without_torch():
    code = (
        "import sys\n"
        "class Blocked:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name.split('.')[0] in ('torch', 'rastermap'):\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Blocked())\n"
        "from critnet.paper import ledger, panels, style\n"
        "with style.theme('light'):\n"
        "    drawn = [p(panels.data_of(n)) for n, p in panels.PANELS.items()]\n"
        "print(len(drawn), len(ledger.judge_all()) > 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == [str(len(panels.PANELS)), "True"], done.stderr


def test_no_panel_leaves_a_figure_in_pyplot():
    before = plt.get_fignums()
    with style.theme("light"):
        for name, panel in panels.PANELS.items():
            panel(panels.data_of(name))
    assert plt.get_fignums() == before
