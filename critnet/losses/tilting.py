"""Losses reweighted by e^(theta L): their log-moment, mean and variance, for many theta at once, to rounding."""

from math import factorial

import numpy as np

from critnet import checks
from critnet.errors import UsageError

GROUPS = 64
RADIUS = 1 / (2 * GROUPS)
TERMS = 20  # 1 / 20! = 4e-19
NEGLIGIBLE = 60.0  # e^-60 * 60000 is below rounding
STEPS = 200
TINY = 1e-300


def loss_array(losses):
    """Return `losses` as a floating array of shape (n_samples,); float32 stays float32.

    Raises
    ------
    UsageError
        If there is no loss, the array is not one-dimensional, or a loss is NaN, infinite or negative.
    """
    array = checks.array("losses", losses, None)
    if array.ndim != 1 or array.size == 0:
        raise UsageError(f"losses has shape {array.shape}; give one loss a sample, at least one")
    low, high = array.min(), array.max()  # both pass NaN on
    if not (np.isfinite(low) and np.isfinite(high)):
        bad = int(array.size - np.isfinite(array).sum())
        raise UsageError(
            f"losses holds {bad} NaN or infinite values of {array.size}; this run has diverged: leave the step out, "
            "or see convergence_criterion, which has values for diverged runs"
        )
    if low < 0:
        raise UsageError(f"losses holds {low}; a cross-entropy is >= 0")
    return array


