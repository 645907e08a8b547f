"""Claims C75, C89, C90 and C95: noise against curvature, laws of matrix elements, and when their tails form."""

import functools

import numpy as np

from critnet.paper import ledger, published
from critnet.paper.fig4 import samples, spreads
from critnet.paper.fig4.element_panels import LAYERS, pairs
from critnet.paper.measured import Measured, NotTestable, point
from critnet.paper.rules import above, all_of, at_least, at_most, for_reproduced, within
from critnet.statistics.lines import orthogonal_slope

claim = functools.partial(ledger.claim, section="3.1", data="fig4")
BATCH = 64
LAYER_1 = 784 * 50  # weights
RATIO = "median of B C_ii / H_ii"


@claim(
    "C75",
    "4f, 4h",
    "near a minimum the gradient noise is proportional to the curvature, C = H / B",
    "proportional",
    all_of(within((0.85, 1.15)), for_reproduced(within((0.5, 2), of=RATIO))),
    section="2.5",
    quantity="slope of ln C_ii on ln H_ii at the end, of the layer where it is farthest from 1",
    kind="mechanism",
)
def noise_follows_curvature(data, definition):
    """Slope through ln C_ii against ln H_ii where both are above 0, and the median of B C_ii / H_ii, a seed each.

    Control: the orthogonal line in each layer. As coded: least squares through layers 2 and 3 together.
    """
    farthest, ratios, below = [], [], []
    each: dict = {layer: [] for layer in LAYERS}
    for seed in samples.SEEDS:
        found = pairs(data, seed, published.LAST)
        found = found if definition == "control" else {"W2 and W3": _joined(found["W2"], found["W3"])}
        slopes = {}
        for name, (noise, curvature) in found.items():
            used = (noise > 0) & (curvature > 0)
            if used.sum() < 3:
                raise NotTestable(f"{used.sum()} weights of {name}, seed {seed}, have noise and curvature above 0")
            slopes[name] = _slope(np.log(curvature[used]), np.log(noise[used]), definition)
        noise, curvature = _joined(*found.values())
        used = (noise > 0) & (curvature > 0)
        ratios.append(np.median(noise[used] / curvature[used]))
        below.append((curvature <= 0).mean())
        farthest.append(max(slopes.values(), key=lambda s: abs(s - 1)))
        for name, slope in slopes.items():
            each.setdefault(name, []).append(slope)
    beside = {f"slope in {name}": values for name, values in each.items() if values and definition == "control"}
    return Measured(farthest, {RATIO: ratios, "share of weights with H_ii <= 0": below, **beside})


def _joined(*given):
    return tuple(np.concatenate(part) for part in zip(*given, strict=True))


def _slope(x, y, definition):
    if definition == "as-coded":
        return float(np.polyfit(x, y, 1)[0])
    return orthogonal_slope(x, y, n_bootstrap=100, random=np.random.default_rng(0)).value


@claim(
    "C89",
    "4f, 4g, 4h",
    "the elements of gradient noise, squared gradient and Hessian follow power laws",
    "power laws",
    at_least(3, 2),
    quantity="matrices of three whose elements follow a power law over two decades",
    kind="existence",
)
def element_laws(data, definition):
    """Matrices whose density keeps its local slope within 0.3 over two decades, an exponential being worse.

    As coded a line of least squares stands for the law: R2 of 0.95 over two decades above the median.
    """
    number: list = []
    decades: dict = {f"decades, {symbol}": [] for symbol in spreads.QUANTITIES.values()}
    for seed in samples.SEEDS:
        laws = {s: spreads.law(spreads.spread(data, q, seed=seed)) for q, s in spreads.QUANTITIES.items()}
        if definition == "control":
            passes = [law.decades >= 2 and law.over_exponential > 0 for law in laws.values()]
        else:
            passes = [law.line_r2 >= 0.95 and law.line_decades >= 2 for law in laws.values()]
        number.append(sum(passes))
        for symbol, law in laws.items():
            decades[f"decades, {symbol}"].append(law.decades)
    return Measured(number, decades)


WEIGHTS = "iteration at which the weights' tail has made half of its change"
LATER = "that over the value"
THERE = "largest share of the last ln(q99.9/q50) that is there at t = 0"


