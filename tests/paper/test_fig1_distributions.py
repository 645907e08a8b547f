"""Fig. 1f-h: counts of rows, the authors' line against a plain loop, laws that are and are not, missing cliques."""

import numpy as np
import pytest
from fig1_sweeps import everywhere, made

from critnet.errors import UsageError
from critnet.explore import NoMatch
from critnet.paper import results, style
from critnet.paper.fig1 import distribution_panels, distributions
from critnet.paper.sweeps import select

K = np.arange(1, 400)
FIG_1G = distribution_panels.PANELS["1g"]


@pytest.fixture(scope="module")
def power():
    """Counts 3e6 k^-3 of degrees in every run, and of cliques at threshold 0.5 of the graph as coded."""
    empty = made(("sizes",))
    counts = np.rint(3e6 * K**-3.0).astype(int)
    rows = everywhere(empty, "degree", K, counts) + everywhere(empty, "clique", K, counts, graphs=(0,))
    return made(("sizes",), rows=rows)


def test_counts_are_those_of_the_rows(power):
    run = select.runs_of(power, "sizes")[:2]
    for size, count in distributions.counts(power, "degree", run, 100):
        assert size.tolist() == K[np.rint(3e6 * K**-3.0) > 0].tolist()
        assert count.sum() == np.rint(3e6 * K**-3.0).sum()
    sizes, total = distributions.pooled(power, "degree", run, 100)  # two runs
    assert total[0] == 6_000_000
    assert sizes[0] == 1
    assert distributions.pooled(power, "component", run, 100)[0].size == 0


def test_isolated_neurons_are_no_degree_of_a_power_law():
    rows = [(0, 0, 1, 0, 0, 0, 50), (0, 0, 1, 0, 0, 2, 7)]
    sizes, total = distributions.pooled(made(("sizes",), rows=rows), "degree", [0], 200_000)
    assert (sizes.tolist(), total.tolist()) == ([2], [7])


@pytest.mark.parametrize(("kind", "whole", "above"), [("degree", False, 1), ("clique", True, 4)])
def test_the_authors_line_is_that_of_a_plain_loop(kind, whole, above):
    data = results.load("sweeps")
    points = {}
    for run in distributions.fitted_runs(data, kind, 200_000):
        ((sizes, counts),) = distributions.counts(data, kind, [run], 200_000)
        height, edges = np.histogram(np.repeat(sizes, counts), 50)
        for n, low, high in zip(height, edges[:-1], edges[1:], strict=True):
            centre = (low + high) / 2
            if n:
                points.setdefault(int(centre) if whole else centre, []).append(n / counts.sum())
    x, y = np.log(np.array([(k, np.mean(v)) for k, v in points.items() if k > above])).T
    fit, slope, intercept = distributions.authors_line(data, kind, 200_000)
    assert (fit.slope, fit.intercept) == pytest.approx(np.polyfit(x, y, 1), rel=1e-6)
    assert slope[0] <= slope[1]
    assert intercept[0] <= intercept[1]


def test_clique_activities_are_fitted_for_large_networks_only():
    data = results.load("sweeps")
    runs = distributions.fitted_runs(data, "activity", 200_000)
    assert (select.hidden(data, runs) > 300).all()
    assert runs.size < distributions.runs_with(data, "activity", 200_000).size
    assert distributions.RULES["activity"].first > 6


def test_maximum_likelihood_finds_the_exponent_of_exact_counts(power):
    runs = distributions.runs_with(power, "degree", 100)
    assert distributions.likelihood(power, "degree", runs, 100, x_min=2).alpha == pytest.approx(3, abs=2e-3)
    activity = distributions.likelihood(power, "activity", runs, 100, x_min=1.0)
    assert activity.alpha == pytest.approx(3, abs=1e-3)


def test_support_is_given_to_a_power_law_and_refused_to_an_exponential():
    draw = np.random.default_rng(1)
    values = draw.zipf(2.0, 3000)
    sizes, counts = np.unique(values[values < 30_000], return_counts=True)
    rows = [(0, 1, 1, 0, 0, s, c) for s, c in zip(sizes, counts, strict=True)]
    assert distributions.supported(made(("sizes",), rows=rows), "component", [0], 200_000)
    sizes, counts = np.unique(draw.geometric(0.02, 3000), return_counts=True)
    rows = [(0, 1, 1, 0, 0, s, c) for s, c in zip(sizes, counts, strict=True)]
    assert distributions.supported(made(("sizes",), rows=rows), "component", [0], 200_000) is False
    assert distributions.supported(made(("sizes",)), "component", [0], 200_000) is None


