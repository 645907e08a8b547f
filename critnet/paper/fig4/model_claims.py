"""Claims C92 to C94: what the redistribution model's exponent says about the critical probability."""

import functools

import numpy as np

from critnet.paper import ledger, published
from critnet.paper.fig4 import model, samples, tails
from critnet.paper.measured import SAMPLES, Measured, NotTestable, estimate
from critnet.paper.rules import all_of, at_least, at_most, for_reproduced, within

claim = functools.partial(ledger.claim, section="3.1", data="fig4")
REDRAWN = 1000
FEWEST = {"C92": 20, "C93": 10, "C94": 10}  # seeds a P_C (LEDGER 7)
OUTSIDE, WIDTH = "distance of 0.37 from that interval", "width of that interval"


def _exponents(data, definition, identity):
    found = model.exponents(data, "correlation", definition)
    if len(found) < FEWEST[identity]:
        raise NotTestable(f"{len(found)} seeds a P_C; the rule asks for {FEWEST[identity]}")
    return found


@claim(
    "C92",
    "4j",
    "the redistribution model has the exponent of the weights at one critical probability",
    "P_C = 0.37",
    all_of(at_most(0, of=OUTSIDE), for_reproduced(at_most(0.15, of=WIDTH))),
    data=("fig4", "tails"),
    quantity="P_C at which the model has the exponent of the weights",
)
def critical_probability(data, definition):
    """P_C of the nearest median exponent, with a 95 % interval when seeds of the model and networks are redrawn.

    As coded the line through linear bins gives both exponents; as control the likelihood does, of the exact law for the
    model and of a power law above x_min for the weights.
    """
    probability, found = data["fig4"]["probability"].values, _exponents(data["fig4"], definition, "C92")
    keys = [samples.Key("weight", published.LAST, seed, "all", "both") for seed in samples.SEEDS]
    rows = [tails.row_of(data["tails"], key) for key in keys]
    wanted = np.array([-row.line_slope if definition == "as-coded" else row.alpha for row in rows])
    random = np.random.default_rng(0)

    def best(models, networks):
        return model.best_probability(probability, found[models], np.median(wanted[networks]))

    every = np.arange(len(found)), np.arange(wanted.size)
    redrawn = [best(*(random.integers(0, e.size, e.size) for e in every)) for _ in range(REDRAWN)]
    low, high = np.quantile(redrawn, (0.025, 0.975))
    outside = max(low - model.PUBLISHED, model.PUBLISHED - high, 0.0)
    also = {OUTSIDE: outside, WIDTH: high - low, "exponent of the weights": wanted}
    return Measured(estimate((best(*every), low, high), SAMPLES, len(found)), also)


EXACT = "samples are drawn from the exact law, which has neither line nor bend"
CONSTANT, R2 = "constant of the line", "R2 of the line"


@claim(
    "C93",
    "4k",
    "the model's exponent is linear in 1 / P_C",
    "1 + 0.6 / P_C",
    all_of(
        for_reproduced(within((0.52, 0.68))),
        for_reproduced(within((0.85, 1.15), of=CONSTANT)),
        at_least(0.9, of=R2),
    ),
    quantity="slope of the median exponent in 1 / P_C, below 6",
)
def exponent_line(data, definition):
    """Line through the medians over seeds; beside it that of the same estimator on samples of the exact law."""
    probability, found = data["probability"].values, _exponents(data, definition, "C93")
    fit = model.straight(probability, found, random=np.random.default_rng(0))
    null = model.straight(probability, model.exact(data, definition, random=np.random.default_rng(1)))
    constant = model.straight(probability, model.exponents(data, "constant", definition))
    also = {
        CONSTANT: fit.intercept, R2: fit.r_squared, "slope on the exact law": null.slope,
        "slope with a constant first stage": constant.slope,
    }  # fmt: skip
    return Measured(estimate((fit.slope, fit.low, fit.high), SAMPLES, len(found)), also, nulls={EXACT: null.slope})


GAIN = "BIC gained by the bend"


@claim(
    "C94",
    "4k",
    "the line in 1 / P_C holds down to one critical probability",
    "P_C = 0.2",
    all_of(at_least(10, of=GAIN), within((0.15, 0.25), (0.1, 0.9))),
    quantity="P_C at which the exponent bends away from a line in 1 / P_C",
)
def end_of_the_line(data, definition):
    """The bend of the medians that gains most of BIC over one line; the same on samples of the exact law."""
    probability, found = data["probability"].values, _exponents(data, definition, "C94")
    bend = model.bend(probability, found)
    null = model.bend(probability, model.exact(data, definition, random=np.random.default_rng(1)))
    random, n = np.random.default_rng(0), len(found)
    redrawn = [model.bend(probability, found[random.integers(0, n, n)]).probability for _ in range(200)]
    low, high = np.quantile(redrawn, (0.025, 0.975))
    also = {GAIN: bend.gain, "bend on the exact law": null.probability, "BIC gained by that": null.gain}
    note = "the same estimator bends on samples of the exact law, which has no bend" if null.gain >= 10 else ""
    return Measured(estimate((bend.probability, low, high), SAMPLES, n), also, note, nulls={EXACT: null.probability})
