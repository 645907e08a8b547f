"""The phase diagram: table, boundary and claims on made-up runs whose answer is known."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from critnet.errors import UsageError
from critnet.paper import experiments, ledger, rules
from critnet.paper.fig2 import phase, phase_claims, phase_tails
from critnet.paper.sweeps import grid
from critnet.training.config import RunConfig

_HELP = runpy.run_path(str(Path(__file__).with_name("sketch_sweeps.py")))
CLAIMS = {c.id: c for module in (phase_claims, phase_tails) for c in ledger.of_module(module)}
sketch, State, STEPS, ALL = (_HELP[n] for n in ("sketch", "State", "STEPS", "ALL"))
paper_says, GOOD, POOR, LOST = (_HELP[n] for n in ("paper_says", "GOOD", "POOR", "LOST"))
LEVEL = (np.arange(60_000) + 0.5) / 60_000
EXPONENTIAL, LOGNORMAL = -np.log1p(-LEVEL), np.exp(1.2 * norm.ppf(LEVEL))


@pytest.fixture(scope="module")
def world():
    return sketch(ALL, paper_says)


def judged(name, data, definition="control"):
    return ledger.judge_in(CLAIMS[name], definition, data)


def measured(name, data, definition="control"):
    """The numbers of a claim by their names."""
    return CLAIMS[name].measure(data, definition).numbers()


# --- the table -------------------------------------------------------------------------------------------------------


def test_the_paper_s_boundary_has_the_values_of_the_methods():  # T26
    at = {8: 8.0, 16: 5.94, 24: 4.96, 64: 3.27, 256: 2.51, 1024: 3.68, 2048: 4.98, 4096: 6.76}
    assert grid.paper_boundary(np.log(0.1 / np.array(list(at)))) == pytest.approx(list(at.values()), abs=0.006)


def test_a_run_has_its_family_and_other_starts_are_left_out():
    configs = [
        RunConfig(schedule="sweep", hidden=50, batch_size=16),
        RunConfig(schedule="sweep", hidden=50, learning_rate=0.4),
        RunConfig(schedule="sweep", hidden=20, seed=2),
        RunConfig(schedule="sweep", learning_rate=0.4, batch_size=16),
        RunConfig(schedule="sweep", init="kaiming-normal"),
        RunConfig(schedule="sweep", init_scale=0.1),
    ]
    rows = grid.table(sketch(configs, paper_says))
    assert rows["run"].tolist() == [2, 0, 1]
    assert rows["family"].tolist() == ["both", "batch", "rate"]
    assert rows["M"].tolist() == [50, 110, 110]
    assert rows["ln_gamma"][1] == rows["ln_gamma"][2] == pytest.approx(np.log(0.1 / 16), abs=1e-8)
    assert rows["seed"].tolist() == [2, 0, 0]


def test_the_state_is_that_of_the_kept_iteration_nearest_to_the_fraction():
    falling = State(loss=1 / (1 + STEPS), entropy={"as-coded": 1.0, "control": 2.0, "upper-tail": 0.0})
    data = sketch([RunConfig(schedule="sweep")], lambda _: falling)
    rows = grid.table(data)
    for time, step in (("T/4", 50_200), ("T/2", 100_200), ("T", 200_000)):
        state = grid.states(data, rows, time=time, definition="control").iloc[0]
        assert state["step"] == step
        assert state["mean_loss"] == pytest.approx(1 / (1 + step))
        assert state["criterion"] == pytest.approx(np.log(state["mean_loss"] / 2))
    assert grid.states(data, rows, definition="upper-tail")["criterion"].iloc[0] == np.inf
    assert phase.drawable([np.inf, -3.0]).round(2).tolist() == [27.63, -3.0]


def test_a_diverged_run_has_the_authors_criterion():
    data = sketch([RunConfig(schedule="sweep")], lambda _: State(np.nan, np.nan, np.nan))
    state = grid.of(data, "as-coded").iloc[0]
    assert state["diverged"]
    assert state["criterion"] == pytest.approx(27.63, abs=0.005)


@pytest.mark.parametrize(("field", "value"), [("time", "T/3"), ("definition", "clean")])
def test_an_unknown_time_or_definition_is_refused(world, field, value):
    with pytest.raises(UsageError, match=value):
        grid.states(world, grid.table(world), **{field: value})
    with pytest.raises(UsageError, match="size"):
        grid.of_family(grid.table(world), "size")


def test_cells_take_the_median_over_seeds():
    configs = [RunConfig(schedule="sweep", seed=s) for s in range(3)]
    data = sketch(configs, lambda c: State([0.1, 0.7, 0.3][c.seed], 1.0))
    cells = grid.cells(grid.of(data, "control"))
    assert cells["mean_loss"].tolist() == [pytest.approx(0.3)]
    assert cells["seeds"].tolist() == [3]


def test_what_was_not_run_is_counted(world):
    assert grid.missing(grid.table(world)) == ""
    half = experiments.grid()[::2]
    rows = grid.table(sketch(half, paper_says))
    absent = grid.not_run(rows)
    assert len(absent) == 153 - len(half)
    assert f"; {153 - len(half)} of 153 cells" in grid.missing(rows)
    cells = {(c.hidden, round(float(np.log(c.mobility)), 9)) for c in experiments.grid()[1::2]}
    assert set(zip(absent["hidden"], absent["ln_gamma"], strict=True)) == cells


def test_pairs_are_those_of_a_double_loop(world):
    rows = grid.of(world, "control")
    pairs = grid.pairs(rows)
    found = [
        (a.hidden, a.ln_gamma) for a in rows.itertuples() for b in rows.itertuples()
        if (a.family, b.family) == ("batch", "rate") and (a.hidden, a.ln_gamma) == (b.hidden, b.ln_gamma)
    ]  # fmt: skip
    assert sorted(found) == sorted(zip(pairs["hidden"], pairs["ln_gamma"], strict=True))
    assert len(found) > 60


def test_curves_rise_in_x_and_have_five_cells(world):
    cells = grid.of_family(grid.cells(grid.of(world, "control")), "rate")
    by_size = list(phase.curves(cells, "ln_gamma"))
    assert [fixed for fixed, *_ in by_size] == list(experiments.GRID_SIZES)
    assert len(by_size[experiments.GRID_SIZES.index(50)][1]) == 24
    for _, x, y in (*by_size, *phase.curves(cells, "hidden")):
        assert (np.diff(x) > 0).all()
        assert len(x) == len(y) >= 5


# --- the boundary ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("falling", [True, False])
def test_the_paper_s_boundary_is_found_between_two_sizes(world, falling):
    points = phase.boundary(grid.cells(grid.of(world, "control")), falling=falling)
    assert len(points) == 13  # seven mobilities, twice but for the one that both families share
    phi = grid.paper_boundary(points["ln_gamma"])
    assert ((points["low"] <= phi) & (phi <= points["high"])).all()
    fit = phase.boundary_fit(points)
    assert fit.low.vertex <= -7.7 <= fit.high.vertex


def test_no_boundary_without_both_phases():
    data = sketch(ALL, lambda _: POOR)
    assert phase.boundary(grid.cells(grid.of(data, "control"))).empty
    assert phase.boundary_fit(phase.boundary(grid.cells(grid.of(data, "control")))) is None


# --- tails and densities ---------------------------------------------------------------------------------------------


def test_tails_of_known_laws():
    """A Pareto, an exponential and a log-normal sample, a network that guesses, and one that has diverged."""
    samples = {"pareto": _HELP["PARETO"], "exponential": EXPONENTIAL, "lognormal": LOGNORMAL,
               "guess": np.linspace(2.2, 2.4, 60_000)}  # fmt: skip
    configs = [RunConfig(schedule="sweep", seed=i) for i in range(5)]
    kinds = [*samples.values(), None]
    data = sketch(configs, lambda c: GOOD if kinds[c.seed] is None else GOOD._replace(sample=kinds[c.seed]))
    for name in ("min_loss", "max_loss", "final_losses"):
        data[name][4] = np.nan
    pareto, exponential, lognormal, guess, diverged = (phase_tails.tail(data, run) for run in range(5))
    assert pareto.alpha == pytest.approx(3, abs=0.2)
    assert pareto.decades >= 1.5
    assert phase_tails.supported(pareto)
    assert not phase_tails.lognormal(pareto)
    for other in (exponential, lognormal):
        assert phase_tails.beaten(other)
        assert not phase_tails.supported(other)
    assert phase_tails.lognormal(lognormal)
    assert guess is None
    assert diverged is None
    assert not phase_tails.supported(None)
    assert not phase_tails.lognormal(None)


@pytest.mark.parametrize("definition", ["as-coded", "control"])
def test_densities_hold_all_samples_and_follow_the_law(world, definition):
    run = int(np.flatnonzero(world["hidden"].values == 500)[0])
    loss, density = phase.density(world, run, definition)
    scale = world["min_loss"].values[run, -1]
    inner = (loss > 3 * scale) & (loss < 6 * scale)  # p = 2 scale^2 / L^3
    assert density[inner] == pytest.approx(2 * scale**2 / loss[inner] ** 3, rel=0.25)
    assert inner.sum() >= 1


# --- claims ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c != "C69"])
def test_where_the_paper_is_right_its_claims_are_reproduced(world, claim):
    row = judged(claim, world if claim != "C70" else on_both_sides())
    assert row.verdict == rules.REPRODUCED, row


def on_both_sides():
    """The same with a seed at two sizes that ends on the other side."""
    return sketch(ALL, lambda c: POOR if c.seed == 1 and c.hidden in (30, 200) else paper_says(c))


def with_losses(**by_family):
    def state(config):
        factor = by_family["batch" if config.batch_size != 64 else "rate"] if config.mobility != 0.1 / 64 else 1.0
        return paper_says(config)._replace(loss=0.2 * factor)

    return state


def smooth(config):
    """The criterion falls evenly with ln h, and a little with the mobility: no jump, one heap."""
    return State(np.exp(1 - 2 * np.log(config.hidden) - 0.3 * np.log(config.mobility)) / 2, 1.0)


SPOILT = {
    "C63": with_losses(batch=1.0, rate=1e4),
    "C64": lambda c: GOOD if np.log(c.hidden) > 6 - 0.5 * (np.log(c.mobility) + 7) ** 2 else POOR,  # upside down
    "C65": lambda c: GOOD if c.hidden >= 100 else POOR,
    "C66": lambda c: State(0.1, 1.0),
    "C67": lambda c: State(0.1, 1.0),
    "C68": lambda c: paper_says(c)._replace(sample=EXPONENTIAL),
    "C69": lambda c: paper_says(c),
    "C70": smooth,
}


@pytest.mark.parametrize("claim", SPOILT)
def test_spoilt_runs_change_the_verdict(claim):
    row = judged(claim, sketch(ALL[::4] if claim in ("C68", "C69") else ALL, SPOILT[claim]), "as-coded")
    assert row.verdict == rules.NOT, row


def test_log_normal_losses_far_below_the_boundary_are_recognised():
    data = sketch(ALL[::4], lambda c: paper_says(c)._replace(sample=LOGNORMAL))
    row = judged("C69", data, "as-coded")
    assert row.verdict == rules.REPRODUCED, row
    numbers = measured("C69", data, "as-coded")
    assert numbers["distance of all losses up to their 99 % quantile from a log-normal law"].value < 5e-4


def test_guessing_networks_count_as_converged_only_where_the_spline_extrapolates():
    """As coded, a network that guesses has a huge Delta S: the optimum and the explosion are judged otherwise."""

    def state(config):
        if paper_says(config) is LOST:
            return LOST._replace(entropy={"as-coded": 1e6, "control": 11.0, "upper-tail": 0.0})
        return paper_says(config)

    data = sketch(ALL, state)
    assert judged("C65", data, "as-coded").verdict == rules.NOT
    assert judged("C65", data, "control").verdict == rules.REPRODUCED
    assert judged("C66", data, "as-coded").verdict == rules.PARTLY
    assert "by guessing" in judged("C65", data, "as-coded").note


def test_the_time_limit_is_measured():
    """Convergence where rate times t exceeds a bound: the edge moves by ln 2 for each doubling of t."""

    def state(config):
        return State(np.clip(np.exp(4 - 0.5 * config.learning_rate * STEPS / 100), 1e-30, 1), 1.0)

    numbers = measured("C67", sketch(ALL, state))
    shift = numbers["lower for each doubling of the time by (0.69: rate times time decides)"]
    assert shift.value == pytest.approx(np.log(2), abs=5e-3)


@pytest.mark.parametrize("claim", CLAIMS)
def test_nothing_is_judged_without_runs(claim):
    data = sketch([RunConfig(schedule="sweep", hidden=10)], lambda _: POOR)
    assert judged(claim, data).verdict == rules.UNTESTABLE


def test_seeds_on_both_sides_are_counted():
    data = on_both_sides()
    assert f"2 of {len(experiments.SIZES)} cells with several" in judged("C70", data).note
