"""Raw runs on disk: one folder a run in the cache, written in parts, read back whole.

    <cache>/<digest>/part-<first>-<last>.run    losses of iterations first...last-1 and the networks kept among them
    <cache>/<digest>/window-<first>-<last>.run  what recording windows kept in those iterations, if the run has any
    <cache>/<digest>/at-<step>.run              checkpoint: weights and the state of the data order before that step
    <cache>/<digest>/summary.json               written last: a run with a summary is done

All but the summary are critnet.archive containers, hashed and checked on reading.
"""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from critnet import archive
from critnet.errors import DataError, IntegrityError
from critnet.training.config import RunConfig
from critnet.training.mlp import unflatten

FORMAT = 1
_PART = re.compile(r"part-(\d{9})-(\d{9})\.run")
_WINDOW = re.compile(r"window-(\d{9})-(\d{9})\.run")
_CHECKPOINT = re.compile(r"at-(\d{9})\.run")


def cache_folder(folder=None):
    """The folder of raw runs: `folder`, else $CRITNET_CACHE, else ~/.cache/critnet/runs."""
    return archive.cache_folder(folder, "runs")


def run_folder(cache, config):
    return Path(cache) / config.digest


def parts(folder):
    """(first, last, path) of the parts of a run, in order."""
    return _stretches(folder, _PART, "part-*.run")


def window_parts(folder):
    """(first, last, path) of what the recording windows of a run kept, in order."""
    return _stretches(folder, _WINDOW, "window-*.run")


def _stretches(folder, pattern, names):
    found = (pattern.fullmatch(p.name) for p in Path(folder).glob(names))
    return sorted((int(m[1]), int(m[2]), Path(folder) / m[0]) for m in found if m)


def checkpoints(folder):
    """step -> path of the checkpoints of a run."""
    found = (_CHECKPOINT.fullmatch(p.name) for p in Path(folder).glob("at-*.run"))
    return {int(m[1]): Path(folder) / m[0] for m in found if m}


def part_path(folder, first, last):
    return Path(folder) / f"part-{first:09d}-{last:09d}.run"


def window_path(folder, first, last):
    return Path(folder) / f"window-{first:09d}-{last:09d}.run"


def checkpoint_path(folder, step):
    return Path(folder) / f"at-{step:09d}.run"


def is_done(folder):
    return os.path.exists(Path(folder) / "summary.json")  # Path.exists would raise where we may not look


def read_summary(folder):
    path = Path(folder) / "summary.json"
    try:
        summary = json.loads(path.read_bytes())
        body = {k: v for k, v in summary.items() if k != "sha256"}
        if summary["sha256"] != _digest(body):
            raise IntegrityError(f"{path} was altered. Delete the folder and train the run again")
    except OSError as e:
        raise DataError(f"{path} cannot be read ({e.strerror}). Train the run first: critnet train") from e
    except (ValueError, KeyError, TypeError) as e:
        raise IntegrityError(f"{path} is damaged ({e}). Delete the folder and train the run again") from e
    if body["format"] != FORMAT:
        raise DataError(
            f"{path} has format {body['format']}; this version reads {FORMAT}. "
            f"Delete {path.parent} and train the run again"
        )
    return body


def write_summary(folder, body):
    body = json.loads(archive.dumps_json({"format": FORMAT, **body}))
    text = archive.dumps_json({**body, "sha256": _digest(body)})
    archive.atomic_write(Path(folder) / "summary.json", text.encode())


def _digest(body):
    return hashlib.sha256(archive.dumps_json(body).encode()).hexdigest()


class Snapshot(NamedTuple):
    """The network before iteration `step`: weights, losses of all training samples in nats, test accuracy (nan where it
    was not measured: the partners t + 1)."""

    step: int
    weights: dict
    losses: np.ndarray
    test_accuracy: float


class Window(NamedTuple):
    """Consecutive iterations: `step` (t,); `losses` (t, image) in nats and `weights` (t, parameter), the parameters of
    layers 2 and 3 in the order W2, b2, W3, b3, before each; `images`, places of the images in the training file."""

    step: np.ndarray
    losses: np.ndarray
    weights: np.ndarray
    images: np.ndarray


class Run(NamedTuple):
    """A finished run. `batch_losses[t]` is the loss of the mini-batch of iteration t, before its update."""

    config: RunConfig
    summary: dict
    folder: Path

    @property
    def batch_losses(self):
        return np.concatenate([archive.load_arrays(p)[0]["batch_losses"] for *_, p in parts(self.folder)])

    def snapshots(self, wanted=None):
        """Snapshots in order of their step, one part in memory at a time; `wanted` selects steps."""
        wanted = None if wanted is None else set(wanted)
        for first, last, path in parts(self.folder):
            if wanted is not None and not any(first <= t <= last for t in wanted):
                continue
            try:
                arrays, _ = archive.load_arrays(path)
            except IntegrityError as e:
                raise IntegrityError(
                    f"{path} is truncated or altered, and the run was finished. "
                    f"Delete {self.folder} and train the run again"
                ) from e
            for i, step in enumerate(arrays["step"]):
                if wanted is None or int(step) in wanted:
                    weights = unflatten(arrays["weights"][i], self.config.hidden)
                    yield Snapshot(int(step), weights, arrays["losses"][i], float(arrays["test_accuracy"][i]))

    def windows(self):
        """The recording windows of the run, one in memory at a time; a diverged run has them up to its end.

        Raises
        ------
        DataError
            If the run was trained without windows.
        IntegrityError
            If iterations of a window are missing, or a file is damaged.
        """
        stated = self.summary.get("windows")
        if stated is None:
            raise DataError(
                f"{self.folder} was trained without recording windows. Delete it and train again: "
                "critnet campaign anchor --windows"
            )
        last = self.summary["iterations"] - 1
        for a, b in stated["spans"]:
            b = min(b, last, self.config.steps)
            if a > b:
                continue
            found = [archive.load_arrays(p)[0] for first, end, p in window_parts(self.folder) if first <= b and end > a]
            steps = np.concatenate([np.zeros(0, int), *(f["step"] for f in found)])
            inside = (steps >= a) & (steps <= b)
            if not np.array_equal(steps[inside], np.arange(a, b + 1)):
                raise IntegrityError(
                    f"{self.folder} lacks iterations of its window from {a} to {b}. Delete it and train the run again"
                )
            losses, weights = (np.concatenate([f[name] for f in found])[inside] for name in ("losses", "weights"))
            yield Window(steps[inside], losses, weights, found[0]["images"])


def open_run(folder):
    """A finished run, its parts checked for gaps (their content is checked when read)."""
    summary = read_summary(folder)
    config = RunConfig.from_dict(summary["config"])
    end = 0
    for first, last, path in parts(folder):
        if first != end:
            raise IntegrityError(
                f"{path} starts at {first}, but the part before it ends at {end}: a part is missing. "
                f"Delete {folder} and train the run again"
            )
        end = last
    if end != summary["iterations"]:
        raise IntegrityError(
            f"{folder} holds {end} of {summary['iterations']} iterations: a part is missing. "
            "Delete it and train the run again"
        )
    return Run(config, summary, Path(folder))
