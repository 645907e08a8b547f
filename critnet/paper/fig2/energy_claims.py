"""Claims of section 2.2 that Fig. 2d decides: Dataset and definition in, values out."""

import functools

import numpy as np
from scipy.stats import spearmanr

from critnet.losses.deviations import inverse_temperature, quasi_thermal, rate_function
from critnet.paper import anchors, ledger, published
from critnet.paper.anchors import at
from critnet.paper.fig2 import series
from critnet.paper.measured import Measured
from critnet.paper.rules import above, all_of, at_least, at_most, for_reproduced, within
from critnet.statistics import courses

claim = functools.partial(ledger.claim, section="2.2", data="fig2")
ONE = ("as-coded",)
BATCH = 64


def _last(data):
    return int(anchors.steps(data)[-1])


def _trend(t, values):
    """Spearman correlation with t, a row each."""
    return np.array([spearmanr(t, row).statistic for row in values])


@claim("C56", "2d", "the large-deviation bound P(batch loss >= b) <= e^(-B Delta S) holds", "inequality", at_most(3),
       quantity="largest excess over the bound", unit="standard errors", kind="theorem")  # fmt: skip
def bound_holds(data, definition):
    """Largest excess of P(batch mean >= b) over e^(-64 Delta S(b)) in standard errors, for b above the mean.

    Of those b that ten batches or more reach: none of the others can exceed the bound by so much.
    """
    n, b = data.attrs["draws"], data["bound_b"].values
    p, rate = data["bound_reached"].values / n, data["bound_rate"].sel(estimate=definition).values
    error = np.sqrt(np.maximum(p * (1 - p), 1 / n) / n)
    excess = (p - np.exp(-BATCH * rate)) / error
    mean = data["mean_loss"].sel(t=data["draw_t"].values).values[..., None]
    above = (b > mean) & (p * n >= 10)
    worst = np.where(above, excess, -np.inf).max(axis=(1, 2))
    below = b <= mean
    note = (
        f"{int(above.sum())} such thresholds; where b = 0.005 lies below it, Delta S bounds the lower "
        f"tail, and the inequality as printed fails in {int((below & (excess > 3)).sum())} of {int(below.sum())} cases"
    )
    return Measured(worst, note=note)


@claim("C57", "2d", "Delta S is the divergence from the uniform distribution, the rate function", "identity", {
    "as-coded": all_of(for_reproduced(at_most(1e-3)), at_most(1e-3, of="median over the snapshots")),
    "control": at_most(1e-6, 1e-3),
},
       quantity="largest distance of Delta S from the rate function", unit="nats",
       kind="theorem")  # fmt: skip
def identity(data, definition):
    """Control: largest |KL(p_beta, uniform) - sup_theta(theta b - ln <e^(theta L)>)| over the iterations with atoms.

    As coded: largest distance of Delta S(0.005) from the rate function where b lies within the losses.
    """
    if definition == "control":
        gaps = []
        for values, counts in zip(data["atom_loss"].values, data["atom_count"].values, strict=True):
            losses = np.repeat(values, counts)
            if losses.min() < published.LOSS_THRESHOLD < losses.max():
                p = quasi_thermal(losses, inverse_temperature(losses, published.LOSS_THRESHOLD))
                p = p[p > 0]
                gaps.append(abs(np.log(losses.size) + p @ np.log(p) - rate_function(losses, published.LOSS_THRESHOLD)))
        return Measured(max(gaps), note=f"{len(gaps)} iterations of one seed")
    coded, exact = (series.entropy_change(data, d) for d in ("as-coded", "control"))
    inside = series.side(data) == 0
    distance = np.where(inside, np.abs(coded - exact), np.nan)
    note = "over the snapshots with b within the losses; the 100 knots are too far apart just above the mean"
    return Measured(np.nanmax(distance, axis=1), {"median over the snapshots": np.nanmedian(distance, axis=1)}, note)


@claim("C58", "2d", "Delta S increases during training", "increases",
       all_of(for_reproduced(at_least(0.8)), above(0, of="net rise since 100, nats")),
       quantity="rank correlation of Delta S with t after 100",
       kind="existence", follows_from="the passing of b by the mean loss")  # fmt: skip
def entropy_grows(data, definition):
    """Spearman correlation of Delta S with t, from t = 100."""
    t, entropy = anchors.steps(data), series.entropy_change(data, definition)
    kept = t >= 100
    rho = _trend(t[kept], entropy[:, kept])
    grid, even = courses.evenly(t, entropy, 100, t[-1])
    also = {
        "net rise since 100, nats": at(data, entropy, _last(data)) - at(data, entropy, 100),
        "the same over snapshots": rho,
        "lowest at t": t[kept][entropy[:, kept].argmin(axis=1)],
        "share of these snapshots with b outside the losses above the mean": np.mean(series.side(data)[:, kept] != 0),
    }
    return Measured(_trend(grid, even), also)


