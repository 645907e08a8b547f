"""The critical redistribution model: units of weight are pruned and placed again, partly where weight is preferred.

`n_units` units lie on `n_pairs` pairs of neurons. At each step some pairs lose all they have; each unit lost is placed
again, with probability P_C by preference and else anywhere. The preference follows the measured correlation |C(t)|
first, and the weights themselves at the end: the last stage is the model of Lynn, Holmes & Palmer 2024, whose
stationary law is known.

Which pairs are pruned does not depend on the weights. While the preference does not either, each unit goes its own way
from one pruning of its pair to the next, and is followed from event to event; all units of all runs move at once.
"""

from typing import NamedTuple

import numpy as np

from critnet import checks
from critnet.errors import UsageError

UNITS, PRUNED = 0.1, 0.01  # of the number of pairs
STEPS, SAMPLES, BETWEEN = 200_000, 100, 100
MEMORY = 4000  # steps
PREFERENCES = ("correlation", "constant", "weight")
BITS = 12  # of a step within a piece of the schedule: pieces of 2^12 candidate steps stay in the cache
TINY = 1e-30  # so that a preference that is 0 everywhere falls back to anywhere, as coded


class Schedule(NamedTuple):
    """Pairs pruned at consecutive steps: `rows` (n_steps, pruned), and `events`, sorted: pair, then step from 1 on."""

    rows: np.ndarray
    events: np.ndarray


def redistribute(
    correlations,
    recorded,
    probability,
    *,
    random,
    preference="correlation",
    steps=STEPS,
    samples=SAMPLES,
    between=BETWEEN,
    memory=MEMORY,
):
    """Weights of the model after `steps` steps by preference and a last stage whose preference is the weights.

    Parameters
    ----------
    correlations : array, shape (n_recorded, M, M), symmetric
        Between snapshots linear, then |C|. At step t the preference is that of t - 1.
    recorded : array, shape (n_recorded,), rising iterations from 0, where they are followed to at least `steps` - 1
    probability : float or array, shape (n_runs,), in [0, 1]
        P_C. Runs of one call share the pruned pairs and nothing else: take an interval over calls.
    random : numpy Generator
        Not a seed: runs of different calls must differ.
    preference : "correlation", "constant" (all pairs alike) or "weight"
        In the first stage, not the last one; the start is drawn from |C(0)|.
    steps : int >= 0
    samples, between : int >= 1
        Samples of the last stage, and steps before each.
    memory : int >= 1 or None
        Steps of the first stage that are walked, the last ones; None: all. Where the preference does not depend on
        the weights a unit keeps nothing of its past once it is placed again, at 1 % a step, so that what lies 4000
        steps back is seen with a probability of e^-40.

    Returns
    -------
    int32 array, shape (n_runs, samples, n_pairs), in units; pairs i < j row by row

    Raises
    ------
    UsageError
        If a matrix is not square, finite and symmetric, or too small for a unit and a pruned pair (M < 15), the
        snapshots do not rise from 0 or end too early, P_C is outside [0, 1], or a count is no whole number.

    Source: Liu & Wang 2025, Fig. 4j, k; METHODS D39 and sections 10 and 11.

    >>> found = redistribute(np.ones((1, 20, 20)), [0], 0.5, random=np.random.default_rng(0), steps=0, samples=3)
    >>> found.shape, found.sum(axis=2).tolist()  # 190 pairs keep their 19 units
    ((1, 3, 190), [[19, 19, 19]])
    """
    probability = _probabilities(probability)
    steps = checks.whole("steps", steps, 0)
    samples, between = checks.whole("samples", samples, 1), checks.whole("between", between, 1)
    checks.choice("preference", preference, PREFERENCES)
    checks.generator(random)
    course = Course(correlations, recorded, steps if preference == "correlation" else 0)
    n_pairs = course.strength.shape[1]
    n_units, pruned = int(UNITS * n_pairs), int(PRUNED * n_pairs)
    if pruned < 1:
        raise UsageError(f"{n_pairs} pairs leave nothing to prune at a step; give at least 15 neurons")
    walked = steps if memory is None or preference == "weight" else min(steps, checks.whole("memory", memory, 1))
    begin = float(steps - walked) if preference == "correlation" else 0.0
    units = course.draw(np.full(probability.size * n_units, begin), random).reshape(probability.size, n_units)
    if preference == "weight":
        units = by_weight(units, n_pairs, pruned, probability, steps, random)
    else:
        share = np.zeros_like(probability) if preference == "constant" else probability
        units = by_course(units, course, pruned, share, steps, random, walked=walked)
    found = np.empty((probability.size, samples, n_pairs), np.int32)
    for k in range(samples):
        units = by_weight(units, n_pairs, pruned, probability, between, random)
        for counts, places in zip(found[:, k], units, strict=True):
            counts[:] = np.bincount(places, minlength=n_pairs)
    return found


