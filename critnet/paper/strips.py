"""A verdict at a glance: where a number lies between the bounds of its rule, drawn in the page's own colours.

A strip is one axis a claim, named in words with its unit. On it, a lane a definition: dark where the claim counts as
reproduced, pale where it counts as partly, the number with its interval, hollow what it is in a null world, and a
dashed tick where the paper gives a number that the rule is about. What lies beyond the axis is an arrow at its end.
"""

import functools
import json
import math
import re
from html import escape

from critnet.paper import ledger, rates, tolerance, universes
from critnet.paper.rules import ANYTHING

WIDTH, HEIGHT = 220, 22
ROOM = 0.08  # of the axis, beyond what must be on it
FAR = 2.0  # an axis grows by at most so many widths of its rule's bounds to take in a number
LOGARITHMIC = 30, 1e12  # positive numbers that spread by a factor between these have a logarithmic axis
NAMES = {"as-coded": "as coded", "control": "control"}
GLYPHS = {
    "reproduced": "good", "partly": "partly", "not reproduced": "bad",
    "undecided": "open", "not testable": "open", "not judged": "open",
}  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?(?![\w.])")


@functools.lru_cache(maxsize=1)
def declared():
    """The claims by their numbers."""
    return {claim.id: claim for claim in ledger.claims()}


def decisive(rule):
    """The margin a strip shows: that of the value if the rule bounds it, else its first.

    >>> from critnet.paper.rules import at_least
    >>> decisive(at_least(2, of="drop")).of
    'drop'
    """
    parts = rule.parts()
    return next((part for part in parts if not part.of), parts[0])


def bounded(margin, row):
    """The number of a row that a margin bounds, as (value, low, high), all nan where there is none."""
    if margin.of:
        return triple(row.also.get(margin.of, [None]))
    return (row.value, row.value, row.value) if row.low != row.low else (row.value, row.low, row.high)


def triple(given):
    """[value] or [value, low, high] of the ledger, None for none, as three numbers.

    >>> triple([2]), triple([2, None, 3])
    ((2, 2, 2), (2, nan, 3))
    """
    found = [math.nan if x is None else x for x in given]
    return tuple(found if len(found) == 3 else found[:1] * 3)


def published(text, margin):
    """The paper's number, where it gives one and the rule bounds that number on both sides; else None.

    >>> from critnet.paper.rules import at_least, near
    >>> published("exponent 1.34", near(1.34)), published("about 100", at_least(1.5)), published("1.2 to 3", near(1.2))
    (1.34, None, None)
    """
    found = _NUMBER.findall(text)
    low, high = margin.partly.low, margin.partly.high
    if len(found) != 1 or not math.isfinite(low) or not math.isfinite(high) or not low <= float(found[0]) <= high:
        return None
    return float(found[0])


def axis(bounds, numbers):
    """Ends of an axis that shows all finite bounds and, as far as it may, all numbers, and whether it is logarithmic.

    Parameters
    ----------
    bounds, numbers : sequences of float; what is not finite is left out

    >>> axis([1.0, 2.0], [1.5]), axis([2.0], [2.0])
    ((0.92, 2.08, False), (0.84, 3.16, False))

    A single bound of 0 is no measure of length: there the numbers make the axis.

    >>> axis([0.0, 0.0], [-1.0, -0.5])
    (-1.08, 0.08, False)
    """
    bounds = [x for x in bounds if math.isfinite(x)]
    numbers = [x for x in numbers if math.isfinite(x)]
    shown = bounds + numbers
    if not shown:
        return 0.0, 1.0, False
    least, most = LOGARITHMIC
    logarithmic = min(shown) > 0 and least * min(shown) < max(shown) < most * min(shown)
    to, back = (math.log, math.exp) if logarithmic else (float, float)
    low, high = to(min(shown)), to(max(shown))
    inner = max(max(bounds) - min(bounds), abs(max(bounds)) * 0.5) if bounds else 0.0
    if inner and not logarithmic:
        low = max(low, min(bounds) - FAR * inner)
        high = min(high, max(bounds) + FAR * inner)
    if high == low:
        low, high = low - 1, high + 1
    edge = ROOM * (high - low)
    return back(low - edge), back(high + edge), logarithmic


class Scale:
    """From a number to a place on the strip, 0 to WIDTH; what is beyond the axis lies at its end."""

    def __init__(self, low, high, logarithmic):
        self.ends, self.to = (low, high), math.log if logarithmic else float

    def __call__(self, x):
        low, high = self.ends
        if x <= low or x >= high:
            return 0.0 if x <= low else float(WIDTH)
        share = (self.to(x) - self.to(low)) / (self.to(high) - self.to(low))
        return round(WIDTH * share, 1)

    def holds(self, x):
        return self.ends[0] < x < self.ends[1]