def test_the_laws_drawn_start_at_one_and_fall(power):
    runs = distributions.runs_with(power, "degree", 100)
    for kind, first in (("degree", 2), ("activity", distributions.RULES["activity"].first)):
        where, number = distributions.cells(power, kind, runs, 100)
        x, laws = distributions.survivals(where, number, distributions.likelihood(power, kind, runs, 100, x_min=first))
        assert x[0] == pytest.approx(first)
        for name, law in laws.items():
            assert law[0] == 1, name
            assert (np.diff(law) <= 1e-12).all(), name
        assert laws["power law"] == pytest.approx(laws["data"], abs=0.02)


def test_a_truncated_list_is_left_out_of_fits_hatched_and_said(power):
    cut = power.copy(deep=True)
    big = select.runs_of(cut, "sizes")[select.hidden(cut, select.runs_of(cut, "sizes")) == 500]
    cut["cliques_truncated"][big, 1] = 1
    assert set(distributions.whole_runs(cut, 200_000)[1]) == set(big)
    assert not set(big) & set(distributions.fitted_runs(cut, "clique", 200_000))
    assert len(set(big) & set(distributions.fitted_runs(cut, "degree", 200_000))) == 1  # one network a size is fitted
    assert len(set(big) & set(distributions.fitted_runs(cut, "clique", 100))) == 1
    with style.theme("light"):
        drawing, whole = FIG_1G(cut), FIG_1G(power)
    assert "cut short" in drawing.alt
    assert any(patch.get_hatch() for axis in drawing.figure.axes for patch in axis.patches)
    assert "cut short" not in whole.alt
    assert 500 not in set(drawing.table["hidden"])
    with style.theme("light"), pytest.raises(NoMatch, match="h = 500"):
        FIG_1G(cut, size=500)


def test_there_is_one_network_a_size_the_first_whose_cliques_are_known(power):
    runs = distributions.runs_with(power, "clique", 200_000)
    assert len(runs) == 20
    assert (power["seed"].values[runs] == 0).all()
    cut = power.copy(deep=True)
    first = runs[select.hidden(cut, runs) == 50]
    cut["cliques_truncated"][first, 1] = 1
    runs = distributions.runs_with(cut, "clique", 200_000)
    assert len(runs) == 20
    assert power["seed"].values[runs[select.hidden(cut, runs) == 50]].tolist() == [1]


def test_what_is_not_stored_is_no_match(power):
    with pytest.raises(NoMatch, match="t = 50"):
        distributions.counts(power, "degree", [0], 50)
    with pytest.raises(NoMatch, match="Cliques are stored"):
        distributions.counts(power, "clique", [0], 100, "control")
    with pytest.raises(NoMatch, match="Cliques are stored"):
        distributions.counts(power, "clique", [0], 100, threshold=0.7)
    with pytest.raises(UsageError, match="no component"):
        distributions.likelihood(power, "component", [0], 100)


@pytest.mark.parametrize("name", ["1f", "1g", "1h"])
@pytest.mark.parametrize("changed", [{"t": 100}, {"size": 100}, {"definition": "control"}])
def test_each_control_changes_the_picture_in_words(name, changed, monkeypatch):
    monkeypatch.setattr(distribution_panels, "N_BOOTSTRAP", 5)
    panel, data = distribution_panels.PANELS[name], results.load("sweeps")
    with style.theme("light"):
        before, after = panel(data), panel(data, **changed)
    assert before.alt != after.alt
    assert [a.get_ylim() for a in before.figure.axes[:2]] == [a.get_ylim() for a in after.figure.axes[:2]]
    assert [a.get_xlim() for a in before.figure.axes[:2]] == [a.get_xlim() for a in after.figure.axes[:2]]


def test_slope_and_intercept_are_both_read_out():
    with style.theme("dark"):
        alt = FIG_1G(results.load("sweeps")).alt
    fit = distributions.authors_line(results.load("sweeps"), "clique", 200_000)[0]
    assert f"minus slope {-fit.slope:.2f}" in alt
    assert f"intercept {fit.intercept:.2f}" in alt
    assert "paper 3.02" in alt


def test_two_points_make_no_line():
    data = results.load("sweeps")
    (run,) = (r for r in distributions.runs_with(data, "clique", 100) if data["hidden"].values[r] == 20)
    assert distributions.authors_line(data, "clique", 100, runs=[run])[0].n_points == 2
    with style.theme("light") as colours:
        two, all_sizes = FIG_1G(data, t=100, size=20), FIG_1G(data, t=100)
    assert "Left: two points above 4, no line; paper 1.97." in two.alt
    assert "R²" not in two.alt
    drawn = [[line.get_color() for line in d.figure.axes[0].lines].count(colours.as_coded) for d in (two, all_sizes)]
    assert drawn == [0, 1]
