"""How a chapter opens and ends, read from the notebooks: its figure comes before tallies, costs and boxes."""

import json
import re

import pytest
from book_pages import ROOT, documents

CHAPTERS = [name for name in documents() if name.startswith("notebooks/")]


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_begins_with_words_and_a_figure_and_leaves_costs_for_later(name):
    cells = json.loads((ROOT / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    assert texts[0].startswith("# ")
    figure = next(k for k, text in enumerate(texts) if "panels.show(" in text or "explore(" in text)
    before = "\n".join(texts[:figure])
    assert "{admonition}" not in before
    assert "tally_table(" not in before
    assert any("tally_table(" in text for text in texts[figure:])


def test_no_paragraph_of_the_page_of_verdicts_is_a_wall():
    text = (ROOT / "book" / "verdicts.md").read_text(encoding="utf-8")
    assert max(len(one.split()) for one in re.split(r"\n\s*\n", text)) <= 100
