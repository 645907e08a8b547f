"""The parts of the book's Sphinx extension and of its build that need no browser."""

import importlib
import json
import os
import re

import pytest
from book_pages import documents
from costs import costs, costs_table
from critnet_book import cards, front, ledger, reference, vendoring, verdicts
from weights import page_weight, pages, weights_table


def test_every_public_module_is_in_the_reference(root):
    text = "\n".join(path.read_text() for path in (root / "book" / "api").glob("*.md"))
    shown = {name for package in reference.MARK.findall(text) for name in reference.public_modules(package, root)}
    there = set(reference.public_modules("critnet", root))
    assert there - shown - {"critnet", "critnet.cli", "critnet.__main__"} == set()


def test_reference_leaves_out_private_modules(tmp_path):
    package = tmp_path / "package"
    (package / "deep").mkdir(parents=True)
    for name in ("__init__.py", "b.py", "_a.py", "deep/__init__.py", "deep/c.py"):
        (package / name).touch()
    assert reference.public_modules("package", tmp_path) == ["package", "package.b", "package.deep.c"]


def test_docstring_tail_becomes_sections_of_its_own():
    lines = ["Sum |x|.", "", "Raises", "------", "ValueError", "    If bad."]
    lines += ["", "Source: METHODS D10, D99.", "", ">>> 1 | 2"]
    reference.tidy_docstring(None, "function", "f", None, None, lines)
    assert lines[0] == r"Sum \|x\|."
    assert lines[lines.index("Notes") + 1] == "-----"
    assert ":ref:`D10 <d10>`, D99." in lines[lines.index("Notes") + 2]
    assert lines[-3:] == ["Examples", "--------", ">>> 1 | 2"]


def test_mathjax_is_vendored_whole(tmp_path):
    vendoring.copy_mathjax(tmp_path)
    folder = tmp_path / "mathjax"
    assert (folder / "tex-chtml.js").stat().st_size > 1_000_000
    assert (folder / "LICENSE").is_file()
    fonts = list((folder / "output/chtml/fonts/woff-v2").glob("*.woff"))
    assert len(fonts) > 20


def test_slim_takes_out_what_it_says_and_names_the_toggles(tmp_path):
    page = tmp_path / "page.html"
    icons = '<script defer src="../_static/scripts/fontawesome.js?x=1"></script>'
    page.write_text(icons + vendoring.TOGGLE + "></span>")
    (tmp_path / "a.js.map").touch()
    fonts = tmp_path / "vendor" / "fontawesome" / "webfonts"
    fonts.mkdir(parents=True)
    for ending in ("woff2", "ttf"):
        (fonts / f"fa.{ending}").touch()
    (tmp_path / "a.css").write_text('src:url(fa.woff2) format("woff2"),url(fa.ttf) format("truetype")}')
    vendoring.slim(tmp_path)
    assert (tmp_path / "a.css").read_text() == 'src:url(fa.woff2) format("woff2")}'
    assert [file.name for file in fonts.iterdir()] == ["fa.woff2"]
    assert "fontawesome" not in page.read_text()
    assert 'summary aria-label="' in page.read_text()
    assert not (tmp_path / "a.js.map").exists()


def notebook(path, *sources):
    cells = [{"cell_type": "code", "source": [source]} for source in sources]
    path.write_text(json.dumps({"cells": [*cells, {"cell_type": "markdown", "source": ['name="fig-9z"']}]}))
    return path


def test_map_finds_the_panels_of_a_notebook(tmp_path):
    path = notebook(
        tmp_path / "n.ipynb", 'show("4l-random", t=[1])\nshow("4l")', "show('1b-again')", 'show("3-calendars")'
    )
    assert verdicts.panels_of(path) == {"1b": "fig-1b-again", "4l": "fig-4l"}


def test_every_panel_of_the_paper_is_in_the_book(root):
    found = set()
    for path in (root / f"{name}.ipynb" for name in documents()):
        found |= set(verdicts.panels_of(path)) if path.is_file() else set()
    assert found == {f"{figure}{letter}" for figure, letters in verdicts.panels().items() for letter in letters}


