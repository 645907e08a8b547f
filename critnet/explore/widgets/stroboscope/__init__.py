"""The stroboscope: total flux seen at flashes further and further apart, beside a Brownian particle."""

import numpy as np

from critnet.errors import UsageError
from critnet.explore.widgets.base import Explorer, text_of

CURVES = ("flux", "drift", "speed")


class StroboscopeExplorer(Explorer, scripts=("base/random", "core", "stroboscope")):
    """Drag the interval between two looks at the trajectories, and the iteration from which it is used (METHODS D28).

    The reader sees the flux over training as the flashes show it and as single iterations do, between their exact
    bounds; the flux at one flash against the interval; and Brownian particles, whose mean speed falls as its root.

    Parameters
    ----------
    flux : array, shape (n_seeds, 2, n_flashes, n_intervals), > 0
        Total flux of losses and of parameters from each flash on, over each interval; passed on in float32.
    flashes : int array, rising iterations
    intervals : int array, rising from 1
        Iterations; up to 1000.
    courses : array, shape (n_seeds, 2, 3, n_places), >= 0, NaN where nothing is recorded
        Over single iterations: total flux, |d<y>/dt| and <|v|>, `CURVES`; passed on in float32.
    places : int array, rising iterations
    seeds : int array
    name : str
        Its id in the page.
    interval, change : int
        Interval shown first and the flash from which it is used.
    last : int
        The flash at which the early part ends: later ones are shown as dots.
    caption, words, picture
        As for `Explorer`.

    Raises
    ------
    UsageError
        If shapes do not fit, iterations do not rise, a flux is not positive, or the start is not among the choices.
    """

    def __init__(
        self, flux, flashes, intervals, courses, places, *, seeds, name, interval=10, change=50, last=None,
        caption="", words="", picture=None,
    ):  # fmt: skip
        flashes, intervals, places = (
            _rising(what, values)
            for what, values in (("flashes", flashes), ("intervals", intervals), ("places", places))
        )
        flux, courses = np.asarray(flux, np.float64), np.asarray(courses, np.float64)
        last = flashes[-1] if last is None else last
        for what, values, shape in (
            ("flux", flux, (len(seeds), 2, flashes.size, intervals.size)),
            ("courses", courses, (len(seeds), 2, len(CURVES), places.size)),
        ):
            if values.shape != shape:
                raise UsageError(f"{what} has shape {values.shape}; with these seeds and iterations it must be {shape}")
            if np.isinf(values).any() or (what == "flux" and np.isnan(values).any()):
                raise UsageError(f"{what} holds values that are not finite; leave out what is not recorded")
        if intervals[0] != 1 or intervals[-1] > 1000:
            raise UsageError(
                f"intervals run from {intervals[0]} to {intervals[-1]}; begin at 1 and end at 1000 or before"
            )
        if flux.min() <= 0 or np.nanmin(courses) < 0:
            raise UsageError(f"a flux is {min(flux.min(), np.nanmin(courses))}; give those of moving trajectories, > 0")
        for what, value, known in (
            ("interval", interval, intervals),
            ("change", change, flashes[flashes <= last]),
            ("last", last, flashes),
        ):
            if value not in known:
                raise UsageError(f"{what} is {value}; choose one of {known.tolist()}")
        given = {
            "name": name,
            "intervals": intervals.tolist(),
            "flashes": flashes.tolist(),
            "places": places.tolist(),
            "seeds": [int(seed) for seed in seeds],
            "table": text_of(flux, "<f4"),
            "courses": text_of(courses, "<f4"),
            "start": {"interval": int(interval), "change": int(change)},
            "last": int(last),
            "caption": caption,
        }
        super().__init__(given, words=words, picture=picture)


def _rising(name, values):
    values = np.asarray(values, np.float64)
    if values.ndim != 1 or values.size < 2 or not (np.diff(values) > 0).all() or (values != np.floor(values)).any():
        raise UsageError(f"{name} are {values}; give two or more whole numbers, rising")
    return values.astype(int)
