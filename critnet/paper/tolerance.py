"""Rules with other margins than their own: what a page judges by, and the tally if all were half or twice as wide.

A page gets each rule as plain lists (`encoded`), and each row its numbers (`numbers`), and judges as
`critnet.paper.rules` does; a browser test holds the two together.

What half or double a margin is (`scaled`): where the dark band has two ends, each end of both bands lies half or twice
as far from its middle. Where it has one, what it asks beyond 0 is doubled or halved: above 1 its excess over 1, below 1
its odds b / (1 - b), so that no share is asked to exceed 1, and a bound of 0 or 1, which asks for a sign or for a rise,
stays.
"""

import math
from collections import Counter

from critnet import checks
from critnet.paper.rules import ANYTHING, UNJUDGED, All, Margin

FACTORS = {0.5: "half", 1.0: "own", 2.0: "twice"}  # of the margins, and how a table calls it


def encoded(rule):
    """A rule as lists and dicts of plain numbers, None for a bound that is not there.

    Returns
    -------
    A margin as [name, [low, high, strict], the same of the wider region]; others as {"all": [...]} or {"both": [...]}.

    >>> from critnet.paper.rules import at_least, all_of, above
    >>> encoded(all_of(at_least(2, 1), above(0, of="slope")))
    {'all': [['', [2, None, 0], [1, None, 0]], ['slope', [0, None, 1], [0, None, 1]]]}
    """
    if isinstance(rule, Margin):
        regions = (rule.reproduced, rule.partly)
        return [rule.of, *([_plain(r.low), _plain(r.high), int(r.strict)] for r in regions)]
    return {"all" if isinstance(rule, All) else "both": [encoded(part) for part in rule.given]}


def numbers(row):
    """The numbers of a row that its rule may bound, by name, the value under "": [value, low, high], None for none."""
    ends = (row.value, row.value) if row.low != row.low else (row.low, row.high)
    beside = {name: given if len(given) == 3 else given[:1] * 3 for name, given in row.also.items()}
    return {"": [_plain(x) for x in (row.value, *ends)], **beside}


def _plain(x):
    return x if math.isfinite(x) else None


class Plain:
    """A number of a row, as a rule takes it; nan where there is none."""

    def __init__(self, given):
        self.value, self.low, self.high = (math.nan if x is None else x for x in given)


def verdict(row, rule):
    """What a rule says of the numbers that the ledger keeps of a row; what is not judged stays so."""
    given = {name: Plain(number) for name, number in numbers(row).items()}
    missing = {part.of: Plain([None] * 3) for part in rule.parts() if part.of not in given}
    return UNJUDGED if row.verdict == UNJUDGED else rule.judge(given | missing)


def scaled(rule, factor):
    """A rule with all its margins so many times as wide.

    >>> from critnet.paper.rules import at_least, within
    >>> scaled(within((2, 4), (1, 5)), 0.5).words(), scaled(at_least(0.75, 0.5), 0.5).words()
    ('R: the value 2.5 to 3.5; P: 2 to 4', 'R: the value >= 0.8571; P: >= 0.6667')
    >>> scaled(at_least(3, above=1), 2).words()
    'R: the value >= 2; P: > 1'
    """
    checks.number("factor", factor, above=0)
    if not isinstance(rule, Margin):
        return type(rule)(tuple(scaled(part, factor) for part in rule.given))
    dark = rule.reproduced
    middle = (dark.low + dark.high) / 2 if math.isfinite(dark.low) and math.isfinite(dark.high) else None
    regions = []
    for region in (dark, rule.partly):
        both = math.isfinite(region.low) and math.isfinite(region.high)
        if region == ANYTHING:
            regions.append(region)
        elif middle is not None and both:
            regions.append(region._replace(**{
                end: middle + factor * (getattr(region, end) - middle) for end in ("low", "high")
            }))  # fmt: skip
        else:
            regions.append(region._replace(low=one_end(region.low, 1 / factor), high=one_end(region.high, factor)))
    inner, outer = regions
    inner = inner._replace(
        low=max(inner.low, outer.low), high=min(inner.high, outer.high)
    )  # 0 stays, whatever is wider
    return rule._replace(reproduced=inner, partly=outer)


def one_end(bound, factor):
    """A bound that asks so many times as much beyond 0; see the top of this module.

    >>> one_end(0.8, 2), one_end(5, 0.5), one_end(-5, 0.5), one_end(0, 2), one_end(1, 2)
    (0.888888888888889, 3.0, -9.0, 0, 1)
    """
    if bound < 0:
        return -one_end(-bound, 1 / factor)
    if bound in (0, 1) or not math.isfinite(bound):
        return bound
    if bound > 1:
        return 1 + factor * (bound - 1)
    odds = factor * bound / (1 - bound)
    return odds / (1 + odds)


def tally(rows, rule_of, definition, factor):
    """Verdicts of one definition if all margins were so many times as wide: counts by verdict, and how many changed.

    Parameters
    ----------
    rows : list of critnet.paper.ledger.Row
    rule_of : function of a row, its rule
    definition : "as-coded" or "control"
    factor : float > 0

    Returns
    -------
    Counter of verdicts, int
    """
    chosen = [row for row in rows if row.definition == definition]
    found = [verdict(row, scaled(rule_of(row), factor)) for row in chosen]
    return Counter(found), sum(new != row.verdict for new, row in zip(found, chosen, strict=True))
