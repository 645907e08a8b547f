"""The ledger: each testable sentence of the paper with what was measured and a verdict that code has reached.

A claim is declared directly above the function that measures it; a module of claims is named in MODULES::

    from critnet.paper import ledger
    from critnet.paper.measured import Measured, NotTestable
    from critnet.paper.rules import all_of, at_least, for_reproduced

    claim = functools.partial(ledger.claim, section="1.1", data="fig1")

    @claim("C16", "1c", "the accuracy rises fast before 100, then slowly", "change at 100",
           all_of(at_least(0.75, 0.6), for_reproduced(at_least(3, of="drop of its slope"))),
           quantity="test accuracy at t = 100", kind="existence", definitions=("as-coded",))
    def accuracy_early(data, definition):
        '''Test accuracy at t = 100; the docstring says what the value is.'''
        if not data.sizes["seed"]:
            raise NotTestable("no seed")
        return Measured(at(data, accuracy, 100), {"drop of its slope": drop})  # each one value a seed, or a Number

`data` names the results file, or several, that the function takes (`results.load_all`). The words of the rule come from
the rule (`critnet.paper.rules`), the verdict from the rule and the numbers; the function returns neither. Where the
definitions measure different things, the rule is a dict of definition to rule.
"""

import csv
import functools
import importlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from critnet import archive
from critnet.paper import nulls
from critnet.paper.measured import NONE, Measured, NotJudged, NotTestable, number
from critnet.paper.published import DEFINITIONS
from critnet.paper.rules import REPRODUCED, UNDECIDED, UNJUDGED, UNTESTABLE, VERDICTS, Rule

# Modules of critnet.paper that declare claims.
MODULES = (
    "fig1.claims", "fig1.transition_claims", "fig1.final_state_claims", "fig2.claims", "fig2.energy_claims",
    "fig2.phase_claims", "fig2.phase_tails", "fig2.cooperation_claims", "fig3.claims",
    "fig4.tail_claims", "fig4.element_claims", "fig4.model_claims", "fig4.critical_claims",
    "fig5.circuit_claims", "fig5.answer_claims",
    "fig5.avalanche_claims", "fig5.size_law_claims", "fig5.coupling_claims",
    "fig6.claims",
)  # fmt: skip


FIRST_EDITION = "claims-first-edition.csv"  # of the results: the ledger before verdicts came from intervals


class Amended(NamedTuple):
    """An earlier rule of a claim, judged on the same numbers, and why it was replaced."""

    rule: Rule
    why: str


class Claim(NamedTuple):
    """A sentence of the paper, its rule, and the function that measures it: (results, definition) -> Measured."""

    id: str
    section: str
    panel: str
    claim: str
    paper_value: str
    rule: Rule | dict[str, Rule]
    measure: Callable[..., Measured]
    data: str | tuple
    quantity: str
    unit: str
    kind: str
    follows_from: str
    population: str
    definitions: tuple
    amended: Amended | None

    def rule_in(self, definition):
        """The rule that judges a definition."""
        return self.rule[definition] if isinstance(self.rule, dict) else self.rule


KINDS_OF_CLAIM = "number", "existence", "mechanism", "theorem"


def claim(
    identity, panel, says, paper_value, rule, *, section, data, quantity, unit="", kind="number", follows_from="",
    population="the five anchor runs", definitions=DEFINITIONS, amended=None,
):  # fmt: skip
    """Declare the function below as a claim; see the top of this module for an example.

    Parameters
    ----------
    identity : str, as "C07"
    panel : str, the panels that decide it, as "1b, 1c"
    says, paper_value : str, the sentence in our words and what the paper gives for it
    rule : a rule of critnet.paper.rules
    section : str, of the paper
    data : str or tuple of str, the results that the function takes
    quantity, unit : str, what the value is and in what it is measured
    kind : one of KINDS_OF_CLAIM: a value, that something happens, why, or what is true of any numbers
    follows_from : str, the claims ("C27, C28") or the one event that it is a consequence of
    population : str, the runs it is measured on, each counted once
    definitions : those it can be measured in
    amended : Amended, if the rule replaces an earlier one

    Returns
    -------
    A decorator that makes the function a Claim, whose `measure` it is.
    """

    def declared(measure):
        return Claim(
            identity, section, panel, says, paper_value, rule, measure, data, quantity, unit, kind, follows_from,
            population, definitions, amended,
        )  # fmt: skip

    return declared


