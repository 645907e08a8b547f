"""Claims of section 2.1 that Fig. 2a-c and e decide: Dataset and definition in, values and a verdict out."""

import numpy as np

from critnet.paper import anchors
from critnet.paper.anchors import at
from critnet.paper.fig2 import series
from critnet.paper.fig2.panels import BARS
from critnet.paper.ledger import Claim, Measured, verdict

PLANE = "critical, critical"


def _last(data):
    return int(anchors.steps(data)[-1])


def _of_mean(data, definition, number):
    """A number of the mean surface on the plane of two critical directions, (seed, cut_t)."""
    here = data["plane_mean"].sel(kind=series.KIND[definition], plane=PLANE, number=number)
    return here.values.astype(float)


def _of_batches(data, definition, number):
    """A number of the surface of batches on that plane, (seed, cut_t)."""
    here = data["plane_batch"].sel(kind=series.KIND[definition], plane=PLANE, batch_number=number)
    return here.sel(sampling=series.SAMPLING[definition]).values.astype(float)


def rugged(data, definition):
    """Ruggedness of the batch surface over that of the mean surface, the smallest of the three iterations.

    Ruggedness is the root mean square difference between a grid point and the mean of its four neighbours.
    """
    ratio = {
        d: (_of_batches(data, d, "ruggedness") / _of_mean(data, d, "ruggedness")).min(axis=1)
        for d in ("as-coded", "control")
    }
    rough = {d: bool(np.median(r) > 3) for d, r in ratio.items()}
    own = _of_batches(data, definition, "roughness")
    note = "roughness at t = " + ", ".join(
        f"{t}: {value:.2g}" for t, value in zip(data["cut_t"].values, np.median(own, axis=0), strict=True)
    )
    if definition == "control":
        return Measured(ratio[definition], verdict(rough["control"], False), f"{note} nats")
    note += " nats; the first rule, 3 times the grid-gradient noise of the mean, defined no noise: ruggedness stands in"
    return Measured(ratio[definition], verdict(all(rough.values()), rough["as-coded"]), note)


def variance_by_size(data, definition):
    """Slope of ln Var(batch mean) on ln B, B from 1 to 1024: of seven iterations the one furthest from -1."""
    drawn = data["batch_variance"].sel(replacement="with" if definition == "as-coded" else "without").values
    x = np.log(data["batch_size"].values)
    slopes = np.polyfit(x, np.log(drawn).reshape(-1, x.size).T, 1)[0].reshape(drawn.shape[:2])
    furthest = np.take_along_axis(slopes, np.abs(slopes + 1).argmax(axis=1)[:, None], axis=1)[:, 0]
    off = np.abs(np.median(furthest) + 1)
    return Measured(furthest, verdict(off <= 0.05, off <= 0.15))


def vanishes(data, definition):
    """The larger of roughness(T) / roughness(1) over the plane and mean loss(T) / mean loss(1) at its centre."""
    rough, centre = _of_batches(data, definition, "roughness"), data["mean_loss"].values
    ratios = rough[:, -1] / rough[:, 0], at(data, centre, _last(data)) / at(data, centre, 1)
    worst = np.maximum(*ratios)
    return Measured(
        worst,
        verdict(np.median(worst) <= 0.01, np.median(worst) <= 0.1),
        f"roughness {np.median(ratios[0]):.2g}, mean loss at the centre {np.median(ratios[1]):.2g} of t = 1",
    )


def flattens(data, definition):
    """Share of the plane within 0.1 nats of its lowest mean loss, at T over t = 100."""
    flat = _of_mean(data, definition, "flat fraction")
    ratio = flat[:, -1] / flat[:, list(data["cut_t"].values).index(100)]
    shares = ", ".join(
        f"{v:.2f} at t = {t}" for t, v in zip(data["cut_t"].values, np.median(flat, axis=0), strict=True)
    )
    return Measured(ratio, verdict(np.median(ratio) >= 2, np.median(ratio) > 1), f"flat share: {shares}")


def collapses(data, definition):
    """P(L >= 1) at t = 0 over that at t = 100."""
    p = series.probability(data)[..., int(np.abs(data["b"].values - 1).argmin())]
    ratio = at(data, p, 0) / at(data, p, 100)
    middle = {t: np.median(at(data, p, t)) for t in (0, 10, 100, _last(data))}
    note = "P(L >= 1) " + ", ".join(f"{v:.3g} at t = {t}" for t, v in middle.items())
    return Measured(ratio, verdict(np.median(ratio) >= 5, np.median(ratio) >= 2), note)


