"""Named lists of runs: what each figure of the paper needs (PANELS, run catalogue)."""

from collections.abc import Callable

from critnet.errors import UsageError
from critnet.training.config import RunConfig

ANCHOR_SEEDS = 5
SIZES = (2, 5, *range(10, 101, 10), *range(150, 501, 50))
BATCHES = (2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
SLOW = (2048, 4096, 8192, 16384, 32768, 65536)
GRID_SIZES = (2, 5, 10, 20, 30, 50, 100, 200, 500)
GRID_BATCHES = (4, 8, 16, 32, 64, 128, 256, 512, 1024)


def _sweep(**fields):
    return RunConfig(schedule="sweep", **fields)


def _batch_family(hidden, b):
    """Mobility 0.1 / b through the batch size, at learning rate 0.1."""
    return _sweep(hidden=hidden, batch_size=b)


def _rate_family(hidden, b):
    """Mobility 0.1 / b through the learning rate, at batch size 64."""
    return _sweep(hidden=hidden, learning_rate=6.4 / b)


def _families(sizes, batches, rates):
    """Both families over sizes; the run that they share, at b = 64, comes once."""
    by_batch = [_batch_family(h, b) for h in sizes for b in batches]
    by_rate = [_rate_family(h, b) for h in sizes for b in rates]
    return list(dict.fromkeys(by_batch + by_rate))


def anchor():
    """The paper's reference network, h = 50, learning rate 0.1, batch size 64, with five seeds.

    >>> [c.seed for c in anchor()], anchor()[0].steps
    ([0, 1, 2, 3, 4], 200000)
    """
    return [RunConfig(seed=seed) for seed in range(ANCHOR_SEEDS)]


def shuffled():
    """A null for the anchor: the same network on training labels in random order, so that there is nothing to learn but
    each image by heart; two seeds.

    >>> [(c.seed, c.label_seed) for c in shuffled()]
    [(0, 0), (1, 1)]
    """
    return [RunConfig(seed=seed, label_seed=seed) for seed in range(2)]


def inits():
    """The anchor from the paper's three other initialisations."""
    return [_sweep(init=init) for init in ("xavier-normal", "kaiming-uniform", "kaiming-normal")]


def sizes():
    """Twenty hidden sizes at learning rate 0.1 and batch size 64, three seeds each.

    >>> len(sizes())
    60
    """
    return [_sweep(hidden=h, seed=seed) for seed in range(3) for h in SIZES]


def batches():
    """Eighteen batch sizes at learning rate 0.1 and h = 50."""
    return [_batch_family(50, b) for b in BATCHES]


def rates():
    """Twenty-four learning rates 6.4 / b at batch size 64 and h = 50: the mobilities of the batch sizes, and six below.

    >>> rates()[0].mobility == batches()[0].mobility == 0.05
    True
    """
    return [_rate_family(50, b) for b in (*BATCHES, *SLOW)]


def grid():
    """Nine sizes by nine mobilities by two families: 162 cells of the phase diagram, of which nine pairs are one run.

    >>> len(grid())
    153
    """
    return _families(GRID_SIZES, GRID_BATCHES, GRID_BATCHES)


def full_grid():
    """All sizes by all batch sizes and all learning rates: the paper's grid, for a GPU or a cluster.

    >>> len(full_grid())
    820
    """
    return _families(SIZES, BATCHES, (*BATCHES, *SLOW))


STARTS: dict[str, dict] = {"diverged": {"init": "uniform"}, "concentrated": {"init_scale": 0.1}}
HYPERPARAMETERS: dict[str, dict] = {"good": {}, "bad": {"learning_rate": 6.4 / 4096}}


def starts():
    """Section 2.4: a diverged (wide uniform) or concentrated (Xavier scaled by 0.1) start, with good hyperparameters
    and with bad ones (a mobility at which the paper's boundary lies above h = 700), three seeds each.

    >>> len(starts())
    12
    """
    return [
        _sweep(**start, **settings, seed=seed)
        for seed in range(3)
        for start in STARTS.values()
        for settings in HYPERPARAMETERS.values()
    ]


EXPERIMENTS: dict[str, Callable[[], list[RunConfig]]] = {
    "anchor": anchor,
    "inits": inits,
    "sizes": sizes,
    "batches": batches,
    "rates": rates,
    "starts": starts,
    "grid": grid,
    "shuffled": shuffled,
    "full-grid": full_grid,
}
"""What `critnet campaign NAME` knows, in the order in which the figures need it."""


def named(names):
    """The runs of one or more experiments, each run once, in order.

    >>> len(named(["batches", "rates"]))
    41

    Raises
    ------
    UsageError
        If a name is not known, or none is given.
    """
    unknown = [n for n in names if n not in EXPERIMENTS]
    if unknown or not names:
        what = f"experiment {', '.join(map(repr, unknown))} is not known" if unknown else "no experiment is named"
        raise UsageError(f"{what}; the experiments are {', '.join(EXPERIMENTS)}")
    return list(dict.fromkeys(c for n in names for c in EXPERIMENTS[n]()))


def experiments_of(config):
    """The names of the experiments that a run belongs to, full-grid left out.

    >>> experiments_of(RunConfig(schedule="sweep"))
    ['sizes', 'batches', 'rates', 'grid']
    """
    return [name for name, runs in EXPERIMENTS.items() if name != "full-grid" and config in runs()]
