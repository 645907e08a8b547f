"""Fig. 4l: losses after the redundant weights are set back to t = 100, against other sets; mean losses of five sets."""

import numpy as np
import pandas as pd

from critnet.explore import Drawing, NoMatch
from critnet.paper import marks, style
from critnet.paper.fig4.interventions import SETS

LABELS = {
    "redundant": "redundant", "most moved": "most moved", "same layers": "random, same layers",
    "same size": "random, same |w|", "same displacement": "random, same |Δw|",
}  # fmt: skip


def losses(data, *, seed=0, against="same displacement", definition="control"):
    """P(L >= b) of the network as it ends, and with its redundant weights, or as many others, set back to t = 100."""
    cell = data.sel(seed=seed, definition=definition)
    number = int(cell["redundant"])
    if not number:
        raise NoMatch(f"No weight is redundant in seed {seed} ({definition}); choose another seed.")
    b, c = cell["level"].values, style.colours()
    figure, (left, right) = style.subplots(1, 2, figsize=(7.6, 4.0), width_ratios=(1.6, 1))
    curves = {
        "as it ends": (cell["kept_above"].values, c.ink, "-"),
        "redundant set back": (cell["restored_above"].sel(set="redundant").values, c.redundant, "-"),
        f"{LABELS[against]}, set back": (cell["restored_above"].sel(set=against).values, c.faint, "--"),
    }
    for label, (above, colour, dashes) in curves.items():
        left.plot(b, np.maximum(above, 1e-9), dashes, color=colour, lw=1.4, label=label)
    left.set(yscale="log", xlabel="threshold b (nats)", ylabel="share of images, P(L ≥ b)", ylim=(1e-5, 1.5))
    left.set_title(f"{number} weights, seed {seed}")
    left.legend(loc="upper right")
    drawn = cell["restored_loss"]
    means = [float(cell["kept_loss"]), float(drawn.sel(set="redundant").median()), drawn.sel(set=against).values]
    right.bar([0, 1, 2], [means[0], means[1], np.median(means[2])], color=[c.ink, c.redundant, c.faint], width=0.6)
    right.plot(np.full(means[2].size, 2.0), means[2], ".", ms=3, color=c.ink)
    right.set(yscale="log", ylabel="mean loss (nats)", xticks=[0, 1, 2])
    right.set_xticklabels(["end", "redundant", "control"])
    style.letter(left, "l")
    alt = (
        f"{number} redundant weights ({definition}) of seed {seed} set back to t = 100: the mean loss rises from "
        f"{means[0]:.2g} to {means[1]:.3g} nats; with as many others, {LABELS[against]}, to "
        f"{marks.spread(means[2])} over {means[2].size} draws. The share of images above 1 nat goes from "
        f"{curves['as it ends'][0][marks.stored(b, 1, 'b')]:.2g} to "
        f"{curves['redundant set back'][0][marks.stored(b, 1, 'b')]:.2g}."
    )
    frame = pd.DataFrame({"b": b, **{label: above for label, (above, _, _) in curves.items()}})
    return Drawing(figure, alt, frame)


def ratios(data, definition):
    """Mean loss after over that before, shape (seed, set, draw); NaN where no weight is redundant."""
    cell = data.sel(definition=definition)
    return cell["restored_loss"].values / cell["kept_loss"].values[:, None, None]


def five_sets(data, *, definition="control"):
    """Mean loss after five kinds of sets are set back to t = 100, over that before: five seeds, range of the draws."""
    found, seeds = ratios(data, definition), data["seed"].values
    figure, axis = style.subplots(figsize=(7.6, 4.0))
    c, words, rows = style.colours(), [], []
    colours = dict(zip(SETS, (c.redundant, c.critical, *[c.quantities[k] for k in (0, 1, 2)]), strict=True))
    for s, name in enumerate(SETS):
        x = np.arange(len(seeds)) + (s - 2) * 0.14
        middle, low, high = (f(found[:, s], axis=1) for f in (np.median, np.min, np.max))
        axis.errorbar(x, middle, [middle - low, high - middle], fmt="os^Dv"[s], ms=5, lw=1, color=colours[name],
                      label=LABELS[name])  # fmt: skip
        known = middle[np.isfinite(middle)]
        if known.size:
            words.append(f"{LABELS[name]} {marks.spread(known)}")
        rows += [pd.DataFrame({"seed": seeds, "set": name, "median": middle, "low": low, "high": high})]
    marks.level(axis, 2, "twice the loss: what C104 asks for")
    numbers = data["redundant"].sel(definition=definition).values
    axis.set(yscale="log", ylabel="mean loss after / before", xticks=range(len(seeds)))
    axis.set_xticklabels([f"seed {s}\n{n} weights" for s, n in zip(seeds, numbers, strict=True)])
    axis.legend(ncols=2, loc="upper right")
    axis.set_ylim(top=np.nanmax(found) * 20)
    alt = (
        f"Mean loss after a set of weights is set back to t = 100, over that before, {definition}, median over seeds "
        f"(range): {'; '.join(words)}. Sets have {', '.join(map(str, numbers))} weights in seeds 0 to {seeds[-1]}."
    )
    return Drawing(figure, alt, pd.concat(rows, ignore_index=True))


DATA = "fig4"
PANELS = {"4l": losses, "4l-sets": five_sets}
