"""The tour of five minutes: six steps, each one question whose answer is read from the results."""

from collections.abc import Callable

import numpy as np

from critnet.explore.widgets.base import text_of
from critnet.explore.widgets.tour import TourStep
from critnet.neurons.activity import forward
from critnet.paper import anchors, experiments, ledger, published, results, strips
from critnet.paper.fig1 import explorers, graph
from critnet.paper.rules import ANYTHING
from critnet.paper.sweeps import grid, select, weights
from critnet.training.datasets import MEAN, STD

SIZES = (40, 60, 80, 100, 150, 200, 250, 300, 400, 500)  # neurons in a hidden layer
SPREAD = 5  # every so many-th image is drawn in the scatter plot
UNLIKE = 0.1  # neurons that correlate by less are out of step
INK = 15  # the darkest of the stored grey values
CLOCK = (1000, 2200, 4200, 7200, 10_200, 20_200, 40_200, 70_200, 100_200, 150_200, published.LAST)
VERDICTS = ("reproduced", "partly", "undecided", "not reproduced")
UNGUESSED = "not yet"


def number(t):
    """An iteration as the page writes it, thousands apart from ten thousand on.

    >>> number(100), number(40_200)
    ('100', '40\\u202f200')
    """
    return f"{t:,}".replace(",", "\u202f") if t >= 10_000 else str(t)


def together(texts):
    """Texts in which no line ends between a letter, its sign and its value.

    >>> together(["at t = 5"])
    ['at t\\xa0=\\xa05']
    """
    return [text.replace(" = ", "\xa0=\xa0") for text in texts]


def neuron(digits, stored):
    """Step 1: what a neuron does. One image, one neuron, one number.

    Of ten images, one a digit, the neuron is that of the first hidden layer which answers one most ahead of the others.

    Parameters
    ----------
    digits, stored : the results "digits" and "weights"
    """
    first = [int(np.flatnonzero(digits["test_label"].values == digit)[0]) for digit in range(10)]
    level = digits["test_level"].values[first]
    run = experiments.anchor()[0]
    network = weights.network(stored, run.digest)
    response = forward(network, ((level / INK - MEAN) / STD).astype(np.float32))[: run.hidden].astype(float)
    ranked = np.sort(response, axis=1)
    chosen = int((ranked[:, -1] - ranked[:, -2]).argmax())
    own, weight = response[chosen], network["W1"][chosen]
    best, second = np.argsort(own)[::-1][:2]
    facts = [
        f"An image of the digit {digit}. Each of its {level.shape[1]} points is multiplied by a weight, all are added "
        f"up with a constant, and what is below zero counts as zero: this neuron says {own[digit]:.1f}."
        for digit in range(10)
    ]
    answer = (
        f"It answers the {best} with {own[best]:.1f}, the {second} with {own[second]:.1f}, and {(own == 0).sum()} of "
        "the ten not at all. One number for each image is all that a neuron says. Training sets its weights."
    )
    return TourStep(
        "neuron",
        "Which digit does this neuron answer most?",
        "digit",
        "digit",
        range(10),
        facts,
        [answer] * 10,
        {
            "pixels": text_of(level, "u1"),
            "weights": text_of(np.rint(127 * weight / np.abs(weight).max()), "i1"),
            "response": [round(x, 3) for x in own.tolist()],
            "digits": [str(digit) for digit in range(10)],
        },
        name="tour-neuron",
        caption=f"Neuron {chosen} of the first hidden layer, seed {run.seed}, at the end of training; the first stored "
        "test image of each digit. Weights: purple above zero, green below.",
    )


def pair(data):
    """Step 2: two neurons fall into step. The pair is that which, uncorrelated at first, correlates most at t = 100.

    Parameters
    ----------
    data : the results "fig1"
    """
    times = [int(t) for t in data["shown"].values]
    found = {t: anchors.matrix(data, t, "control") for t in times}
    allowed = np.triu(np.abs(found[0]) < UNLIKE, 1)
    allowed[:, -10:] = False  # the outputs, which have activity below zero
    i, j = np.unravel_index(np.where(allowed, found[published.TRANSITION], -1).argmax(), allowed.shape)
    activity = data["activity"].values[:, :, ::SPREAD].astype(np.float32)
    r = {t: float(found[t][i, j]) for t in times}
    answer = (
        f"From {r[0]:.2f} at the start to {r[published.TRANSITION]:.2f} at t = {published.TRANSITION}, and "
        f"{r[times[-1]]:.2f} at the end. Neurons that answer the same images correlate; a pair that correlates "
        "strongly is an edge of the graph below."
    )
    return TourStep(
        "pair",
        "Two neurons, a dot an image: do they fall into step as the network learns, and do they stay so?",
        "t",
        "iteration t",
        times,
        together(f"At t = {number(t)} the correlation of the two neurons is {r[t]:.2f}." for t in times),
        together([answer] * len(times)),
        {
            "x": text_of(activity[:, i], "<f4"),
            "y": text_of(activity[:, j], "<f4"),
            "names": [f"activity of neuron {i}", f"activity of neuron {j}"],
        },
        name="tour-pair",
        caption=f"Neurons {i} and {j} of seed {data.attrs['displayed_seed']}; a dot for every {SPREAD}th of "
        f"{data.sizes['image']} stored ones, the correlation over all training images. The axes go with the dots.",
    )


