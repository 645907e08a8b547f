"""Every claim judged under all combinations of the choices it could be made by: how `reduce` makes universes.csv."""

import itertools
import math

from critnet.errors import UsageError
from critnet.paper import choices as c
from critnet.paper import ledger, results
from critnet.paper.measured import NONE, NotJudged, NotTestable
from critnet.paper.rules import UNTESTABLE
from critnet.paper.universes import Universe

MOST = 200  # universes of a claim

_COURSE = (c.NORM, c.SEEDS, c.SNAPSHOTS)
_GRAPH = (c.SIGNED, c.THRESHOLD, c.SEEDS, c.SNAPSHOTS)
_BY_SIZE = (c.FISHER, c.THRESHOLD, c.SIZES, c.RUNS)
_ENTROPY = (c.THRESHOLD_LOSS, c.TAILS, c.SEEDS)
_GRID = (c.GUESSERS, c.FAMILY, c.END, c.TAILS_OF_GRID)
_CIRCUITS = (c.COLLAPSED, c.UNTOUCHED, c.CONSTANT, c.SIZES_OF_CIRCUITS)

CHOICES: dict[str, tuple[c.Choice, ...]] = {
    **dict.fromkeys(("C03", "C05", "C07", "C08", "C13"), _COURSE),
    **dict.fromkeys(("C14", "C29", "C45"), _GRAPH),
    **dict.fromkeys(("C10", "C12", "C17", "C21", "C22"), (c.SEEDS, c.SNAPSHOTS)),
    **dict.fromkeys(("C01", "C04", "C06"), (c.SEEDS,)),
    "C02": (c.RUNS, c.FIRST_SEED, c.SIZES),
    **dict.fromkeys(("C27", "C28"), (c.NORM, c.FIRST_SEED)),
    **dict.fromkeys(("C24", "C42"), (c.NORM, c.SIZES, c.RUNS, c.FIRST_SEED)),
    **dict.fromkeys(("C25", "C26", "C43", "C44"), _BY_SIZE),
    "C30": (c.NORM, c.SIZES, c.RUNS, c.FIRST_SEED),
    "C31": (c.FISHER, c.THRESHOLD, c.RUNS),
    "C32": (c.FISHER, c.THRESHOLD, c.SIZES, c.RUNS),
    "C33": _BY_SIZE,
    **dict.fromkeys(("C34", "C35"), (c.SIZES, c.RUNS)),
    **dict.fromkeys(("C37", "C38", "C39"), (c.SIZES, c.RUNS)),
    **dict.fromkeys(("C48", "C50", "C52", "C53"), (c.SEEDS, c.SNAPSHOTS)),
    **dict.fromkeys(("C58", "C59", "C60", "C62"), _ENTROPY),
    **dict.fromkeys(("C49", "C51"), (c.SEEDS,)),
    "C63": (c.GUESSERS, c.END, c.FIRST_SEED),
    **dict.fromkeys(("C64", "C65", "C66", "C70"), _GRID),
    **dict.fromkeys(("C68", "C69"), (c.GUESSERS, c.FAMILY, c.SIZES)),
    "C74": (c.GUESSERS, c.FAMILY, c.TAILS_OF_GRID),
    "C67": (c.GUESSERS, c.FAMILY, c.TAILS_OF_GRID),
    **dict.fromkeys(("C76", "C77"), (c.SEEDS,)),
    **dict.fromkeys(("C78", "C79", "C82"), (c.SIZES, c.FIRST_SEED)),
    "C87": (c.SIZES, c.FIRST_SEED, c.GUESSERS),
    "C83": (c.FAMILY, c.SIZES, c.FIRST_SEED),
    "C92": (c.PROBABILITIES,),
    **dict.fromkeys(("C93", "C94"), (c.REPEATS, c.PROBABILITIES)),
    **dict.fromkeys(("C96", "C97", "C98", "C102", "C103"), (c.SEEDS,)),
    **dict.fromkeys(("C105", "C108", "C109", "C111"), (c.ANCHORS,)),
    "C104": (c.DRAWS, c.SEEDS),
    **dict.fromkeys(("C116", "C117", "C120", "C121"), _CIRCUITS),
    **dict.fromkeys(("C118", "C119"), (c.COLLAPSED, c.SIZES_OF_CIRCUITS)),
    **dict.fromkeys(("C122", "C123", "C125", "C126", "C127", "C128", "C129"), (c.SEEDS, c.TIMES)),
}


def combinations(given, definition):
    """All combinations of the options of choices in a definition, the ledger's own first: dicts of name to option."""
    options = [[(choice.name, option) for option in choice.of(definition)] for choice in given]
    return [dict(combination) for combination in itertools.product(*options)]


def of_claim(claim, data, given):
    """Every universe of a claim.

    Parameters
    ----------
    claim : critnet.paper.ledger.Claim
    data : Dataset, or dict of name to results, as `claim.measure` takes it
    given : tuple of Choice

    Returns
    -------
    list of Universe
        One definition after the other, the ledger's own universe first in each.

    Raises
    ------
    UsageError
        If there are more than 200.
    """
    if (n := sum(len(combinations(given, d)) for d in claim.definitions)) > MOST:
        raise UsageError(f"{claim.id} would have {n} universes, more than {MOST}; leave out a choice or an option")
    plain = not isinstance(claim.data, tuple)
    named = {claim.data: data} if plain else data
    found = []
    for definition in claim.definitions:
        for chosen in combinations(given, definition):
            changed = named
            for choice in given:
                change = choice.options[chosen[choice.name]]
                changed = change(changed) if change else changed
            found.append(_judged(claim, definition, chosen, changed[claim.data] if plain else changed))
    return found


def _judged(claim, definition, chosen, data):
    try:
        measured = claim.measure(data, definition)
    except (NotTestable, NotJudged) as why:
        return Universe(claim.id, definition, chosen, math.nan, math.nan, math.nan, 0, UNTESTABLE, str(why))
    numbers = measured.numbers()
    main = numbers[""]
    ends = (math.nan, math.nan) if main.kind == NONE else (main.low, main.high)
    n = main.n if measured.n_runs is None else measured.n_runs
    value, low, high = (float(f"{x:.4g}") for x in (main.value, *ends))
    return Universe(claim.id, definition, chosen, value, low, high, n, claim.rule_in(definition).judge(numbers))


def table():
    """Every universe of every claim that has choices, from the committed results.

    Raises
    ------
    UsageError
        If choices are listed of a claim that is not declared.
    """
    declared = {claim.id: claim for claim in ledger.claims()}
    if odd := sorted(set(CHOICES) - set(declared)):
        raise UsageError(f"choices are listed for {odd[0]!r}, which no module of claims declares")
    chosen = [declared[name] for name in sorted(CHOICES, key=lambda name: int(name[1:]))]
    return [u for claim in chosen for u in of_claim(claim, results.load_all(claim.data), CHOICES[claim.id])]