def form_changes(data, definition):
    """Log-likelihood a loss by which the log-normal exceeds the better of power law and truncated power law, at T.

    At t = 0, 1, 5 and 10 the log-normal must be the better one, at T one of the other two. As coded above the first of
    a hundred linear bins; control above x_min.
    """
    kept = data.sel(definition=definition)
    ratio, n = kept["tail_ratio"], kept["tail"].sel(tail_number="n_tail").values
    law = ratio.sel(rival="lognormal").values.astype(float)  # power law over log-normal
    cut = law - ratio.sel(rival="truncated_power_law").values  # truncated power law over log-normal
    t = data["fit_t"].values
    ahead = -np.maximum(law, cut) / n
    early = np.isin(t, (0, 1, 5, 10))
    before, after = np.median(ahead[:, early]) > 0, np.median(ahead[:, -1]) < 0
    plain, truncated = np.median(law[:, -1]), np.median(cut[:, -1])
    note = (
        f"early the log-normal is ahead of the plain power law in {int((law[:, early] < 0).sum())} of "
        f"{law[:, early].size} fits, of the truncated one too in {int((ahead[:, early] > 0).sum())}; "
        f"at T it is {_ahead(plain)} the plain and {_ahead(truncated)} the truncated power law; distance of ln L "
        f"from a normal law {np.median(data['log_distance'].sel(shown_t=10)):.3f} at t = 10, "
        f"{np.median(data['log_distance'].isel(shown_t=-1)):.3f} at T"
    )
    return Measured(ahead[:, -1], verdict(before and after, before or after), note)


def _ahead(ratio):
    return "behind" if ratio > 0 else "ahead of"


def mean_falls(data, definition):
    """Mean loss at t = 100; at t = 1 it must be 2 or more."""
    loss = data["mean_loss"].values
    start, later = np.median(at(data, loss, 1)), at(data, loss, 100)
    note = f"{np.median(at(data, loss, 0)):.3g} nats at t = 0, {start:.3g} at t = 1"
    return Measured(later, verdict(start >= 2 and np.median(later) <= 0.5, np.median(later) <= 0.7), note)


def variance_rises_and_falls(data, definition):
    """Iteration of the largest Var(L): of the bars t = 1, 3, ..., 10^5 as coded, of all snapshots in the control."""
    t, variance = anchors.steps(data), data["variance_loss"].values
    kept = np.isin(t, BARS) if definition == "as-coded" else t >= 1
    peak = t[kept][variance[:, kept].argmax(axis=1)]
    middle = np.median(peak)
    return Measured(peak, verdict(10 <= middle <= 300, 3 <= middle <= 1000))


def rare_losses(data, definition):
    """Share of the summed loss at T in the 1 % of the samples with the largest."""
    share = data["top_share"].values
    last = at(data, share, _last(data))
    note = f"at t = 100: {np.median(at(data, share, 100)):.2f}; the single largest at T: " + (
        f"{np.median(at(data, data['largest_share'].values, _last(data))):.3f}"
    )
    return Measured(last, verdict(np.median(last) >= 0.5, np.median(last) >= 0.25), note)


def uniform(data, definition):
    """P(L >= 0.1) at T."""
    p = at(data, data["above_tenth"].values, _last(data)) / series.n_samples(data)
    largest = at(data, data["max_loss"].values, _last(data))
    return Measured(
        p, verdict(np.median(p) <= 1e-4, np.median(p) <= 1e-2), f"largest loss {np.median(largest):.2g} nats"
    )


DATA = "fig2"
ONE = ("as-coded",)
CLAIMS = [
    Claim(
        "C46", "2.1", "2a", "the loss of batches is far more rugged than the mean loss", "rugged, smooth",
        "R: ruggedness of the batch surface > 3 times that of the mean one, as coded and with one batch for all "
        "points; P: as coded only",
        rugged,
    ),
    Claim(
        "C47", "2.1", "2a", "the covariance of the batch loss is inverse to the batch size", "exponent -1",
        "R: slope of ln Var on ln B -1 +- 0.05; P: +- 0.15", variance_by_size,
    ),
    Claim(
        "C48", "2.1", "2a", "roughness and mean loss go to 0 at the end", "both to 0",
        "R: both <= 1 % of t = 1; P: <= 10 %", vanishes,
    ),
    Claim(
        "C49", "2.1", "2a", "the mean loss is flat near the converged state", "flat",
        "R: flat share of the plane at T >= 2 times that at t = 100; P: larger", flattens,
    ),
    Claim(
        "C50", "2.1", "2b", "the probability of high losses drops within a few iterations", "drops sharply",
        "R: P(L >= 1) falls >= 5 times by t = 100; P: >= 2 times", collapses, ONE,
    ),
    Claim(
        "C51", "2.1", "2c", "p(L) turns from log-normal to power law at the transition", "crossover near 100",
        "R: log-normal preferred at t <= 10, power law or truncated power law at T; P: one", form_changes,
    ),
    Claim(
        "C52", "2.1", "2e", "the mean loss falls from above 2.22 to below 0.4 by t = 100", "2.22 to 0.4 nats",
        "R: >= 2 at t = 1 and <= 0.5 at t = 100; P: <= 0.7", mean_falls, ONE,
    ),
    Claim(
        "C53", "2.1", "2e", "the variance of the losses rises before 100 and falls after", "peak near 100",
        "R: largest in 10 to 300; P: in 3 to 1000", variance_rises_and_falls,
    ),
    Claim(
        "C54", "2.1", "2c", "rare large losses dominate mean and variance after the transition", "dominate",
        "R: the largest 1 % carry >= 50 % of the summed loss at T; P: >= 25 %", rare_losses, ONE,
    ),
    Claim(
        "C55", "2.1", "2b", "in the converged model every sample has a low loss", "every sample",
        "R: P(L >= 0.1) <= 1e-4 at T; P: <= 1e-2", uniform, ONE,
    ),
]  # fmt: skip