def rise_and_fall(data):
    """Step 3: the graph of all pairs that correlate strongly rises and falls.

    Parameters
    ----------
    data : the results "fig1"
    """
    times = [int(t) for t in explorers.iterations(data)]
    packed = data["correlation"].sel(t=times, definition="as-coded").values.astype(int)
    edges = [np.flatnonzero(np.abs(row) * data.attrs["quantum"] >= explorers.THRESHOLD) for row in packed]
    counts = [len(found) for found in edges]
    signed = np.concatenate([(found + 1) * np.sign(row[found]) for found, row in zip(edges, packed, strict=True)])
    peak = int(np.argmax(counts))
    answer = (
        f"At t = {number(times[peak])}, with {counts[peak]} edges; at the start it has {counts[0]}, at the end "
        f"{counts[-1]}. The paper puts its transition at t = {published.TRANSITION}, and says that it is a phase "
        "transition of second order."
    )
    return TourStep(
        "graph",
        f"All {data.sizes['neuron']} neurons, a line for each pair in strong correlation: when is the graph largest?",
        "t",
        "iteration t",
        times,
        together(f"At t = {number(t)} the graph has {n} edges." for t, n in zip(times, counts, strict=True)),
        together([answer] * len(times)),
        {"places": np.round(graph.places(data), 3).tolist(), "edges": text_of(signed, "<i2"), "counts": counts},
        name="tour-graph",
        caption=f"The pairs with |C| of at least {explorers.THRESHOLD}, as coded, of seed "
        f"{data.attrs['displayed_seed']}; purple positive, green negative. Places are fixed.",
    )


def reached(steps, curve, share):
    """When a curve first comes to a share of its way from its first value to its largest, between two measured
    iterations along ln(1 + t).

    Parameters
    ----------
    steps : int array, rising
    curve : float array of the same length, first value below the largest
    share : float in (0, 1]

    >>> round(float(reached([0, 1, 3], [0.0, 1.0, 2.0], 0.5)), 6), round(float(reached([0, 3], [0.0, 2.0], 0.5)), 6)
    (1.0, 1.0)
    """
    x, curve = np.log1p(np.asarray(steps, float)), np.asarray(curve, float)
    level = curve[0] + share * (curve.max() - curve[0])
    after = int(np.argmax(curve >= level))
    part = (level - curve[after - 1]) / (curve[after] - curve[after - 1])
    return np.expm1(x[after - 1] + part * (x[after] - x[after - 1]))


def sizes(data):
    """Step 4: a phase transition sharpens as systems grow. Does this one?

    Parameters
    ----------
    data : the results "sweeps"
    """
    runs = select.runs_of(data, "sizes")
    hidden, steps = select.hidden(data, runs), select.steps(data)
    share = select.graph(data, "largest", runs, "control") / select.neurons(data, runs)[:, None]
    curves = [np.median(share[hidden == h], axis=0) for h in SIZES]
    quarter, three = ([float(reached(steps, curve, part)) for curve in curves] for part in (0.25, 0.75))
    factor = [(1 + b) / (1 + a) for a, b in zip(quarter, three, strict=True)]
    least = int(np.argmin(factor))
    facts = [
        f"With h = {h} neurons in each hidden layer the largest component passes a quarter of its rise at t = {a:.0f} "
        f"and three quarters at t = {b:.0f}."
        for h, a, b in zip(SIZES, quarter, three, strict=True)
    ]
    answers = [
        f"From a quarter to three quarters takes a factor {f:.1f} in time here. It is {factor[0]:.1f} at h = "
        f"{SIZES[0]}, least at h = {SIZES[least]} with {factor[least]:.1f}, and {factor[-1]:.1f} at h = {SIZES[-1]}. "
        "The rise of a phase transition would narrow with size."
        for f in factor
    ]
    return TourStep(
        "sizes",
        f"{len(SIZES)} sizes of the network: does the rise get sharper as it grows, like that of a phase transition?",
        "size",
        "neurons a layer",
        SIZES,
        together(facts),
        together(answers),
        {
            "times": steps.tolist(),
            "curves": [np.round(curve, 4).tolist() for curve in curves],
            "quarter": [round(t, 2) for t in quarter],
            "threeQuarters": [round(t, 2) for t in three],
        },
        name="tour-sizes",
        caption="The share of all neurons in the largest component of the control's graph at |C| of at least 0.5, the "
        "median over seeds. The band runs from a quarter to three quarters of the rise, and times are 1 + t.",
    )


