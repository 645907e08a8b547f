"""Shared fixtures. Nothing here skips: what is missing is fetched, or is an error that says what to do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from critnet.training import datasets

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE))

import browser  # noqa: E402

if os.environ.get("CRITNET_DATA"):  # tests and notebooks work in other folders
    os.environ["CRITNET_DATA"] = str(Path(os.environ["CRITNET_DATA"]).expanduser().resolve())


# A busy machine is no failure. Continuous integration draws the same examples each time, other machines new ones.
settings.register_profile("steady", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def mnist_folder():
    """The folder that holds MNIST/raw; downloaded into the cache the first time, where no copy is found."""
    return datasets.find(seconds=600).resolve()


@pytest.fixture(scope="session")
def digits_of_mnist(mnist_folder):
    return datasets.mnist(mnist_folder)


@pytest.fixture(scope="session")
def mnist_train(digits_of_mnist):
    return digits_of_mnist.images, digits_of_mnist.labels


@pytest.fixture(scope="session")
def mnist_test(digits_of_mnist):
    return digits_of_mnist.test_images, digits_of_mnist.test_labels


@pytest.fixture(scope="session")
def reference():
    """Weights of one anchor run at t = 37 and 100, and the authors' own numbers on them (see reference/README.md)."""
    folder = HERE / "reference"
    with np.load(folder / "anchor_weights_t37_t100.npz") as stored:
        weights = dict(stored)
    return weights, json.loads((folder / "as_coded_t37_t100.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")  # not longer: one process may drive one playwright at a time
def chromium():
    """A real browser, chosen in browser.py for every test."""
    with browser.sync_playwright() as playwright:
        opened = browser.launch(playwright)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def namespace():
    """A command prefix under which a process may mount file systems of its own; empty where that is forbidden."""
    prefix = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    try:
        probe = subprocess.run([*prefix, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True)
    except FileNotFoundError:  # no such command: not Linux
        return []
    return prefix if probe.returncode == 0 else []
