"""Bootstrap over networks and over sizes: scipy as an oracle, simulated coverage, what is refused."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from critnet.errors import UsageError
from critnet.statistics.resampling import networks_interval, sizes_interval
from critnet.statistics.scaling import scaling_exponent


def mean_of(values):
    return lambda drawn: values[drawn].mean(axis=1)


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_with_many_networks_it_is_the_bootstrap_of_scipy(method):
    values = np.random.default_rng(0).exponential(size=400)
    ours = networks_interval(mean_of(values), 400, n_bootstrap=20_000, method=method, random=np.random.default_rng(1))
    theirs = bootstrap((values,), np.mean, n_resamples=20_000, method=method, random_state=2).confidence_interval
    assert ours.value == values.mean()
    width = theirs.high - theirs.low
    assert [ours.low, ours.high] == pytest.approx([theirs.low, theirs.high], abs=0.03 * width)


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_it_covers_as_often_as_it_says(method):
    random, hits = np.random.default_rng(3), 0
    for _ in range(1500):
        found = networks_interval(mean_of(random.normal(size=20)), 20, n_bootstrap=600, method=method, random=random)
        hits += found.low <= 0 <= found.high
    assert 0.93 <= hits / 1500 <= 0.97


def test_neurons_of_one_network_are_not_taken_as_independent():
    """Networks differ by 1, neurons within one by 0.1: 2000 neurons as if independent cover next to never."""
    random, whole, neurons = np.random.default_rng(4), 0, 0
    for _ in range(400):
        networks = random.normal(size=(20, 1)) + random.normal(0, 0.1, (20, 100))
        found = networks_interval(mean_of(networks.mean(axis=1)), 20, n_bootstrap=400, random=random)
        whole += found.low <= 0 <= found.high
        neurons += abs(networks.mean()) < 1.96 * networks.std() / np.sqrt(networks.size)
    assert 0.91 <= whole / 400 <= 0.98
    assert neurons / 400 < 0.4


def slope(size, value):
    def of(drawn, place):
        at = np.bincount(place)
        x, y = np.bincount(place, np.log(size[drawn])) / at, np.bincount(place, np.log(value[drawn])) / at
        return np.polyfit(x, y, 1)[0] if np.ptp(x) > 0 else np.nan

    return of


def test_redrawn_sizes_agree_with_the_scaling_exponent_but_for_their_wider_reading():
    random = np.random.default_rng(5)
    size = np.repeat(2.0 ** np.arange(3, 15), 4)
    value = size**1.5 * np.exp(random.normal(0, 0.2, size.size))
    ours = sizes_interval(slope(size, value), size, n_bootstrap=1500, random=random)
    other = scaling_exponent(size, value, n_bootstrap=4000, random=random)
    assert ours.value == pytest.approx(other.value, rel=1e-12)
    assert 1.0 < (ours.high - ours.low) / (other.high - other.low) < 1.4


def test_what_cannot_be_redrawn_is_refused():
    random = np.random.default_rng(0)
    good = mean_of(np.arange(9.0))
    for statistic, n, options, message in (
        (good, 1, {}, "n_networks is 1"),
        (good, 2.5, {}, "n_networks is 2.5"),
        (good, 9, {"n_bootstrap": 99}, ">= 100"),
        (good, 9, {"n_bootstrap": None}, "n_bootstrap is None"),
        (good, 9, {"level": 1}, "level is 1"),
        (good, 9, {"method": "t"}, "choose one of 'percentile', 'bca'"),
        (good, 9, {"random": 0}, "numpy Generator"),
        (lambda drawn: drawn, 9, {}, "one number a row"),
        (lambda drawn: np.full(len(drawn), np.nan), 9, {}, "undefined in 2000 of 2000"),
    ):
        with pytest.raises(UsageError, match=message):
            networks_interval(statistic, n, **{"random": random, **options})
    with pytest.raises(UsageError, match="2 different sizes"):
        sizes_interval(lambda drawn, place: 0.0, [1, 2, 2], random=random)
