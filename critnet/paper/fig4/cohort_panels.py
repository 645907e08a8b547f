"""Fig. 4c and d: correlations and weights at the end of every run, those that converged apart from the others."""

import functools

import numpy as np

from critnet.explore import Drawing, NoMatch
from critnet.paper import marks, style
from critnet.paper.sweeps import grid
from critnet.statistics.courses import rank_correlation

COHORTS = ("converged", "others", "guessing")
CUTS = {"-5": -5.0, "-10": -10.0, "-13": -13.0, "-21": -21.0}
WORDS = {"h": "hidden neurons h", "gamma": "mobility"}
LABELS = {"strengths": "correlation |C|", "weights": "weight |w|"}


def runs_in(data, cohort, cut, definition):
    """Rows of the phase diagram: criterion below the cut and no guesser, neither, or guessers (D22, D27a)."""
    rows = grid.of(data, definition)
    guesses, below = rows["test_accuracy"] < grid.GUESSES, rows["criterion"] < cut
    chosen = {"converged": below & ~guesses, "others": ~below & ~guesses, "guessing": guesses}[cohort]
    return rows[chosen & ~rows["diverged"]]


def histogram(data, quantity, run, definition="control"):
    """Centres, densities and counts of the filled bins of one run, rising; both signs of weights together.

    As coded the correlations are those of the standardised activity with the diagonal; the control leaves it out.
    """
    if quantity == "strengths":
        place = 0 if definition == "as-coded" else 1
        counts = data["final_strengths"].values[run, place].astype(float)
        if definition == "control":
            counts[-1] = max(counts[-1] - 2 * data["hidden"].values[run] - 10, 0)
        parts = [(counts, data["final_strength_range"].values[run, place])]
    else:
        parts = [(data["final_weights"].values[run, s], data["final_weight_range"].values[run, s]) for s in (0, 1)]
    total, found = sum(counts.sum() for counts, _ in parts), []
    for counts, ends in parts:
        edges = np.linspace(float(ends[0]), float(ends[1]), counts.size + 1)
        kept = counts > 0
        found.append(np.stack([(edges[1:] + edges[:-1]) / 2, counts / total / np.diff(edges), counts])[:, kept])
    centre, density, counts = np.concatenate(found, axis=1)
    order = np.argsort(centre, kind="stable")
    return centre[order], density[order], counts[order]


def heaviness(centre, counts):
    """q99.9 / q90 of a histogram: how far the last thousandth lies beyond the last tenth.

    >>> heaviness(np.array([1.0, 2.0, 8.0]), np.array([89, 10, 1]))
    4.0
    """
    share = np.cumsum(counts) / np.sum(counts)
    return float(centre[np.searchsorted(share, 0.999)] / centre[np.searchsorted(share, 0.9)])


def cohort(data, *, letter, quantity, cohort="converged", cut="-5", colour="h", definition="control"):
    """A curve a run of one cohort, by size or mobility: densities as coded, shares at or above as control."""
    rows = runs_in(data, cohort, CUTS[cut], definition)
    if rows.empty:
        raise NoMatch(f"No run is {cohort} with a cut at {cut} ({definition}).")
    figure, axis = style.subplots(figsize=(7.6, 4.1))
    shade = (
        style.size_colour(rows["hidden"].values) if colour == "h" else style.mobility_colour(rows["mobility"].values)
    )
    of, ratio = {"h": "hidden", "gamma": "mobility"}[colour], []
    for run, one in zip(rows["run"], shade, strict=True):
        centre, density, counts = histogram(data, quantity, run, definition)
        above = np.cumsum(counts[::-1])[::-1] / counts.sum()
        marks.tail(axis, centre, density if definition == "as-coded" else above, one, marker="", lw=0.6, alpha=0.7)
        ratio.append(heaviness(centre, counts))
    axis.set(xlabel=LABELS[quantity], title=f"{len(rows)} runs, {cohort}, cut at {cut}, {definition}")
    axis.set_ylabel("density" if definition == "as-coded" else "share at or above")
    axis.set_ylim(*((1e-4, 1e3) if definition == "as-coded" else (1e-6, 1.5)))
    marks.bar(figure, axis, colour)
    style.letter(axis, letter)
    alt = (
        f"Distribution of {LABELS[quantity]} at the end of {len(rows)} runs that are {cohort} (criterion below {cut}, "
        f"{definition}): the 99.9 % quantile over the 90 % quantile is {marks.spread(ratio)} over the runs. Coloured "
        f"by {WORDS[colour]}, with which that ratio has a rank correlation of {rank_correlation(rows[of], ratio):.2f}."
    )
    frame = rows[["hidden", "mobility", "seed", "criterion", "test_accuracy"]].assign(heaviness=ratio)
    return Drawing(figure, alt, frame.reset_index(drop=True))


DATA = "sweeps"
PANELS = {
    "4c": functools.partial(cohort, letter="c", quantity="strengths"),
    "4d": functools.partial(cohort, letter="d", quantity="weights"),
}
