"""MNIST, found on this machine or downloaded, and scikit-learn's small digits for demonstrations."""

import gzip
import hashlib
import io
import os
import queue
import threading
import time
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from critnet.archive import atomic_write, cache_folder, named
from critnet.errors import DataError, IntegrityError
from critnet.training.mlp import stream

MEAN, STD = np.float32(0.1307), np.float32(0.3081)
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
LARGEST = 50_000_000  # bytes; the largest of the four files has 47 million
# SHA-256 of the four files that LeCun, Cortes and Burges published, unpacked
FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
_AGAIN = "Delete it and run again to download it, or place a good copy there"


class Digits(NamedTuple):
    """Images (n, 784) float32, normalised, and labels (n,) int64, for training and for test, and their origin."""

    images: np.ndarray
    labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    source: str


def normalise(pixels):
    """Pixels 0...255 to the network's input: (p/255 - 0.1307)/0.3081, float32 (METHODS D2).

    >>> normalise(np.array([0], np.uint8))
    array([-0.42421296], dtype=float32)
    """
    return (np.asarray(pixels, np.float32) / np.float32(255) - MEAN) / STD


def mnist(folder=None, *, download=True, mirrors=None, seconds=50):
    """The 60000 training and 10000 test images of MNIST, in file order; arguments and errors as for `find`."""
    return _assemble(find(folder, download=download, mirrors=mirrors, seconds=seconds) / "MNIST" / "raw")


def find(folder=None, *, download=True, mirrors=None, seconds=50):
    """The folder that holds MNIST in torchvision's layout (MNIST/raw/...), packed or not; downloaded if there is none.

    Looks in `folder` if given, else in $CRITNET_DATA, then in data/, then in the cache ($CRITNET_CACHE, else
    ~/.cache/critnet). What is missing is downloaded (12 MB) into `folder` if given, else into the cache, within
    `seconds` in all, from `mirrors`: those of $CRITNET_MIRRORS (addresses, blanks between them), else public ones.
    What is downloaded is checked by its hash before it is placed; `mnist` checks what is read.

    Raises
    ------
    DataError
        If there is no copy and none can be downloaded; the message says how to place the files by hand.
    """
    looked = []
    for place in _places(folder):
        looked.append(place)
        if all(_there(place / "MNIST" / "raw", name) for name in FILES):
            return place
    raw = looked[-1] / "MNIST" / "raw"
    if not download:
        raise DataError(f"MNIST is not in {' or '.join(map(str, looked))}. {_by_hand(raw)}")
    order = list(mirrors or os.environ.get("CRITNET_MIRRORS", "").split() or MIRRORS)
    deadline = time.monotonic() + seconds
    for name in FILES:
        if not _there(raw, name):
            _download(name, raw, order, deadline)
    return looked[-1]


def _places(folder):
    """Where a copy may be, the folder for a downloaded one last; needs a home folder only if it comes to that."""
    if folder:
        yield named(folder)
        return
    if os.environ.get("CRITNET_DATA"):
        yield named(os.environ["CRITNET_DATA"])
    yield Path("data")
    yield cache_folder()


def _there(raw, name):
    return (raw / name).exists() or (raw / f"{name}.gz").exists()