class Course:
    """A preference that changes with time: |C| between snapshots, drawn from exactly."""

    def __init__(self, correlations, recorded, steps):
        self.recorded, self.strength = _snapshots(correlations, recorded, steps)
        size = np.abs(self.strength) + TINY
        self.total = size.sum(axis=1)
        ladder = np.cumsum(size, axis=1) / self.total[:, None]
        ladder[:, -1] = 1.0
        self.ladder = (ladder + np.arange(len(ladder))[:, None]).ravel()

    def draw(self, times, random):
        """A pair for each time, with probability |C(time)|, shape as times.

        The mixture of the two snapshots is at least as large as the interpolated |C|, so a draw from it is kept with
        the ratio; it is drawn again only where a correlation changes its sign.
        """
        at = np.clip(np.searchsorted(self.recorded, times, side="right") - 1, 0, max(len(self.recorded) - 2, 0))
        after = np.minimum(at + 1, len(self.recorded) - 1)
        gap = self.recorded[after] - self.recorded[at]
        share = np.divide(times - self.recorded[at], gap, out=np.zeros(len(times)), where=gap > 0)
        late = share * self.total[after]
        late /= late + (1 - share) * self.total[at]
        found = np.empty(len(times), np.int64)
        left = np.arange(len(times))
        n_pairs = self.strength.shape[1]
        while left.size:
            row = np.where(random.random(left.size) < late[left], after[left], at[left])
            pair = np.searchsorted(self.ladder, row + random.random(left.size), side="right") - row * n_pairs
            found[left] = np.minimum(pair, n_pairs - 1)
            x = (1 - share[left]) * self.strength[at[left], found[left]]
            y = share[left] * self.strength[after[left], found[left]]
            opposed = np.flatnonzero(x * y < 0)
            kept = np.ones(left.size, bool)
            x, y = x[opposed], y[opposed]
            kept[opposed] = random.random(opposed.size) * (np.abs(x) + np.abs(y)) < np.abs(x + y)
            left = left[~kept]
        return found


def by_course(units, course, pruned, probability, steps, random, *, walked=None):
    """Places of the units after `steps` steps whose preference does not depend on them: `redistribute`, first stage.

    Parameters
    ----------
    units : int array, shape (n_runs, n_units), the pair of each unit
    course : Course
    pruned : int, pairs a step
    probability : array, shape (n_runs,)
    steps : int
    random : numpy Generator
    walked : int or None
        Only the last ones are walked, from the given places; None: all.

    Returns
    -------
    int array, shape (n_runs, n_units)
    """
    n_pairs = course.strength.shape[1]
    shape, chance = units.shape, np.repeat(probability, units.shape[1])
    place, done = units.ravel(), steps - (steps if walked is None else walked)
    while done < steps:
        schedule = pruned_pairs(n_pairs, pruned, steps - done, random)
        whole = schedule.events.dtype.type
        events = np.append(schedule.events, whole(n_pairs << BITS))
        moving, at, last = np.arange(place.size), place.astype(whole), whole((1 << BITS) - 1)
        place, now, odds = at.copy(), at << whole(BITS), chance
        while True:
            event = events[events.searchsorted(now, side="right")]
            pruned_now = event >> whole(BITS) == at
            moving, event, odds = moving[pruned_now], event[pruned_now], odds[pruned_now]
            if not moving.size:
                break
            at = random.integers(0, n_pairs, moving.size, dtype=whole)
            step = event & last
            preferred = (random.random(moving.size) < odds).nonzero()[0]
            at[preferred] = course.draw(step[preferred] + (done - 1.0), random)
            place[moving] = at
            now = (at << whole(BITS)) | step
        done += len(schedule.rows)
    return place.astype(np.int64).reshape(shape)


