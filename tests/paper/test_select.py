"""Runs, series and peaks are selected from sweeps made by hand, whose runs and laws are known."""

import numpy as np
import pytest
from fig1_sweeps import STEPS, made

from critnet.paper.sweeps import select


@pytest.fixture(scope="module")
def data():
    return made(("sizes", "batches", "rates"))


def test_the_runs_of_an_experiment_are_found_by_their_digest(data):
    sizes = select.runs_of(data, "sizes")
    assert len(sizes) == 60
    assert not select.missing(data, "sizes")
    assert sorted(set(select.hidden(data, sizes))) == [2, 5, *range(10, 101, 10), *range(150, 501, 50)]
    assert select.runs_of(data, "inits").size == 0
    assert len(select.missing(data, "inits")) == 3
    assert (select.neurons(data, sizes) == 2 * select.hidden(data, sizes) + 10).all()


def test_the_peak_is_found_between_the_measured_iterations(data):
    runs = select.runs_of(data, "rates")
    rate = data["learning_rate"].values[runs]
    for when, peak in zip(4 / rate, select.peak_times(data, runs), strict=True):
        if when < STEPS[-3]:
            assert peak.low <= when <= peak.high
            x = np.log1p(STEPS)
            gap = np.diff(x[np.clip(np.searchsorted(STEPS, when) + np.array([-1, 1]), 0, len(x) - 1)]).max()
            assert abs(np.log1p(peak.value) - np.log1p(when)) < 0.5 * gap + 0.05