def clock(data):
    """Step 5: the U of the phase diagram, with the clock running.

    Parameters
    ----------
    data : the results "sweeps"
    """
    rows = grid.table(data)
    rows = rows[rows["batch_size"] == grid.BATCH]
    every, loss = data["step"].values, data["mean_loss"].values
    columns = sorted({int(np.abs(every - t).argmin()) for t in CLOCK})
    times = [int(every[i]) for i in columns]
    cells = [(group["run"].values, *key) for key, group in rows.groupby(["hidden", "mobility"])]
    under = [[np.median(loss[runs, i]) < published.LOSS_THRESHOLD for runs, _, _ in cells] for i in columns]
    converged, mobility = np.array(under), np.array([value for *_, value in cells])
    ends = [(mobility[now].min(), mobility[now].max()) if now.any() else None for now in converged]
    facts = [
        f"At t = {number(t)}, {now.sum()} of {len(cells)} networks have converged"
        + (f", at mobilities from {end[0]:.1e} to {end[1]:.1e}." if end else ".")
        for t, now, end in zip(times, converged, ends, strict=True)
    ]
    first, begin, final = next((k, end, ends[-1] or end) for k, end in enumerate(ends) if end)
    answer = (
        f"From t = {number(times[first])} on, the first moment here at which any has converged, until the end, the "
        f"left end moves by a factor {begin[0] / final[0]:.0f}, the right end by "
        f"{final[1] / begin[1]:.0f}. Where the left arm stands is a matter of when training was stopped."
    )
    edge = np.linspace(np.log(mobility.min() / 2), np.log(mobility.max() * 2), 60)
    return TourStep(
        "clock",
        "The paper parts networks that converge from others by a U (dashed). Let the clock run: which arm comes first?",
        "t",
        "iteration t",
        times,
        together(facts),
        together([answer] * len(times)),
        {
            "mobility": mobility.tolist(),
            "size": [int(h) for _, h, _ in cells],
            "converged": text_of(converged, "u1"),
            "paper": [[round(float(f), 8) for f in np.exp([x, grid.paper_boundary(x)])] for x in edge],
        },
        name="tour-clock",
        caption=f"A square for each network trained with batches of {grid.BATCH}: filled where the mean loss is below "
        f"{published.LOSS_THRESHOLD:g} nats, the median over seeds.",
    )


def verdict(identity="C32"):
    """Step 6: one verdict read aloud, as coded.

    Parameters
    ----------
    identity : str, a judged claim whose rule bounds a number
    """
    row = next(row for row in ledger.read() if row.id == identity and row.definition == "as-coded")
    margin = strips.decisive(strips.declared()[identity].rule_in("as-coded"))
    measured = strips.bounded(margin, row)
    bands = [
        None if region == ANYTHING else [float(x) if np.isfinite(x) else None for x in (region.low, region.high)]
        for region in (margin.partly, margin.reproduced)
    ]
    low, high, _ = strips.axis([x for region in margin[:2] for x in (region.low, region.high)], measured)
    told = (
        f"The rule: {strips.rule_sentence(row.rule)} Measured: {margin.of or row.quantity} {strips.words(measured)}. "
        f"The whole interval counts, not the dot alone, and so the verdict is: {row.verdict}."
    )
    guesses = (UNGUESSED, *VERDICTS)
    answers = [told if g == UNGUESSED else f"{'Yes' if g == row.verdict else 'No'}. {told}" for g in guesses]
    pale = "" if margin.partly in (margin.reproduced, ANYTHING) else ", paler where it counts as partly"
    fact = (
        f"The claim {identity}: {row.claim}. The band is where the number counts as reproduced{pale}. The dot is ours, "
        "the bar its interval."
    )
    return TourStep(
        "verdict",
        "What is your verdict?",
        "guess",
        "your verdict",
        guesses,
        [fact] * len(guesses),
        answers,
        {
            "low": low,
            "high": high,
            "partly": bands[0],
            "reproduced": bands[1],
            "number": list(measured),
            "paper": strips.published(row.paper_value, margin),
            "quantity": margin.of or row.quantity,
        },
        name="tour-verdict",
        caption="As coded. The rule may ask for more than the number that is drawn.",
    )


MAKERS: dict[str, tuple[Callable[..., TourStep], tuple[str, ...]]] = {
    "neuron": (neuron, ("digits", "weights")),
    "pair": (pair, ("fig1",)),
    "graph": (rise_and_fall, ("fig1",)),
    "sizes": (sizes, ("sweeps",)),
    "clock": (clock, ("sweeps",)),
    "verdict": (verdict, ()),
}


def step(name):
    """A step of the tour by its name, one of MAKERS, from the committed results.

    Raises
    ------
    KeyError
        If there is no such step.
    """
    make, names = MAKERS[name]
    return make(*(results.load(one) for one in names))
