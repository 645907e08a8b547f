"""Worlds in which sentences are false: what they destroy and what they keep, and what the ledger makes of them."""

import functools
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from critnet.errors import UsageError
from critnet.paper import ledger, null_worlds, nulls, results
from critnet.paper.fig1 import distributions
from critnet.paper.measured import Measured, NotTestable, point, seeds
from critnet.paper.rules import at_least, at_most, within
from critnet.paper.sweeps import grid, select

DECLARED = {claim.id: claim for claim in ledger.claims()}
RANDOM = functools.partial(np.random.default_rng, 0)


@pytest.fixture(scope="module")
def sweeps():
    return results.load("sweeps")


def test_dealt_runs_keep_their_configuration_and_lose_their_own_measurements(sweeps):
    moved = null_worlds.dealt(sweeps, null_worlds._same_size(sweeps), RANDOM())
    for name in null_worlds.CONFIGURATION:
        np.testing.assert_array_equal(moved[name].values, sweeps[name].values)
    for h in np.unique(sweeps["hidden"].values):
        of = sweeps["hidden"].values == h
        before, after = (np.sort(d["mean_loss"].values[of, -1]) for d in (sweeps, moved))
        np.testing.assert_array_equal(before, after)  # nothing is lost, and nothing leaves its size
    assert (moved["mean_loss"].values[:, -1] != sweeps["mean_loss"].values[:, -1]).mean() > 0.5


def test_rows_of_distributions_go_with_the_measurements_of_their_run(sweeps):
    moved = null_worlds.dealt(sweeps, null_worlds._same_but_size(sweeps), RANDOM())
    strength = {float(s): k for k, s in enumerate(sweeps["strength"].values[:, -1, 0])}
    k = int(select.runs_of(sweeps, "sizes")[5])
    source = strength[float(moved["strength"].values[k, -1, 0])]
    counts = [d["row_count"].values[d["row_run"].values == run] for d, run in ((moved, k), (sweeps, source))]
    np.testing.assert_array_equal(*counts)


def test_only_runs_of_the_grid_are_dealt_over_it(sweeps):
    moved = null_worlds.dealt(sweeps, null_worlds._of_the_grid(sweeps), RANDOM())
    outside = np.setdiff1d(np.arange(sweeps.sizes["run"]), grid.table(sweeps)["run"])
    assert outside.size > 5
    np.testing.assert_array_equal(moved["mean_loss"].values[outside], sweeps["mean_loss"].values[outside])


def test_untrained_networks_are_those_of_the_start_at_all_times(sweeps):
    held = null_worlds.UNTRAINED.change({"sweeps": sweeps}, RANDOM())["sweeps"]
    start = select.at(sweeps, 0)
    for step in (select.TRANSITION, select.LAST):
        np.testing.assert_array_equal(
            held["strength"].values[:, select.at(held, step)], sweeps["strength"].values[:, start]
        )
    np.testing.assert_array_equal(held["mean_loss"].values, sweeps["mean_loss"].values)


def test_shuffled_pairs_keep_every_correlation_and_no_pattern():
    fig1 = results.load("fig1")
    moved = null_worlds.PAIRS.change({"fig1": fig1}, RANDOM())["fig1"]
    before, after = (np.sort(d["correlation_shown"].values[0, 3, 0]) for d in (fig1, moved))
    np.testing.assert_array_equal(before, after)
    last = list(fig1["t"].values).index(fig1["shown"].values[2])
    assert (np.abs(moved["persistence"].values[:, last]) < 0.06).all()


@pytest.mark.parametrize("kind", ["degree", "clique"])
def test_geometric_numbers_keep_number_and_mean_and_have_no_long_tail(sweeps, kind):
    drawn = null_worlds.geometric(sweeps, kind, RANDOM())
    runs = distributions.runs_with(sweeps, kind, select.LAST)[-6:]
    for before, after in zip(*(distributions.counts(d, kind, runs, select.LAST) for d in (sweeps, drawn)), strict=True):
        n = before[1].sum()
        assert after[1].sum() == n
        mean, again = (float(size @ count / n) for size, count in (before, after))
        spread = mean + 1  # a geometric law is about as wide as its mean
        assert abs(again - mean) < 5 * spread / np.sqrt(n)
    kept = [
        (d["row_kind"].values != distributions.KINDS[kind]) | (d["row_threshold"].values != 0) for d in (sweeps, drawn)
    ]
    for name in ("row_run", "row_size", "row_count"):  # other tables stay as they are
        np.testing.assert_array_equal(*(d[name].values[k] for d, k in zip((sweeps, drawn), kept, strict=True)))


def test_networks_of_shuffled_labels_in_the_layouts_of_both_figures():
    runs = results.load("shuffled")
    one, two = null_worlds.as_fig1(runs), null_worlds.as_fig2(runs)
    assert one["strength"].dims == ("seed", "t", "definition")
    assert 100 in one["t"].values
    np.testing.assert_array_equal(one["strength"].values, runs["strength"].values)
    assert two["entropy_change"].dims == ("seed", "t", "estimate", "entropy_b")
    assert two["mean_loss"].dims == ("seed", "t")
    assert (two["side"].values[:, 0] == -1).all()  # 2.3 nats are more than b