class Row(NamedTuple):
    """One line of the ledger.

    `low` and `high` are the ends of the interval that `interval_kind` names (`critnet.paper.measured`), empty for
    "none". `first_edition` is the verdict of the first edition, from the value alone and by its own rules. `meaning`
    says whether the number means what the sentence says, "yes", "no" or "open", and `reason` why, and what would settle
    an undecided verdict. `null` and `also` hold the numbers of the nulls and those beside the value: name to [value],
    or [value, low, high].
    """

    id: str
    section: str
    panel: str
    kind: str
    follows_from: str
    claim: str
    paper_value: str
    definition: str
    quantity: str
    unit: str
    population: str
    value: float
    low: float
    high: float
    interval_kind: str
    n_runs: int
    verdict: str
    first_edition: str
    meaning: str
    reason: str
    rule: str
    null: dict
    also: dict
    note: str


def of_module(module):
    """The claims that a module declares, in their order."""
    return [given for given in vars(module).values() if isinstance(given, Claim)]


def claims():
    """All claims of all figures, in the order of their numbers."""
    modules = [importlib.import_module(f"critnet.paper.{name}") for name in MODULES]
    return sorted((c for m in modules for c in of_module(m)), key=lambda c: int(c.id[1:]))


def judge(claim, data, known=MappingProxyType({})):
    """Rows of one claim, one a definition; `known` holds nulls by (claim, definition) as from `nulls.read`."""
    return [judge_in(claim, d, data, known.get((claim.id, d), {})) for d in claim.definitions]


def judge_in(claim, definition, data, known=MappingProxyType({})):
    """The row of one claim in one definition; `known` are nulls that are not measured with it, by their names."""
    rule = claim.rule_in(definition)
    unjudged = claim.kind == "theorem"
    try:
        measured, untestable = claim.measure(data, definition), ""
    except (NotTestable, NotJudged) as why:
        measured, untestable, unjudged = Measured([]), str(why), isinstance(why, NotJudged)
    if not (untestable or unjudged):
        measured = measured._replace(nulls={**measured.nulls, **known})
    numbers = measured.numbers()
    main = numbers[""]
    verdict = UNJUDGED if unjudged else UNTESTABLE if untestable else rule.judge(numbers)
    meaning, reason = _meaning(claim, rule, main, measured.nulls)
    reasons = [untestable, reason, _settled(rule, numbers) if verdict == UNDECIDED else ""]
    if claim.amended and not untestable:
        first = claim.amended.rule.judge(numbers)
        reasons.append(f"by an earlier rule ({claim.amended.rule.words(claim.quantity)}) {first}: {claim.amended.why}")
    low, high = (np.nan, np.nan) if main.kind == NONE else (main.low, main.high)
    return Row(
        id=claim.id,
        section=claim.section,
        panel=claim.panel,
        kind=claim.kind,
        follows_from=claim.follows_from,
        claim=claim.claim,
        paper_value=claim.paper_value,
        definition=definition,
        quantity=claim.quantity,
        unit=claim.unit,
        population=claim.population,
        value=_short(main.value),
        low=_short(low),
        high=_short(high),
        interval_kind=main.kind,
        n_runs=main.n if measured.n_runs is None else measured.n_runs,
        verdict=verdict,
        first_edition=_first_edition().get((claim.id, definition), ""),
        meaning=meaning,
        reason="; ".join(filter(None, reasons)),
        rule=rule.words(claim.quantity),
        null={name: _numbers(number(given)) for name, given in measured.nulls.items()},
        also={name: _numbers(n) for name, n in numbers.items() if name},
        note=measured.note,
    )


def _meaning(claim, rule, main, worlds):
    """Whether the number means what the sentence says, and why: not where a world in which the sentence is false has
    such a number too, one further the way that the rule asks for, or one that the rule takes as reproduced."""
    if claim.kind == "theorem":
        return "no", "true of any numbers"
    margins = [part for part in rule.parts() if not part.of]
    for name, given in worlds.items():
        null = number(given)
        if null.low <= main.high and main.low <= null.high:
            return "no", f"where {name} it is {null} too"
        if any(_further(part.reproduced, null, main) for part in margins):
            return "no", f"where {name} it is {null}, further the way the sentence says"
        if margins and all(part.judge({"": null}) == REPRODUCED for part in margins):
            return "no", f"where {name} it is {null}, which counts as reproduced too"
    if worlds:
        return "yes", f"beyond what it is where {' or where '.join(worlds)}"
    return "open", f"a consequence of {claim.follows_from}" if claim.follows_from else ""


