"""Orders of neurons: planted blocks are found, the process is left as it was, and rastermap is optional."""

import logging
import sys

import numpy as np
import pytest

from critnet.errors import DataError, UsageError
from critnet.neurons.activity import correlation
from critnet.neurons.ordering import pattern_persistence, rastermap_order, spectral_order


def blocks(n_groups=3, each=24, n_samples=600, seed=0):
    """Neurons that follow one of a few signals, shuffled; and the group of each."""
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat(np.arange(n_groups), each))
    signals = rng.normal(size=(n_groups, n_samples))
    return signals[group] + 0.3 * rng.normal(size=(len(group), n_samples)), group


def n_runs(group):
    return 1 + np.count_nonzero(np.diff(group))


def test_the_spectral_order_joins_two_planted_blocks():
    activity, group = blocks(n_groups=2)
    order = spectral_order(correlation(activity, definition="control"))
    assert sorted(order) == list(range(len(group)))
    assert n_runs(group[order]) == 2


def test_the_spectral_order_of_small_and_flat_matrices():
    assert spectral_order(np.eye(1)).tolist() == [0]
    assert sorted(spectral_order(np.eye(5))) == list(range(5))
    assert sorted(spectral_order(np.zeros((5, 5)))) == list(range(5))
    with pytest.raises(UsageError, match="correlation"):
        spectral_order(np.full((2, 2), np.nan))


def test_rastermap_finds_planted_blocks_twice_alike_and_leaves_no_trace():
    activity, group = blocks()
    np.random.seed(3)  # noqa: NPY002
    state = np.random.get_state()  # noqa: NPY002
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    order = rastermap_order(activity, definition="control")
    after = np.random.get_state()  # noqa: NPY002
    assert np.array_equal(state[1], after[1])
    assert state[2:] == after[2:]
    assert (logging.getLogger().handlers, logging.getLogger().level) == (handlers, level)
    assert sorted(order) == list(range(len(group)))
    assert n_runs(group[order]) == 3
    np.random.seed(4)  # noqa: NPY002
    assert np.array_equal(rastermap_order(activity, definition="control"), order)


def test_constant_neurons_come_last():
    activity, _ = blocks()
    activity[[5, 40]] = 0.0
    assert rastermap_order(activity, definition="control")[-2:].tolist() == [5, 40]


@pytest.mark.parametrize("n_neurons", [1, 2, 3, 10])
def test_a_handful_of_neurons(n_neurons):
    activity = np.random.default_rng(0).normal(size=(n_neurons, 50))
    for definition in ("as-coded", "control"):
        assert sorted(rastermap_order(activity, definition=definition)) == list(range(n_neurons))


def test_what_rastermap_would_miss_is_refused_before_it_is_called():
    activity, _ = blocks()
    activity[3, 17] = np.nan  # not in the first column, the only one it looks at
    with pytest.raises(UsageError, match="activity holds 1 NaN"):
        rastermap_order(activity, definition="as-coded")
    with pytest.raises(UsageError, match="definition"):
        rastermap_order(blocks()[0], definition="x")


def test_without_rastermap_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "rastermap", None)
    with pytest.raises(DataError, match=r"pip install critnet\[train\].*spectral_order"):
        rastermap_order(blocks()[0], definition="as-coded")


def test_persistence_is_a_correlation_of_pairs():
    a, b = (np.corrcoef(np.random.default_rng(seed).normal(size=(6, 9))).clip(-1, 1) for seed in (0, 1))
    pairs = np.triu_indices(6, 1)
    assert pattern_persistence(a, b) == pytest.approx(np.corrcoef(a[pairs], b[pairs])[0, 1], rel=1e-9)
    assert pattern_persistence(a, a) == pytest.approx(1)
    assert pattern_persistence(a, 2 * np.eye(6) - a) == pytest.approx(-1)


def test_persistence_where_it_is_undefined_and_where_sizes_differ():
    for n_neurons in (1, 2, 4):
        assert np.isnan(pattern_persistence(np.eye(n_neurons), np.eye(n_neurons)))
    with pytest.raises(UsageError, match="must agree"):
        pattern_persistence(np.eye(3), np.eye(4))


def order_or_reason(activity, definition):
    try:
        return rastermap_order(activity, definition=definition)
    except UsageError as error:
        return str(error)


@pytest.mark.parametrize(
    "case", ["five profiles twelve times each", "rank one", "collapsed", "two samples", "far from zero"]
)
def test_activity_that_rastermap_cannot_sort_gives_an_order_or_a_way_out(case):
    random = np.random.default_rng(0)
    activity = {
        "five profiles twelve times each": np.repeat(random.normal(size=(5, 200)), 12, axis=0),
        "rank one": np.outer(np.arange(1.0, 61), random.random(200)),
        "collapsed": np.r_[np.zeros((50, 200)), np.tile(random.normal(size=200), (4, 1))],
        "two samples": random.normal(size=(60, 2)),
        "far from zero": 1e9 + 1e-3 * random.normal(size=(60, 200)),
    }[case]
    for definition in ("as-coded", "control"):
        found = order_or_reason(activity, definition)
        assert "use spectral_order" in found if isinstance(found, str) else sorted(found) == list(range(len(activity)))
