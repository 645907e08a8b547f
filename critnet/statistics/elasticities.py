"""By what powers of several factors a quantity changes at once, with an interval over groups and their members."""

import numpy as np

from critnet import checks
from critnet.errors import UsageError
from critnet.statistics.intervals import Interval


def elasticities(value, factors, groups, *, n_bootstrap=1000, level=0.95, random):
    """Exponents of value ~ product of factor^e within groups: least squares of logarithms, a constant for each group.

    So the flux J ~ learning_rate^a batch_size^-b at each size of the network. Each redraw takes groups, and of each its
    members, with repetition.

    Parameters
    ----------
    value : array, shape (n,), all > 0
    factors : dict of arrays, shape (n,), all > 0
    groups : array, shape (n,)
        What shares a constant: the size of the network.
    n_bootstrap : int >= 100
    level : float in (0, 1)
    random : numpy Generator

    Returns
    -------
    dict of Interval, keyed as factors
        Redraws in which the factors do not vary apart from each other are left out.

    Raises
    ------
    UsageError
        If lengths differ, a value is not finite or not above 0, the factors do not vary apart from each other within
        groups, or a parameter is out of range.

    Source: METHODS D29; claim C80.

    >>> rate, size = np.array([1, 2, 4, 1, 2, 4.0]), np.array([8, 8, 8, 16, 16, 16.0])
    >>> found = elasticities(rate / size**2, {"rate": rate, "batch": size}, [0] * 6, random=np.random.default_rng(0))
    >>> {name: round(e.value, 9) for name, e in found.items()}
    {'rate': 1.0, 'batch': -2.0}
    """
    n_bootstrap, level = checks.whole("n_bootstrap", n_bootstrap, 100), checks.level(level)
    checks.generator(random)
    columns = np.array([_logarithms(name, factor) for name, factor in {"value": value, **factors}.items()])
    groups = np.unique(np.asarray(groups), return_inverse=True)[1]
    if len(columns) < 2 or groups.shape != columns.shape[1:]:
        raise UsageError(
            f"groups has shape {groups.shape} and value {columns.shape[1:]}; give a group a value, and a factor"
        )
    members = [np.flatnonzero(groups == g) for g in range(groups.max() + 1)]
    whole = _slopes(columns, members)
    if whole is None:
        raise UsageError(f"{', '.join(factors)} do not vary apart from each other within groups; add runs that do")
    redrawn = []
    for _ in range(n_bootstrap):
        chosen = random.integers(0, len(members), len(members))
        drawn = _slopes(columns, [random.choice(members[g], members[g].size) for g in chosen])
        if drawn is not None:
            redrawn.append(drawn)
    if len(redrawn) < n_bootstrap / 2:
        raise UsageError(
            f"in {n_bootstrap - len(redrawn)} of {n_bootstrap} redraws the factors do not vary; give more runs"
        )
    ends = np.quantile(np.array(redrawn), [(1 - level) / 2, (1 + level) / 2], axis=0)
    return {name: Interval(*map(float, (v, *e))) for name, v, e in zip(factors, whole, ends.T, strict=True)}


def _slopes(columns, members):
    """Least squares of the first row on the others, each group less its mean; None where they are not apart."""
    rows = np.concatenate([columns[:, m] - columns[:, m].mean(axis=1, keepdims=True) for m in members], axis=1)
    y, x = rows[0], rows[1:]
    size = np.sqrt((x**2).sum(axis=1))
    if not (size > 1e-9).all():
        return None
    square = x @ x.T / np.outer(size, size)
    if np.linalg.eigvalsh(square)[0] < 1e-6:
        return None
    return np.linalg.solve(square, x @ y / size) / size


def _logarithms(name, values):
    values = checks.sample(name, values, 3)
    if values.min() <= 0:
        raise UsageError(f"{name} reaches down to {values.min():g}; an exponent needs values above 0")
    return np.log(values)
