"""The anchor networks that data/ holds: those of course.nc, the ends in weights.nc, the starts, which a seed fixes."""

from critnet.errors import DataError
from critnet.paper.experiments import EXPERIMENTS
from critnet.paper.sweeps.weights import network
from critnet.training.mlp import init_weights, unflatten


def kept(course, stored):
    """Networks of each anchor seed by iteration: {seed: {step: weights}}, steps rising, the last one the end.

    Parameters
    ----------
    course : Dataset of data/course.nc
    stored : Dataset of data/weights.nc

    Raises
    ------
    DataError
        If the end of an anchor run is not in data/weights.nc.
    """
    found = {}
    for config in EXPERIMENTS["anchor"]():
        if config.digest not in stored["digest"].values.astype(str):
            raise DataError(f"data/weights.nc lacks the anchor of seed {config.seed}; make it with `critnet reduce`")
        if config.seed == course.attrs["displayed_seed"]:
            rows = zip(course["kept"].values, course["network"].values, strict=True)
        else:
            vectors = course["other_networks"].sel(other_seed=config.seed).values
            rows = zip(course["other_kept"].values, vectors, strict=True)
        steps = {int(step): unflatten(vector, config.hidden) for step, vector in rows}
        steps.setdefault(0, init_weights(config.hidden, config.init, config.seed, scale=config.init_scale))
        steps[config.steps] = network(stored, config.digest)
        found[config.seed] = dict(sorted(steps.items()))
    return found
