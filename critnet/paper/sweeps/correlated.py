"""Correlations, graphs and cliques of one run at the iterations chosen in `layout`."""

import numpy as np

from critnet.neurons.activity import correlation, dead_neurons, forward, rarely_active
from critnet.neurons.cliques import clique_activity, clique_size_counts, maximal_cliques
from critnet.neurons.correlation_histogram import correlation_histogram, strength_histogram
from critnet.neurons.graphs import adjacency, component_sizes, degrees, graph_metrics, total_correlation_strength
from critnet.neurons.information import prediction_entropy
from critnet.neurons.ordering import pattern_persistence
from critnet.paper.sweeps import layout

CLIQUE_BUDGET = 100_000
CLASSES = 10


class Correlated:
    """Measures snapshots as they come: `add` each, then take `arrays`.

    The off-diagonal correlations of all chosen iterations stay in memory until the end, in float32, for `persistence`.
    """

    def __init__(self, config, images, labels, clique_budget):
        self.images, self.labels, self.clique_budget = images, labels, clique_budget
        self.steps = layout.correlated_steps(config.schedule, config.steps)
        self.moments = layout.moments(config.schedule, config.steps)
        blank = layout.blank(config)
        # step by step: all arrays that start with the dimension of these iterations, and those of the two moments
        mine = ("c", "moment")
        self.found = {n: a for n, a in blank.items() if layout.LAYOUT[n].dims[0] in mine}
        self.found |= {n: a for n, a in blank.items() if n.startswith("final_strength")}
        self.matrices = {}
        self.rows = []

    def add(self, snapshot):
        if snapshot.step not in self.steps:
            return
        i, found = self.steps.index(snapshot.step), self.found
        activity = forward(snapshot.weights, self.images)
        logits = activity[-CLASSES:]
        found["train_accuracy"][i] = (logits.argmax(axis=0) == self.labels).mean()
        found["dead"][i] = dead_neurons(activity).sum()
        found["rare"][i] = rarely_active(activity).sum()
        matrices = {d: correlation(activity, definition=d) for d in layout.DEFINITIONS}
        mean_activity = activity.mean(axis=1, dtype=np.float64)
        for d, definition in enumerate(layout.DEFINITIONS):
            found["strength"][i, d] = total_correlation_strength(matrices[definition])
            found["prediction_entropy"][i, d] = prediction_entropy(logits, definition)
        del activity, logits
        for g, (definition, convention) in enumerate(layout.GRAPHS):
            measured = graph_metrics(matrices[definition], layout.THRESHOLDS, convention)
            for name, values in measured._asdict().items():
                found[name][i, g] = values
        self.matrices[i] = {d: m.astype(np.float32) for d, m in matrices.items()}
        if snapshot.step in self.moments:
            self._distributions(self.moments.index(snapshot.step), matrices, mean_activity)

    def arrays(self):
        """All arrays of these iterations, and the table."""
        last = self.matrices.get(len(self.steps) - 1)
        if last is not None:
            for i, matrices in self.matrices.items():
                for d, definition in enumerate(layout.DEFINITIONS):
                    self.found["persistence"][i, d] = pattern_persistence(matrices[definition], last[definition])
        table = np.array(self.rows, np.int64).reshape(-1, 6)
        columns = ("row_kind", "row_moment", "row_graph", "row_threshold", "row_size", "row_count")
        return self.found | {name: table[:, k].astype(np.int32) for k, name in enumerate(columns)}

    def _distributions(self, m, matrices, mean_activity):
        """Histograms and the table at one of the two moments."""
        found = self.found
        counts, edges = correlation_histogram(matrices["as-coded"], definition="as-coded")
        found["positive_correlations"][m] = counts
        found["positive_correlation_range"][m] = edges[[0, -1]]
        for d, definition in enumerate(layout.DEFINITIONS):
            found["pair_strengths"][m, d] = correlation_histogram(matrices[definition], "control")[0]
            if m == len(self.moments) - 1:
                counts, edges = strength_histogram(matrices[definition])
                found["final_strengths"][d] = counts
                found["final_strength_range"][d] = edges[[0, -1]]
        for g, (definition, convention) in enumerate(layout.GRAPHS):
            for h, threshold in enumerate(layout.THRESHOLDS):
                graph = adjacency(matrices[definition], threshold, convention)
                self._tabulate(0, m, g, h, *np.unique(degrees(graph), return_counts=True))
                self._tabulate(1, m, g, h, *np.unique(component_sizes(graph), return_counts=True))
                if (g, h) == (0, 0):
                    self._cliques(m, graph, mean_activity)

    def _cliques(self, m, graph, mean_activity):
        found = self.found
        members, truncated = maximal_cliques(graph, budget=self.clique_budget)
        found["cliques"][m], found["cliques_truncated"][m] = len(members), truncated
        self._tabulate(2, m, 0, 0, *clique_size_counts(members))
        activity = clique_activity(members, mean_activity)
        counts, edges = np.histogram(activity, layout.ACTIVITY_BINS)
        found["clique_activity"][m], found["clique_activity_range"][m] = counts, edges[[0, -1]]
        found["clique_log_activity"][m] = np.histogram(activity, layout.ACTIVITY_EDGES)[0]

    def _tabulate(self, kind, moment, graph, threshold, sizes, counts):
        self.rows += [(kind, moment, graph, threshold, s, n) for s, n in zip(sizes, counts, strict=True)]