def fingerprint(digits):
    """Sixteen hexadecimal digits that tell one data set from another: SHA-256 of its arrays."""
    digest = hashlib.sha256()
    for array in (digits.images, digits.labels, digits.test_images, digits.test_labels):
        digest.update(f"{array.shape} {array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]


def training_labels(config, labels):
    """The labels that a run is trained on: as they are, or in a random permutation that `config.label_seed` fixes.

    The number of images a label has stays; which image has it is chance. Test labels are never permuted.

    >>> from critnet.training.config import RunConfig
    >>> training_labels(RunConfig(), np.arange(3)).tolist()
    [0, 1, 2]
    >>> sorted(training_labels(RunConfig(label_seed=0), np.arange(3)).tolist())
    [0, 1, 2]
    """
    labels = np.asarray(labels)
    return labels if config.label_seed is None else stream(config.label_seed, "labels").permutation(labels)


def any_digits(folder=None, *, download=True):
    """MNIST where there is a copy or a network, else scikit-learn's 1797 digits as 28 x 28, for demonstrations.

    `source` says which; nothing that claims to reproduce the paper may use this.
    """
    try:
        return mnist(folder, download=download)
    except DataError:
        from sklearn.datasets import load_digits

        bunch = load_digits()
        large = np.kron(bunch.images, np.ones((3, 3)))  # 24 x 24
        pixels = np.pad(large * (255 / 16), ((0, 0), (2, 2), (2, 2))).reshape(-1, 784)
        images, labels = normalise(pixels), bunch.target.astype(np.int64)
        return Digits(
            images[:1500],
            labels[:1500],
            images[1500:],
            labels[1500:],
            "scikit-learn's 1797 digits of 8 x 8 pixels, enlarged (no copy of MNIST, no network)",
        )


def _by_hand(raw):
    return (
        f"Place the files {', '.join(FILES)} (as published, unpacked or .gz) in {raw}, "
        "or set CRITNET_DATA to the folder that holds MNIST/raw"
    )


def _assemble(raw):
    parts = {name: _read(raw, name) for name in FILES}
    images, labels, test_images, test_labels = (parts[n] for n in FILES)
    return Digits(
        normalise(images),
        labels.astype(np.int64),
        normalise(test_images),
        test_labels.astype(np.int64),
        f"MNIST from {raw}",
    )


def _read(raw, name):
    path = raw / name if (raw / name).exists() else raw / f"{name}.gz"
    try:
        content = path.read_bytes() if path.suffix != ".gz" else _unpack(path.read_bytes())
    except gzip.BadGzipFile as e:
        raise IntegrityError(f"{path} is damaged ({e}). {_AGAIN}") from e
    except OSError as e:
        raise DataError(f"{path} cannot be read: {e.strerror}. {_by_hand(raw)}") from e
    except (EOFError, zlib.error) as e:
        raise IntegrityError(f"{path} is cut short or damaged ({e}). {_AGAIN}") from e
    if hashlib.sha256(content).hexdigest() != FILES[name]:
        raise IntegrityError(
            f"{path} is not the file that MNIST publishes under this name ({len(content)} bytes, "
            f"wrong SHA-256). {_AGAIN}"
        )
    header, columns = (16, 784) if "images" in name else (8, None)
    values = np.frombuffer(content, np.uint8, offset=header)
    return values.reshape(-1, columns) if columns else values


def _unpack(content):
    """Unpack gzip, as far as one byte beyond what MNIST can be."""
    return gzip.GzipFile(fileobj=io.BytesIO(content)).read(LARGEST + 1)


def _download(name, raw, mirrors, deadline):
    """Place one file, from the first mirror that serves the right bytes; a mirror that fails becomes the last asked."""
    failures = []
    for left, mirror in zip(range(len(mirrors), 0, -1), list(mirrors), strict=True):
        try:
            content = _unpack(_fetch(f"{mirror.rstrip('/')}/{name}.gz", (deadline - time.monotonic()) / left))
            if hashlib.sha256(content).hexdigest() != FILES[name]:
                raise ValueError(f"serves {len(content)} bytes that are not {name}")
        except (OSError, EOFError, ValueError, zlib.error) as e:  # requests' own errors are OSErrors
            failures.append(f"{mirror}: {e}")
            mirrors.append(mirrors.pop(mirrors.index(mirror)))
            continue
        atomic_write(raw / name, content)
        return
    raise DataError(f"{name} could not be downloaded. {_by_hand(raw)}. Tried " + "; ".join(failures))


def _fetch(url, seconds):
    """The body behind a URL, at most LARGEST bytes, or an error within `seconds`.

    The work is done in a thread that is left behind at the deadline: name look-up, redirects and a server that drips
    bytes know no limit of their own.
    """
    answers: queue.Queue = queue.Queue()

    def work():
        try:
            answers.put(_get(url, time.monotonic() + seconds))
        except (OSError, ValueError) as e:
            answers.put(e)

    threading.Thread(target=work, daemon=True).start()
    try:
        answer = answers.get(timeout=max(seconds, 0))
    except queue.Empty:
        answer = TimeoutError(f"no complete answer within {seconds:.0f} s")
    if isinstance(answer, Exception):
        raise answer
    return answer


def _get(url, deadline):
    import requests

    body = bytearray()
    with requests.get(url, timeout=max(deadline - time.monotonic(), 0.001), stream=True) as response:
        response.raise_for_status()
        for part in response.iter_content(65_536):
            body += part
            if len(body) > LARGEST:
                raise ValueError(f"serves more than {LARGEST} bytes")
            if time.monotonic() > deadline:
                raise TimeoutError("no complete answer in time")
    return bytes(body)