def test_what_is_stored_is_what_the_worlds_give():
    claim = DECLARED["C05"]
    found = null_worlds.of_claim(claim, results.load("fig1"), null_worlds.WORLDS["C05"])
    stored = nulls.read()["C05", "control"][null_worlds.LABELS]
    assert found["control", null_worlds.LABELS].value == pytest.approx(stored.value, rel=1e-5)
    assert set(nulls.read()) <= {(name, d) for name in null_worlds.WORLDS for d in DECLARED[name].definitions}
    assert {name for name, _ in nulls.read()} == set(null_worlds.WORLDS)


def claim(rule, *, needs=0):
    def mean(data, definition):
        """The mean of x."""
        if data["x"].size < needs:
            raise NotTestable("too few")
        return Measured(float(data["x"].mean()))

    declare = ledger.claim("C901", "1a", "says", "1", rule, section="1.1", data="one", quantity="q")
    return declare(mean)


def test_a_world_of_several_draws_is_their_middle_and_their_range():
    data = xr.Dataset({"x": ("i", [0.0, 1.0])})
    noise = null_worlds.World("it is noise", lambda d, r: {"one": d["one"] + r.normal(size=2)}, 40)
    number = null_worlds.of_claim(claim(at_least(1)), data, (noise,))["control", "it is noise"]
    assert number.low < 0.5 < number.high
    assert number.low < number.value < number.high
    assert number.n == 40


def test_a_world_that_cannot_be_tested_or_is_of_one_definition_leaves_no_null():
    data = xr.Dataset({"x": ("i", [0.0, 1.0])})
    short = null_worlds.World("half is lost", lambda d, r: {"one": d["one"].isel(i=[0])})
    assert null_worlds.of_claim(claim(at_least(1), needs=2), data, (short,)) == {}
    assert list(null_worlds.of_claim(claim(at_least(1)), data, (short._replace(definition="control"),))) == [
        ("control", "half is lost")
    ]


@pytest.mark.parametrize(("rule", "ours", "null", "meaning", "reason"), [
    (at_least(2), 3.0, seeds([1.0, 1.5]), "yes", "beyond what it is where all is noise"),
    (at_least(2), 3.0, seeds([2.0, 3.5]), "no", "too"),
    (at_least(2), 3.0, seeds([4.0, 5.0]), "no", "further"),
    (at_most(2), 1.0, seeds([0.1, 0.5]), "no", "further"),
    (at_most(2), 1.0, seeds([3.0, 4.0]), "yes", "beyond"),
    (within((1, 4)), 2.0, seeds([3.0, 3.5]), "no", "counts as reproduced too"),
    (within((1, 4)), 2.0, seeds([5.0, 6.0]), "yes", "beyond"),
    (at_least(2), 3.0, point(1.0), "yes", "beyond"),
])  # fmt: skip
def test_a_number_means_what_it_says_only_beyond_every_null(rule, ours, null, meaning, reason):
    row = ledger.judge_in(claim(rule), "control", xr.Dataset({"x": ("i", [ours])}), {"all is noise": null})
    assert row.meaning == meaning
    assert reason in row.reason
    assert row.null == {"all is noise": ledger._numbers(null)}


def test_spoilt_nulls_change_what_the_number_means():
    """Where untrained networks had the exponent of trained ones, the number would mean nothing; else it would."""
    judged = functools.partial(ledger.judge_in, DECLARED["C42"], "control", results.load_all(DECLARED["C42"].data))
    stored = nulls.read()["C42", "control"]
    assert judged(stored).meaning == "yes"
    assert judged({name: n._replace(value=1.7, low=1.6, high=1.8) for name, n in stored.items()}).meaning == "no"


def test_worlds_of_a_claim_that_is_not_declared_are_refused(monkeypatch):
    monkeypatch.setitem(null_worlds.WORLDS, "C998", (null_worlds.UNTRAINED,))
    with pytest.raises(UsageError, match="C998"):
        null_worlds.table()


def test_the_table_comes_back_as_it_was_written():
    made = {("C07", "control", "noise"): seeds([1.0, 3.0]), ("C07", "as-coded", "noise"): point(2.0)}
    again = nulls.from_csv(null_worlds.as_csv(made))
    assert again["C07", "control"]["noise"] == seeds([1.0, 3.0])
    assert again["C07", "as-coded"]["noise"] == point(2.0)


def test_what_chapters_say_of_the_nulls_is_so():
    """1.1: shuffled labels swell later; 1.2: untrained networks have the strength's exponent; 1.3: degrees, the end."""
    rows = {(row.id, row.definition): row for row in ledger.read()}
    meaning = {key: row.meaning for key, row in rows.items()}
    for definition in ("as-coded", "control"):
        late = nulls.read()["C07", definition][null_worlds.LABELS]
        assert late.low > 1000 > rows["C07", definition].high
        assert nulls.read()["C05", definition][null_worlds.LABELS].high < rows["C05", definition].low
        assert meaning["C24", definition] == "no"
        assert meaning["C34", definition] == "no"
        assert {meaning[name, definition] for name in ("C25", "C26", "C42", "C43", "C44")} == {"yes"}


def test_the_number_of_claims_that_the_changelog_names_is_theirs():
    text = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"the measure of {len(null_worlds.WORLDS)} claims of Figs 1 to 3" in text