def by_weight(units, n_pairs, pruned, probability, steps, random):
    """Places of the units after `steps` steps whose preference is the weight left after pruning.

    To prefer a pair by its weight is to follow a unit that is still there, whichever; without one, anywhere.
    Parameters and result as `by_course`.
    """
    units, done = units.copy(), 0
    runs, n_units = units.shape
    flat, chance = units.ravel(), np.repeat(probability, n_units)
    struck = np.zeros(n_pairs, bool)
    while done < steps:
        rows = pruned_pairs(n_pairs, pruned, steps - done, random).rows
        for row in rows:
            struck[row] = True
            gone = struck[flat]
            lost = np.flatnonzero(gone)
            new = random.integers(0, n_pairs, lost.size)
            followers = np.flatnonzero(random.random(lost.size) < chance[lost])
            if followers.size:
                empty = gone.reshape(runs, n_units).all(axis=1)
                followers = followers[~empty[lost[followers] // n_units]]
                first = lost[followers] // n_units * n_units  # unit of the same run
                leader = first + random.integers(0, n_units, followers.size)
                while (again := np.flatnonzero(gone[leader])).size:
                    leader[again] = first[again] + random.integers(0, n_units, again.size)
                new[followers] = flat[leader]
            flat[lost] = new
            struck[row] = False
        done += len(rows)
    return flat.reshape(runs, n_units)


def pruned_pairs(n_pairs, pruned, steps, random):
    """Which pairs are pruned at the next steps, at most `steps` of them: at each, so many different pairs, all equally.

    Drawn with repetition, and steps that repeat a pair left out: what is left is uniform over sets of different pairs.
    A piece of the schedule at a time: how long it is depends on what fits into the cache.

    >>> piece = pruned_pairs(100, 3, 50, np.random.default_rng(0))
    >>> piece.rows.shape, len(piece.events)
    ((50, 3), 150)
    """
    chance = np.exp(np.log1p(-np.arange(pruned) / n_pairs).sum()) if pruned < n_pairs else 0.0
    if chance < 0.02:  # too many would be left out
        number = min(steps, 1 << 10)
        rows = np.array([random.choice(n_pairs, pruned, replace=False) for _ in range(number)])
        events = np.sort(((rows.astype(np.int64) << BITS) | np.arange(1, number + 1)[:, None]).ravel())
        return Schedule(rows, events)
    number = min((1 << BITS) - 1, int(steps / chance + 5 * np.sqrt(steps) / chance) + 5)
    whole = np.uint32 if n_pairs < 1 << (31 - BITS) else np.int64
    rows = random.integers(0, n_pairs, (number, pruned), dtype=whole)
    events = ((rows << whole(BITS)) | np.arange(number, dtype=whole)[:, None]).ravel()
    events.sort()
    fine = np.ones(number, bool)
    step = (1 << BITS) - 1
    fine[events[1:][events[1:] == events[:-1]] & whole(step)] = False
    label = np.cumsum(fine)
    fine &= label <= steps
    at = events & whole(step)
    kept = fine[at]
    events = (events[kept] & ~whole(step)) | label[at[kept]].astype(whole)
    return Schedule(rows[fine], events)


def _probabilities(probability):
    values = np.atleast_1d(checks.array("P_C", probability))
    if values.ndim != 1 or values.size == 0 or not ((values >= 0) & (values <= 1)).all():
        raise UsageError(f"P_C is {probability}; give a number, or a vector of them, from 0 to 1")
    return values


def _snapshots(correlations, recorded, steps):
    correlations, recorded = checks.array("correlations", correlations, None), checks.array("recorded", recorded)
    if correlations.ndim != 3 or correlations.shape[1] != correlations.shape[2] or not len(correlations):
        raise UsageError(f"correlations have shape {correlations.shape}; give (n_recorded, M, M)")
    checks.finite("correlations", correlations)
    if not np.allclose(correlations, correlations.transpose(0, 2, 1), atol=1e-5):
        raise UsageError("correlations are not symmetric; give Pearson correlations of neurons")
    if recorded.shape != correlations.shape[:1] or recorded[0] != 0 or not (np.diff(recorded) > 0).all():
        raise UsageError(f"recorded is {recorded}; give one iteration a matrix, rising, from 0 on")
    if recorded[-1] < steps - 1:
        raise UsageError(f"the last matrix is that of {recorded[-1]:g}, before the end at {steps}; give one of the end")
    above = np.triu_indices(correlations.shape[1], 1)
    return recorded, np.ascontiguousarray(correlations[:, *above], np.float64)
