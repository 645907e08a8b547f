"""Ask every panel and every claim of Figs 1f-h and 2g for its fits: how `reduce` makes data/fits.csv."""

import functools
import itertools

import joblib

from critnet.explore import NoMatch
from critnet.paper import fits, ledger, style
from critnet.paper.fig1 import distribution_panels, distributions, final_state_claims
from critnet.paper.fig2 import phase_panels, phase_tails
from critnet.paper.sweeps import select

CLAIMS = {final_state_claims: ("C34", "C35", "C36", "C37", "C38", "C39", "C40", "C41"), phase_tails: ("C68", "C69")}
THRESHOLDS = [0, 3]  # places of those that chapter 1.3 offers
DATA = ("sweeps", "fig1")
BOTH = ("as-coded", "control")


def questions(data):
    """Functions without arguments, each a panel in one state or a claim; `data`: dict of `DATA`."""
    sweeps = data["sweeps"]
    sizes = sorted({int(h) for h in select.hidden(sweeps, select.runs_of(sweeps, "sizes"))})
    for kind, name in (("degree", "1f"), ("clique", "1g"), ("activity", "1h")):
        thresholds = sweeps["threshold"].values[THRESHOLDS].round(10).tolist() if kind == "degree" else [0.5]
        controls = itertools.product(distributions.MOMENTS, thresholds, (distribution_panels.ALL, *sizes), BOTH)
        for t, threshold, size, definition in controls:
            given = {"t": t, "size": size, "definition": definition}
            if kind == "degree":
                given["threshold"] = threshold
            yield functools.partial(_drawn, distribution_panels.PANELS[name], sweeps, given)
    for cohort, family, definition in itertools.product(
        ("converged", "far below"), ("both", *phase_panels.FAMILIES), BOTH
    ):
        given = {"cohort": cohort, "family": family, "definition": definition}
        yield functools.partial(_drawn, phase_panels.PANELS["2g"], sweeps, given)
    for module, wanted in CLAIMS.items():
        for claim in ledger.of_module(module):
            if claim.id in wanted:
                asked = data["sweeps"] if claim.data == "sweeps" else {name: data[name] for name in claim.data}
                yield functools.partial(ledger.judge, claim, asked)


def _drawn(panel, sweeps, given):
    with style.theme("light"):
        try:
            panel(sweeps, **given)
        except NoMatch:
            return


def table(data, *, jobs=1):
    """All fits that are asked for: dict of key to `fits.Asked`."""
    found = joblib.Parallel(n_jobs=jobs)(joblib.delayed(_answered)(each) for each in questions(data))
    return {key: asked for record in found for key, asked in record.items()}


def _answered(question):
    with fits.recording() as record:
        question()
    return record
