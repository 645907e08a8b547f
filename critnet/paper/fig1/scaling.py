"""What Figs 1e and 1i plot against the size of the network, and its exponents."""

import numpy as np

from critnet.paper.sweeps import select
from critnet.statistics.scaling import scaling_exponent

MEASURES = ("strength", "largest", "mean_degree")


def sizes_at(data, step, definition="as-coded", *, norm="squared", threshold=0.5):
    """What Figs 1e and 1i plot of every run of the size sweep at one iteration.

    Returns
    -------
    runs : int array
        Runs whose numbers are finite there.
    dict of array
        strength over M^2 (with the true norm over M: its root), largest (neurons), mean_degree.
    """
    runs, i = select.runs_of(data, "sizes"), select.at(data, step)
    share = select.strength(data, runs, definition)[:, i] / select.neurons(data, runs) ** 2
    values = {
        "strength": np.sqrt(share) if norm == "true" else share,
        "largest": select.graph(data, "largest", runs, definition, threshold)[:, i],
        "mean_degree": select.graph(data, "mean_degree", runs, definition, threshold)[:, i],
    }
    finite = np.all([np.isfinite(v) for v in values.values()], axis=0)
    return runs[finite], {name: v[finite] for name, v in values.items()}


def exponents(data, step, definition="as-coded", *, axis="M", first=5, norm="squared", threshold=0.5):
    """Exponent of each measure in the size (D20), over hidden sizes from `first` on.

    Returns
    -------
    dict of measure to Exponent
        Without the measures that are 0 somewhere, which have none.
    """
    runs, values = sizes_at(data, step, definition, norm=norm, threshold=threshold)
    used = select.hidden(data, runs) >= first
    x = (select.neurons if axis == "M" else select.hidden)(data, runs)[used]
    return {
        name: scaling_exponent(x, v[used], random=np.random.default_rng(0))
        for name, v in values.items()
        if (v[used] > 0).all() and np.unique(x).size >= 3
    }
