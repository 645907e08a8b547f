"""The specification curve of a claim: its number in every universe, in order, over the choices that made it."""

import textwrap

import numpy as np
import pandas as pd

from critnet.explore import Drawing, NoMatch
from critnet.paper import ledger, style, universes
from critnet.paper.rules import ANYTHING
from critnet.paper.strips import decisive, declared

LOGARITHMIC = 30.0  # positive values that spread by more have a logarithmic axis
# Those of the front page (CLAIMS), and two whose number leans on the choice most.
OFFERED = (
    "C05", "C07", "C24", "C29", "C32", "C34", "C37", "C42", "C52", "C59", "C63", "C64", "C70", "C76", "C83", "C93",
    "C104", "C109", "C117", "C120", "C127", "C128",
)  # fmt: skip


def specification(data, *, claim="C32", definition="as-coded"):
    """Specification curve: a claim's number under all combinations of choices, and which choices those are.

    Parameters
    ----------
    data : DataFrame of data/universes.csv
    """
    rows = data[(data["id"] == claim) & (data["definition"] == definition)]
    if rows.empty:
        raise NoMatch(f"{claim} is not judged {definition}; choose the other definition.")
    of = [universes.from_line(line) for line in rows.astype(object).fillna("").to_dict("records")]
    known = sorted((u for u in of if np.isfinite(u.value)), key=lambda u: u.value)
    if not known:
        raise NoMatch(f"{claim} has no number in any universe, {definition}.")
    found, declaration = universes.shares(of), declared()[claim]
    c, own, x = style.colours(), of[0], np.arange(len(known))
    colour = c.as_coded if definition == "as-coded" else c.control
    figure, (upper, lower) = style.subplots(2, 1, figsize=(7.6, 5.6), sharex=True, height_ratios=(1, 1.1))
    value = np.array([u.value for u in known])
    low, high = (np.array([getattr(u, end) for u in known]) for end in ("low", "high"))
    upper.vlines(x, low, high, color=colour, lw=0.8, alpha=0.45)
    upper.plot(x, value, "o", ms=3, color=colour)
    if own in known:
        upper.plot(known.index(own), own.value, "D", ms=6, mfc="none", color=c.ink, label="the ledger's own")
        upper.legend(loc="upper left")
    spread = value.max() / value.min() if value.min() > 0 else 0
    upper.set(yscale="log" if spread > LOGARITHMIC else "linear")
    _bands(upper, declaration.rule_in(definition), c)
    upper.set_title(f"{claim}, {len(of)} universes\n{found.told()}")
    quantity = declaration.quantity + (f", {declaration.unit}" if declaration.unit else "")
    upper.set_ylabel(textwrap.fill(quantity, 30))
    names = [(name, option) for name in own.choices for option in dict.fromkeys(u.choices[name] for u in of)]
    names = [(name, option) for name, option in names if len({u.choices[name] for u in of}) > 1]
    for y, (name, option) in enumerate(names):
        chosen = [i for i, u in enumerate(known) if u.choices[name] == option]
        lower.plot(chosen, np.full(len(chosen), y), "s", ms=2.6, color=c.ink if name == found.decisive else c.faint)
    lower.set_yticks(range(len(names)), [f"{name}: {option}" for name, option in names], fontsize=7.5)
    lower.set(ylim=(len(names) - 0.4, -0.6), xlim=(-1, len(known)), xlabel="universes in the order of the value")
    lower.tick_params(axis="y", length=0)
    alt = (
        f"{claim}, {definition}: {declaration.quantity}. It is {value.min():.3g} to {value.max():.3g} in {len(of)} "
        f"universes, {own.value:.3g} in the ledger's own; {found.words()}."
    )
    table = pd.DataFrame(
        [{**u.choices, "value": u.value, "low": u.low, "high": u.high, "verdict": u.verdict} for u in of]
    )
    return Drawing(figure, alt, table)


def _bands(axis, rule, c):
    """Where the value counts as reproduced, and as partly, if the rule bounds the value itself."""
    margin = decisive(rule)
    if margin.of:
        return
    low, high = axis.get_ylim()
    for region, alpha in ((margin.partly, 0.1), (margin.reproduced, 0.16)):
        if region != ANYTHING and min(region.high, high) > max(region.low, low):
            axis.axhspan(max(region.low, low), min(region.high, high), color=c.ink, alpha=alpha, lw=0)
    axis.set_ylim(low, high)


def offered():
    """The claims that the page offers, with their sentence."""
    says = {claim.id: claim.claim for claim in ledger.claims()}
    return {identity: f"{identity} {says[identity]}" for identity in OFFERED}


DATA = "universes"
PANELS = {"claim-universes": specification}
