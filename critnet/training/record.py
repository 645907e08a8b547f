"""What one run in training has produced since its last part, and how that gets onto the disk."""

import contextlib
import os
import platform

import numpy as np
import torch

import critnet
from critnet import archive
from critnet.training import runs
from critnet.training.mlp import NAMES, flatten, parameter_count


class Record:
    """Batch losses and snapshots of one run from iteration `first` on; `seconds` counts earlier sittings too."""

    def __init__(self, folder, config, step, seconds=0.0, interrupted=0, windows=None):
        self.folder, self.config, self.seconds, self.interrupted = folder, config, seconds, interrupted
        self.windows = windows
        self.diverged_at = None
        self._start(step)

    def _start(self, step):
        self.first, self.batch_losses, self.kept, self.recorded = step, [], [], []

    @property
    def nbytes(self):
        kept = sum(s.losses.nbytes + 4 * parameter_count(self.config.hidden) for s in self.kept)
        return kept + sum(losses.nbytes + weights.nbytes for _, losses, weights in self.recorded)

    def record(self, step, losses, weights):
        """Keep one iteration of a recording window: the losses of its images, and the weights of layers 2 and 3."""
        late = np.concatenate([np.ravel(weights[name]) for name in NAMES[2:]])
        self.recorded.append((step, losses, late))

    def add_losses(self, step, batch_losses):
        """Keep the losses of iterations step, step + 1, ..., up to the first that is not finite: there the run ends."""
        finite = np.isfinite(batch_losses)
        if not finite.all():
            self.diverged_at = step + int(finite.argmin())
            batch_losses = batch_losses[: finite.argmin() + 1]
        self.batch_losses.append(batch_losses)

    def write_part(self, last):
        """Write what there is up to iteration `last` and start anew."""
        if last == self.first and not self.kept:
            return
        if self.recorded:  # before the part, so that a part that is there has its windows
            steps, losses, weights = zip(*self.recorded, strict=True)
            archive.save_arrays(
                runs.window_path(self.folder, self.first, last),
                {
                    "step": np.array(steps, np.int64),
                    "losses": np.array(losses, np.float32),
                    "weights": np.array(weights, np.float32),
                    "images": np.array(self.windows.images, np.int64),
                },
                {"config": self.config.as_dict()},
            )
        n_parameters = parameter_count(self.config.hidden)
        n_samples = len(self.kept[0].losses) if self.kept else 0
        archive.save_arrays(
            runs.part_path(self.folder, self.first, last),
            {
                "batch_losses": np.concatenate([*self.batch_losses, np.zeros(0)]).astype(np.float32),
                "step": np.array([s.step for s in self.kept], np.int64),
                "weights": np.array([flatten(s.weights) for s in self.kept], np.float32).reshape(-1, n_parameters),
                "losses": np.array([s.losses for s in self.kept], np.float32).reshape(len(self.kept), n_samples),
                "test_accuracy": np.array([s.test_accuracy for s in self.kept], np.float64),
            },
            {"config": self.config.as_dict()},
        )
        self._start(last)

    def finish(self, iterations, seconds, **facts):
        """Write the last part and the summary, which makes the run done, and drop its checkpoints."""
        final = [s for s in self.kept if s.step == self.config.steps] if self.diverged_at is None else []
        self.write_part(iterations)
        if self.windows is not None:
            facts["windows"] = self.windows.as_dict()
        runs.write_summary(
            self.folder,
            {
                "config": self.config.as_dict(),
                "digest": self.config.digest,
                "iterations": iterations,
                "diverged_at": self.diverged_at,
                "final_loss": float(final[0].losses.mean(dtype=np.float64)) if final else None,
                "final_test_accuracy": final[0].test_accuracy if final else None,
                "seconds": round(self.seconds + seconds, 3),
                "interrupted": self.interrupted,
                "versions": {
                    "critnet": critnet.__version__,
                    "python": platform.python_version(),
                    "numpy": np.__version__,
                    "torch": torch.__version__,
                },
                **facts,
            },
        )
        for path in runs.checkpoints(self.folder).values():
            path.unlink()


def device_name(device):
    """The processor or GPU in words."""
    if str(device).startswith("cuda"):
        return torch.cuda.get_device_name(device)
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return f"{line.split(':', 1)[1].strip()} ({os.cpu_count()} cores)"
    return platform.processor() or platform.machine()
