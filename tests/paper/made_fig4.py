"""A made-up data/fig4.nc of the real layout: elements of known laws, the exact law's samples, losses to order."""

import functools

import numpy as np
import xarray as xr

from critnet.dynamics.lynn import lynn_law
from critnet.dynamics.redistribution import PREFERENCES
from critnet.paper.fig4 import elements, interventions, on_the_way, reduce
from critnet.paper.published import DEFINITIONS, LAST
from critnet.training.mlp import init_weights, stream

SEEDS = range(5)
NETWORKS = [(0, t) for t in (*reduce.SHOWN, LAST)] + [(s, t) for s in SEEDS[1:] for t in (*reduce.SHOWN_OTHERS, LAST)]
CENTRE = (elements.EDGES[1:] + elements.EDGES[:-1]) / 2
NUMBER = 4_683_330


def counts(law="power", decades=3.0, slope=-2.0):
    """Counts of log10 bins: a power law of some decades from 1e-6 on over a flat body, or an exponential."""
    x = 10.0**CENTRE
    if law == "power":
        density = np.where(x < 1e-6, 1.0, (x / 1e-6) ** slope) * (x < 10 ** (decades - 6))
    else:
        density = np.exp(-x / 1e-6)
    mass = density * np.diff(10.0**elements.EDGES)
    return np.rint(NUMBER * mass / mass.sum()).astype(np.int32)


def quantiles(found):
    share = np.cumsum(found) / found.sum()
    return [10 ** CENTRE[min(np.searchsorted(share, s), CENTRE.size - 1)] for s in elements.SHARES]


@functools.lru_cache(maxsize=1)
def base():
    random = np.random.default_rng(0)
    n, q, b = len(NETWORKS), len(elements.QUANTITIES), len(elements.BLOCKS)
    one = counts()
    kept = elements.kept_places(init_weights(50, seed=0), stream(0, "probe"))
    curvature = 10.0 ** random.uniform(-6, -1, (n, kept.size))
    law = lambda p: lynn_law(400, p, 0.1)  # noqa: E731
    units = np.array([[[random.multinomial(599_500, law(p) / law(p).sum()) for p in reduce.PROBABILITIES]
                       for _ in range(4)] for _ in PREFERENCES])  # fmt: skip
    both = (len(SEEDS), len(DEFINITIONS))
    levels = np.exp(-np.multiply.outer(np.ones(both), interventions.LEVELS))
    block, dims = ("network", "quantity", "block"), ("seed", "definition")
    filled = np.full((n, q, b), NUMBER, np.int32)
    return xr.Dataset(
        {
            "network_seed": (("network",), [s for s, _ in NETWORKS]),
            "network_step": (("network",), [t for _, t in NETWORKS]),
            "element_edge": (("edge",), elements.EDGES),
            "kept_place": (("parameter",), kept),
            "counts": ((*block, "bin"), np.broadcast_to(one, (n, q, b, one.size)).copy()),
            "zeros": (block, 0 * filled), "outside": (block, 0 * filled), "negative": (block, filled // 2),
            "number": (block, filled),
            "quantile": ((*block, "share"), np.broadcast_to(quantiles(one), (n, q, b, len(elements.SHARES))).copy()),
            "noise": (("network", "parameter"), curvature.copy()),
            "curvature": (("network", "parameter"), curvature),
            "kurtosis": (("network", "parameter"), np.full((n, kept.size), 640.0)),
            "restored_loss": ((*dims, "set", "draw"), np.full((*both, 5, 40), 0.2)),
            "restored_above": ((*dims, "set", "level"), np.repeat(levels[:, :, None], 5, axis=2)),
            "kept_loss": (dims, np.full(both, 0.1)), "kept_above": ((*dims, "level"), levels / 2),
            "redundant": (dims, np.full(both, 60)), "redundant_smaller": (dims, np.full(both, 0.7)),
            "plane_range": ((*dims, "moment", "within", "plane"), np.ones((*both, 3, 2, 20))),
            "plane_length": (dims, np.ones(both)),
            "critical_lost": ((*dims, "against"), np.full((*both, 2), 0.1)),
            "pushed_share": ((*dims, "pushed_step", "of", "layer"), np.full((*both, 3, 2, 2), 0.5)),
            "pushed_number": ((*dims, "pushed_step", "of", "layer"), np.full((*both, 3, 2, 2), 30)),
            "pairs_of_units": (("preference", "repeat", "probability", "units"), units),
        },
        {
            "quantity": list(elements.QUANTITIES), "block": list(elements.BLOCKS), "share": list(elements.SHARES),
            "seed": list(SEEDS), "definition": list(DEFINITIONS), "set": list(interventions.SETS),
            "level": interventions.LEVELS, "within": ["critical", "others"], "preference": list(PREFERENCES),
            "probability": reduce.PROBABILITIES, "moment": [*reduce.PLANES, LAST],
            "against": list(on_the_way.LOSSES), "pushed_step": list(reduce.PUSHED), "of": list(on_the_way.SETS),
            "layer": list(on_the_way.LAYERS),
        },
    )  # fmt: skip


def made(**changed):
    """The made-up file with some variables replaced, each by a value that broadcasts or a function of the old array."""
    data = base().copy(deep=True)
    for name, value in changed.items():
        old = data[name]
        new = value(old.values.copy()) if callable(value) else np.broadcast_to(value, old.shape).copy()
        data[name] = (old.dims, new)
    return data