def lane(margin, number, nulls, paper, scale, definition, judged):
    """One lane as SVG.

    Parameters
    ----------
    margin : critnet.paper.rules.Margin
    number : (value, low, high), nan where there is none
    nulls : list of such triples
    paper : float or None
    scale : Scale
    definition : "as-coded" or "control"
    judged : bool, whether the bounds mean anything
    """
    middle, parts = HEIGHT / 2, []
    if judged:
        for kind, region in (("partly", margin.partly), ("good", margin.reproduced)):
            if region != ANYTHING:
                left, right = scale(region.low), scale(region.high)
                parts.append(
                    f'<rect class="cs-{kind}" x="{left}" y="4" width="{right - left:.1f}" height="{HEIGHT - 8}"/>'
                )
    parts.append(f'<path class="cs-axis" d="M0 {middle}H{WIDTH}"/>')
    if paper is not None:
        parts.append(f'<path class="cs-paper" d="M{scale(paper)} 0V{HEIGHT}"/>')
    for value, low, high in nulls:
        if value == value:
            parts.append(f'<path class="cs-null" d="M{scale(low)} {middle + 6}H{scale(high)}"/>')
            parts.append(f'<circle class="cs-null" cx="{scale(value)}" cy="{middle + 6}" r="3"/>')
    value, low, high = number
    if value == value:
        parts.append(f'<path class="cs-span" d="M{scale(low)} {middle}H{scale(high)}"/>')
        at = scale(value)
        if scale.holds(value):
            parts.append(f'<circle class="cs-dot" cx="{at}" cy="{middle}" r="4.5"/>')
        else:
            tip, back = (WIDTH, WIDTH - 9) if at else (0, 9)
            parts.append(f'<path class="cs-dot" d="M{back} {middle - 5}L{tip} {middle}L{back} {middle + 5}z"/>')
    box = f'viewBox="-5 0 {WIDTH + 10} {HEIGHT}"'
    return f'<svg class="cs-lane {definition}" {box} aria-hidden="true">{"".join(parts)}</svg>'


def words(number):
    """A number and its interval as the reader sees it.

    >>> words((1.5, 1.25, 2.0)), words((7.0, 7.0, 7.0)), words((float("nan"),) * 3)
    ('1.5 (1.25 to 2)', '7', 'no number')
    """
    value, low, high = (float(f"{x:.3g}") for x in number)
    if value != value:
        return "no number"
    return f"{value:g}" + (f" ({low:g} to {high:g})" if low < high else "")


def judged_by(row, rule, drawn):
    """The attribute of a lane with its rule, the place of the drawn margin in it, and its numbers; "" if unjudged.

    A page that lets a reader move the margins reads it.
    """
    if row.verdict == "not judged":
        return ""
    parts = [row.definition, tolerance.encoded(rule), rule.parts().index(drawn), tolerance.numbers(row)]
    return f" data-judged='{in_attribute(parts)}'"


def in_attribute(given):
    """Plain data as JSON between single quotes of HTML.

    >>> in_attribute(["a'b", 1.5])
    '["a&#x27;b",1.5]'
    """
    return escape(json.dumps(given, separators=(",", ":")), quote=False).replace("'", "&#x27;")


def strip(rows):
    """All lanes of one claim, with its axis named, as HTML.

    Parameters
    ----------
    rows : list of critnet.paper.ledger.Row, those of one claim
    """
    claim = declared()[rows[0].id]
    margins = [decisive(claim.rule_in(row.definition)) for row in rows]
    found = [(row, margin, bounded(margin, row)) for row, margin in zip(rows, margins, strict=True)]
    nulls = {row.definition: [] if margin.of else [triple(n) for n in row.null.values()] for row, margin, _ in found}
    papers = [published(row.paper_value, margin) for row, margin, _ in found]
    bounds = [x for _, margin, _ in found for region in margin[:2] for x in (region.low, region.high)]
    numbers = [x for _, _, number in found for x in number] + [x for n in nulls.values() for one in n for x in one]
    low, high, logarithmic = axis([*bounds, *(p for p in papers if p is not None)], numbers)
    scale = Scale(low, high, logarithmic)
    name = found[0][1].of or rows[0].quantity
    unit = f", {rows[0].unit}" if rows[0].unit and not found[0][1].of else ""
    lanes = []
    for (row, margin, number), paper in zip(found, papers, strict=True):
        drawn = lane(margin, number, nulls[row.definition], paper, scale, row.definition, row.verdict != "not judged")
        judged = judged_by(row, claim.rule_in(row.definition), margin)
        lanes.append(
            f'<div class="cs-row"{judged}><span class="cs-definition">{NAMES[row.definition]}</span>{drawn}'
            f'<span class="cs-number">{words(number)}</span>'
            f'<span class="verdict {GLYPHS[row.verdict]}">{row.verdict}</span></div>'
        )
    ends = "".join(f"<span>{float(f'{end:.2g}'):g}</span>" for end in (low, high))
    kind = " (log)" if logarithmic else ""
    place = in_attribute([rows[0].id, low, high, int(logarithmic)])
    return (
        f"<div class=\"cs\" data-axis='{place}'>"
        f'<p class="cs-name">{escape(name + unit + kind)}</p>{"".join(lanes)}'
        f'<div class="cs-ends" aria-hidden="true">{ends}</div>{universe_bar(rows)}</div>'
    )


