"""The numbers that chapter 4.1 states in words, and the table and picture beside the explorer."""

import numpy as np
import pytest

from critnet.circuits.edges import edges_to, size
from critnet.circuits.masks import logits, masked_weights, score
from critnet.explore import render
from critnet.paper import results, style
from critnet.paper.fig5 import explorers


@pytest.fixture(scope="module")
def data():
    return results.load("fig5")


def column(data, name, kind):
    """A column of the table, digit by digit, in percent."""
    pairs = [text.split(" / ") for text in explorers.table(data).frame[name]]
    return [float(pair[("recall", "false positives").index(kind)]) for pair in pairs]


def test_the_table_says_what_the_masked_network_does(data):
    (images, labels), weights = explorers.samples(data), explorers.network(data)
    frame, critical = explorers.table(data).frame, explorers.critical_edges(data)
    for digit in (0, 3, 8):
        own = edges_to(critical, digit)
        found = score(logits(masked_weights(weights, own, definition="as-coded"), images), labels, digit)
        row = frame.set_index("digit").loc[digit]
        assert row["edges to it"] == f"{found.hits} / {found.false_positives / 9:.1f}"
        assert row["number"] == len(own)
        assert row["reduction"] == f"{size(weights, own).reduction:.1f}"


def test_what_the_chapter_says_of_the_full_network_and_of_all_critical_edges(data):
    assert len(explorers.critical_edges(data)) == 94
    assert max(column(data, "full network", "false positives")) < 1
    recall, false = column(data, "all critical edges", "recall"), column(data, "all critical edges", "false positives")
    assert [digit for digit in range(10) if recall[digit] >= 90 and false[digit] < 10] == [0, 1, 6]
    assert [digit for digit in range(10) if recall[digit] >= 90] == [0, 1, 6, 9]
    assert 30 < false[9] < 40
    assert max(recall[digit] for digit in (2, 3, 4, 5, 7, 8)) < 20


def test_what_the_chapter_says_of_the_edges_to_one_digit(data):
    recall, false = column(data, "edges to it", "recall"), column(data, "edges to it", "false positives")
    well = [digit for digit in range(10) if recall[digit] >= 75]
    assert well == [0, 2, 4, 5, 6, 7, 8]
    assert max(recall[digit] for digit in (1, 3, 9)) < 20
    assert min(false[digit] for digit in well) >= 25
    assert recall[0] == recall[6] == recall[8] == false[8] == 100
    assert min(false[0], false[6]) > 66
    edges = explorers.critical_edges(data)
    assert edges_to(edges, 8)[:, 0].tolist() == [2]
    reductions = [size(explorers.network(data), edges_to(edges, d)).reduction for d in range(10) if d != 8]
    assert 5.9 < min(reductions) < max(reductions) < 54


def test_words_and_picture_state_the_numbers(data):
    words = explorers.words(data)
    assert "3000 edges between 50 and 50 hidden neurons" in words
    assert "94 critical edges" in words
    drawn = [
        render.draw(explorers.picture, {"data": data}, name="x", style=style.theme, theme=t) for t in ("light", "dark")
    ]
    assert drawn[0].alt == words
    assert len(drawn[0].table) == 94
    assert (drawn[0].image != drawn[1].image).any()
    assert np.mean(drawn[0].image[..., 3] > 0) > 0.02
