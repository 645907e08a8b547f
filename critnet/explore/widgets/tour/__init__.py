"""A step of the tour: one question, one control, one picture, and an answer after the first move."""

from critnet.errors import UsageError
from critnet.explore.widgets.base import Explorer

KINDS = ("neuron", "pair", "graph", "sizes", "clock", "verdict")


class TourStep(Explorer, scripts=("draw", "tour")):
    """The reader guesses, moves the one control, and sees the answer; all texts are given, the page only draws.

    Parameters
    ----------
    kind : str
        What is drawn, one of KINDS; `draw.js` says what `data` each needs.
    question : str
        Shown above the picture.
    control : str
        Name of the control in addresses, such as "t".
    label : str
        What the page calls it.
    values : list of int or str, at least two, all different
        Its values; numbers make a slider, words a choice.
    facts : list of str
        What is shown at each value, in words and numbers.
    answers : list of str
        The answer, as it is told after a move to each value.
    data : dict
        What is drawn.
    start : int
        Place of the value that is shown first.
    name, caption, words, picture
        As for `Explorer`.

    Raises
    ------
    UsageError
        If there is no such kind, or the lists do not fit together.
    """

    def __init__(
        self, kind, question, control, label, values, facts, answers, data, *, start=0, name, caption="", words="",
        picture=None,
    ):  # fmt: skip
        if kind not in KINDS:
            raise UsageError(f"kind is {kind!r}; choose one of {', '.join(KINDS)}")
        values = list(values)
        if len(set(values)) < 2 or len(set(values)) < len(values):
            raise UsageError(f"values of {name!r} are {values}; give two or more, all different")
        if not len(facts) == len(answers) == len(values):
            raise UsageError(
                f"{name!r} has {len(values)} values, {len(facts)} facts and {len(answers)} answers; give one of each"
            )
        if not 0 <= start < len(values):
            raise UsageError(f"start of {name!r} is {start}; give a place from 0 to {len(values) - 1}")
        given = {
            "name": name, "caption": caption, "kind": kind, "question": question, "control": control, "label": label,
            "values": values, "facts": list(facts), "answers": list(answers), "data": data, "start": start,
        }  # fmt: skip
        super().__init__(given, words=words or f"{question} {answers[start]}", picture=picture)
