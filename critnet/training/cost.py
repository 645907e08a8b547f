"""What a run costs before it is started: a model of the time of a step and of a look at all samples."""

from critnet.training.config import RunConfig, snapshots
from critnet.training.mlp import CLASSES, INPUTS

# Measured on one core of a 2.8 GHz Xeon (AVX-512), `make bench`: a fit to h 50 to 500, good to
# a tenth on such a core with nothing beside it; a shared one takes up to three times as long.
STEP_OVERHEAD = 135e-6
FLOPS = 1.2e11
LOOK_OVERHEAD = 0.034


def seconds_estimate(config: RunConfig) -> float:
    """Seconds of one run on one CPU core.

    >>> 60 < seconds_estimate(RunConfig()) < 600
    True
    """
    h = config.hidden
    products = INPUTS * h + h * h + CLASSES * h
    step = STEP_OVERHEAD + (6 * products - 2 * INPUTS * h) * config.batch_size / FLOPS
    kept = set(snapshots(config.schedule, config.steps))
    look = LOOK_OVERHEAD + 2 * products * 60_000 / FLOPS
    return config.steps * step + len(kept | {t + 1 for t in kept}) * look
