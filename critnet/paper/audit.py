"""Where a published number depends on a choice that its figure does not show: the choices, with our numbers for each.

A number is read from the ledger, never typed: `Reading` names the claim, the definition, and which of its numbers.
"""

from html import escape
from typing import NamedTuple

from critnet.errors import UsageError
from critnet.paper import ledger

VALUE, NULL = "", "null"


class Reading(NamedTuple):
    """A number of the ledger: the value of a claim in a definition, or one `of` those beside it; `says` what it is."""

    says: str
    claim: str
    definition: str = "as-coded"
    of: str = VALUE
    share: bool = False


class Choice(NamedTuple):
    """A choice: how the paper or its program takes it, what else could be taken, and what the claim becomes."""

    name: str
    about: str
    readings: tuple
    becomes: str


CHOICES = (
    Choice(
        "The squared norm",
        "The total strength of correlation is printed as a norm and computed as its square.",
        (
            Reading("exponent in M at the transition, squared", "C24"),
            Reading("of the norm itself", "C24", of="exponent of the norm itself"),
            Reading("exponent at the end, squared", "C42"),
            Reading("of the norm itself", "C42", of="exponent of the norm itself"),
        ),
        "Both laws hold, of the sum of squares. Of the norm they have half the exponents.",
    ),
    Choice(
        "h under the label M",
        "Axes that say M, the number of neurons, sometimes carry h, that of one hidden layer; M = 2h + 10.",
        (
            Reading("exponent of the strength at the end, against h", "C42"),
            Reading("against M", "C42", of="against M, from h = 5 on"),
            Reading(
                "distance of our boundary to the paper's, in ln h", "C64", "control",
                "root mean square distance to the paper's boundary in ln h",
            ),
            Reading("in ln M", "C64", "control", "the same in ln M"),
        ),
        "Exponents move by a tenth. The published boundary of convergence fits ours in h and is the worse fit in M.",
    ),
    Choice(
        "An intercept printed as an exponent",
        "For clique sizes the program prints the intercept of its line where other panels print minus the slope.",
        (
            Reading("minus the slope at the end (paper 3.02)", "C37"),
            Reading("the intercept", "C37", of="the intercept"),
            Reading("minus the slope at the transition (paper 1.97)", "C38"),
            Reading("the intercept", "C38", of="the intercept"),
        ),
        "Which was meant we cannot tell: our slope is nearer at both times, and neither gives both numbers.",
    ),
    Choice(
        "A spline beyond its points",
        "The entropy change at the threshold b is read off a spline, also where b lies outside the losses above their "
        "mean. The caption says that this is done on one side only.",
        (
            Reading("snapshots of 495 with b below the mean loss", "C134"),
            Reading("with b above the largest loss", "C134", of="snapshots with b above the largest loss"),
        ),
        "Until the mean loss passes b the published curve is an extrapolation, and of the other tail.",
    ),
    Choice(
        "The threshold b",
        "The moment of the sudden shift follows the threshold at which the entropy change is asked for.",
        (
            Reading("iteration of the shift, b = 0.005", "C59"),
            Reading("b = 0.0005", "C59", of="change point with b = 0.0005"),
            Reading("b = 0.02", "C59", of="change point with b = 0.02"),
            Reading("b = 0.1", "C59", of="change point with b = 0.1"),
        ),
        "There is a shift for every b, the earlier the higher b is: its moment is not the network's alone.",
    ),
    Choice(
        "The calendar of snapshots",
        "Most snapshots are late, and a rank correlation over them tells of late training. "
        "Over equal stretches of ln t all decades count alike.",
        (
            Reading("entropy change with ln t, after 100", "C58"),
            Reading("with the snapshots", "C58", of="the same over snapshots"),
            Reading("criterion with ln t", "C62"),
            Reading("with the snapshots", "C62", of="the same over snapshots"),
        ),
        "Over all iterations one rises and the other falls; over all scales of time neither does so clearly.",
    ),
    Choice(
        "The step of time in a flux",
        "A flux is a difference over an interval, and the intervals between snapshots grow. Over one iteration "
        "everywhere the same quantity is comparable.",
        (
            Reading("BIC gained by a change of the weight flux near t = 100", "C76", of="gain of the weight flux"),
            Reading("with unit steps", "C76", "control", "gain of the weight flux"),
            Reading("near t = 10 000", "C77", of="gain of the weight flux"),
            Reading("with unit steps", "C77", "control", "gain of the weight flux"),
        ),
        "The early shift of the weight flux goes with the step; the late one stays in the middle seed.",
    ),
    Choice(
        "A mixture of layers",
        "The weights of three layers have three widths. Pooled, they have a tail that no layer has.",
        (
            Reading("1 if all parameters pooled pass as a power law", "C86", of="1 if all parameters together pass"),
            Reading("layers of three that pass by themselves", "C86"),
            Reading("layers that pass, control", "C86", "control"),
        ),
        "The power law of the weights is one of the pool.",
    ),
    Choice(
        "Irreversibility that is not centred",
        "The irreversibility of a weight is computed from its values, not from their distance to a mean: large weights "
        "have a large one.",
        (
            Reading("decades over which its density is straight", "C91"),
            Reading("centred and normalised", "C91", "control"),
        ),
        "The straight stretch is inherited from the sizes of the weights.",
    ),
    Choice(
        "How far two sets are moved",
        "Planes of critical and of other weights are compared at one step of each weight, or at one displacement.",
        (
            Reading("range of the loss, critical over other, at one step a weight", "C98"),
            Reading("at equal displacement, number and layer", "C98", "control"),
        ),
        "The factor shrinks by orders of magnitude; critical directions are the steeper ones either way.",
    ),
    Choice(
        "Recall called accuracy",
        "The accuracy of a circuit is counted on images of its own digit, where always to say yes is perfect.",
        (
            Reading("gain in recall over the full network", "C109", "as-coded",
                "mean recall less that of the full network", True),
            Reading("images of other digits that a circuit accepts", "C109", of="mean false positives", share=True),
            Reading("its balanced accuracy (half is chance)", "C109", of="mean balanced accuracy", share=True),
        ),
        "A circuit recalls its digit. It does not tell it from the others.",
    ),
    Choice(
        "Inputs left out of the saving",
        "A circuit keeps all 784 input weights of each of its first-layer neurons, and the saving does not count them.",
        (
            Reading("saving without inputs", "C106"),
            Reading("with them", "C106", of="with the inputs of the kept neurons counted"),
        ),
        "Ten times fewer weights, not a thousand times.",
    ),
    Choice(
        "Pooling over sizes",
        "Circuits of networks of all sizes stand in one histogram, which then has the breadth of the sizes.",
        (
            Reading("exponent of the pool (paper 1.5)", "C120"),
            Reading("each size counted alike", "C120", of="each model size alike"),
            Reading("h = 50 alone", "C120", of="at h = 50 alone"),
            Reading("geometric sizes of the same mean", "C120", of=NULL),
        ),
        "The exponent follows the pool, and numbers without any power law come as near to 3/2.",
    ),
    Choice(
        "Facts of one seed",
        "Which digit is hard, which circuit is coherent first and when a curve peaks is told of one network.",
        (
            Reading("anchors with 5 and 9 hardest", "C118", of="share of anchors that show it alone", share=True),
            Reading("in which 8 is the easiest", "C119", of="share of anchors that show it alone", share=True),
            Reading("circuits on the paper's side, coherent early or late", "C126", share=True),
            Reading("the same of calling all early", "C126", of=NULL, share=True),
            Reading("iteration of the peak of the strength (paper 37)", "C07"),
        ),
        "Other seeds tell other stories.",
    ),
    Choice(
        "An estimator with a bias of its own",
        "The exponents of the redistribution model come from a line through linear bins.",
        (
            Reading("slope in 1 / P_C by that line (paper 0.6)", "C93"),
            Reading("the same line on the exact law", "C93", of="slope on the exact law"),
            Reading("by maximum likelihood", "C93", "control"),
        ),
        "The model's law is 1 + 1 / P_C, exactly. The 0.6 is the estimator's.",
    ),
)  # fmt: skip


