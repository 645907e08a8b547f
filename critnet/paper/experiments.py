"""Named lists of runs: what each figure of the paper needs (PANELS, run catalogue)."""

from critnet.training.config import RunConfig

ANCHOR_SEEDS = 5


def anchor():
    """The paper's reference network, h = 50, learning rate 0.1, batch size 64, with five seeds.

    >>> [c.seed for c in anchor()], anchor()[0].steps
    ([0, 1, 2, 3, 4], 200000)
    """
    return [RunConfig(seed=seed) for seed in range(ANCHOR_SEEDS)]


EXPERIMENTS = {"anchor": anchor}
