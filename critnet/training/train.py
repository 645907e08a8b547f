"""Train a stack of runs to the end, from wherever their last checkpoint left them."""

import bisect
import contextlib
import os
import platform
import time

import numpy as np
import psutil
import torch

import critnet
from critnet import archive
from critnet.errors import CritnetError, DataError, IntegrityError, UsageError
from critnet.training import runs
from critnet.training.config import snapshots
from critnet.training.mlp import flatten, init_weights, parameter_count, stream
from critnet.training.sgd import Samples, Stack, Step, segment_length

CHECKPOINT_SECONDS = 30
PART_BYTES = 64_000_000


class Stopped(CritnetError):
    """Training was asked to stop; its checkpoints are written and the same command continues it."""

    exit_code = 130


def train(configs, digits, *, cache, device="cpu", threads=1, progress=None, stop=None,
          checkpoint_seconds=CHECKPOINT_SECONDS):
    """Train runs of equal hidden size, batch size, length and schedule together, as one stack.

    Runs that are done are left alone; runs with checkpoints continue from them and end bit-identical to uninterrupted
    ones (same machine, device, number of threads and stack).

    Parameters
    ----------
    configs : list of RunConfig
    digits : training and test images and labels (critnet.training.datasets.Digits)
    cache : folder of raw runs
    device : "cpu", "cuda", ...; on CUDA each step is a captured graph
    threads : CPU threads of the matrix products
    progress : called with (step, iterations, batch losses (R,)) a few times a second at most
    stop : called between segments of 50 updates; when true, checkpoints are written and Stopped is raised
    checkpoint_seconds : time between checkpoints

    Returns
    -------
    list of run folders, in the order of `configs`.

    Raises
    ------
    UsageError
        If the configurations do not fit one stack, or the data are not 784-pixel images with labels 0...9.
    DataError
        If the memory does not suffice, or the cache cannot be written.

    Source: METHODS D1-D5.
    """
    folders = [runs.run_folder(cache, c) for c in configs]
    open_configs = list({f: c for c, f in zip(configs, folders, strict=True) if not runs.is_done(f)}.items())
    if not open_configs:
        return folders
    shapes = {(c.hidden, c.batch_size, c.steps, c.schedule) for _, c in open_configs}
    if len(shapes) > 1:
        raise UsageError(f"a stack holds runs of one (hidden, batch_size, steps, schedule), not of {sorted(shapes)}")
    check_data(digits, open_configs[0][1])
    check_memory(open_configs[0][1], len(open_configs), len(digits.images), device)
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)  # gradients of learned samples fall below 1e-38 and would slow products tenfold
    try:
        with contextlib.ExitStack() as held:
            for folder, _ in open_configs:
                held.enter_context(archive.lock(folder / "lock"))
                archive.sweep(folder)
            samples = Samples(digits.images, digits.labels, device)
            test = Samples(digits.test_images, digits.test_labels, device)
            for step, group in _by_checkpoint(open_configs):
                _train_group(group, step, samples, test, device, threads, progress, stop, checkpoint_seconds)
    finally:
        torch.set_flush_denormal(False)
    return folders


def check_data(digits, config):
    """Refuse data that the network cannot read."""
    images, labels = digits.images, digits.labels
    if images.ndim != 2 or images.shape[1] != 784 or len(images) != len(labels):
        raise UsageError(f"images have shape {images.shape} for {len(labels)} labels; expected (n, 784) and n")
    if config.batch_size > len(images):
        raise UsageError(f"batch_size is {config.batch_size}; it must be from 1 to {len(images)}, the number of images")
    if not np.isfinite(images).all() or labels.min() < 0 or labels.max() > 9:
        raise UsageError("images must be finite and labels from 0 to 9")


