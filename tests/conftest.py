"""Shared fixtures. Nothing here skips: a missing data set or reference is an error that says what to set."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


def _folder(variable, default, what):
    folder = Path(os.environ.get(variable, ROOT / default)).resolve()
    if not folder.is_dir():
        raise FileNotFoundError(f"{what} is not at {folder}; set {variable} to the folder that holds it")
    return folder


@pytest.fixture(scope="session")
def mnist_folder():
    return _folder("CRITNET_DATA", "../shared/data", "MNIST (torchvision's layout)")


def _mnist(folder, split):
    raw = folder / "MNIST" / "raw"
    pixels = np.fromfile(raw / f"{split}-images-idx3-ubyte", dtype=np.uint8)[16:].reshape(-1, 784)
    labels = np.fromfile(raw / f"{split}-labels-idx1-ubyte", dtype=np.uint8)[8:].astype(np.int64)
    images = ((pixels.astype(np.float32) / np.float32(255)) - np.float32(0.1307)) / np.float32(0.3081)
    return images, labels


@pytest.fixture(scope="session")
def mnist_train(mnist_folder):
    return _mnist(mnist_folder, "train")


@pytest.fixture(scope="session")
def mnist_test(mnist_folder):
    return _mnist(mnist_folder, "t10k")


@pytest.fixture(scope="session")
def reference():
    """Weights of one anchor run at t = 37 and 100, and the authors' own numbers on them."""
    folder = _folder("CRITNET_REFERENCE", "../shared/reference", "The reference numbers")
    with np.load(folder / "anchor_weights_t37_t100.npz") as stored:
        weights = dict(stored)
    return weights, json.loads((folder / "as_coded_t37_t100.json").read_text())


@pytest.fixture(scope="session")
def namespace():
    """A command prefix under which a process may mount file systems of its own; empty where that is forbidden."""
    prefix = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    try:
        probe = subprocess.run([*prefix, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True)
    except FileNotFoundError:  # no such command: not Linux
        return []
    return prefix if probe.returncode == 0 else []