def test_map_counts_and_links():
    html = verdicts.html({"1b": "n.html#fig-1b"}, {})
    assert "1 of the paper’s 64 panels" in html
    assert 'href="n.html#fig-1b" aria-label="Figure 1b"' in html
    assert html.count('class="tile"') == 64


def test_tally_reads_the_ledger(tmp_path):
    assert verdicts.tally(tmp_path) == {}
    (tmp_path / "data").mkdir()
    rows = ["definition,verdict", "as-coded,reproduced", "as-coded,partly", "control,not reproduced"]
    (tmp_path / "data" / "claims.csv").write_text("\n".join(rows))
    counts = verdicts.tally(tmp_path)
    assert counts["as-coded"] == {"reproduced": 1, "partly": 1}
    html = verdicts.html({}, counts)
    assert "2 claims in the ledger" in html
    assert "<strong>1</strong> not reproduced" in html


def test_tally_knows_every_verdict_of_the_ledger():
    rules = importlib.import_module("critnet.paper.rules")
    assert tuple(verdicts.VERDICTS) == rules.VERDICTS


def test_the_page_reproduce_counts_what_is_in_the_book(book, root):
    found = {}
    for path in (root / f"{name}.ipynb" for name in documents()):
        if path.is_file():
            found |= verdicts.panels_of(path)
    text = (book / "book" / "reproduce.html").read_text(encoding="utf-8")
    assert f"{len(found)} of the paper’s 64 panels" in text
    for identifier in found.values():
        assert f"#{identifier}" in text
    for counts in verdicts.tally(root).values():
        for verdict, n in counts.items():
            assert f"<strong>{n}</strong> {verdict}" in text


def test_weights_of_a_page_are_those_of_its_files(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '<link rel="stylesheet" href="a.css"><img src="now.webp"><img loading="lazy" src="later.webp">'
        '<img src="http://outside.invalid/x">'
    )
    for name, size in {"a.css": 10, "now.webp": 100, "later.webp": 1000}.items():
        (tmp_path / name).write_bytes(b"x" * size)
    html = page.stat().st_size
    assert page_weight(page) == (html + 110, html + 1110)


def test_weights_count_the_frames_of_an_explorable_once(tmp_path):
    page = tmp_path / "chapter" / "page.html"
    page.parent.mkdir()
    images = {"light": ["a.webp", "b.webp", "a.webp"], "dark": ["c.webp", None]}
    files = {**images, "csv": ["d.csv"], "pack": "e.js", "tables": "f.js", "drawings": [None]}
    index = {"name": "fig", "root": "../_frames/fig/", **files}
    page.write_text(f'<img src="../_frames/fig/a.webp"><script class="ce-index">{json.dumps(index)}</script>')
    frames = tmp_path / "_frames" / "fig"
    frames.mkdir(parents=True)
    sizes = {"a.webp": 10, "b.webp": 100, "c.webp": 1000, "d.csv": 10_000, "e.js": 100_000, "f.js": 7}
    for name, size in sizes.items():
        (frames / name).write_bytes(b"x" * size)
    html = page.stat().st_size
    assert page_weight(page) == (html + 10, html + 111_117)


def test_weights_table_has_a_line_a_page(book):
    lines = weights_table(book).splitlines()
    assert re.split(r"\s{2,}", lines[0].strip()) == ["page", "initial bytes", "total bytes"]
    assert len(lines) == len(pages(book)) + 2