class Tilted:
    """The distribution p_theta(x) ~ e^(theta x) over N losses; x = (L - min) / (max - min), theta = -beta (max - min).

    The range is cut into 64 groups of half-width r = 1/128, each with its first 22 power sums about its centre. While
    |theta| r <= 1, twenty terms of the exponential series give the sum over a group to float64 rounding; so one theta
    costs 64 exponentials in place of N. Beyond, the samples that count are few, or theta is one: summed directly.
    Nothing is approximated; a test holds both ways against the plain sum.

    Attributes: losses (float64, in nats), size, low, high, mean, range (nats), scaled (x), cap (ln N).
    """

    def __init__(self, losses):
        self.losses = loss_array(losses).astype(np.float64)
        self.size, self.cap = self.losses.size, float(np.log(self.losses.size))
        self.low, self.high = float(self.losses.min()), float(self.losses.max())
        self.range = self.high - self.low
        self.mean = self.low + float((self.losses - self.low).mean())  # equal losses: exactly theirs
        if self.range > 0:
            self.scaled = (self.losses - self.low) / self.range
            self._power_sums()

    def _power_sums(self):
        places = GROUPS * self.scaled
        group = np.minimum(places.astype(np.intp), GROUPS - 1)
        offset = 2 * (places - group) - 1  # in [-1, 1], units of r
        power, sums = np.ones(self.size), []
        for _ in range(TERMS + 2):
            sums.append(np.bincount(group, power, GROUPS))
            power *= offset
        full = sums[0] > 0
        self._sums = np.array(sums)[:, full] / self.size  # (terms + 2, groups)
        self._centres = RADIUS * (2 * np.flatnonzero(full) + 1)

    def cumulants(self, theta):
        """ln <e^(theta (x - e))>, mean of x - e and variance of x under p_theta; e, 0 or 1, is the end theta favours.

        Parameters
        ----------
        theta : array, shape (n,)

        Returns
        -------
        three arrays, shape (n,), and the ends e, shape (n,)
        """
        end = np.where(theta >= 0, 1.0, 0.0)
        out = np.empty((3, theta.size))
        near = np.abs(theta) * RADIUS <= 1
        if near.any():
            out[:, near] = self._by_groups(theta[near], end[near])
        for i in np.flatnonzero(~near):
            out[:, i] = self._directly(theta[i], end[i])
        return (*out, end)

    def _by_groups(self, theta, end):
        series = (theta * RADIUS)[:, None] ** np.arange(TERMS) / [factorial(k) for k in range(TERMS)]
        zeroth, first, second = (series @ self._sums[k : k + TERMS] for k in range(3))  # (n, groups)
        away = self._centres - end[:, None]
        weight = np.exp(theta[:, None] * away)
        total = (weight * zeroth).sum(axis=1)
        mean = (weight * (away * zeroth + RADIUS * first)).sum(axis=1) / total
        away -= mean[:, None]
        square = away**2 * zeroth + 2 * RADIUS * away * first + RADIUS**2 * second
        return np.log(total), mean, (weight * square).sum(axis=1) / total

    def _directly(self, theta, end):
        away = self.scaled - end
        away = away[np.abs(away) <= NEGLIGIBLE / abs(theta)]
        weight = np.exp(theta * away)
        total = weight.sum()
        mean = weight @ away / total
        return np.log(total / self.size), mean, weight @ (away - mean) ** 2 / total

    def solve(self, b):
        """theta at which the mean loss under p_theta is b, for each b from min to max; -inf and +inf at the ends.

        Newton on the logit of the mean of x, which is linear in theta for two-valued losses, within a bracket.
        """
        b = checks.array("b", b)
        if self.range == 0:
            return np.zeros(b.size)
        theta = np.where(b >= self.high, np.inf, np.where(b <= self.low, -np.inf, 0.0))
        lower = np.where(b > self.mean, 0.0, -np.inf)
        upper = np.where(b < self.mean, 0.0, np.inf)
        active = np.flatnonzero((b > self.low) & (b < self.high) & (b != self.mean))
        target = np.zeros(b.size)
        target[active] = np.log(b[active] - self.low) - np.log(self.high - b[active])
        for _ in range(STEPS):
            if active.size == 0:
                break
            now = theta[active]
            _, mean, variance, end = self.cumulants(now)
            above, below = np.maximum(end + mean, TINY), np.maximum(1 - end - mean, TINY)  # to min, to max
            miss = target[active] - np.log(above) + np.log(below)
            step = miss * above * below / np.maximum(variance, TINY)
            raise_it = miss > 0
            lower[active] = np.where(raise_it, np.maximum(lower[active], now), lower[active])
            upper[active] = np.where(raise_it, upper[active], np.minimum(upper[active], now))
            low, top = lower[active], upper[active]
            limit = 4 * np.maximum(np.abs(now), 1.0)
            new = now + np.clip(step, -limit, limit)
            bisect = ~((new > low) & (new < top)) & np.isfinite(low) & np.isfinite(top)
            new[bisect] = (low[bisect] + top[bisect]) / 2
            theta[active] = new
            active = active[np.abs(new - now) > 1e-9 * np.abs(new) + 1e-13]
        return theta

    def rate(self, b, theta=None):
        """Rate function at each b, in [0, ln N]; ln N outside the losses. theta, if known, saves solving."""
        rate = np.full(b.size, self.cap)
        rate[b == self.mean] = 0
        for end in (self.low, self.high):
            rate[b == end] = self.cap - np.log(np.count_nonzero(self.losses == end))
        inside = (b > self.low) & (b < self.high) & (b != self.mean)
        if inside.any():
            theta = self.solve(b[inside]) if theta is None else theta[inside]
            logarithm, _, _, end = self.cumulants(theta)
            place = np.where(end > 0, b[inside] - self.high, b[inside] - self.low) / self.range
            rate[inside] = np.clip(theta * place - logarithm, 0.0, self.cap)
        return rate

    def truncated_rate(self, theta, deepest):
        """ln N - S of p_theta, theta > 0, without the samples whose log-weight lies `deepest` below the largest."""
        exponent = theta * (self.scaled - 1)
        exponent = exponent[exponent >= -deepest]
        weight = np.exp(exponent)
        return self.cap - np.log(weight.sum()) + weight @ exponent / weight.sum()
