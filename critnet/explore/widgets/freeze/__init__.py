"""The freeze explorer: the coupling cost of circuits with weights or correlations held at a moment of choice."""

import numpy as np

from critnet.errors import UsageError
from critnet.explore.widgets.base import Explorer, text_of

LEAST = 90  # the laws see at least this much, iterations
AT, UNTIL = 100, 10_000  # the freeze, and the most that the laws see, at first


class FreezeExplorer(Explorer, scripts=("core", "freeze")):
    """Drag the moment at which weights, or the correlations of neurons, stay as they are.

    The reader sees the cost as it is, with only weights changing and with only correlations changing, and what a
    logarithm, a power law and a stretched exponential leave of the chosen line (METHODS D46 and section 11).

    Parameters
    ----------
    t : int array, shape (n_steps,), rising
        Stored iterations; 100 must be among them.
    tables : dict of label to array, shape (n_steps, n_steps)
        The cost with the weights of one iteration (rows) and the correlations of another (columns), a circuit each.
    totals : dict of label to array, shape (n_steps,), > 0
        The sum of |w| over the circuit's edges.
    name : str
        Its id in the page.
    caption, words, picture
        As for `Explorer`.

    Raises
    ------
    UsageError
        If shapes or numbers do not fit together.
    """

    def __init__(self, t, tables, totals, *, name, caption="", words="", picture=None):
        t = np.asarray(t, int)
        if t.ndim != 1 or t.size < 8 or not (np.diff(t) > 0).all() or t[0] < 0:
            raise UsageError(f"t is {t.tolist()}; give eight rising iterations or more, from 0 on")
        if AT not in t:
            raise UsageError(f"iteration {AT} is not among t; the explorer starts there")
        if not tables or set(tables) != set(totals):
            raise UsageError(f"tables of {', '.join(tables) or 'nothing'}, totals of {', '.join(totals) or 'nothing'}")
        for label in tables:
            for what, values, shape in (("table", tables[label], 2 * t.shape), ("total", totals[label], t.shape)):
                if np.shape(values) != shape or not np.isfinite(np.asarray(values, float)).all():
                    raise UsageError(f"{what} of {label!r} has shape {np.shape(values)}; give finite numbers {shape}")
            if not (np.asarray(totals[label]) > 0).all():
                raise UsageError(f"total of {label!r} is not above 0 throughout; a circuit without weight has no cost")
        super().__init__(
            {
                "name": name,
                "caption": caption,
                "t": t.tolist(),
                "circuits": [
                    {"label": label, "table": text_of(tables[label], "<f4"), "total": text_of(totals[label], "<f4")}
                    for label in tables
                ],
                "least": LEAST,
                "start": {"at": AT, "until": int(t[t <= UNTIL].max())},
            },
            words=words,
            picture=picture,
        )
