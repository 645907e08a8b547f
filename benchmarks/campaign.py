"""Eight short runs by a campaign of two processes, against the same campaign with one."""

import functools
import tempfile
import time

from benchmarks import Result
from critnet.training import datasets
from critnet.training.campaign import campaign
from critnet.training.config import RunConfig

ROUNDS = 3
CONFIGS = [RunConfig(hidden=50, steps=12_000, schedule="sweep", seed=seed) for seed in range(8)]


def cases(data=None):
    """Functions of the device name, one a case, each giving a list of results."""
    return [functools.partial(processes, functools.partial(datasets.mnist, data))]


def processes(load, device):
    """Wall time of a whole campaign: starting the processes, reading the images, training, writing."""
    seconds = {1: [], 2: []}
    for turn in range(ROUNDS):
        for jobs in ((1, 2), (2, 1))[turn % 2]:
            with tempfile.TemporaryDirectory() as cache:
                start = time.perf_counter()
                failed = campaign(CONFIGS, load, cache=cache, jobs=jobs)
                seconds[jobs].append((time.perf_counter() - start) / len(CONFIGS))
                if failed:
                    raise RuntimeError(f"the benchmark's own runs failed: {failed[0].message}")
    ratios = sorted(one / two for one, two in zip(seconds[1], seconds[2], strict=True))
    ours, peer = (sorted(seconds[jobs])[ROUNDS // 2] for jobs in (2, 1))
    return [
        Result(
            "campaign, h 50, two processes",
            "one process",
            ours,
            peer,
            ratios[ROUNDS // 2],
            ratios[0],
            ratios[-1],
            ROUNDS,
            device,
        )
    ]
