"""Fig. 2f-i drawn from a part of the grid and from the real runs, and the sentences of chapter 2.3 held to these."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from critnet.explore import NoMatch
from critnet.paper import experiments, published, results, style
from critnet.paper.fig2 import phase, phase_claims, phase_panels, phase_tails
from critnet.paper.sweeps import grid
from critnet.training.config import RunConfig

_HELP = runpy.run_path(str(Path(__file__).with_name("sketch_sweeps.py")))
sketch, paper_says, ALL, GOOD, POOR = (_HELP[n] for n in ("sketch", "paper_says", "ALL", "GOOD", "POOR"))


@pytest.fixture(scope="module")
def world():
    return sketch(ALL, paper_says)


# --- panels ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", phase_panels.PANELS)
def test_panels_draw_a_part_of_the_grid_and_say_what_is_missing(name):
    data = sketch([c for c in experiments.named(["grid", "batches"]) if c.hidden in (10, 20, 50, 200, 500)], paper_says)
    with style.theme("light"):
        drawing = phase_panels.PANELS[name](data, definition="control")
    assert drawing.figure.get_size_inches()[0] == 7.6
    assert len(drawing.table) > 10
    if name == "2f":  # four of nine sizes are missing, nine cells each in either family
        assert drawing.alt.count("36 hatched ones of the grid not") == 2
        hatched = [p for p in drawing.figure.axes[0].collections if p.get_hatch()]
        assert [len(p.get_paths()) for p in hatched] == [36]
    elif name != "2g":
        assert "68 cells of the grid were not run" in drawing.alt


def test_the_diagram_gives_each_observable_time_and_size(world):
    seen = set()
    with style.theme("dark"):
        for observable in phase_panels.OBSERVABLES:
            seen.add(phase_panels.fig2f(world, observable=observable, definition="control").alt)
        for size in phase_panels.SHOWN:
            seen.add(phase_panels.fig2f(world, size=size).alt)
        for time in grid.TIMES:
            seen.add(phase_panels.fig2f(world, time=time, definition="upper-tail").alt)
    assert len(seen) == 9


def test_tiles_cover_the_grid_without_overlap(world):
    """Their areas add up to that of the region they cover, so no cell hides another."""
    cells = grid.of_family(grid.cells(grid.of(world, "control")), "batch")
    edges = [phase_panels._edges(x, np.array(phase_panels.LN_GAMMA)) for x in phase_panels.LN_GAMMA]
    assert sum(b - a for a, b in edges) == pytest.approx(max(b for _, b in edges) - min(a for a, _ in edges))
    assert all(a < x < b for (a, b), x in zip(edges, phase_panels.LN_GAMMA, strict=True))
    assert len(cells) > 81


def test_no_run_of_a_cohort_is_no_match():
    data = sketch([RunConfig(schedule="sweep")], lambda _: GOOD)
    with style.theme("light"), pytest.raises(NoMatch, match="d < -2"):
        phase_panels.fig2g(data, cohort="far below", definition="control")
    with style.theme("light"), pytest.raises(NoMatch, match="d > 1"):
        phase_panels.fig2g(sketch(ALL, lambda _: POOR), definition="control")


def test_panels_of_the_real_runs_count_every_cell_of_the_grid():
    data = results.load("sweeps")
    absent = len(grid.not_run(grid.table(data)))
    with style.theme("light"):
        assert f"{absent} cells of the grid were not run" in phase_panels.PANELS["2h"](data).alt


@pytest.mark.parametrize("name", ["2g", "2h", "2i"])
def test_medians_stand_for_the_curves_that_are_drawn_on_request(name, world):
    panel = phase_panels.PANELS[name]
    with style.theme("light") as colours:
        middle, every = (panel(world, lines=lines, definition="control") for lines in ("medians", "every"))
    assert middle.table.equals(every.table)
    assert middle.alt != every.alt

    def lines(drawing):
        """Curves, without the crosses of guessers, fits in ink and levels."""
        drawn = [line for axis in drawing.figure.axes[:-1] for line in axis.lines]
        return [x for x in drawn if x.get_marker() != "x" and x.get_color() not in (colours.ink, colours.faint)]

    groups = len(middle.figure.axes) - 1
    assert 0 < len(lines(middle)) <= 3 * groups
    assert len(lines(every)) > len(lines(middle))


def contrast(one, other):
    """WCAG 2.2, of two colours."""
    light = [0, 0]
    for i, colour in enumerate((one, other)):
        c = np.array(to_rgb(colour))
        light[i] = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]
    return (max(light) + 0.05) / (min(light) + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_state_of_a_run_vanishes_on_the_page(theme, world):
    with style.theme(theme) as colours:
        drawing = phase_panels.fig2f(world, definition="control")
    tiles = next(c for c in drawing.figure.axes[0].collections if not c.get_hatch() and len(c.get_paths()) > 50)
    drawn = np.unique(tiles.get_facecolor(), axis=0)
    assert len(drawn) > 1
    with style.theme(theme):
        ends = style.state_map()([0.0, 1.0])
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert all(contrast(colour[:3], colours.page) >= 1.5 for colour in (*drawn, *ends))


# --- what the chapter says -------------------------------------------------------------------------------------------


def row_of(hidden, definition, family, time="T"):
    """Criterion and state at one size, by rising mobility."""
    cells = grid.cells(grid.of(results.load("sweeps"), definition, time))
    return grid.of_family(cells[cells["hidden"] == hidden], family).sort_values("ln_gamma")


def edge(cells):
    """The mobilities between which a row leaves the converged region on its right."""
    x, converged = cells["ln_gamma"].to_numpy(), (cells["criterion"] < grid.CONVERGED).to_numpy()
    return x[converged].max(), x[x > x[converged].max()].min()


def test_what_chapter_2_3_says_of_the_u_is_so():
    fit = phase.boundary_fit(phase.boundary(grid.cells(grid.of(results.load("sweeps"), "control"))))
    assert fit.open_upward > 0.99  # "opens upward in practically every redraw"
    assert fit.low.vertex < -7.7 < fit.high.vertex  # "where the paper has it within the error in mobility"
    assert 2.5 < fit.low.minimum < fit.best.minimum < 3.1  # "a little above it in size"
    assert 0.62 < fit.best.curvature / 0.5 < 0.72  # "two thirds of the paper's curvature"
    assert fit.high.curvature < 0.5  # "which lies outside the interval"
    coded = phase.boundary_fit(phase.boundary(grid.cells(grid.of(results.load("sweeps"), "as-coded"))))
    assert coded.low.curvature < 0 < coded.high.curvature < 0.15  # "cannot be told from zero"


@pytest.mark.parametrize("definition", ["control", "upper-tail"])
def test_what_chapter_2_3_says_of_the_edges_is_so(definition):
    for hidden in (50, 100):
        batch, rate = (row_of(hidden, definition, family) for family in ("batch", "rate"))
        assert edge(batch) == edge(rate)  # "between the same two neighbouring mobilities"
        mobilities = [-8, -6.5, -6, -5.5, -5]
        right = phase_claims.crossings(mobilities, grid.paper_boundary(mobilities), np.log(hidden))[-1]
        assert edge(batch)[0] - 0.05 < right < edge(batch)[1]  # "where the paper draws it to within the grid"
    wide = [row_of(200, definition, family).set_index("ln_gamma") for family in ("batch", "rate")]
    here = wide[0].index[np.abs(wide[0].index - np.log(0.1 / 16)).argmin()]
    assert wide[0].loc[here, "criterion"] < grid.CONVERGED  # "the batch of 16 still converges"
    assert wide[1].loc[here, "test_accuracy"] < grid.GUESSES  # "where the equivalent learning rate guesses"
    for family in ("batch", "rate"):  # "with 500 neurons both converge there"
        widest = row_of(500, definition, family).set_index("ln_gamma").loc[here]
        assert widest["criterion"] < grid.CONVERGED
        assert widest["test_accuracy"] > 0.98
    small = row_of(20, definition, "batch").iloc[:2]
    assert (small["criterion"] < grid.CONVERGED).tolist() == [False, True]  # "the batch of 1024 does leave it"
    batch, rate = row_of(50, definition, "batch"), row_of(50, definition, "rate")
    inside = batch[batch["ln_gamma"] <= edge(batch)[0]]
    assert (inside["criterion"] < grid.CONVERGED).all()  # "no batch size up to 1024 leaves the converged region"
    assert inside["criterion"].max() - inside["criterion"].min() < 1.5  # "hardly changes along the row"
    slow = rate[(rate["ln_gamma"] <= phase_claims.ANCHOR) & (rate["ln_gamma"] > -9)]
    assert (np.diff(slow["criterion"]) < 0).all()  # "rises steadily below the paper's own setting"
    guess = [c.loc[~(c["test_accuracy"] >= grid.GUESSES), "ln_gamma"].min() for c in (batch, rate)]
    assert guess[1] < guess[0]  # "to guessing at a smaller mobility than a small batch does"


def test_what_chapter_2_3_says_of_equal_mobilities_and_of_time_is_so():
    rows = grid.of(results.load("sweeps"), "control")
    pairs = grid.pairs(rows[rows["hidden"] == 50])
    slow = pairs[pairs["ln_gamma"] < published.VERTEX]
    assert np.median(slow["mean_loss_rate"] / slow["mean_loss_batch"]) > 10  # "by more than a factor of ten"
    last = []
    for time in ("T/4", "T/2", "T"):
        cells = row_of(50, "control", "rate", time)
        cells = cells[cells["ln_gamma"] < -6.4]
        last.append(phase_claims.crossings(cells["ln_gamma"].to_numpy(), cells["criterion"].to_numpy(), -5)[-1])
    assert all(0.55 < shift < 0.8 for shift in -np.diff(last))  # "by nearly ln 2 whenever the time doubles"
    run = rows[(rows["hidden"] == 30) & (rows["ln_gamma"] == phase_claims.ANCHOR) & (rows["seed"] == 0)]
    for definition in ("as-coded", "control"):  # "unconverged at T/2 and deep in the converged one at T"
        half, end = (grid.states(results.load("sweeps"), run[grid.table(results.load("sweeps")).columns], time=time,
                                  definition=definition)["criterion"].item() for time in ("T/2", "T"))  # fmt: skip
        assert half > grid.CONVERGED > end + 5


def test_what_chapter_2_3_says_of_guessing_networks_is_so():
    states = {d: grid.of(results.load("sweeps"), d) for d in ("as-coded", "control", "upper-tail")}
    every = states["control"]
    exploded = every[every["diverged"]]
    at = dict(zip(exploded["run"], results.load("sweeps")["diverged_at"].values[exploded["run"]], strict=True))
    fast = (exploded["batch_size"] == 64) & (exploded["learning_rate"] >= 0.8) & (exploded["hidden"] >= 100)
    assert every.loc[(every["hidden"] >= 100) & (every["learning_rate"] == 1.6), "diverged"].all()
    assert fast.sum() >= 2
    assert all(at[run] < 20 for run in exploded.loc[fast, "run"])  # "within twenty iterations"
    late = exploded[~fast]  # "with five hundred the smallest batch"; "All others keep theirs"
    assert late[["hidden", "batch_size"]].values.tolist() == [[500, 4]]
    assert at[late["run"].item()] > 10_000  # "late in training"
    kept = {d: s[~s["diverged"]] for d, s in states.items()}
    lost = {d: s[~(s["test_accuracy"] >= grid.GUESSES)] for d, s in kept.items()}
    assert abs(lost["control"]["mean_loss"].median() - np.log(10)) < 0.02  # "at a loss of ln 10"
    assert lost["control"]["entropy"].median() == pytest.approx(np.log(60_000), abs=1e-3)  # "comes to its cap"
    assert (lost["upper-tail"]["entropy"] == 0).all()  # "only in its upper tail"
    assert lost["as-coded"]["entropy"].max() > 1e6  # "up to millions"
    assert lost["as-coded"]["criterion"].min() < states["control"]["criterion"].min()  # "better than any other"
    assert (lost["as-coded"]["criterion"] < grid.CONVERGED).mean() > 0.5
    assert not (lost["control"]["criterion"] < grid.CONVERGED).any()


def test_what_chapter_2_3_says_of_tails_and_jumps_is_so():
    data = results.load("sweeps")
    rows = grid.of(data, "control")
    fits = phase_tails._fits(data, rows[rows["criterion"] < grid.CONVERGED])
    assert np.mean([phase_tails.lognormal(f) for f in fits]) > 0.9  # "significantly better in practically all"
    above, below = (phase_tails._lognormal_distances(data, r) for r in (rows[rows["d"] > 1], rows[rows["d"] < -2]))
    assert above < below / 2  # "the converged runs that come closest to a log-normal law"
    for definition in ("as-coded", "control", "upper-tail"):
        cells = grid.of_family(grid.cells(grid.of(data, definition)), "batch")
        x, y = next((x, y) for fixed, x, y in phase.curves(cells, "hidden") if fixed == phase_claims.ANCHOR)
        step = phase_panels.largest_step(x, y)
        assert step.jumps
        assert step.change < -10  # "by more than ten between two neighbouring sizes"
    for definition in ("as-coded", "control"):
        slow = row_of(50, definition, "rate")
        slow = slow[slow["ln_gamma"] <= phase_claims.ANCHOR]
        assert not phase_panels.largest_step(slow["ln_gamma"], slow["criterion"]).jumps  # "nothing jumps"
