"""Claims of section 2.1 that Fig. 2a-c and e decide: Dataset and definition in, values out."""

import functools

import numpy as np

from critnet.paper import anchors, ledger
from critnet.paper.anchors import at
from critnet.paper.fig2 import series
from critnet.paper.fig2.panels import BARS
from critnet.paper.ledger import Amended
from critnet.paper.measured import Measured, seeds
from critnet.paper.published import DEFINITIONS
from critnet.paper.rules import above, all_of, at_least, at_most, below, both, for_reproduced, within

claim = functools.partial(ledger.claim, section="2.1", data="fig2")
ONE = ("as-coded",)
PLANE = "critical, critical"
FLAT = "share of the plane within 0.1 nats of its lowest mean loss, at T over t = 100"


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


@claim("C46", "2a", "the loss of batches is far more rugged than the mean loss", "rugged, smooth", {
    "as-coded": all_of(above(3), for_reproduced(above(3, of="with one batch for all points"))),
    "control": above(3, 1.7),  # half of the way, in the logarithm
},
       quantity="ruggedness of the batch surface over that of the mean", kind="existence")  # fmt: skip
def rugged(data, definition):
    """Ruggedness of the batch surface over that of the mean surface, the smallest of the three iterations.

    Ruggedness is the root mean square difference between a grid point and the mean of its four neighbours.
    """
    ratio = {d: (_of_batches(data, d, "ruggedness") / _of_mean(data, d, "ruggedness")).min(axis=1) for d in DEFINITIONS}
    own = _of_batches(data, definition, "roughness")
    also = {f"roughness at t = {t}, nats": v for t, v in zip(data["cut_t"].values, own.T, strict=True)}
    if definition == "control":
        return Measured(ratio["control"], also)
    note = "the first rule, 3 times the grid-gradient noise of the mean, defined no noise: ruggedness stands in"
    return Measured(ratio["as-coded"], {"with one batch for all points": ratio["control"], **also}, note)


@claim("C47", "2a", "the covariance of the batch loss is inverse to the batch size", "exponent -1",
       within((-1.05, -0.95), (-1.15, -0.85)),
       quantity="slope of ln Var of a batch mean on ln B", kind="theorem")  # fmt: skip
def variance_by_size(data, definition):
    """Slope of ln Var(batch mean) on ln B, B from 1 to 1024: of seven iterations the one furthest from -1."""
    drawn = data["batch_variance"].sel(replacement="with" if definition == "as-coded" else "without").values
    x = np.log(data["batch_size"].values)
    slopes = np.polyfit(x, np.log(drawn).reshape(-1, x.size).T, 1)[0].reshape(drawn.shape[:2])
    return Measured(np.take_along_axis(slopes, np.abs(slopes + 1).argmax(axis=1)[:, None], axis=1)[:, 0])


@claim("C48", "2a", "roughness and mean loss go to 0 at the end", "both to 0", at_most(0.01, 0.1),
       quantity="larger of roughness and mean loss at T over t = 1", kind="existence")  # fmt: skip
def vanishes(data, definition):
    """The larger of roughness(T) / roughness(1) over the plane and mean loss(T) / mean loss(1) at its centre."""
    rough, centre = _of_batches(data, definition, "roughness"), data["mean_loss"].values
    ratios = rough[:, -1] / rough[:, 0], at(data, centre, _last(data)) / at(data, centre, 1)
    return Measured(np.maximum(*ratios), {"roughness": ratios[0], "mean loss at the centre": ratios[1]})


@claim("C49", "2a", "the mean loss is flat near the converged state", "flat", at_most(0.5, below=1),
       amended=Amended(at_least(2, above=1, of=FLAT), "the flat share is 1 at all times as coded and cannot grow"),
       quantity="range of the mean loss on the plane at T over t = 100", kind="existence")  # fmt: skip
def flattens(data, definition):
    """Largest mean loss on the plane less that at its centre, at T over t = 100."""
    extent = _of_mean(data, definition, "largest") - _of_mean(data, definition, "centre")
    flat, hundred = _of_mean(data, definition, "flat fraction"), list(data["cut_t"].values).index(100)
    also = {FLAT: flat[:, -1] / flat[:, hundred]}
    also |= {f"range at t = {t}, nats": v for t, v in zip(data["cut_t"].values, extent.T, strict=True)}
    also |= {f"flat share at t = {t}": v for t, v in zip(data["cut_t"].values, flat.T, strict=True)}
    return Measured(extent[:, -1] / extent[:, hundred], also)


