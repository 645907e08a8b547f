"""Bad input, kind by kind and function by function: a UsageError that names the argument, never a bare exception.

Each entry is a call that works; every number in it is then replaced by what is no such number, and every array by one
that would lose something without a word. What a hook hands over (tensors) gives what the array gives.
"""

import numpy as np
import pytest
import torch

from critnet.dynamics import flux, irreversibility
from critnet.errors import UsageError
from critnet.losses import atoms, concentration, deviations, landscapes, phases
from critnet.neurons import (
    activity,
    cliques,
    components,
    correlation_histogram,
    edge_counts,
    graphs,
    information,
    ordering,
    ricci,
    spectra,
)
from critnet.statistics import (
    counted,
    error_rates,
    intervals,
    lines,
    modes,
    nulls,
    pooled,
    ranks,
    resampling,
    scaling,
    shares,
    tails,
    truncated,
)
from critnet.weights import connections, histograms, trajectories

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(6, 40))
C = np.corrcoef(X).round(12)
GRAPH = (np.abs(C) > 0.1) & ~np.eye(6, dtype=bool)
PAIRS = np.arange(8.0), np.arange(8.0) ** 2 + 1.0
TAIL = RANDOM.pareto(1.5, 80) + 1
NET = {"W1": np.ones((2, 3)), "b1": np.ones(2), "W2": np.eye(2), "b2": np.ones(2), "W3": np.eye(2), "b3": np.ones(2)}
SIZE = sum(w.size for w in NET.values())
C4 = np.corrcoef(X[:, :9])[:6, :6]
LOSSES = RANDOM.exponential(size=30)
STEPS = np.array([0.0, 1.0, 2.0, 3.0])