def memory_estimate(config, replicas, samples):
    """Bytes that training needs at its peak beside the libraries: data, buffers, weights, and the part being built."""
    parameters, width = parameter_count(config.hidden), config.hidden + 16
    data = (samples + samples // 6) * (785 * 4 + 8 + 8)
    batch = replicas * config.batch_size
    step = batch * (785 + 6 * width + 20) * 4 + segment_length(replicas, config.batch_size) * batch * 10 * 40
    evaluation = 10_000 * (2 * width * 4 + 10 * 40)
    record = PART_BYTES + 2 * replicas * (parameters + samples) * 4
    return int(data + step + evaluation + replicas * parameters * 8 + 2 * record)


def check_memory(config, replicas, samples, device):
    if str(device) != "cpu":
        return
    need, free = memory_estimate(config, replicas, samples), psutil.virtual_memory().available
    if need > free:
        raise DataError(f"training needs about {need / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free; "
                        "train fewer runs at once, a smaller batch or a smaller network, or close other programs")


def _by_checkpoint(open_configs):
    """[(step, [(folder, config), ...])]: runs grouped by the latest checkpoint they all have, else by their own."""
    steps = {folder: set(_good_checkpoints(folder, config)) | {0} for folder, config in open_configs}
    common = max(set.intersection(*steps.values()))
    groups: dict[int, list] = {}
    for folder, config in open_configs:
        # nothing in common: each continues from its own, rather than start all again
        start = common if common or max(steps[folder]) == 0 else max(steps[folder])
        groups.setdefault(start, []).append((folder, config))
    return sorted(groups.items())


def _good_checkpoints(folder, config):
    """Steps of the checkpoints that are whole, belong to this run and follow gapless parts; others are removed."""
    ends = {0}
    for first, last, path in runs.parts(folder):
        if first in ends and _readable(path):
            ends.add(last)
        else:
            path.unlink()
    for step, path in runs.checkpoints(folder).items():
        if step not in ends or not _readable(path):
            path.unlink()
            continue
        stored = archive.load_arrays(path)[1]["config"]
        if stored != config.as_dict():
            raise IntegrityError(f"{path} belongs to another run: {stored}. Delete {folder} and train again")
        yield step


def _readable(path):
    try:
        archive.load_arrays(path)
    except IntegrityError:
        return False
    return True


class _Order:
    """The data order of one run: a new permutation each epoch; its state is the generator's before the epoch."""

    def __init__(self, config, samples, state=None):
        self.random = stream(config.seed if config.order_seed is None else config.order_seed, "order")
        self.samples = samples
        if state is not None:
            self.random.bit_generator.state = state
        self.state = self.random.bit_generator.state

    def epoch(self):
        self.state = self.random.bit_generator.state
        return self.random.permutation(self.samples)


class _Record:
    """What one run has produced since its last part."""

    def __init__(self, folder, config, step, seconds, interrupted):
        self.folder, self.config, self.seconds, self.interrupted = folder, config, seconds, interrupted
        self.diverged_at = None
        self.start(step)

    def start(self, step):
        self.first, self.batch_losses, self.kept = step, [], []

    @property
    def bytes(self):
        return sum(s.losses.nbytes + 4 * parameter_count(self.config.hidden) for s in self.kept)

    def write_part(self, last):
        h = self.config.hidden
        if last == self.first and not self.kept:
            return
        samples = self.kept[0].losses.shape if self.kept else (0,)
        archive.save_arrays(runs.part_path(self.folder, self.first, last), {
            "batch_losses": np.concatenate([*self.batch_losses, np.zeros(0)]).astype(np.float32),
            "step": np.array([s.step for s in self.kept], np.int64),
            "weights": np.array([flatten(s.weights) for s in self.kept], np.float32).reshape(-1, parameter_count(h)),
            "losses": np.array([s.losses for s in self.kept], np.float32).reshape(-1, *samples),
            "test_accuracy": np.array([s.test_accuracy for s in self.kept], np.float64),
        }, {"config": self.config.as_dict()})
        self.start(last)


def _train_group(group, step, samples, test, device, threads, progress, stop, checkpoint_seconds):
    folders, configs = [f for f, _ in group], [c for _, c in group]
    config, n = configs[0], len(samples)
    kept = set(snapshots(config.schedule, config.steps))
    measured = sorted(kept | {t + 1 for t in kept})
    iterations = config.steps + 1  # one update past the end, for the partner of the last snapshot
    weights, orders, records, position = [], [], [], 0
    for folder, c in group:
        for first, _, path in runs.parts(folder):
            if first >= step:
                path.unlink()
        if step:
            arrays, meta = archive.load_arrays(runs.checkpoint_path(folder, step))
            position = meta["position"]
            weights.append(arrays)
            orders.append(_Order(c, n, meta["order"]))
            records.append(_Record(folder, c, step, meta["seconds"], meta["interrupted"] + 1))
        else:
            weights.append(init_weights(c.hidden, c.init, c.seed, scale=c.init_scale))
            orders.append(_Order(c, n))
            records.append(_Record(folder, c, 0, 0.0, 0))
    stack = Stack(weights, device)
    rates, capture = [c.learning_rate for c in configs], str(device).startswith("cuda")
    B = config.batch_size
    full, rest = n // B, n % B
    update = Step(stack, samples, B, rates, capture=capture)
    update_last = Step(stack, samples, rest, rates, capture=capture) if rest else update
    whole, last = _batches(orders, B, device)
    clock = saved = time.monotonic()
    shown = 0.0

    def checkpoint():
        nonlocal clock
        now = time.monotonic()
        for r, record in enumerate(records):
            if record.diverged_at is None:
                record.seconds += now - clock
                record.write_part(step)
                meta = {"config": configs[r].as_dict(), "order": orders[r].state, "position": position,
                        "seconds": record.seconds, "interrupted": record.interrupted}
                archive.save_arrays(runs.checkpoint_path(folders[r], step), stack.weights(r), meta)
        for folder in folders:  # only when all have the new one may the old ones go
            for old, path in runs.checkpoints(folder).items():
                if old < step:
                    path.unlink()
        clock = now

    while True:
        if step < iterations:
            now = time.monotonic()
            if stop is not None and stop():
                checkpoint()
                raise Stopped(f"stopped at iteration {step} of {config.steps}; the same command continues from there")
            if now - saved > checkpoint_seconds or sum(r.bytes for r in records) > PART_BYTES:
                checkpoint()
                saved = time.monotonic()
        if step in measured:  # behind the checkpoint: a part that ends at a step does not hold its snapshot
            for r, record in enumerate(records):
                if record.diverged_at is None:
                    losses, _ = stack.evaluate(samples, r)
                    accuracy = stack.evaluate(test, r)[1] if step in kept else np.nan
                    record.kept.append(runs.Snapshot(step, stack.weights(r), losses, accuracy))
        if step == iterations:
            break
        # a segment: updates up to the next snapshot, the end of the epoch, or as many as a Step takes
        if position == full + (rest > 0):
            (whole, last), position = _batches(orders, B, device), 0
        if position < full:
            count = min(update.segment, measured[bisect.bisect(measured, step)] - step, full - position)
            batch_losses = update.run(whole[position : position + count])  # (count, R)
        else:
            count = 1
            batch_losses = update_last.run(last)
        position += count
        for r, record in enumerate(records):
            if record.diverged_at is None:
                finite = np.isfinite(batch_losses[:, r])
                good = count if finite.all() else int(finite.argmin())
                record.batch_losses.append(batch_losses[: good + 1, r])
                if good < count:
                    record.diverged_at = step + good
                    _finish(record, record.diverged_at + 1, device, threads, samples, time.monotonic() - clock)
        step += count
        if all(record.diverged_at is not None for record in records):
            return
        if progress is not None and (now - shown > 0.2 or step == iterations):
            progress(step, iterations, batch_losses[-1])
            shown = now
    for record in records:
        if record.diverged_at is None:
            _finish(record, iterations, device, threads, samples, time.monotonic() - clock)


def _batches(orders, B, device):
    """Sample indices of the next epoch: its full batches (n // B, R * B), and the smaller last one (1, R * rest)."""
    order = torch.as_tensor(np.stack([o.epoch() for o in orders]), device=device)
    R, n = order.shape
    full = n // B
    whole = order[:, : full * B].reshape(R, full, B).transpose(0, 1).reshape(full, R * B)
    return whole, order[:, full * B :].reshape(1, -1)


def _finish(record, iterations, device, threads, samples, seconds):
    final = record.kept[-2:] if len(record.kept) > 1 else record.kept
    final = [s for s in final if s.step <= record.config.steps][-1:] if record.diverged_at is None else []
    record.write_part(iterations)
    runs.write_summary(record.folder, {
        "config": record.config.as_dict(), "digest": record.config.digest, "iterations": iterations,
        "diverged_at": record.diverged_at, "samples": len(samples),
        "final_loss": float(final[0].losses.mean(dtype=np.float64)) if final else None,
        "final_test_accuracy": final[0].test_accuracy if final else None,
        "seconds": round(record.seconds + seconds, 3), "interrupted": record.interrupted,
        "device": device_name(device), "threads": threads,
        "versions": {"critnet": critnet.__version__, "python": platform.python_version(), "numpy": np.__version__,
                     "torch": torch.__version__},
    })
    for path in runs.checkpoints(record.folder).values():
        path.unlink()


def device_name(device):
    if str(device).startswith("cuda"):
        return torch.cuda.get_device_name(device)
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return f"{line.split(':', 1)[1].strip()} ({os.cpu_count()} cores)"
    return platform.processor() or platform.machine()


def check_device(device):
    """Refuse a device that this machine or this build of torch does not have."""
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as e:
        found = "cpu, cuda" if torch.cuda.is_available() else "cpu"
        raise UsageError(f"device is {device!r}, which cannot be used here; this machine has {found}") from e