@claim(
    "C90",
    "4f, 4g, 4h",
    "gradient noise, squared gradient and Hessian have heavy tails early on, the weights only late",
    "early; late",
    all_of(
        for_reproduced(at_most(100)),
        for_reproduced(at_least(10_000, of=WEIGHTS)),
        above(1, of=LATER),
        at_most(0.5, of=THERE),
    ),
    quantity="iteration at which the last of the three matrices has made half of its change in ln(q99.9/q50)",
    unit="iterations",
    kind="existence",
    data=("fig4", "tails"),
)
def when_tails_form(data, definition):
    """First kept iteration at which ln(q99.9/q50) has made half of its change since t = 0, displayed seed.

    As coded over all elements of layers 2 and 3, and all parameters; as control within layer 2.
    """
    block, part = ("all", "all") if definition == "as-coded" else ("W2, W2", "W2")
    mine = data["fig4"]["network_seed"].values == 0
    t = data["fig4"]["network_step"].values[mine]
    onset, there = {}, []
    for quantity, symbol in spreads.QUANTITIES.items():
        width = spreads.width(data["fig4"], quantity, block=block)[mine]
        if np.isnan(width).any():
            raise NotTestable(f"more than half of the elements of {symbol} are 0 at some iteration")
        onset[symbol] = _half(t, width)
        there.append(width[0] / width[-1])
    rows = data["tails"]
    rows = rows[(rows["quantity"] == "weight") & (rows["seed"] == 0) & (rows["part"] == part)].sort_values("t")
    of_weights = _half(rows["t"].values, rows["spread"].values)
    latest = max(onset.values())
    also = {WEIGHTS: of_weights, LATER: of_weights / max(latest, 1), THERE: max(there)}
    return Measured(point(latest), also, ", ".join(f"{symbol}: t = {at}" for symbol, at in onset.items()))


def _half(t, width):
    """First of the rising iterations at which the change since the first is half of that until the last."""
    change = (np.asarray(width) - width[0]) / (width[-1] - width[0])
    return int(t[int(np.argmax(change >= 0.5))])


ZERO = "share of parameters whose gradient does not vary"


@claim(
    "C95",
    "4f",
    "the gradient noise is strongly non-Gaussian",
    "non-Gaussian",
    above(3, 1),
    quantity="excess kurtosis of a batch of 64 in the median parameter, at the end",
    kind="existence",
)
def kurtosis_of_the_noise(data, definition):
    """Exact excess kurtosis of single images over 64, in the median parameter whose gradient varies.

    As coded of layers 2 and 3, as in the paper's matrices; as control of all parameters.
    """
    moments = {t: _kurtosis(data, t, definition) for t in (0, published.TRANSITION, published.LAST)}
    ends = [_of(data, seed, published.LAST) for seed in samples.SEEDS]
    zero = [np.isnan(value).mean() for value, _ in ends]
    first = [np.nanmedian(value[of_first]) / BATCH for value, of_first in ends]
    also = {"before training": moments[0], "at t = 100": moments[published.TRANSITION], ZERO: zero,
            "first layer alone": first}  # fmt: skip
    return Measured(moments[published.LAST], also)


def _of(data, seed, t):
    """Excess kurtosis of single images of the kept parameters, and which of them are of the first layer."""
    cell = data.isel(network=spreads.place(data, seed, t))
    return cell["kurtosis"].values.astype(float), data["kept_place"].values < LAYER_1


def _kurtosis(data, t, definition):
    """Median over parameters, a seed each; those of layer 1, of which some are kept, stand for all."""
    found = []
    for seed in samples.SEEDS:
        value, first = _of(data, seed, t)
        used = np.isfinite(value) & (~first if definition == "as-coded" else True)
        if not used.any():
            raise NotTestable(f"no gradient of seed {seed} varies at t = {t}")
        weight = np.where(first, LAYER_1 / first.sum(), 1.0)[used]
        order = np.argsort(value[used])
        share = np.cumsum(weight[order]) / weight.sum()
        found.append(value[used][order][int(np.searchsorted(share, 0.5))] / BATCH)
    return found