CALLS = [
    (activity.standardise_samples, {"activity": X}),
    (activity.correlation, {"activity": X, "definition": "control"}),
    (activity.dead_neurons, {"activity": X}),
    (activity.rarely_active, {"activity": X, "fraction": 0.1}),
    (cliques.maximal_cliques, {"adjacency": GRAPH.astype(float), "budget": 100}),
    (components.component_sizes, {"adjacency": GRAPH.astype(float)}),
    (components.susceptibility, {"sizes": [3, 2, 1], "definition": "control"}),
    (correlation_histogram.correlation_histogram, {"correlation": C, "definition": "control"}),
    (correlation_histogram.strength_histogram, {"correlation": C, "bins": 5}),
    (edge_counts.edge_count_distribution, {"activity": X, "rng": RANDOM, "definition": "control", "threshold": 0.5,
                                           "n_batches": 3, "batch_size": 8}),
    (edge_counts.edge_count_density, {"counts": [1.0, 2.0], "bins": 4}),
    (graphs.adjacency, {"correlation": C, "threshold": 0.3, "convention": "signed"}),
    (graphs.degrees, {"adjacency": GRAPH.astype(float)}),
    (graphs.graph_metrics, {"correlation": C, "thresholds": 0.3, "convention": "absolute"}),
    (graphs.survival_probability, {"correlation": C, "threshold": 0.3, "definition": "control"}),
    (graphs.total_correlation_strength, {"correlation": C}),
    (information.class_probabilities, {"logits": X}),
    (information.prediction_entropy, {"logits": X, "definition": "control"}),
    (information.information_gain, {"entropy": STEPS, "steps": STEPS, "reference": 1}),
    (information.fixed_point_spread, {"values": STEPS, "n_last": 2}),
    (ordering.spectral_order, {"correlation": C}),
    (ordering.pattern_persistence, {"correlation": C, "reference": C}),
    (ricci.forman_entropy, {"weights": np.abs(C) * GRAPH, "definition": "control"}),
    (spectra.activity_spectrum, {"activity": X, "definition": "control"}),
    (spectra.correlation_spectrum, {"correlation": C}),
    (spectra.power_exponent, {"share": np.arange(1.0, 61) ** -1.5, "first": 5, "last": 50}),
    (spectra.explained_variance, {"activity": X, "definition": "control", "arithmetic": "double"}),
    (concentration.exceedance, {"losses": LOSSES, "b": 0.2}),
    (concentration.loss_histogram, {"losses": LOSSES, "n_bins": 4, "definition": "control"}),
    (concentration.relative_variance, {"losses": LOSSES}),
    (concentration.top_share, {"losses": LOSSES, "fraction": 0.1}),
    (concentration.batch_means, {"losses": LOSSES, "batch_size": 3, "n_batches": 4, "random": RANDOM}),
    (atoms.loss_atoms, {"losses": LOSSES, "n_exact": 3, "n_groups": 5}),
    (deviations.rate_function, {"losses": LOSSES, "b": 0.2}),
    (deviations.entropy_change, {"losses": LOSSES, "threshold": 0.2, "definition": "control"}),
    (deviations.free_energy, {"mean_loss": STEPS, "entropy_change": STEPS, "n_samples": 30, "multiplier": -1.0}),
    (landscapes.single_weight, {"place": 3, "weights": NET}),
    (landscapes.directions_within, {"places": [1, 2], "weights": NET, "random": RANDOM, "count": 1}),
    (landscapes.mean_surface, {"weights": NET, "images": np.ones((2, 3)), "labels": np.array([0, 1]),
                               "first": np.ones(SIZE), "second": np.ones(SIZE), "steps": STEPS}),
    (landscapes.flat_fraction, {"mean": X, "height": 0.1}),
    (landscapes.roughness, {"batch": X, "mean": X}),
    (landscapes.ruggedness, {"surface": X}),
    (phases.steepest, {"x": PAIRS[0], "y": PAIRS[1]}),
    (phases.crossings, {"x": PAIRS[0], "y": PAIRS[1], "level": 3.0}),
    (phases.fit_parabola, {"x": PAIRS[0], "y": PAIRS[1], "n_bootstrap": 5, "level": 0.9, "random": RANDOM}),
    (phases.coexistence, {"group": [1, 1, 2], "values": [1.0, 2.0, 3.0], "level": 2.0}),
    (connections.critical_connections, {"correlation": C4, "threshold": 0.3, "definition": "control", "n_inputs": 3,
                                        "n_classes": 2}),
    (connections.redundant_connections, {"early": C4, "late": C4, "threshold": 0.3, "definition": "control",
                                         "n_inputs": 3, "n_classes": 2}),
    (connections.matched_complement, {"connections": [8], "hidden": 2, "n_inputs": 3, "n_classes": 2}),
    (histograms.weight_histograms, {"weights": TAIL, "bins": 5}),
    (histograms.random_transfers, {"weights": TAIL, "random": RANDOM, "n_transfers": 3, "spread": 0.1}),
    (trajectories.add_snapshot, {"so_far": None, "weights": TAIL, "weight": 1.0}),
    (trajectories.relative_histogram, {"values": TAIL, "bins": 5}),
    (flux.bin_edges, {"low": 0.0, "high": 1.0, "bins": 4}),
    (flux.quantile_edges, {"values": TAIL, "bins": 4}),
    (flux.flux, {"before": [0.5, 1.5], "after": [1.5, 0.5], "dt": 1, "edges": [0.0, 1.0, 2.0]}),
    (irreversibility.even_grid, {"steps": STEPS}),
    (irreversibility.irreversibility, {"paths": X, "definition": "control"}),
    (irreversibility.resample, {"steps": STEPS, "paths": X[:, :4], "grid": STEPS}),
    (counted.fit_counts, {"values": np.arange(1.0, 9), "counts": np.full(8, 20), "x_min": 2, "n_bootstrap": 2,
                          "random": RANDOM, "candidates": 3}),
    (counted.fit_bins, {"edges": np.arange(1.0, 10), "counts": np.full(8, 20), "x_min": 2.0, "n_bootstrap": 2,
                        "random": RANDOM, "candidates": 3}),
    (truncated.fit_truncated, {"edges": np.arange(1.0, 10), "counts": np.full(8, 20), "x_min": 2.0, "n_bootstrap": 2,
                               "random": RANDOM, "candidates": 3}),
    (tails.fit_tail, {"values": TAIL, "x_min": 1.0, "n_bootstrap": 2, "random": RANDOM, "candidates": 3}),
    (tails.linear_bin_slope, {"values": TAIL, "n_bins": 9, "first": 0, "above": 0.0, "below": 1e9}),
    (tails.line, {"x": PAIRS[1], "y": PAIRS[1]}),
    (pooled.linear_bins, {"values": TAIL, "n_bins": 5}),
    (intervals.slope_interval, {"x": PAIRS[0], "y": PAIRS[1], "n_bootstrap": 9, "level": 0.9, "random": RANDOM}),
    (scaling.scaling_exponent, {"size": PAIRS[1], "value": PAIRS[1], "n_bootstrap": 9, "level": 0.9,
                                "random": RANDOM}),
    (scaling.peak_position, {"x": PAIRS[0], "y": PAIRS[1]}),
    (shares.binomial_interval, {"successes": 2, "n": 5, "level": 0.9}),
    (shares.bootstrap_p, {"observed": 1.0, "redrawn": STEPS}),
    (ranks.auc, {"positive": STEPS, "negative": STEPS, "level": 0.9}),
    (ranks.spearman, {"x": STEPS, "y": STEPS, "level": 0.9}),
    (ranks.kendall_w, {"scores": X, "n_permutations": 9, "random": RANDOM}),
    (resampling.networks_interval, {"statistic": lambda d: d.mean(axis=1), "n_networks": 5, "n_bootstrap": 100,
                                    "level": 0.9, "method": "bca", "random": RANDOM}),
    (lines.orthogonal_slope, {"x": PAIRS[0], "y": PAIRS[1], "n_bootstrap": 100, "level": 0.9, "random": RANDOM}),
    (lines.power_or_exponential, {"x": PAIRS[1], "y": PAIRS[1]}),
    (modes.dip_test, {"values": TAIL, "n_simulated": 9, "random": RANDOM}),
    (nulls.geometric_numbers, {"values": TAIL, "random": RANDOM, "least": 1}),
    (error_rates.error_rates, {"judge": str, "true_world": lambda n, r: n, "false_world": lambda n, r: n, "n_runs": 2,
                               "n_worlds": 3, "random": RANDOM}),
]  # fmt: skip

