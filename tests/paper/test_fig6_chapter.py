"""What chapter 5 and its discussion say in words is so: their numbers against the ledger and the committed results."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from critnet.paper import ledger, results, style, tables
from critnet.paper.fig6 import panels, unseen
from critnet.paper.rules import NOT, REPRODUCED, UNJUDGED

CHAPTER = Path(__file__).parents[2] / "notebooks" / "5-self-organised-assembly.ipynb"


@pytest.fixture(scope="module")
def judged():
    return {(row.id, row.definition): row for row in ledger.read()}


@pytest.fixture(scope="module")
def data():
    return results.load_all(panels.DATA)


@pytest.fixture(scope="module")
def cells():
    return [("".join(cell["source"]), cell["cell_type"]) for cell in json.loads(CHAPTER.read_text())["cells"]]


def named(cells, title):
    """The claims of the table with this title."""
    (code,) = [text for text, kind in cells if kind == "code" and title in text]
    return re.findall(r'"(C\d+)"', code)


def test_what_survives_does_so_by_both_definitions_and_what_does_not_by_none(cells, judged):
    for claim in named(cells, "Claims that survive"):
        assert {row.verdict for (name, _), row in judged.items() if name == claim} == {REPRODUCED}
    for claim in named(cells, "Claims that do not survive"):
        assert REPRODUCED not in {judged[claim, "control"].verdict}
    rows = [row for (_, definition), row in judged.items() if definition == "as-coded"]
    assert sum(row.verdict == UNJUDGED for row in rows) == 6


def test_every_claim_that_the_prose_names_is_in_the_ledger_and_in_a_table_of_its_part(cells, judged):
    text = " ".join(text for text, kind in cells if kind == "markdown")
    named_in_prose = set(re.findall(r"\bC\d+\b", text))
    assert len(named_in_prose) > 25
    assert named_in_prose <= {name for name, _ in judged}
    tabled = {*named(cells, "Claims that survive"), *named(cells, "Claims that do not survive")}
    start = next(k for k, (part, _) in enumerate(cells) if part.startswith("## Discussion"))
    discussed = set(re.findall(r"\bC\d+\b", " ".join(p for p, kind in cells[start:] if kind == "markdown")))
    assert discussed - {"C89"} <= tabled


def test_the_numbers_of_claims_that_the_discussion_states(judged):
    thirty = judged["C30", "control"]
    assert thirty.also["F2(peak) / F2(T) at the largest"][0] < 1.05
    assert "at most 1.05 from h = 200 on" in thirty.note
    peaks = re.search(r"largest at t = ([^;]*);", judged["C29", "as-coded"].note)[1]
    assert (min(map(float, peaks.split(", "))), max(map(float, peaks.split(", ")))) == (7, 16500)
    for claim in ("C34", "C37", "C38"):
        assert judged[claim, "control"].also["decades on which a power law fits best"][0] < 0.5
        assert "significantly better" in judged[claim, "control"].note
    assert judged["C86", "control"].value == 0
    for claim in ("C97", "C98"):
        assert judged[claim, "control"].low > 1
        assert judged[claim, "control"].verdict == NOT
    nine = judged["C109", "control"]
    assert nine.value == 0
    assert nine.also["digits where it is smaller, beyond its limits"][0] == 10
    assert nine.also["mean false positives"][0] > 0.5
    assert judged["C131", "control"].low > 1
    for definition in ("as-coded", "control"):
        found = [judged[claim, definition].value for claim in ("C24", "C42", "C44")]
        assert found == pytest.approx([1.5, 1.75, 0.5], rel=0.04)
    assert judged["C89", "control"].verdict == NOT


def test_stages(data):
    table = panels.fig6b(data).table
    count = table.groupby("t").in_circuit.agg(["size", "sum"])
    few, many, half = count["size"]
    assert few < many / 10
    assert half == pytest.approx(many / 2, rel=0.12)
    coupling = data["coupling"]
    mine = coupling["edge_seed"].values == coupling.attrs["shown_seed"]
    edges = len(np.unique(coupling["edge"].values[mine], axis=0))
    assert edges == 367
    assert [round(edges / n) for n in count["sum"].values[1:]] == [7, 11]


def test_the_manifold(data, judged):
    row = judged["C130", "control"]
    start, early, end = (row.also[f"Fisher ratio at t = {t}"][0] for t in (0, 100, 200000))
    assert early / start == pytest.approx(5, abs=0.5)
    assert early / end == pytest.approx(4 / 3, abs=0.02)
    assert row.also["least growth of the Fisher ratio, of 0 to 100 and of 100 to the end"][2] < 1
    fig6 = data["fig6"]
    at = [list(fig6["t"].values).index(t) for t in (0, 100, 200000)]
    middle = {
        name: np.median(fig6["fisher"].sel(neurons=name).values[:, at], axis=0) for name in fig6["neurons"].values
    }
    assert middle["outputs"] == pytest.approx([0.18, 2.5, 2.9], abs=0.05)
    for name in ("first", "second"):
        assert middle[name][2] < middle[name][1]
    number = np.median(fig6["components"].sel(neurons="circuits").values[:, at], axis=0)
    assert number.tolist() == [27, 13, 22]
    random = np.median(fig6["random_fisher"].values[:, at], axis=(0, 2))
    assert random == pytest.approx(middle["circuits"], rel=0.08)


def test_funnels_and_large_networks(data, judged):
    with style.theme("light"):
        table = panels.fig6d(data).table
        end = table[table.t == 200000]
        assert end.spread[end.step.abs().idxmin()] == pytest.approx(2e-5, abs=0.5e-5)
        assert end.spread.mean() == pytest.approx(0.1, abs=0.02)
        to_end = panels.fig6d(data, way="towards the start").table
    first = to_end[to_end.t == 0]
    assert first["mean"].idxmin() == first.step[first.step > 0.9].index[first["mean"][first.step > 0.9].argmin()]
    row = judged["C132", "as-coded"]
    assert row.also["sizes h that converged"] == [16]
    runs = results.load("runs")
    sizes = runs[runs.experiments.str.split().map(lambda names: "sizes" in names)]
    assert sizes.hidden.nunique() == 20
    assert (sizes.mean_loss <= 5e-3).groupby(sizes.hidden).all().idxmax() == 30
    ends = [row.also[f"accuracy of the {which} size"][0] for which in ("smallest", "largest")]
    assert [round(end, 3) for end in ends] == [0.972, 0.984]
    assert round(row.value, 2) == 0.99


def test_likeness(data):
    acting = data["acting"]
    for seed in acting["seed"].values:
        assert np.diag(unseen.likeness(acting, seed, "control", 5)).argmin() == 1
        apart = unseen.likeness(acting, seed, "control") - 2 * np.eye(10)
        assert seed != 0 or apart.max() == pytest.approx(0.5, abs=0.02)


def test_a_table_of_named_claims_keeps_their_order():
    rows = ledger.read()
    drawn = tables.for_claims(rows, ["C24", "C05"], "two")
    assert [row.id for row in drawn.rows] == ["C24", "C24", "C05", "C05"]
    with pytest.raises(Exception, match="C999"):
        tables.for_claims(rows, ["C999"], "none")


def test_the_manifold_seen_from_one_side_and_across_the_boundary(data):
    fig6 = data["fig6"]
    t, places, labels = fig6["kept"].values, fig6["place"].values.astype(float), fig6["place_label"].values
    a, e = np.radians([120, 40])
    right, up = [-np.sin(a), np.cos(a), 0], [-np.cos(a) * np.sin(e), -np.sin(a) * np.sin(e), np.cos(e)]
    ratios = [panels._trace_ratio(cloud, labels) for cloud in ([right, up] @ places[-1], places[-1])]
    assert [round(ratio, 1) for ratio in ratios] == [3.6, 3.0]
    late = (t >= 10_000) & (t <= 100_000)
    assert late.sum() == 3
    s = list(fig6["seed"].values).index(fig6.attrs["shown_seed"])
    courses = [[panels._trace_ratio(cloud, labels) for cloud in places[late]]]
    courses += [fig6["fisher"].sel(neurons=name).values[s, late] for name in ("circuits", "outputs")]
    assert all(max(course) / min(course) < 1.05 for course in courses)


def test_the_network_that_trains_comes_before_what_it_becomes(cells):
    text = "\n".join(text for text, _ in cells)
    order = [text.index(part) for part in ('show("6a"', "training_explorer(results", 'show("6b"', 'show("6c"',
                                           "manifold_explorer(results", 'show("6d"', 'show("6e"')]  # fmt: skip
    assert order == sorted(order)