@claim("C59", "2d", "Delta S shifts suddenly", "t = 40000", within((2e4, 8e4), (5e3, 1.5e5)),
       quantity="change point of ln Delta S", unit="iterations",
       follows_from="the passing of b by the mean loss")  # fmt: skip
def entropy_shifts(data, definition):
    """Change point of ln Delta S on ln t from t = 100: two lines of least squares, 80 equal steps."""
    when, gain = _shift(data, definition, published.LOSS_THRESHOLD)
    also = {"share that two lines explain of what one leaves": gain}
    also |= {f"change point with b = {b:g}": _shift(data, definition, b)[0] for b in (5e-4, 2e-2, 0.1)}
    return Measured(when, also)


def _shift(data, definition, b):
    """Change points (seed,) and what two lines explain of what one leaves (seed,)."""
    t, entropy = anchors.steps(data), series.entropy_change(data, definition, b)
    grid, even = courses.evenly(t, np.log(np.maximum(entropy, 1e-12)), 100, t[-1])
    found = np.array([courses.change_point(np.log(grid), row) for row in even])
    return np.exp(found[:, 0]), found[:, 1]


@claim("C60", "2d", "a stage driven by energy, then one driven by entropy", "switch at 40000",
       all_of(within((2e4, 8e4), (5e3, 1.5e5)),
              at_least(0.75, of="share of the steps that fit this order")),
       quantity="iteration of the switch",
       unit="iterations", kind="mechanism", follows_from="the passing of b by the mean loss")  # fmt: skip
def stages(data, definition):
    """The t that best parts steps in which the mean loss moves more from later ones in which lambda Delta S does."""
    middle, by_loss, by_entropy = series.forces(data, definition)
    when, agree, first = [], [], []
    for entropy_leads in by_entropy > by_loss:
        errors = [entropy_leads[:k].sum() + (~entropy_leads[k:]).sum() for k in range(1, middle.size)]
        k = 1 + int(np.argmin(errors))
        when.append(np.sqrt(middle[k - 1] * middle[k]))
        agree.append(1 - min(errors) / middle.size)
        first.append(1 - entropy_leads[:k].mean())
    also = {
        "share of the steps that fit this order": agree,
        "share in which the mean loss leads before the switch": first,
    }
    return Measured(when, also)


@claim("C61", "2d, 2e", "the relative variance of the losses turns around", "non-monotone",
       at_least(0.2, 0.05), definitions=ONE,
       quantity="prominence of the peak of Var(L) / <L>^2 over its range",
       kind="existence", follows_from="the passing of b by the mean loss")  # fmt: skip
def turnaround(data, definition):
    """Height of the peak of epsilon = Var(L) / <L>^2 above its higher end, over its range, from t = 1."""
    t = anchors.steps(data)
    epsilon = series.relative_variance(data)[:, t >= 1]
    prominence = (epsilon.max(axis=1) - np.maximum(epsilon[:, 0], epsilon[:, -1])) / np.ptp(epsilon, axis=1)
    also = {
        "largest at t": t[t >= 1][epsilon.argmax(axis=1)],
        "largest": epsilon.max(axis=1),
        "at the end": epsilon[:, -1],
    }
    return Measured(prominence, also)


@claim("C62", "2d", "the convergence criterion decreases until convergence", "decreases", at_most(-0.9, -0.6),
       quantity="rank correlation of the criterion with t after 10",
       kind="existence", follows_from="the passing of b by the mean loss")  # fmt: skip
def criterion_falls(data, definition):
    """Spearman correlation of ln(mean loss / Delta S) with t, after t = 10."""
    t, value = anchors.steps(data), series.criterion(data, definition)
    kept = t > 10
    rho = _trend(t[kept], value[:, kept])
    grid, even = courses.evenly(t, value, 11, t[-1])
    return Measured(_trend(grid, even), {"the same over snapshots": rho})


@claim("C134", "2d", "Delta S is extrapolated only where b exceeds the largest loss", "one side only",
       at_most(0, 24), definitions=ONE,
       quantity="snapshots with b below the mean loss",
       unit="snapshots", kind="existence", follows_from="the passing of b by the mean loss")  # fmt: skip
def extrapolated_sides(data, definition):
    """Snapshots at which b = 0.005 lies below the mean loss, so that the spline extrapolates on the other side."""
    side = series.side(data)
    left, right = (side == -1).sum(axis=1), (side == 1).sum(axis=1)
    also = {
        "the last of them": [anchors.steps(data)[row == -1].max(initial=0) for row in side],
        "snapshots with b above the largest loss": right,
    }
    return Measured(left, also, f"of {side.shape[1]}")
