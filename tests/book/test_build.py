"""Building: what must fail fails, what has changed is executed again, what has not is not (faults 21, 26, 27)."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import pytest
from build import build
from critnet_book.execution import cache_key
from offline import offline_environment

EXTENSION = Path(__file__).resolve().parents[2] / "book" / "_ext"


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Write a project of one page and one notebook; gives a function that builds it and returns its pages."""
    monkeypatch.setenv("CRITNET_BOOK_CACHE", str(tmp_path / "cache"))
    root = tmp_path / "project"
    for folder in ("critnet", "data", "requirements"):
        (root / folder).mkdir(parents=True)
    (root / "critnet" / "module.py").write_text("value = 1\n")
    (root / "data" / "numbers.csv").write_text("1\n")
    (root / "requirements" / "lock.txt").write_text("numpy==0\n")
    (root / "_toc.yml").write_text("format: jb-book\nroot: page\nchapters: [{file: chapter}]\n")
    (root / "page.md").write_text("# Page\n\nText.\n")
    (root / "_config.yml").write_text(
        textwrap.dedent(f"""\
            title: Tiny
            only_build_toc_files: true
            execute: {{execute_notebooks: cache, timeout: 4, allow_errors: false, stderr_output: error}}
            sphinx:
              local_extensions: {{critnet_book: "{EXTENSION}"}}
              config: {{nb_execution_raise_on_error: true}}
            """)
    )

    def make(code=None):
        if code is not None:
            cells = [nbformat.v4.new_markdown_cell("# Chapter"), nbformat.v4.new_code_cell(code)]
            kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
            nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), root / "chapter.ipynb")
        return build(root, tmp_path / "out")

    make.root, make.html, make.runs = root, tmp_path / "out" / "html", tmp_path / "runs"
    return make


def count_runs(make):
    """Code that leaves a mark each time it is executed."""
    return f"with open({str(make.runs)!r}, 'a') as file:\n    file.write('x')\nprint('the answer is', 6 * 7)"


def test_a_notebook_that_raises_fails_every_build_and_leaves_the_former_book(tiny):
    tiny("print('the answer is', 6 * 7)")
    before = (tiny.html / "chapter.html").read_bytes()
    assert b"the answer is 42" in before
    assert (tiny.html / ".nojekyll").exists()  # or hosts that run Jekyll hide _static/
    for _ in range(2):  # the second time too: nothing of a failed run is kept
        with pytest.raises(SystemExit, match="not built"):
            tiny("raise ValueError('no')")
    assert (tiny.html / "chapter.html").read_bytes() == before


@pytest.mark.parametrize(
    "code",
    ["import time\ntime.sleep(60)", "import os\nos._exit(1)", "import warnings\nwarnings.warn('mind this')"],
    ids=["times out", "kernel dies", "warns"],
)
def test_a_notebook_that_ends_badly_fails_the_build(tiny, code):
    with pytest.raises(SystemExit, match="not built"):
        tiny(code)


def test_a_bad_link_fails_the_second_build_as_it_fails_the_first(tiny):
    (tiny.root / "page.md").write_text("# Page\n\n{ref}`nowhere`\n")
    for _ in range(2):
        with pytest.raises(SystemExit, match="not built"):
            tiny("1 + 1")


def test_only_what_has_changed_is_executed_again(tiny):
    def runs():
        return tiny.runs.read_text().count("x")

    tiny(count_runs(tiny))
    (tiny.root / "page.md").write_text("# Page\n\nOther text.\n")
    tiny()
    assert runs() == 1, "only prose had changed"
    (tiny.root / "critnet" / "module.py").write_text("value = 2\n")
    tiny()
    assert runs() == 2, "the package had changed"
    (tiny.root / "data" / "numbers.csv").write_text("2\n")
    tiny()
    assert runs() == 3, "the data had changed"


EXPLORABLE = """
import json, os, pathlib
from IPython.display import HTML
folder = pathlib.Path(os.environ["CRITNET_FRAMES"], "fig-9z")
folder.mkdir(exist_ok=True)
(folder / "cost.json").write_text('{"frames": 1234, "seconds": 5.678}')
index = {"name": "fig-9z", "root": "", "light": [None], "dark": [None], "csv": [None], "pack": None, "tables": None}
HTML(f'<script type="application/json" class="ce-index">{json.dumps(index)}</script>')
"""


def test_the_status_page_says_what_an_explorable_cost(tiny):
    (tiny.root / "page.md").write_text("# Page\n\n```{execution-status}\n```\n\n```{drawing-status}\n```\n")
    tiny("1 + 1")
    assert "No chapter of this build has an explorable." in (tiny.html / "page.html").read_text()
    tiny(EXPLORABLE)
    text = (tiny.html / "page.html").read_text()
    rows = [re.findall(r"<p>(.*?)</p>", row) for row in re.findall(r"(?s)<tr.*?</tr>", text)]
    link = '<a class="reference internal" href="chapter.html#fig-9z">fig-9z</a>'
    assert [link, "1,234", "5.7"] in rows
    assert ["all of them", "1,234", "5.7"] in rows
    (titles,) = [row for row in rows if row and "chapter.html" in row[0] and row[0] != link]
    assert len(titles) == 5  # the chapter itself: title, seconds, day, and two hashes


@pytest.mark.parametrize("file", ["critnet/a.py", "critnet/deep/b.css", "data/fig1.nc", "requirements/lock.txt"])
def test_cache_key_sees_every_byte_name_and_file(tmp_path, file):
    for name in ("critnet/a.py", "critnet/deep/b.css", "data/fig1.nc", "requirements/lock.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"abc")
    keys = [cache_key(tmp_path)]
    path = tmp_path / file
    path.write_bytes(b"abd")
    keys.append(cache_key(tmp_path))
    path.rename(path.with_name("renamed"))
    keys.append(cache_key(tmp_path)) if path.name != "lock.txt" else path.with_name("renamed").rename(path)
    assert len(set(keys)) == len(keys)


def test_cache_key_leaves_out_what_python_writes_itself(tmp_path):
    (tmp_path / "critnet").mkdir()
    (tmp_path / "critnet" / "a.py").write_text("")
    before = cache_key(tmp_path)
    (tmp_path / "critnet" / "__pycache__").mkdir()
    (tmp_path / "critnet" / "__pycache__" / "a.pyc").write_bytes(b"x")
    assert cache_key(tmp_path) == before


def test_the_offline_build_really_has_no_network():
    """The negative control of the `book` fixture: what it blocks is blocked, this machine is not."""
    code = "import socket; socket.create_connection(('198.51.100.1', 80), timeout=5)"
    done = subprocess.run([sys.executable, "-c", code], env=offline_environment(), capture_output=True, text=True)
    assert done.returncode == 1
    assert "no network in this test" in done.stderr
    code = "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())"
    subprocess.run([sys.executable, "-c", code], env=offline_environment(), check=True)


def test_a_second_build_of_the_book_executes_nothing(book):
    """Everything is in the cache, so no notebook's outputs are newer than the pages."""
    cache = book.parent / "cache" / "notebooks"
    keys = os.listdir(cache)
    assert keys == [cache_key(Path(__file__).resolve().parents[2])]