MISSING_IS_A_CHOICE = {"x_min", "multiplier", "so_far", "random"}  # None says: find it, none yet, no bootstrap


def arguments(kind):
    for function, keywords in CALLS:
        for name, value in keywords.items():
            scalar = isinstance(value, int | float) and not isinstance(value, bool)
            array = isinstance(value, np.ndarray | list)
            wanted = {"number": scalar, "array": array, "word": isinstance(value, str), "random": value is RANDOM}
            if wanted[kind]:
                yield pytest.param(function, keywords, name, id=f"{function.__name__}-{name}")


def call(function, keywords, **changed):
    return function(**{**keywords, **changed})


@pytest.mark.parametrize(("function", "keywords"), [pytest.param(*c, id=c[0].__name__) for c in CALLS])
def test_the_call_works(function, keywords):
    call(function, keywords)


@pytest.mark.parametrize(("function", "keywords", "name"), list(arguments("number")))
def test_numbers_that_are_none_are_refused(function, keywords, name):
    for value in (None, "auto", np.nan, 1j, [1.0, [2.0]], object()):
        if value is None and name in MISSING_IS_A_CHOICE:
            continue
        with pytest.raises(UsageError):
            call(function, keywords, **{name: value})


@pytest.mark.parametrize(("function", "keywords", "name"), list(arguments("number")))
def test_counts_are_whole_and_finite(function, keywords, name):
    if not isinstance(keywords[name], int) or name in ("dt", "reference", "least", "observed"):
        return  # a number that may be a fraction
    for value in (2.5, -5, np.inf, -np.inf):
        with pytest.raises(UsageError):
            call(function, keywords, **{name: value})


@pytest.mark.parametrize(("function", "keywords", "name"), list(arguments("word")))
def test_unknown_words_are_refused(function, keywords, name):
    for value in (None, "other", 3, ["control"]):
        with pytest.raises(UsageError, match="choose one of"):
            call(function, keywords, **{name: value})


@pytest.mark.parametrize(("function", "keywords", "name"), list(arguments("random")))
def test_randomness_is_a_generator(function, keywords, name):
    for value in (0, None, "seed"):
        with pytest.raises(UsageError, match="numpy Generator"):
            call(function, keywords, **{name: value})


