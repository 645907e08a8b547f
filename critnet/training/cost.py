"""What a run costs before it is started: a model of the time of a step and of a look at all samples."""

from critnet.training.config import RunConfig, snapshots
from critnet.training.mlp import CLASSES, EXTENDED_INPUTS, WIDTH

# Measured on an AMD EPYC of 2022 (about 97 GFLOP/s a core in single precision) with a run on each of its two cores,
# which is how a campaign leaves a machine: fitted to 34 runs of h 2 to 100 and batch sizes 4 to 512.
UPDATE = 30e-6
SAMPLE = 0.64e-6
LOOK = 0.05
FLOPS = 8.6e10
LOOKED_AT = 70_000


def seconds_estimate(config: RunConfig) -> float:
    """Seconds of one run on one CPU core, from the matrix products of padded layers, what else a sample of a batch
    costs (its row of pixels, its softmax, its loss), and the looks at all images at snapshots.

    >>> 60 < seconds_estimate(RunConfig()) < 600
    True
    """
    w = -(-(config.hidden + 1) // WIDTH) * WIDTH  # as critnet.training.mlp.extend pads them
    forward = 2 * (EXTENDED_INPUTS * w + w * w + CLASSES * w)
    update = 3 * forward - 2 * EXTENDED_INPUTS * w  # the images need no gradient
    kept = set(snapshots(config.schedule, config.steps))
    look = LOOK + forward * LOOKED_AT / FLOPS
    step = UPDATE + (SAMPLE + update / FLOPS) * config.batch_size
    return config.steps * step + len(kept | {t + 1 for t in kept}) * look
