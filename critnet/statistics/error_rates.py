"""How often a rule errs: the same rule in simulated worlds where its sentence holds, and where it does not."""

from collections import Counter
from typing import NamedTuple

from critnet import checks
from critnet.errors import UsageError
from critnet.statistics.intervals import Interval
from critnet.statistics.shares import binomial_interval

REPRODUCED, NOT_REPRODUCED = "reproduced", "not reproduced"
ALLOWED = 0.05


class ErrorRates(NamedTuple):
    """How often a rule says *reproduced* of a false sentence, and *not reproduced* of a true one.

    Each is a share of the simulated worlds with its exact 95 % limits. `in_true` and `in_false` map each verdict to its
    share, so that what is neither (partly, undecided) is seen too.
    """

    false_reproduce: Interval
    false_refute: Interval
    in_true: dict
    in_false: dict

    @property
    def marked(self):
        """Whether the rule says *reproduced* in more than 5 % of the false worlds; LEDGER 5."""
        return self.false_reproduce.value > ALLOWED


def error_rates(judge, true_world, false_world, *, n_runs, n_worlds=400, random):
    """Judge simulated worlds by a rule.

    Parameters
    ----------
    judge : function of what a world returns to a verdict, a str
        The rule as the ledger applies it, interval and all.
    true_world, false_world : functions of (n_runs, random)
        Data as the rule reads them, of `n_runs` runs, where the sentence is true as printed, and where it is false.
    n_runs : int >= 1
        As many as the ledger has.
    n_worlds : int >= 1
        Of each kind; 400 tell 5 % from 8 %.
    random : numpy Generator

    Returns
    -------
    ErrorRates

    Raises
    ------
    UsageError
        If a number is not whole, the judge says something that is no word, or there is no generator.

    Source: LEDGER 5.

    >>> import numpy as np
    >>> judge = lambda value: "reproduced" if value.mean() > 0.5 else "not reproduced"
    >>> world = lambda mean: lambda n_runs, random: random.normal(mean, 1, n_runs)
    >>> rates = error_rates(judge, world(1), world(0), n_runs=5, random=np.random.default_rng(0))
    >>> 0.1 < rates.false_reproduce.value < 0.16, 0.1 < rates.false_refute.value < 0.17, rates.marked
    (True, True, True)
    """
    n_runs, n_worlds = checks.whole("n_runs", n_runs), checks.whole("n_worlds", n_worlds)
    checks.generator(random)
    counts = []
    for world in (true_world, false_world):
        verdicts = [judge(world(n_runs, random)) for _ in range(n_worlds)]
        odd = [v for v in verdicts if not isinstance(v, str)]
        if odd:
            raise UsageError(f"the judge said {odd[0]!r}; a verdict is a word, as {REPRODUCED!r}")
        counts.append(Counter(verdicts))
    in_true, in_false = ({v: n / n_worlds for v, n in sorted(c.items())} for c in counts)
    return ErrorRates(
        binomial_interval(counts[1][REPRODUCED], n_worlds),
        binomial_interval(counts[0][NOT_REPRODUCED], n_worlds),
        in_true,
        in_false,
    )