def _further(region, null, main):
    """Whether a null lies beyond our number on the open side of what counts as reproduced."""
    return (region.high == np.inf and null.low > main.high) or (region.low == -np.inf and null.high < main.low)


def _settled(rule, numbers):
    """What would settle an undecided verdict."""
    found = []
    for part in rule.parts():
        if part.judge(numbers) == UNDECIDED:
            given, name = numbers[part.of], part.of or "the value"
            n = part.settled_by(given)
            found.append(f"{name} {given} lies on both sides of {part.partly.words()}" + (
                f": about {n} runs would settle it" if n else ", which more runs need not settle"))  # fmt: skip
    return "; ".join(found)


@functools.lru_cache(maxsize=1)
def _first_edition():
    """(claim, definition) to the verdict that the first edition of the ledger gave."""
    from critnet.paper import results

    lines = csv.DictReader(io.StringIO(results.read_text(FIRST_EDITION), newline=""))
    return {(line["id"], line["definition"]): line["verdict"] for line in lines}


def _short(value):
    """A number as the ledger states it."""
    return float(f"{value:.4g}")


def _numbers(number):
    """Value and interval as plain numbers; null in the file where there is none."""
    ends = [number.value] if number.kind == NONE else [number.value, number.low, number.high]
    return [_short(x) if x == x else None for x in ends]


def judge_all():
    """The whole ledger, from the committed results."""
    from critnet.paper import results

    known = nulls.read()
    return [row for claim in claims() for row in judge(claim, results.load_all(claim.data), known)]


def read():
    """The whole ledger as it was judged last, from data/claims.csv."""
    from critnet.paper import results

    return from_csv(results.read_text("claims.csv"))


def from_csv(text):
    """The rows of a ledger from what `as_csv` wrote."""
    return [from_text(fields) for fields in csv.DictReader(io.StringIO(text, newline=""))]


def from_text(fields):
    """A row from the texts of its fields, as csv.DictReader gives them."""
    numbers = {name: float(fields[name] or "nan") for name in ("value", "low", "high")}
    dicts = {name: json.loads(fields[name]) for name in ("null", "also")}
    return Row(**{**fields, **numbers, **dicts, "n_runs": int(fields["n_runs"])})


def as_csv(rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Row._fields)
    writer.writerows(["" if v != v else v for v in _in_text(row)] for row in rows)
    return text.getvalue()


def _in_text(row):
    return row._replace(null=json.dumps(row.null), also=json.dumps(row.also))


def write(folder, rows):
    """Write claims.csv into a results folder and list it in the manifest, if it is not what is there already."""
    path, content = Path(folder) / "claims.csv", as_csv(rows).encode()
    if not path.exists() or path.read_bytes() != content:
        archive.atomic_write(path, content)
        archive.write_manifest(folder)


def tally(rows, definition="as-coded"):
    """Number of claims by verdict.

    >>> tally([])
    {'reproduced': 0, 'partly': 0, 'not reproduced': 0, 'undecided': 0, 'not testable': 0, 'not judged': 0}
    """
    verdicts = [row.verdict for row in rows if row.definition == definition]
    return {v: verdicts.count(v) for v in VERDICTS}


OF_KINDS = {
    "number": "of a value", "existence": "that something happens", "mechanism": "of a reason",
    "theorem": "true of any numbers",
}  # fmt: skip


def tally_sentence(rows):
    """The tally in words, as the README and the front page state it; a test holds them to it.

    >>> tally_sentence([])
    '0 claims are judged so far, 0 of them no consequence of another or of one event. As coded: none. Control: none.'
    """
    first = {row.id: row for row in rows}
    kinds = [row.kind for row in first.values()]
    by_kind = ", ".join(f"{kinds.count(k)} {words}" for k, words in OF_KINDS.items() if k in kinds)
    parts = [
        f"{len(first)} claims are judged so far{f' ({by_kind})' if by_kind else ''}, "
        f"{sum(not row.follows_from for row in first.values())} of them no consequence of another or of one event."
    ]
    for definition, name in (("as-coded", "As coded"), ("control", "Control")):
        counts = ", ".join(f"{n} {v}" for v, n in tally(rows, definition).items() if n)
        parts.append(f"{name}: {counts or 'none'}.")
    return " ".join(parts)


def span(also):
    """A number of `Row.also` in words.

    >>> span([0.319, 0.253, 0.3429]), span([12.0]), span([None])
    ('0.319 (0.253 to 0.3429)', '12', 'none')
    """
    value, *ends = ("none" if x is None else f"{x:g}" for x in also)
    return value + (f" ({ends[0]} to {ends[1]})" if ends else "")
