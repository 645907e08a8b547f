"""Small made-up digits that train in milliseconds, and child processes to train in and to kill."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from critnet.training import runs
from critnet.training.config import RunConfig

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def digits():
    """Small made-up digits, the same that the child processes have."""
    return runpy.run_path(str(HERE / "children.py"))["made_up_digits"]()


@pytest.fixture(scope="session")
def config():
    """A small run: 19 batches an epoch, the last of 24; 39 snapshots."""

    def config(**changed):
        return RunConfig(**{"hidden": 6, "batch_size": 32, "steps": 300, "schedule": "sweep", **changed})

    return config


@pytest.fixture(scope="session")
def series():
    """Everything a finished run holds, as a dict of arrays, part boundaries left out."""

    def series(folder):
        run = runs.open_run(folder)
        kept = list(run.snapshots())
        arrays = {f"{name}": np.array([s.weights[name] for s in kept]) for name in kept[0].weights}
        return {
            **arrays,
            "step": np.array([s.step for s in kept]),
            "losses": np.array([s.losses for s in kept]),
            "test_accuracy": np.array([s.test_accuracy for s in kept]),
            "batch_losses": run.batch_losses,
        }

    return series


@pytest.fixture(scope="session")
def same_bits():
    """Whether two series are equal to the last bit; the name of the first that differs."""

    def same_bits(one, other):
        assert one.keys() == other.keys()
        for name in one:
            if one[name].dtype != other[name].dtype or one[name].tobytes() != other[name].tobytes():
                return f"{name} differs"
        return "equal"

    return same_bits


@pytest.fixture
def start():
    """Start children.py with arguments in another process; what still runs at the end of the test is killed."""
    started = []

    def start(*arguments, prefix=(), **options):
        command = [*prefix, sys.executable, "-W", "error", HERE / "children.py", *map(str, arguments)]
        child = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            **options,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()


@pytest.fixture
def child(start):
    """Run children.py to its end; what it printed, or, if the exit code is another one, what went wrong."""

    def child(*arguments, code=0, **options):
        process = start(*arguments, **options)
        out, err = process.communicate(timeout=120)
        assert process.returncode == code, err
        return out

    return child