def universe_bar(rows):
    """How a claim fares under all combinations of other choices: a bar of shares of the verdicts and the same in words,
    a definition each; nothing for a claim without universes."""
    lines = []
    for row in rows:
        stored = universes.read().get((row.id, row.definition))
        if not stored:
            continue
        found, left, parts = universes.shares(stored), 0.0, []
        for verdict, share in found.verdicts.items():
            box = f'x="{left:.1f}" width="{WIDTH * share:.1f}" height="6"'
            parts.append(f'<rect class="cs-of {GLYPHS[verdict]}" {box}/>')
            left += WIDTH * share
        lines.append(
            f'<div class="cs-row cs-universes"><span class="cs-definition">{NAMES[row.definition]}</span>'
            f'<svg class="cs-bar" viewBox="-5 0 {WIDTH + 10} 6" aria-hidden="true">{"".join(parts)}</svg>'
            f"<span>{found.n} ways: {found.told()}</span></div>"
        )
    return "".join(lines)


def beside(row):
    """What belongs to a number but is not on its strip: numbers beside it, nulls, notes, each as one text."""
    spoken = [f"{name}: {ledger.span(given)}" for name, given in row.also.items()]
    spoken += [f"where {name}: {ledger.span(given)}" for name, given in row.null.items()]
    former = f"first edition: {row.first_edition}" if row.first_edition not in ("", row.verdict) else ""
    means = {"yes": "the number means what the sentence says", "no": "the number does not mean what the sentence says"}
    return [text for text in (*spoken, row.note, row.reason, means.get(row.meaning, ""), former) if text]


def rule_sentence(text):
    """The rule as sentences.

    >>> rule_sentence("R: drop >= 2 and rise > 1; P: one of them")
    'Reproduced: drop >= 2 and rise > 1. Partly: one of them.'
    """
    for letter, word in (
        ("R: ", "Reproduced: "),
        ("; P: ", ". Partly: "),
        ("; N: otherwise", ". Not reproduced otherwise"),
    ):
        text = text.replace(letter, word, 1)
    return text + "."


def details(rows):
    """The rule and all that stands beside the numbers of one claim, folded."""
    parts = []
    for rule in dict.fromkeys(row.rule for row in rows):
        same = [row for row in rows if row.rule == rule]
        parts.append(f"<p>{escape(rule_sentence(rule))}</p>" if len(same) == len(rows) else "")
        for row in same:
            own = "" if len(same) == len(rows) else rule_sentence(rule)
            texts = [f"{row.n_runs} of {row.population}" if row.population else f"{row.n_runs} runs", *beside(row)]
            if stored := universes.read().get((row.id, row.definition)):
                texts.append(universes.shares(stored).words())
            if erring := rates.read().get((row.id, row.definition)):
                texts.append(erring.words())
            parts.append(
                f"<p><b>{NAMES[row.definition]}</b> {escape(' '.join(filter(None, [own, '; '.join(texts)])))}</p>"
            )
    kind = ledger.OF_KINDS[rows[0].kind]
    follows = f", a consequence of {rows[0].follows_from}" if rows[0].follows_from else ""
    parts.append(f"<p>A claim {escape(kind + follows)}.</p>")
    return f'<details class="cs-more"><summary>rule and reasons</summary>{"".join(filter(None, parts))}</details>'


def cells(rows):
    """The two cells of one claim: the sentence with what the paper gives, and its strip with what is folded below."""
    says = f"{rows[0].id} {escape(rows[0].claim)}"
    paper = f'<small class="cs-paper-says">paper: {escape(rows[0].paper_value)}</small>' if rows[0].paper_value else ""
    return f"<td>{says} {paper}</td><td>{strip(rows)}{details(rows)}</td>"


def by_claim(rows):
    """Rows of the ledger as one list a claim, in their order."""
    found: dict[str, list] = {}
    for row in rows:
        found.setdefault(row.id, []).append(row)
    return list(found.values())