@pytest.mark.parametrize(("function", "keywords", "name"), list(arguments("array")))
def test_nothing_is_dropped_from_an_array_without_a_word(function, keywords, name):
    if name == "group":
        return  # names of any kind
    good = np.asarray(keywords[name], float)
    masked = np.ma.array(good, mask=np.zeros(good.shape, bool))
    masked.mask.flat[0] = True
    with pytest.raises(UsageError, match="masked"):
        call(function, keywords, **{name: masked})
    with pytest.raises(UsageError, match="complex"):
        call(function, keywords, **{name: good * (1 + 1j)})
    for value in (None, good.astype(str), np.full(good.shape, None)):
        with pytest.raises(UsageError):
            call(function, keywords, **{name: value})


def same(a, b):
    if isinstance(a, tuple):
        return all(same(u, v) for u, v in zip(a, b, strict=True))
    return np.array_equal(np.asarray(a, object), np.asarray(b, object)) or np.allclose(a, b, equal_nan=True)


@pytest.mark.parametrize(("function", "keywords", "name"), list(arguments("array")))
def test_tensors_are_taken_as_they_come_from_a_hook(function, keywords, name):
    if "random" in keywords or "rng" in keywords or name == "group":
        return  # its result differs from call to call
    tensor = torch.tensor(np.asarray(keywords[name], float))
    expected = call(function, keywords)
    for value in (tensor, tensor.clone().requires_grad_(), tensor.to_sparse()):
        assert same(call(function, keywords, **{name: value}), expected)
    rounded = tensor.to(torch.bfloat16)
    if (rounded.double() == tensor).all():
        assert same(call(function, keywords, **{name: rounded}), expected)


CLOSE = np.array([0.3, 0.1 + 0.2, 0.3])  # two neighbouring numbers


def test_a_range_of_rounding_is_one_bin():
    """numpy refuses to cut it: three neurons that are multiples of one another correlate at 1 to the last digits."""
    assert np.ptp(CLOSE) > 0
    one = np.array([1.0, 3.0, 2.0, 7.0])
    correlated = np.corrcoef(np.stack([0.1 * one, 0.7 * one, one / 3]))
    found = [
        correlation_histogram.strength_histogram(correlated)[0],
        correlation_histogram.correlation_histogram(np.where(np.eye(3) > 0, 1, CLOSE[:, None].max()), "as-coded")[0],
        histograms.weight_histograms(CLOSE).positive.counts,
        histograms.weight_histograms(-CLOSE).negative.counts,
        trajectories.relative_histogram(CLOSE)[0],
        edge_counts.edge_count_density(CLOSE)[1],
        concentration.loss_histogram(CLOSE, definition="as-coded").share,
        concentration.loss_histogram(CLOSE, definition="control").share,
        pooled.linear_bins(CLOSE).share,
    ]
    for counts in found:
        assert np.count_nonzero(counts) == 1
    with pytest.raises(UsageError, match="a line needs two"):
        tails.linear_bin_slope(CLOSE)


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e15])
def test_a_range_of_few_numbers_is_binned_or_is_one_bin(scale):
    for steps in (1, 3, 100, 201, 1000):
        values = scale * (1 + np.finfo(float).eps * np.arange(0, steps + 1))
        assert histograms.weight_histograms(values).positive.counts.sum() == steps + 1


def test_a_threshold_is_compared_in_float64():
    """0.3 in float32 lies above 0.3: a pair at it survives 0.3, which numpy 1 would round to the pair's own type."""
    c = np.full((3, 3), 0.3, np.float32)
    np.fill_diagonal(c, 1)
    c[0, 1] = c[1, 0] = 0.2
    assert graphs.survival_probability(c, 0.3, definition="control") == pytest.approx(2 / 3)
    assert graphs.adjacency(c, 0.3, "absolute").sum() == 4
    assert graphs.graph_metrics(c, 0.3, "absolute").survival_control == pytest.approx(2 / 3)
    assert graphs.graph_metrics(c, [0.3], "absolute").n_edges.tolist() == [2]
    from critnet.circuits.edges import correlated_edges

    assert len(correlated_edges(c, (1, 1, 1), 0.3)) == 1


def test_masked_samples_are_not_read_as_numbers():
    with pytest.raises(UsageError, match="1 masked of 8 values"):
        activity.correlation(np.ma.masked_equal([[1, 2, -999, 4], [2, 4, 6, 8]], -999), definition="as-coded")
