"""Edge counts in mini-batches: a batch at a time with numpy, the degenerate cases, the authors' spread."""

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.neurons.activity import standardise_samples
from critnet.neurons.edge_counts import edge_count_density, edge_count_distribution


def activity(seed=0, n_neurons=8, n_samples=300):
    rng = np.random.default_rng(seed)
    return np.maximum(rng.normal(size=(n_neurons, 2)) @ rng.normal(size=(2, n_samples)), 0)


@pytest.mark.parametrize("definition", ["as-coded", "control"])
def test_counts_equal_numpy_batch_by_batch(definition):
    values = activity() + 0.01 * np.random.default_rng(1).normal(size=(8, 300))
    found = edge_count_distribution(values, np.random.default_rng(2), definition=definition, n_batches=50)
    used = standardise_samples(values) if definition == "as-coded" else values
    for count, batch in zip(found, np.random.default_rng(2).integers(300, size=(50, 64)), strict=True):
        above = np.abs(np.corrcoef(used[:, batch])) >= 0.5
        np.fill_diagonal(above, True)
        assert count == (above.sum() if definition == "as-coded" else np.triu(above, 1).sum())


def test_neurons_silent_in_a_batch_take_their_diagonal_away():
    values = np.zeros((4, 30))
    values[0] = np.arange(30)
    values[1] = np.arange(30) % 7
    control = edge_count_distribution(values, np.random.default_rng(0), definition="control", threshold=1.0)
    assert not control.any()
    one_sample = edge_count_distribution(
        values, np.random.default_rng(0), batch_size=1, n_batches=5, definition="as-coded"
    )
    assert one_sample.tolist() == [0] * 5
    silent = edge_count_distribution(np.zeros((4, 30)), np.random.default_rng(0), n_batches=3, definition="as-coded")
    assert silent.tolist() == [0] * 3


def test_the_shuffled_null_has_no_edges_but_noise():
    values = np.random.default_rng(0).normal(size=(10, 5000))
    values[1:] = values[0] + 0.1 * values[1:]
    rng = np.random.default_rng(1)
    assert edge_count_distribution(values, rng, definition="control", n_batches=20).tolist() == [45] * 20
    null = edge_count_distribution(values, rng, definition="control", n_batches=400, shuffled=True)
    assert null.mean() < 0.05  # 45 pairs of 2.6e-5 each
    as_coded = edge_count_distribution(values, rng, n_batches=400, shuffled=True, definition="as-coded")
    assert as_coded.min() == 10  # the diagonal


def test_a_stream_of_its_own_and_the_same_twice():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    one, two = (
        edge_count_distribution(activity(), np.random.default_rng(5), n_batches=60, definition="as-coded")
        for _ in range(2)
    )
    assert np.array_equal(one, two)
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_density_is_per_thousand():  # section 10, D15
    centres, density = edge_count_density(np.arange(500, 1500))
    assert len(centres) == 30
    assert density.sum() * (centres[1] - centres[0]) == pytest.approx(1)
    assert centres.mean() == pytest.approx(1.0, abs=1e-3)
    assert np.isfinite(edge_count_density([110, 110])[1]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threshold": 2}, "threshold is 2"),
        ({"n_batches": 0}, "n_batches is 0"),
        ({"batch_size": 1.5}, r"batch_size is 1\.5"),
        ({"definition": "ac"}, "definition is 'ac'"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(UsageError, match=message):
        edge_count_distribution(activity(), np.random.default_rng(0), **arguments)


def test_bad_activity_generator_and_counts_are_refused():
    with pytest.raises(UsageError, match="activity holds"):
        edge_count_distribution(np.full((2, 3), np.nan), np.random.default_rng(0), definition="as-coded")
    with pytest.raises(UsageError, match=r"numpy\.random\.default_rng"):
        edge_count_distribution(activity(), 0, definition="as-coded")
    with pytest.raises(UsageError, match="counts are empty"):
        edge_count_density([])


@pytest.mark.mnist
def test_counts_lie_within_the_authors_spread(anchor_activity, numbers):
    counts = edge_count_distribution(anchor_activity, np.random.default_rng(0), definition="as-coded")
    mean, variance = numbers("NE_minibatch/mean_over_seeds")
    # five calls of theirs: the standard error of a call, and of their mean
    assert abs(counts.mean() - mean) < 4 * np.sqrt(variance / 1000 * (1 + 1 / 5))
    spread = numbers("NE_minibatch/std_over_seeds")[1]
    assert abs(counts.var() - variance) < 4 * spread * np.sqrt(1 + 1 / 5)
    assert (counts % 2 == 0).mean() > 0.5  # 110 + 2 E, but for a neuron silent in the batch
