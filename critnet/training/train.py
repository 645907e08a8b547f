"""Train a stack of runs to the end, from wherever their last checkpoint left them."""

import bisect
import contextlib
import time

import numpy as np
import psutil
import torch

from critnet import archive
from critnet.errors import CritnetError, DataError, IntegrityError, UsageError
from critnet.training import runs
from critnet.training.config import RunConfig, snapshots
from critnet.training.datasets import fingerprint, training_labels
from critnet.training.machine import check_device, check_number, is_cpu
from critnet.training.mlp import EXTENDED_INPUTS, init_weights, parameter_count, stream
from critnet.training.record import Record, device_name
from critnet.training.sgd import Samples, Stack, Step, segment_length

CHECKPOINT_SECONDS = 30
PART_BYTES = 64_000_000


class Stopped(CritnetError):
    """Training was asked to stop; its checkpoints are written and the same command continues it."""

    exit_code = 130


def train(
    configs,
    digits,
    *,
    cache,
    device="cpu",
    threads=1,
    progress=None,
    stop=None,
    checkpoint_seconds=CHECKPOINT_SECONDS,
    windows=None,
):
    """Train runs of equal hidden size, batch size, length, schedule and labels together, as one stack.

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
    windows : iterations at which losses and weights are kept at every one (critnet.training.windows.Windows), or None
        The networks are the same bits with and without.

    Returns
    -------
    list of run folders, in the order of `configs`.

    Raises
    ------
    UsageError
        If the configurations do not fit one stack, the data are not 784-pixel images with labels 0...9, or a run was
        trained, or begun, with other windows than are asked for.
    DataError
        If the memory does not suffice (of the machine, before anything is written; of a GPU, when it runs out), or the
        cache cannot be written.

    Source: METHODS D1-D5.
    """
    check_number("threads", threads)
    check_device(device)
    folders = [runs.run_folder(cache, c) for c in configs]
    todo = dict(zip(folders, configs, strict=True))
    check_stack(configs)
    check_data(digits, configs)
    if not_done := [c for f, c in todo.items() if not runs.is_done(f)]:
        check_memory(not_done[0], len(not_done), len(digits.images), device)
    data = fingerprint(digits)
    threads_before = torch.get_num_threads()
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)  # gradients of learned samples fall below 1e-38 and would slow products tenfold
    try:
        with contextlib.ExitStack() as held:
            for folder in list(todo):
                if not runs.is_done(folder):
                    held.enter_context(archive.lock(folder / "lock"))
                    archive.sweep(folder)
                if runs.is_done(folder):  # perhaps another process finished it while we asked for the lock
                    summary = runs.read_summary(folder)
                    _check_same_data(folder, summary.get("data", data), data)
                    if windows is not None:
                        _check_same_windows(folder, summary.get("windows"), windows)
                    del todo[folder]
            if todo:
                samples = Samples(digits.images, training_labels(configs[0], digits.labels), device)
                test = Samples(digits.test_images, digits.test_labels, device)
                facts = {"device": device_name(device), "threads": threads, "samples": len(samples), "data": data}
                for step, group in _by_checkpoint(todo, data, windows):
                    _train_group(group, step, samples, test, device, facts, progress, stop, checkpoint_seconds, windows)
    except (torch.OutOfMemoryError, MemoryError) as e:  # of a GPU, which check_memory does not look at, or after all
        raise DataError(
            f"{device} ran out of memory with {len(todo)} networks of {configs[0].hidden} neurons a layer "
            f"and batches of {configs[0].batch_size} as one stack; their checkpoints are kept. Train fewer "
            "at once (--stack), or close what else uses it"
        ) from e
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads_before)
    return folders


def check_stack(configs):
    """Refuse runs that cannot be trained as one stack."""
    shapes = {(c.hidden, c.batch_size, c.steps, c.schedule, c.label_seed) for c in configs}
    if len(shapes) > 1:
        raise UsageError(
            f"a stack holds runs of one (hidden, batch_size, steps, schedule, label_seed), "
            f"not of {sorted(shapes, key=str)}; train them one after the other"
        )


