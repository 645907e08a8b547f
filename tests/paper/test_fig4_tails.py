"""Fig. 4a-e, i: tails.csv is what the samples give, and the law that is best is the one of least AIC."""

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.explore import NoMatch
from critnet.paper import panels, results, style
from critnet.paper.fig4 import cohort_panels, samples, tails


@pytest.fixture(scope="module")
def data():
    return results.load_all((*samples.DATA, "tails"))


@pytest.fixture(autouse=True)
def light():
    with style.theme("light"):
        yield


def test_the_table_has_every_sample_once(data):
    rows = [tuple(row) for row in data["tails"][list(samples.Key._fields)].itertuples(index=False)]
    assert rows == [tuple(key) for key in samples.every()]


@pytest.mark.parametrize(
    "key",
    [
        samples.Key("correlation", 100, 3, "all", "control"),
        samples.Key("weight", 200_000, 2, "W2", "both"),
        samples.Key("irreversibility", 200_000, 0, "W3", "as-coded"),
        samples.Key("displacement", 200_000, 4, "between", "both"),
    ],
)
def test_a_row_is_what_its_sample_gives(key, data):
    again, stored = tails.measure(data, key), tails.row_of(data["tails"], key)
    for name, value in again._asdict().items():
        assert stored._asdict()[name] == (
            pytest.approx(value, rel=1e-5, nan_ok=True) if isinstance(value, float) else value
        )


def test_the_initial_weights_are_the_uniform_law_of_their_layer(data):
    for part, bound in (("W1", np.sqrt(6 / 834)), ("W2", np.sqrt(6 / 100)), ("W3", np.sqrt(6 / 60))):
        values = samples.sample(data, samples.Key("weight", 0, 1, part, "both"))
        assert values.max() <= bound
        assert values.mean() == pytest.approx(bound / 2, rel=0.1)


def test_the_last_network_is_the_displacement_from_the_first(data):
    key = samples.Key("displacement", 200_000, 0, "all", "both")
    moved = samples.network(data, 200_000, 0).astype(float) - samples.network(data, 0, 0)
    np.testing.assert_array_equal(samples.sample(data, key), np.abs(moved))


@pytest.mark.parametrize(
    ("ratios", "law"),
    [
        ({}, "power law"),
        ({"ratio_lognormal": -1.1}, "log-normal"),
        ({"ratio_lognormal": -0.9}, "power law"),
        ({"ratio_exponential": -0.1}, "exponential"),
        ({"ratio_student": -5.0, "ratio_truncated": -4.0}, "Student"),
        ({"ratio_student": float("nan"), "ratio_truncated": -4.0}, "truncated power law"),
    ],
)
def test_the_best_law_pays_for_its_parameters(ratios, law):
    values = dict.fromkeys(tails.Row._fields, 0.0) | ratios
    assert tails.best_law(tails.Row(**values)) == law


def test_what_is_not_stored_is_refused(data):
    with pytest.raises(NoMatch, match="No tail is fitted"):
        tails.row_of(data["tails"], samples.Key("weight", 7, 0, "all", "both"))
    with pytest.raises(UsageError, match="seed 3 at t = 7"):
        samples.network(data, 7, 3)
    with pytest.raises(UsageError, match="quantity"):
        samples.sample(data, samples.Key("colour", 0, 0, "all", "both"))


@pytest.mark.parametrize("quantity", ["strengths", "weights"])
def test_the_histogram_of_a_run_counts_all_of_it(quantity):
    sweeps = results.load("sweeps")
    run = 30
    centre, _, counts = cohort_panels.histogram(sweeps, quantity, run, "as-coded")
    hidden = int(sweeps["hidden"].values[run])
    expected = (2 * hidden + 10) ** 2 if quantity == "strengths" else 784 * hidden + hidden**2 + 12 * hidden + 10
    assert counts.sum() == expected
    assert (np.diff(centre) >= 0).all()
    off = cohort_panels.histogram(sweeps, "strengths", run, "control")[2].sum()
    assert off <= (2 * hidden + 10) * (2 * hidden + 9)


def test_cohorts_share_no_run_and_miss_none_that_ended():
    sweeps = results.load("sweeps")
    parts = [set(cohort_panels.runs_in(sweeps, c, -5.0, "control")["run"]) for c in cohort_panels.COHORTS]
    assert sum(map(len, parts)) == len(set.union(*parts))
    with pytest.raises(NoMatch, match="-21"):
        panels.PANELS["4c"](sweeps, cut="-21", definition="control")
