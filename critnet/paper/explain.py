"""How a verdict was made, for the terminal: its row, how often the rule errs, what other choices make of the claim."""

from critnet.errors import UsageError
from critnet.paper import ledger, rates, universes


def _erring(found):
    """How often a rule errs, as lines of `explain`."""
    if not found:
        return []
    return [f"          {found.words()}", *([f"          simulated: {found.world}"] if found.known else [])]


def _universes(identity, definition):
    """What became of the claim under other choices, as lines of `explain`."""
    stored = universes.read().get((identity, definition))
    return [f"          {universes.shares(stored).words()}"] if stored else []


def explain(rows, identity):
    """How the rows of one claim were made, how often the rule errs where `critnet reduce errors` has found that, and
    what other choices make of it where `critnet reduce universes` has.

    Raises
    ------
    UsageError
        If no claim has this number.
    """
    chosen = [row for row in rows if row.id == identity]
    if not chosen:
        known = ", ".join(dict.fromkeys(row.id for row in rows))
        raise UsageError(f"claim {identity!r} is not in the ledger; it has {known}")
    first, erring = chosen[0], rates.read()
    lines = [
        f"{first.id}, section {first.section}, panel {first.panel}: {first.claim}",
        f"paper     {first.paper_value}",
        f"kind      {first.kind}" + (f", follows from {first.follows_from}" if first.follows_from else ""),
        f"measured  {first.quantity}{f', {first.unit}' if first.unit else ''}, on {first.population}",
    ]
    for row in chosen:
        ends = "" if row.low != row.low else f" ({row.low:g} to {row.high:g}, {row.interval_kind})"
        lines += [
            "",
            f"{row.definition:<9} {row.value:g}{ends}, {row.n_runs} runs: {row.verdict}",
            f"          {row.rule}",
            *_erring(erring.get((row.id, row.definition))),
            *_universes(row.id, row.definition),
            *(f"          where {name}: {ledger.span(given)}" for name, given in row.null.items()),
            *(f"          {name}: {ledger.span(given)}" for name, given in row.also.items()),
            *(f"          {text}" for text in (row.note, row.reason) if text),
            f"          first edition: {row.first_edition or 'not in it'}; means what the sentence says: {row.meaning}",
        ]
    return "\n".join(lines)