def check_data(digits, configs):
    """Refuse data that the network cannot read."""
    images, labels = digits.images, digits.labels
    if images.ndim != 2 or images.shape[1] != 784 or len(images) != len(labels):
        raise UsageError(f"images have shape {images.shape} for {len(labels)} labels; expected (n, 784) and n")
    for batch_size in {c.batch_size for c in configs}:
        if batch_size > len(images):
            raise UsageError(f"batch_size is {batch_size}; it must be from 1 to {len(images)}, the number of images")
    if not np.isfinite(images).all() or labels.min() < 0 or labels.max() > 9:
        raise UsageError("images must be finite and labels from 0 to 9")


def memory_estimate(config, replicas, samples):
    """Bytes that training needs at its peak beside the libraries: data, buffers, weights, and the part being built."""
    parameters, width = parameter_count(config.hidden), config.hidden + 16
    data = (samples + samples // 6) * (EXTENDED_INPUTS * 4 + 8 + 8)
    batch = replicas * config.batch_size
    logits = segment_length(replicas, config.batch_size) * batch * 10
    step = batch * (EXTENDED_INPUTS + 6 * width + 20) * 4 + logits * 40
    evaluation = 10_000 * (2 * width * 4 + 10 * 40)
    record = PART_BYTES + 2 * replicas * (parameters + samples) * 4
    return int(data + step + evaluation + replicas * parameters * 8 + 2 * record)


def check_memory(config, replicas, samples, device):
    if not is_cpu(device):
        return
    need, free = memory_estimate(config, replicas, samples), psutil.virtual_memory().available
    if need > free:
        raise DataError(
            f"training needs about {need / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free; "
            "train fewer runs at once, a smaller batch or a smaller network, or close other programs"
        )


def _by_checkpoint(todo, data, windows):
    """[(step, [(folder, config), ...])]: runs grouped by the latest checkpoint they all have, else by their own."""
    steps = {folder: set(_good_checkpoints(folder, config, data, windows)) | {0} for folder, config in todo.items()}
    common = max(set.intersection(*steps.values()))
    groups: dict[int, list] = {}
    for folder, config in todo.items():
        # nothing in common: each continues from its own, rather than start all again
        groups.setdefault(common or max(steps[folder]), []).append((folder, config))
    return sorted(groups.items())


def _good_checkpoints(folder, config, data, windows):
    """Steps of the checkpoints that are whole, belong to this run and follow gapless parts; others are removed."""
    whole = []
    for step, path in runs.checkpoints(folder).items():
        if not _readable(path):
            path.unlink()
            continue
        meta = archive.load_arrays(path)[1]
        if RunConfig.from_dict(meta["config"]) != config:
            raise IntegrityError(f"{path} belongs to another run: {meta['config']}. Delete {folder} and train again")
        _check_same_data(folder, meta["data"], data)
        _check_same_windows(folder, meta.get("windows"), windows)
        whole.append(step)
    ends = {0}
    recorded = {(first, last): path for first, last, path in runs.window_parts(folder)}
    for first, last, path in runs.parts(folder):
        window = recorded.pop((first, last), None)
        needed = windows is not None and any(first <= t < last for t in windows.steps(config.steps))
        if first in ends and _readable(path) and (_readable(window) if window else not needed):
            ends.add(last)
        else:
            path.unlink()
            if window:
                window.unlink()
    for path in recorded.values():  # their part was not written any more
        path.unlink()
    for step in whole:
        if step in ends:
            yield step
        else:
            runs.checkpoint_path(folder, step).unlink()


def _check_same_data(folder, stored, data):
    if stored != data:
        raise UsageError(
            f"{folder} holds a run on other images (data {stored}, these are {data}); "
            "train in another cache folder, or delete this run"
        )


def _check_same_windows(folder, stored, windows):
    asked = None if windows is None else windows.as_dict()
    if stored != asked:
        raise UsageError(
            f"{folder} was trained with the recording windows {stored or 'none'}, and {asked or 'none'} are asked for; "
            "ask for the same, train in another cache folder, or delete this run"
        )


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


def _train_group(group, step, samples, test, device, facts, progress, stop, checkpoint_seconds, windows):
    """Train runs that are all at iteration `step` to their end."""
    folders, configs = [f for f, _ in group], [c for _, c in group]
    config, n = configs[0], len(samples)
    kept = set(snapshots(config.schedule, config.steps))
    measured = kept | {t + 1 for t in kept}
    recorded = set() if windows is None else set(windows.steps(config.steps))
    looked_at = sorted(measured | recorded)
    iterations = config.steps + 1  # one update past the end, for the partner of the last snapshot
    weights, orders, records, position = [], [], [], 0
    for folder, c in group:
        for first, _, path in [*runs.parts(folder), *runs.window_parts(folder)]:
            if first >= step:
                path.unlink()
        if step:
            arrays, meta = archive.load_arrays(runs.checkpoint_path(folder, step))
            position = meta["position"]
            weights.append(arrays)
            orders.append(_Order(c, n, meta["order"]))
            records.append(Record(folder, c, step, meta["seconds"], meta["interrupted"] + 1, windows=windows))
        else:
            weights.append(init_weights(c.hidden, c.init, c.seed, scale=c.init_scale))
            orders.append(_Order(c, n))
            records.append(Record(folder, c, 0, windows=windows))
    stack = Stack(weights, device)
    rates, capture = [c.learning_rate for c in configs], str(device).startswith("cuda")
    B = config.batch_size
    full, rest = n // B, n % B
    update = Step(stack, samples, B, rates, capture=capture)
    update_last = Step(stack, samples, rest, rates, capture=capture) if rest else update
    whole, last = _batches(orders, B, device)
    if recorded:
        watched = samples.subset(windows.images)
    clock = saved = time.monotonic()
    shown = 0.0

    def checkpoint():
        nonlocal clock
        now = time.monotonic()
        for r, record in enumerate(records):
            if record.diverged_at is None:
                record.seconds += now - clock
                record.write_part(step)
                meta = {
                    "config": configs[r].as_dict(),
                    "data": facts["data"],
                    "order": orders[r].state,
                    "position": position,
                    "seconds": record.seconds,
                    "interrupted": record.interrupted,
                    "windows": None if windows is None else windows.as_dict(),
                }
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
            if now - saved > checkpoint_seconds or sum(r.nbytes for r in records) > PART_BYTES:
                checkpoint()
                saved = time.monotonic()
        if step in measured:  # behind the checkpoint: a part that ends at a step does not hold its snapshot
            for r, record in enumerate(records):
                if record.diverged_at is None:
                    losses, _ = stack.evaluate(samples, r)
                    accuracy = stack.evaluate(test, r)[1] if step in kept else np.nan
                    record.kept.append(runs.Snapshot(step, stack.weights(r), losses, accuracy))
        if step in recorded:
            for r, record in enumerate(records):
                if record.diverged_at is None:
                    record.record(step, stack.evaluate(watched, r)[0], stack.weights(r))
        if step == iterations:
            break
        # a segment: updates up to the next snapshot, the end of the epoch, or as many as a Step takes
        if position == full + (rest > 0):
            (whole, last), position = _batches(orders, B, device), 0
        if position < full:
            count = min(update.segment, looked_at[bisect.bisect(looked_at, step)] - step, full - position)
            batch_losses = update.run(whole[position : position + count])  # (count, R)
        else:
            count = 1
            batch_losses = update_last.run(last)
        position += count
        for r, record in enumerate(records):
            if record.diverged_at is None:
                record.add_losses(step, batch_losses[:, r])
                if record.diverged_at is not None:
                    record.finish(record.diverged_at + 1, time.monotonic() - clock, **facts)
        step += count
        if all(record.diverged_at is not None for record in records):
            return
        if progress is not None and (now - shown > 0.2 or step == iterations):
            progress(step, iterations, batch_losses[-1])
            shown = now
    for record in records:
        if record.diverged_at is None:
            record.finish(iterations, time.monotonic() - clock, **facts)


def _batches(orders, B, device):
    """Sample indices of the next epoch: its full batches (n // B, R * B), and the smaller last one (1, R * rest)."""
    order = torch.as_tensor(np.stack([o.epoch() for o in orders]), device=device)
    R, n = order.shape
    full = n // B
    whole = order[:, : full * B].reshape(R, full, B).transpose(0, 1).reshape(full, R * B)
    return whole, order[:, full * B :].reshape(1, -1)