def read(reading, rows):
    """The number of a reading as (value, low, high); the ends are None where there is no interval.

    Parameters
    ----------
    reading : Reading
    rows : list of critnet.paper.ledger.Row

    Raises
    ------
    UsageError
        If the ledger has no such claim, definition or number.
    """
    found = [row for row in rows if (row.id, row.definition) == (reading.claim, reading.definition)]
    if not found:
        raise UsageError(f"the ledger has no row {reading.claim}, {reading.definition}")
    (row,) = found
    if reading.of == VALUE:
        ends = (None, None) if row.low != row.low else (row.low, row.high)
        return (row.value, *ends)
    numbers = (
        list(row.null.values())[:1] if reading.of == NULL else [row.also[reading.of]] if reading.of in row.also else []
    )
    if not numbers:
        raise UsageError(f"{reading.claim}, {reading.definition}, has no {reading.of!r}; it has {', '.join(row.also)}")
    value, *ends = numbers[0]
    return (value, *(ends or (None, None)))


def text(number, *, share=False):
    """A number in words, three digits, with its interval.

    >>> text((1.4441, 1.379, 1.519)), text((0.8628, None, None), share=True), text((22950.0, 20850.0, 25270.0))
    ('1.44 (1.38 to 1.52)', '86.3 %', '22950 (20850 to 25270)')
    """
    value, low, high = (None if x is None else _short(x, share) for x in number)
    return (f"{value}" if low is None else f"{value} ({low} to {high})") + (" %" if share else "")


def _short(x, share):
    scaled = 100 * x if share else x
    return f"{scaled:.0f}" if abs(scaled) >= 100 else f"{scaled:.3g}"


class AuditTable:
    """The choices as a table of the page: what was chosen, our numbers, what the claim becomes."""

    def __init__(self, rows=None):
        self.rows = ledger.read() if rows is None else rows

    def _repr_html_(self):
        head = "".join(f'<th scope="col">{name}</th>' for name in ("choice", "our numbers", "what the claim becomes"))
        body = "".join(self._line(choice) for choice in CHOICES)
        return (
            '<div class="critnet-table" tabindex="0" role="region" aria-label="Choices and what depends on them">'
            f'<table class="audit"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        )

    def _line(self, choice):
        numbers = "".join(
            f"<li>{escape(r.says)}: <strong>{text(read(r, self.rows), share=r.share)}</strong></li>"
            for r in choice.readings
        )
        claims = ", ".join(dict.fromkeys(r.claim for r in choice.readings))
        return (
            f'<tr><th scope="row">{escape(choice.name)} <small>({claims})</small></th>'
            f"<td>{escape(choice.about)}<ul>{numbers}</ul></td><td>{escape(choice.becomes)}</td></tr>"
        )

    def __repr__(self):
        lines = []
        for choice in CHOICES:
            numbers = "; ".join(f"{r.says} {text(read(r, self.rows), share=r.share)}" for r in choice.readings)
            lines.append(f"{choice.name}. {choice.about} {numbers}. {choice.becomes}")
        return "\n".join(lines)