def test_costs_table_has_a_line_an_explorable_and_their_sum(tmp_path):
    page = tmp_path / "chapter" / "page.html"
    page.parent.mkdir()
    lists = {"root": "", "light": [], "dark": [], "csv": [], "pack": None, "tables": None}
    indices = (json.dumps({"name": name, **lists}) for name in ("fig-b", "fig-a", "fig-c"))
    page.write_text("".join(f'<script class="ce-index">{index}</script>' for index in indices))
    for name, cost in {"fig-a": {"frames": 12, "seconds": 3.04}, "fig-b": {"frames": 1, "seconds": 0.5}}.items():
        (tmp_path / "_frames" / name).mkdir(parents=True)
        (tmp_path / "_frames" / name / "cost.json").write_text(json.dumps(cost))
    assert costs(tmp_path) == [
        ("chapter/page.html", ("fig-b", 1, 0.5)),
        ("chapter/page.html", ("fig-a", 12, 3.04)),
        ("chapter/page.html", ("fig-c", None, None)),
    ]
    cells = [re.split(r"\s{2,}", line.strip()) for line in costs_table(tmp_path).splitlines()]
    assert cells == [
        ["explorable", "page", "frames", "CPU seconds"],
        ["fig-b", "chapter/page.html", "1", "0.5"],
        ["fig-a", "chapter/page.html", "12", "3.0"],
        ["fig-c", "chapter/page.html", "?", "?"],
        ["all explorables", "13", "3.5"],
    ]


def test_every_explorable_of_the_book_says_what_it_cost(book):
    found = costs(book)
    assert found
    assert [page for page, cost in found if not (cost.frames and cost.seconds)] == []
    status = (book / "book" / "status.html").read_text(encoding="utf-8")
    for page, cost in found:
        address = f"{os.path.relpath(page, 'book')}#{cost.name}"
        assert f'href="{address}"' in status, address


LIMITS = {"site": 60e6, "page": 6e6}


def test_book_is_light_enough(book):
    """Under 60 MB in all, and no page loads more than 6 MB before it is touched."""
    assert sum(file.stat().st_size for file in book.rglob("*") if file.is_file()) < LIMITS["site"]
    for page in pages(book):
        assert page_weight(page)[0] < LIMITS["page"], page


@pytest.mark.parametrize("address", [f"{name}.html" for name in documents()])
def test_page_has_a_card(book, address):
    text = (book / address).read_text(encoding="utf-8")
    for key in ("og:title", "og:image", "og:type"):
        assert f'property="{key}"' in text
    picture = re.search(r'property="og:image" content="([^"]+)"', text)[1]
    assert ((book / address).parent / picture).resolve().is_file()
    assert (book / address).parent.joinpath(re.search(r'rel="icon" href="([^"?]+)', text)[1]).resolve().is_file()


def test_card_text_is_escaped_and_short():
    from docutils import nodes

    tree = nodes.section("", nodes.paragraph(text="short"), nodes.paragraph(text="word " * 100))
    assert len(cards.description(tree)) <= 203
    assert cards.description(tree).endswith(" …")


def test_front_page_has_a_dot_for_each_claim_that_leads_to_its_row(book, root):
    text = (book / "book" / "intro.html").read_text(encoding="utf-8")
    shown = text[text.index('class="claim-dots"') :]
    found = re.findall(r'<a class="verdict (\w+)" href="verdicts\.html#(c\d+)"', shown)
    coded = {row.id.lower(): row.verdict for row in reversed(ledger.rows(root)) if row.definition == "as-coded"}
    assert sorted(identity for _, identity in found) == sorted({row.id.lower() for row in ledger.rows(root)})
    assert {identity: kind for kind, identity in found if identity in coded} == {
        identity: verdicts.VERDICTS[verdict] for identity, verdict in coded.items()
    }


def test_cards_of_the_front_page_count_every_row_once(root):
    rows = ledger.rows(root)
    sections = re.findall(r"\{claim-card\} (.*)", (root / "book" / "intro.md").read_text(encoding="utf-8"))
    counted = 0
    for given in sections:
        html = front.score(rows, given.split(), {"1.1": "n.html"})
        counted += sum(int(n) for n in re.findall(r'<span class="verdict \w+">(\d+) ', html))
        assert ('<a href="n.html">1.1 Correlation structure</a>' in html) == ("1.1" in given)
    assert counted == sum(row.section in " ".join(sections).split() for row in rows)
    assert {row.section for row in rows} - set(" ".join(sections).split()) <= {"6"}
