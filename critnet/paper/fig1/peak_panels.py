"""Beside Fig. 1e: when the strength peaks, against batch size and learning rate, and how high, against the size."""

import numpy as np
import pandas as pd

from critnet.explore import Drawing, NoMatch
from critnet.paper import marks, published, style
from critnet.paper.sweeps import select


def peaks(data, *, definition="as-coded"):
    """Time of the peak of F2 over batch sizes and learning rates, and its height over the end value by size."""
    sweeps, anchors = data["sweeps"], data["anchors"]
    figure, (batches, rates, sizes) = style.subplots(1, 3, figsize=(7.6, 3.4))
    tables, said = [], []
    seeds = [p.value for p in select.peak_times(anchors, np.arange(anchors.sizes["run"]), definition)]
    for axis, name, field in ((batches, "batches", "batch_size"), (rates, "rates", "learning_rate")):
        runs = select.runs_of(sweeps, name)
        if not runs.size:
            raise NoMatch(f"No run of the experiment {name} is there; train them with `critnet campaign {name}`.")
        tables.append(_times(axis, sweeps, runs, field, definition))
        inner = tables[-1]["peak"][tables[-1]["inner_peak"]]
        said.append(f"over {len(inner)} {name} the peak lies between t = {inner.min():.0f} and {inner.max():.0f}")
    batches.axhspan(min(seeds), max(seeds), color=style.colours().faint, alpha=0.3, lw=0)
    batches.annotate("five seeds", (2, max(seeds)), xytext=(0, 3), textcoords="offset points")
    batches.set(xlabel="batch size B", ylabel="peak of the strength (iteration)", title="learning rate 0.1")
    rates.set(xlabel="learning rate", title="batch size 64")
    good = tables[1][tables[1]["inner_peak"]]
    marks.slope(rates, good["x"], good["peak"], -1)
    level = np.exp(np.mean(np.log(good["peak"] * good["x"])))
    rates.annotate("1 / rate", (0.02, level / 0.02), xytext=(8, 8), textcoords="offset points")
    tables.append(_heights(sizes, sweeps, definition))
    last = tables[-1].iloc[-1]
    said.append(f"at h = {last['x']:.0f} the peak is {last['peak']:.2f} times the end value")
    alt = (
        f"Peak of the correlation strength, {definition}: {'; '.join(said)}. "
        f"Five seeds at B = 64: t = {min(seeds):.0f} to {max(seeds):.0f}."
    )
    return Drawing(figure, alt, pd.concat(tables, ignore_index=True))


def _times(axis, data, runs, field, definition):
    steps, colour = select.steps(data), style.of_definition(definition)
    x, peaks_ = data[field].values[runs], select.peak_times(data, runs, definition)
    value = np.array([p.value for p in peaks_])
    inner = select.learned(data, runs) & (value > 0) & (value < steps[-1] - 1e-6)
    reach = np.array([[p.value - p.low, p.high - p.value] for p in peaks_]).T
    axis.errorbar(x[inner], value[inner], reach[:, inner], fmt="o", ms=3.5, color=colour, lw=0.7)
    axis.plot(x[~inner], np.full((~inner).sum(), steps[-1] * 2.2), "x", ms=5, color=style.colours().faint, mew=1.2)
    style.not_published(axis, steps[-1] * 1.2, steps[-1] * 4, direction="y")
    axis.set(xscale="log", yscale="log", ylim=(3, steps[-1] * 4))
    return pd.DataFrame({"series": field, "x": x, "peak": value, "inner_peak": inner})


def _heights(axis, data, definition):
    runs = select.runs_of(data, "sizes")
    f = select.strength(data, runs, definition)
    ratio = f.max(axis=1) / f[:, -1]
    for hidden, value in zip(select.hidden(data, runs), ratio, strict=True):
        axis.plot(published.neurons(hidden), value, "o", ms=4, mew=0, color=style.size_colour(hidden))
    marks.level(axis, 1, lw=0.7)
    axis.set(xscale="log", xlabel="neurons M = 2h + 10", title="peak of strength / end value")
    axis.set_xticks([30, 100, 300, 1000], ["30", "100", "300", "1000"])
    axis.minorticks_off()
    table = pd.DataFrame({"series": "hidden", "x": select.hidden(data, runs), "peak": ratio, "inner_peak": ratio > 1})
    return table.sort_values("x", kind="stable")


DATA = ("sweeps", "anchors")
PANELS = {"1e-peaks": peaks}