@claim("C50", "2b", "the probability of high losses drops within a few iterations", "drops sharply",
       at_least(5, 2), definitions=ONE,
       quantity="P(L >= 1) at t = 0 over t = 100", kind="existence", follows_from="convergence")  # fmt: skip
def collapses(data, definition):
    """P(L >= 1) at t = 0 over that at t = 100."""
    p = series.probability(data)[..., int(np.abs(data["b"].values - 1).argmin())]
    also = {f"P(L >= 1) at t = {t}": at(data, p, t) for t in (0, 10, 100, _last(data))}
    return Measured(at(data, p, 0) / at(data, p, 100), also)


@claim("C51", "2c", "p(L) turns from log-normal to power law at the transition", "crossover near 100",
       both(below(0), above(0, of="the same at t <= 10")),
       quantity="lead of the log-normal at T, log-likelihood a loss", unit="nats", kind="existence")  # fmt: skip
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
    plain, truncated = np.median(law[:, -1]), np.median(cut[:, -1])
    also = {
        "the same at t <= 10": seeds(np.median(ahead[:, early], axis=1))._replace(value=np.median(ahead[:, early])),
        "distance of ln L from a normal law at t = 10": data["log_distance"].sel(shown_t=10).values,
        "distance of ln L from a normal law at T": data["log_distance"].isel(shown_t=-1).values,
    }
    note = (
        f"early the log-normal is ahead of the plain power law in {int((law[:, early] < 0).sum())} of "
        f"{law[:, early].size} fits, of the truncated one too in {int((ahead[:, early] > 0).sum())}; "
        f"at T it is {_ahead(plain)} the plain and {_ahead(truncated)} the truncated power law"
    )
    return Measured(ahead[:, -1], also, note)


def _ahead(ratio):
    return "behind" if ratio > 0 else "ahead of"


@claim("C52", "2e", "the mean loss falls from above 2.22 to below 0.4 by t = 100", "2.22 to 0.4 nats",
       all_of(at_most(0.5, 0.7), for_reproduced(at_least(2, of="at t = 1, nats"))), definitions=ONE,
       quantity="mean loss at t = 100", unit="nats", follows_from="convergence")  # fmt: skip
def mean_falls(data, definition):
    """Mean loss at t = 100."""
    loss = data["mean_loss"].values
    return Measured(at(data, loss, 100), {f"at t = {t}, nats": at(data, loss, t) for t in (0, 1)})


@claim("C53", "2e", "the variance of the losses rises before 100 and falls after", "peak near 100",
       within((10, 300), (3, 1000)),
       quantity="iteration of the largest Var(L)", unit="iterations")  # fmt: skip
def variance_rises_and_falls(data, definition):
    """Iteration of the largest Var(L): of the bars t = 1, 3, ..., 10^5 as coded, of all snapshots in the control."""
    t, variance = anchors.steps(data), data["variance_loss"].values
    kept = np.isin(t, BARS) if definition == "as-coded" else t >= 1
    return Measured(t[kept][variance[:, kept].argmax(axis=1)])


@claim("C54", "2c", "rare large losses dominate mean and variance after the transition", "dominate",
       at_least(0.5, 0.25), definitions=ONE,
       quantity="share of the summed loss in the largest 1 % at T", kind="existence")  # fmt: skip
def rare_losses(data, definition):
    """Share of the summed loss at T in the 1 % of the samples with the largest."""
    share = data["top_share"].values
    also = {
        "at t = 100": at(data, share, 100),
        "the single largest at T": at(data, data["largest_share"].values, _last(data)),
    }
    return Measured(at(data, share, _last(data)), also)


@claim("C55", "2b", "in the converged model every sample has a low loss", "every sample",
       at_most(1e-4, 1e-2), definitions=ONE,
       quantity="P(L >= 0.1) at T", kind="existence", follows_from="convergence")  # fmt: skip
def uniform(data, definition):
    """P(L >= 0.1) at T."""
    p = at(data, data["above_tenth"].values, _last(data)) / series.n_samples(data)
    return Measured(p, {"largest loss, nats": at(data, data["max_loss"].values, _last(data))})
