"""Circuits: one candidate and a whole search against whole masked passes; coupling against the plain sum."""

import functools

import numpy as np

from benchmarks import contest
from critnet.circuits.coupling import sample_energy, standardise_neurons, terms
from critnet.circuits.masks import logits, masked_weights
from critnet.circuits.search import clusters, grow, neighbours, prune, search
from critnet.circuits.trial import Trial
from critnet.neurons.activity import correlation, forward, standardise_samples
from critnet.paper import results
from critnet.paper.fig5.explorers import network
from critnet.training import datasets

DIGIT = 4  # whose circuit is searched by whole passes too; the others take as long or longer


def cases(data=None):
    """Functions of the device name, one a case, each giving a list of results."""
    anchor = functools.cache(lambda: _anchor(data))
    return [functools.partial(case, anchor) for case in (candidate, searches, costs)]


def _anchor(data):
    digits = datasets.mnist(data)
    weights = network(results.load("fig5"))
    activity = forward(weights, digits.images)
    return digits, weights, activity, correlation(activity, definition="as-coded")


class Passes(Trial):
    """The same trial, each answer by a forward pass of the masked network from the pixels on."""

    def __init__(self, weights, first, digit, images):
        self.weights, self.images, self._growing = weights, images, False
        super().__init__(weights, first, digit)

    def keep(self, kept, leads, *, growing=False):
        self.kept, self.leads, self._growing = kept.copy(), leads.copy(), growing

    def says_yes(self):
        masked = masked_weights(self.weights, self.edges(), definition="as-coded", growing=self._growing)
        return logits(masked, self.images).argmax(axis=1) == self.digit

    def without(self, target, sources):
        before = self.kept, self.leads
        self.kept, self.leads = self.kept.copy(), self.leads.copy()
        self.feed(target, sources)
        found = self.says_yes()
        self.kept, self.leads = before
        return found

    def feed(self, target, sources):
        self.kept[target] = sources
        self.leads[target] &= bool(np.any(sources))


def candidate(anchor, device):
    """An edge more or less: its digit's images from the first layer on, against all 60 000 from the pixels on."""
    digits, weights, activity, C = anchor()
    found = search(weights, C, activity[:50], digits.labels, DIGIT)
    trial = Trial(weights, activity[:50, digits.labels == DIGIT], DIGIT)
    kept, leads = np.zeros((50, 50), bool), np.zeros(50, bool)
    for layer, i, j in found.edges:
        if layer == 1:
            kept[j, i] = True
        else:
            leads[i] = True
    trial.keep(kept, leads)
    (target,) = np.flatnonzero(leads)[:1]
    sources = kept[target].copy()
    sources[np.flatnonzero(sources)[0]] = False

    def ours():
        for _ in range(20):
            trial.without(target, sources)
        return 20

    def whole():
        forward(weights, digits.images)
        return 1

    return contest("circuit candidate, h 50", {"critnet": ours, "forward pass of 60000 images": whole}, 10, device)


def searches(anchor, device):
    """One digit by our trial and by whole passes of its images; then all ten, against one digit of the latter."""
    digits, weights, activity, C = anchor()
    own = digits.labels == DIGIT
    hits = int((logits(weights, digits.images[own]).argmax(axis=1) == DIGIT).sum())

    def steps(trial):
        labelled = clusters(C)
        near = neighbours(C, 100 + DIGIT)
        grow(trial, np.flatnonzero(labelled[:100] == labelled[100 + DIGIT]), near[near < 100])
        prune(trial, hits)
        return trial.edges()

    def ours():
        search(weights, C, activity[:50], digits.labels, DIGIT)
        return 1

    def ten():
        for digit in range(10):
            search(weights, C, activity[:50], digits.labels, digit)
        return 1

    def whole():
        steps(Passes(weights, activity[:50, own], DIGIT, digits.images[own]))
        return 1

    expected = search(weights, C, activity[:50], digits.labels, DIGIT).edges
    found = steps(Passes(weights, activity[:50, own], DIGIT, digits.images[own]))
    np.testing.assert_array_equal(found, expected)  # the same work
    peer = "whole masked passes"
    one = contest("circuit search, one digit, h 50", {"critnet": ours, peer: whole}, 3, device)
    return one + contest("circuit search, ten digits, h 50", {"critnet": ten, f"{peer}, one digit": whole}, 3, device)


def costs(anchor, device):
    """Coupling cost of ten circuits at one snapshot, from its activity on, against the sum over all images."""
    digits, weights, activity, C = anchor()
    circuits = [search(weights, C, activity[:50], digits.labels, digit).edges for digit in range(10)]
    z = standardise_neurons(standardise_samples(activity))

    def ours():
        return [terms(weights, edges, z, digits.labels, digit) for digit, edges in enumerate(circuits)] and 1

    def plain():
        found = [sample_energy(weights, edges, z)[digits.labels == d].mean() for d, edges in enumerate(circuits)]
        return len(found) // 10

    expected = [sample_energy(weights, e, z)[digits.labels == d].mean() for d, e in enumerate(circuits)]
    parts = [terms(weights, e, z, digits.labels, d) for d, e in enumerate(circuits)]
    np.testing.assert_allclose([-np.sum(p.weight * p.moment) for p in parts], expected, rtol=1e-4, atol=1e-4)
    return contest(
        "coupling cost, ten digits, h 50",
        {"critnet, both forms": ours, "plain sum over all images, one form": plain},
        5,
        device,
    )
