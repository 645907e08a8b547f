"""A small folder of results, and ways to run code that must not run in the test's own process."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest
import xarray as xr

from critnet import archive


@pytest.fixture
def attrs():
    return {"configuration": [{"hidden": 50, "seed": 0}], "command": "critnet reduce", "device": "cpu", "threads": 1}


@pytest.fixture
def dataset():
    rng = np.random.default_rng(7)
    return xr.Dataset(
        {
            "correlation": (("snapshot", "neuron", "other"), rng.random((20, 12, 12), np.float32), {"units": "1"}),
            "loss": ("snapshot", rng.random(20), {"units": "nats"}),
            "name": ("neuron", np.array([f"neuron {i}" for i in range(12)])),
            "dead": ("neuron", np.arange(12) % 5 == 0),
        },
        coords={"step": ("snapshot", np.arange(20) ** 2)},
    )


@pytest.fixture
def results(tmp_path, dataset, attrs):
    """A folder of a checkout as `critnet reduce` leaves it: netCDF, JSON, CSV and the manifest."""
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "data"
    archive.write(folder / "fig1.nc", dataset, attrs=attrs)
    archive.atomic_write(folder / "claims.json", archive.dumps_json({"slope": 0.5, "runs": list(range(50))}).encode())
    archive.atomic_write(folder / "runs.csv", b"hidden,loss\n50,0.01\n100,0.005\n")
    archive.write_manifest(folder)
    return folder


@pytest.fixture
def start():
    """Start Python code in another process; whatever still runs at the end of the test is killed."""
    children = []

    def start(code, *arguments, prefix=(), **options):
        command = [*prefix, sys.executable, "-W", "error", "-c", textwrap.dedent(code), *map(str, arguments)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()


@pytest.fixture
def run(start):
    """Run Python code in another process to its end; its output, or an error that shows what it said."""

    def run(code, *arguments, **options):
        child = start(code, *arguments, **options)
        out, err = child.communicate(timeout=300)  # a guard against hanging, not a measurement
        assert child.returncode == 0, err
        return out

    return run


@pytest.fixture
def flipped():
    """Copies of some bytes with one random bit flipped each; seeded."""

    def flipped(content, count, start=0, stop=None, seed=0):
        rng = np.random.default_rng(seed)
        bits = rng.choice(np.arange(8 * start, 8 * (stop or len(content))), count, replace=False)
        for bit in bits:
            copy = bytearray(content)
            copy[bit // 8] ^= 1 << (bit % 8)
            yield bytes(copy)

    return flipped
