"""Section 2.4: the four cases as a table, their trends and claims on made-up runs with known answers, the figure."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.explore import NoMatch
from critnet.paper import experiments, ledger, results, rules, style
from critnet.paper.fig2 import cooperation, cooperation_claims, cooperation_panels
from critnet.paper.sweeps import grid
from critnet.training.config import RunConfig

_HELP = runpy.run_path(str(Path(__file__).with_name("sketch_sweeps.py")))
sketch, State, STEPS = _HELP["sketch"], _HELP["State"], _HELP["STEPS"]
ALL = experiments.named(["starts", "sizes", "rates", "grid"])
RISING = State(2 / (1 + STEPS), 1e-3 * (1 + STEPS))
CONCENTRATED = State(2 / (1 + STEPS), 1e-4 + np.abs(np.log((1 + STEPS) / 1e4)))
STUCK = State(2 / (1 + 1e-5 * STEPS), 1.0)


def paper_says(config):
    """A world in which section 2.4 is right."""
    if config.init_scale != 1 and config.learning_rate == 0.1:
        return CONCENTRATED
    return STUCK if np.log(config.hidden) - grid.paper_boundary(np.log(config.mobility)) < -2 else RISING


CLAIMS = {c.id: c for c in ledger.of_module(cooperation_claims)}


def judged(name, data, definition="control"):
    return ledger.judge_in(CLAIMS[name], definition, data)


@pytest.fixture(scope="module")
def world():
    return sketch(ALL, paper_says)


def test_the_table_names_each_start_and_setting(world):
    rows = cooperation.table(world)
    assert len(rows) == 12
    assert rows.groupby(["start", "setting"]).size().tolist() == [3, 3, 3, 3]
    for row in rows.itertuples():
        run = world.isel(run=row.run)
        assert (row.start == "diverged") == (run["init"] == "uniform")
        assert (row.start == "concentrated") == (run["init_scale"] == 0.1)
        assert (row.setting == "good") == (run["learning_rate"] == 0.1)
        assert row.seed == run["seed"]


def test_only_the_runs_that_are_there_are_in_the_table():
    chosen = experiments.starts()[1:3]
    rows = cooperation.table(sketch(chosen, paper_says))
    assert rows["digest"].tolist() == [c.digest for c in chosen]
    assert cooperation.table(sketch([RunConfig(schedule="sweep")], paper_says)).empty


def test_trends_of_known_courses(world):
    rises, falls = State(STEPS + 1.0, 1.0), State(1 / (STEPS + 1.0), 1.0)
    data = sketch([RunConfig(schedule="sweep", seed=s) for s in range(3)], lambda c: (rises, falls, STUCK)[c.seed])
    trend = cooperation.trends(data, range(3), "control")
    assert np.allclose(trend[:2], [[1, 0, 1], [-1, 0, -1]])
    jump = np.where(STEPS < 10, 100.0, STEPS)  # what happens before t = 10 does not count
    assert (
        cooperation.trends(sketch([RunConfig(schedule="sweep")], lambda _: State(jump, 1.0)), [0], "control")[0, 0] == 1
    )


def test_a_trajectory_ends_where_the_loss_stops_being_a_number():
    loss = np.where(STEPS > 100, np.nan, 1.0)
    step, values, entropy, criterion = cooperation.trajectory(
        sketch([RunConfig(schedule="sweep")], lambda _: State(loss, 2.0)), 0, "as-coded"
    )
    assert step[-1] == 100
    assert len(step) == len(values) == len(entropy)
    assert np.allclose(criterion, -np.log(2))


def test_an_unknown_definition_is_refused(world):
    with pytest.raises(UsageError, match="clean"):
        cooperation.trajectory(world, 0, "clean")


@pytest.mark.parametrize("claim", CLAIMS)
def test_where_the_paper_is_right_its_claims_are_reproduced(world, claim):
    row = judged(claim, world) if claim != "C73" else judged(claim, sketch(ALL, lambda _: RISING))
    assert row.verdict == rules.REPRODUCED, row


SPOILT = {
    "C71": lambda c: RISING._replace(loss=1.0 + STEPS, entropy=1 / (1 + STEPS)),
    "C72": lambda c: RISING,
    "C73": lambda c: RISING._replace(loss=1.0, entropy=1 / (1 + STEPS)),
    "C74": lambda c: RISING,
}


@pytest.mark.parametrize("claim", SPOILT)
def test_spoilt_runs_change_the_verdict(claim):
    row = judged(claim, sketch(ALL, SPOILT[claim]), "as-coded")
    assert row.verdict == rules.NOT, row


def test_a_diverged_start_without_rising_entropy_leaves_the_claim_partly(world):
    def state(config):
        return RISING._replace(entropy=1 / (1 + STEPS)) if config.init == "uniform" else paper_says(config)

    data = sketch(ALL, state)
    assert judged("C71", data).verdict == rules.PARTLY
    numbers = CLAIMS["C71"].measure(data, "control").numbers()
    assert CLAIMS["C71"].amended.rule.judge(numbers) == rules.PARTLY  # all those with d > 1 have both signs


@pytest.mark.parametrize("claim", CLAIMS)
def test_nothing_is_judged_without_runs(claim):
    data = sketch([RunConfig(schedule="sweep", hidden=40)], paper_says)
    assert judged(claim, data).verdict == rules.UNTESTABLE


@pytest.mark.parametrize("view", ["loss and ΔS", "criterion"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_figure_draws_what_is_there_and_names_what_is_not(view, theme):
    data = sketch(experiments.starts()[:3], paper_says)
    with style.theme(theme):
        drawing = cooperation_panels.fig2_4(data, view=view, definition="control")
    assert "Not run: concentrated start, bad." in drawing.alt
    assert drawing.table["start"].value_counts().to_dict() == {"diverged": 2 * STEPS.size, "concentrated": STEPS.size}
    with style.theme(theme), pytest.raises(NoMatch, match="seed 2"):
        cooperation_panels.fig2_4(data, seed=2, view=view)


def test_the_figure_states_the_numbers_of_the_real_runs():
    data = results.load("sweeps")
    rows = cooperation.table(data)
    with style.theme("light"):
        drawing = cooperation_panels.fig2_4(data, definition="control")
    for row in rows[rows["seed"] == 0].itertuples():
        loss = cooperation.trajectory(data, row.run, "control")[1]
        assert f"{row.start} start, {row.setting}: the loss goes from {loss[0]:.3g} to {loss[-1]:.3g}" in drawing.alt


def test_what_chapter_2_4_says_in_words_is_so():
    """Each sentence of the chapter that no row of the ledger guards, in every seed that is there."""
    data = results.load("sweeps")
    rows, b = cooperation.table(data), data.attrs["loss_threshold"]
    assert 0 in rows["seed"].values
    ends = {}
    for _, mine in rows.groupby("seed"):
        arrived = {}
        for row in mine.itertuples():
            step, loss, entropy, criterion = cooperation.trajectory(data, row.run, "control")
            ends.setdefault((row.start, row.setting), []).append(criterion[-1])
            assert cooperation.trends(data, [row.run], "control")[0, 0] < -0.9  # "the mean loss falls in all four"
            assert (loss[0] > 10) == (row.start == "diverged")  # "losses of tens of nats"
            if row.start == "concentrated":
                assert abs(loss[0] - np.log(10)) < 1e-3
                coded = cooperation.trajectory(data, row.run, "as-coded")[3]
                assert coded[0] < grid.CONVERGED - 10 < criterion[0] - 10  # "far below -5 before the first step"
            if row.setting == "good":
                lowest = int(entropy.argmin())
                assert b / 2.5 < loss[lowest] < 2.5 * b  # "when the mean loss has come down to about b"
                arrived[row.start] = (min(step[criterion < grid.CONVERGED], default=np.inf), criterion[-1])
        if len(arrived) == 2:  # from the diverged start "it comes later and ends higher"
            assert all(c < d for c, d in zip(arrived["concentrated"], arrived["diverged"], strict=True))
            assert arrived["concentrated"][0] < step[-1] / 2  # "long before the end"
    good, bad = ([c for (_, setting), found in ends.items() if setting == s for c in found] for s in ("good", "bad"))
    assert max(good) < min(bad) - 3  # "well below that of every run with bad ones"
    late = ends["diverged", "good"]
    assert min(late) < grid.CONVERGED <= max(late)  # "not every seed has passed -5 at T"
    every = grid.of(data, "control")
    slow = every[(every["hidden"] == 50) & (every["ln_gamma"] < -9)]
    trend, by_snapshot = (cooperation.trends(data, slow["run"], "control", even=e)[:, 2] for e in (True, False))
    assert np.median(trend[slow["family"] == "rate"]) > 0.5  # "the criterion rises while the loss goes down"
    assert (by_snapshot[slow["family"] == "batch"] < -0.9).all()  # "it falls in most of its iterations"
    assert (trend[slow["family"] == "batch"] > -0.6).all()  # "not in most of the decades"
    start = cooperation.table(data)
    start = start[(start["start"] == "diverged") & (start["setting"] == "bad")]
    assert (cooperation.trends(data, start["run"], "control")[:, 2] < -0.9).all()  # "does fall nearly without pause"
    assert (cooperation.trends(data, start["run"], "as-coded")[:, 2] > -0.9).all()  # "as coded it falls less steadily"
