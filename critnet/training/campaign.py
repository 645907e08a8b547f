"""Many runs at once: processes of one machine, or the workers of a Dask cluster; on a GPU, stacks of replicas.

The cache is the only state. Each task trains what is missing of its runs from their last checkpoints, under their
locks; so a campaign may be killed, started twice, or lose workers, and the same command completes it.
"""

import concurrent.futures
import contextlib
import functools
import multiprocessing
import os
import pickle
import signal
import threading
import time
import uuid
from collections import deque
from pathlib import Path
from typing import NamedTuple

from critnet import checks
from critnet.errors import BusyError, CritnetError, DataError, UsageError
from critnet.training import runs
from critnet.training.catalogue import forget_failure, note_failure, seconds_left, state_of
from critnet.training.config import RunConfig
from critnet.training.machine import check_device, check_number, is_cpu

CUDA_STACK = 64
CHECKPOINT_SECONDS = 30
LOST_WORKERS = 3
POLL_SECONDS = 0.5
SILENCE_SECONDS = 30


class Outcome(NamedTuple):
    """How a task ended: "done", "busy" (another process trains one of its runs), "stopped" or "failed"."""

    configs: tuple[RunConfig, ...]
    state: str
    message: str = ""


class Progress(NamedTuple):
    """Where a campaign stands: runs by state, and seconds left by the speed seen so far."""

    done: int
    failed: int
    total: int
    seconds_left: float


def campaign(
    configs,
    load,
    *,
    cache,
    jobs=1,
    scheduler=None,
    device="cpu",
    threads=1,
    stack=None,
    report=None,
    stop=None,
    checkpoint_seconds=CHECKPOINT_SECONDS,
    windows=False,
):
    """Train what is missing of a list of runs.

    Parameters
    ----------
    configs : list of RunConfig
    load : function without arguments, callable in another process
        Gives the data (critnet.training.datasets.Digits); called once a process.
    cache : folder of raw runs; on a cluster, one that all its machines share
    jobs : processes on this machine
    scheduler : address of a Dask scheduler, "tcp://HOST:PORT"; the runs go to its workers, one a worker thread
    device : "cpu", "cuda", ...
    threads : CPU threads of the matrix products, a process
    stack : most runs of equal shape that are trained as one; 1 on a CPU and 64 on a GPU unless given
    report : called about twice a second with a Progress
    stop : called about twice a second; when true, checkpoints are written and the campaign ends
    checkpoint_seconds : time between the checkpoints of a run, the most work that a killed one loses
    windows : keep the recording windows too (critnet.training.windows)

    Returns
    -------
    list of Outcome that are not "done": runs that failed, with the reason, and, after `stop`, those that were stopped.

    Raises
    ------
    UsageError
        If a number is out of range, the scheduler cannot be reached, or `load` cannot be found in another process.
    DataError
        If the cache cannot be written, workers cannot start, or are lost again and again.

    Source: PANELS, run catalogue.
    """
    check_options(jobs=jobs, scheduler=scheduler, device=device, threads=threads, stack=stack)
    if stack is None:
        stack = 1 if is_cpu(device) else CUDA_STACK
    cache = Path(cache)
    _check_sendable(load)
    _check_writable(cache)
    total = len(configs)
    clock = Clock(configs, cache)
    todo = deque(stacks([c for c in configs if not runs.is_done(runs.run_folder(cache, c))], stack))
    failed: list[Outcome] = []
    stopped: list[Outcome] = []
    lost = 0
    asked = False
    workers: set = set()
    stop_file = cache / f".stop-{uuid.uuid4().hex}"

    try:
        while todo and not stopped:
            task = functools.partial(
                train_task,
                load=load,
                cache=cache,
                device=device,
                threads=threads,
                stop_file=stop_file,
                checkpoint_seconds=checkpoint_seconds,
                windows=windows,
            )
            done_before = clock.done()
            try:
                with _executor(jobs, scheduler, workers) as (executor, alive):
                    if scheduler is None:
                        _greet(executor, load)
                    waiting = {executor.submit(task, group): group for group in todo}
                    alive()
                    busy: list = []
                    while waiting:
                        finished, _ = concurrent.futures.wait(waiting, POLL_SECONDS, concurrent.futures.FIRST_COMPLETED)
                        for future in finished:
                            group = waiting.pop(future)
                            outcome = future.result()
                            if outcome.state != "busy":
                                todo.remove(group)
                            if outcome.state != "done":
                                {"busy": busy, "failed": failed, "stopped": stopped}[outcome.state].append(outcome)
                        if stop is not None and stop() and not asked:
                            asked = True
                            stop_file.touch()
                        alive()
                        if report is not None:
                            report(Progress(clock.done(), sum(len(o.configs) for o in failed), total, clock.left(jobs)))
                if busy and not stopped:  # in the hands of another campaign: wait for it, or for its end
                    time.sleep(POLL_SECONDS)
            except concurrent.futures.CancelledError as error:
                raise _unreachable(scheduler) from error
            except concurrent.futures.BrokenExecutor as error:
                lost = 0 if clock.done() > done_before else lost + 1
                if lost == LOST_WORKERS:
                    names = ", ".join(c.digest for group in todo for c in group)
                    raise DataError(
                        f"worker processes ended {LOST_WORKERS} times without one run finishing ({_endings(workers)}). "
                        f"Not done: {names}. Their checkpoints are kept; the same command continues from there"
                    ) from error
    except BaseException:  # leave no worker training behind
        with contextlib.suppress(OSError):
            stop_file.touch()
        raise
    finally:
        with contextlib.suppress(OSError):
            stop_file.unlink(missing_ok=True)
    return [*failed, *stopped]


def stacks(configs, size):
    """Groups of at most `size` runs that can be trained as one, in the order of their first runs.

    >>> a, b, c = RunConfig(seed=1), RunConfig(hidden=9), RunConfig(seed=2)
    >>> [len(group) for group in stacks([a, b, c], 8)], len(stacks([a, b, c], 1))
    ([2, 1], 3)
    """
    shapes: dict[tuple, list] = {}
    for c in configs:
        shapes.setdefault((c.hidden, c.batch_size, c.steps, c.schedule, c.label_seed), []).append(c)
    if size == 1:
        return [(c,) for c in configs]
    return [tuple(group[i : i + size]) for group in shapes.values() for i in range(0, len(group), size)]


def check_options(*, jobs, scheduler, device, threads, stack):
    """Refuse numbers out of range, and a device that this machine does not have."""
    check_number("jobs", jobs)
    check_number("threads", threads)
    if stack is not None:
        checks.whole("stack", stack)
    if scheduler is None:
        check_device(device)


def train_task(configs, *, load, cache, device, threads, stop_file, checkpoint_seconds, windows=False):
    """Train one stack to its end; what runs in a worker."""
    from critnet.training.train import Stopped, train
    from critnet.training.windows import recording_windows

    if os.path.exists(stop_file):
        return Outcome(configs, "stopped")
    try:
        digits = _loaded(load)
        train(
            list(configs),
            digits,
            cache=cache,
            device=device,
            threads=threads,
            stop=lambda: os.path.exists(stop_file),
            checkpoint_seconds=checkpoint_seconds,
            windows=recording_windows(digits.labels) if windows else None,
        )
    except Stopped as error:
        return Outcome(configs, "stopped", str(error))
    except BusyError as error:
        return Outcome(configs, "busy", str(error))
    except CritnetError as error:
        note_failure(cache, configs, str(error))
        return Outcome(configs, "failed", str(error))
    forget_failure(cache, configs)
    return Outcome(configs, "done")


_data: dict[bytes, object] = {}


def _loaded(load):
    """The data of this process, read once."""
    key = pickle.dumps(load)
    if key not in _data:
        _data.clear()
        _data[key] = load()
    return _data[key]


class Clock:
    """How far a list of runs is, and how long the rest takes: estimated seconds, scaled by what finished runs took."""

    def __init__(self, configs, cache):
        self.configs, self.cache = configs, cache
        self.unfinished = [c for c in configs if not runs.is_done(runs.run_folder(cache, c))]
        self.began = time.monotonic()
        self.done()
        self.before = self.rest

    def done(self):
        """Number of finished runs; looks into the cache."""
        states = [(c, state_of(c, self.cache)) for c in self.unfinished]
        self.unfinished = [c for c, s in states if s.name not in ("done", "diverged")]
        self.rest = seconds_left(states)  # estimated seconds of what is not done, checkpoints counted
        return len(self.configs) - len(self.unfinished)

    def left(self, jobs):
        """Seconds left at the last look: by the speed since the start once a part is done, by the estimate before."""
        done, elapsed = self.before - self.rest, time.monotonic() - self.began
        return self.rest * elapsed / done if done > 0.02 * self.before and elapsed > 5 else self.rest / jobs


@contextlib.contextmanager
def _executor(jobs, scheduler, workers):
    """(executor, a function that raises when its workers are out of reach, and notes those of this machine)."""
    if scheduler is None:
        context = multiprocessing.get_context("spawn")
        executor = concurrent.futures.ProcessPoolExecutor(jobs, mp_context=context, initializer=_worker)
        others = set(multiprocessing.active_children())
        workers.clear()
        try:
            yield executor, lambda: workers.update(set(multiprocessing.active_children()) - others)
        finally:
            executor.shutdown(cancel_futures=True)
        return
    client = _connect(scheduler)
    seen = [time.monotonic()]

    def alive():
        now = time.monotonic()
        if client.status == "running":
            seen[0] = now
        elif now - seen[0] > SILENCE_SECONDS:
            raise _unreachable(scheduler)

    try:
        yield client.get_executor(pure=False, retries=LOST_WORKERS), alive
    finally:
        client.close(timeout=5)


def _check_sendable(load):
    try:
        pickle.dumps(load)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise _not_found(load, error) from error


def _greet(executor, load):
    """Have one worker start and find `load`, before any run depends on it."""
    try:
        trouble = executor.submit(_hello, pickle.dumps(load)).result()
    except concurrent.futures.BrokenExecutor as error:
        raise DataError(
            "the worker processes ended while they started, before any run; what they said is above. Each of them "
            "imports the program that calls campaign(): in a script, put that call under `if __name__ == '__main__':`"
        ) from error
    if trouble:
        raise _not_found(load, trouble)


def _hello(pickled):
    """What keeps a worker from having `load`, or nothing."""
    try:
        pickle.loads(pickled)
    except (pickle.UnpicklingError, AttributeError, ImportError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _not_found(load, error):
    return UsageError(
        f"load is {load!r}, which another process cannot find ({error}); give a function that stands in a module, or a "
        "functools.partial of one: not a lambda, nor one of a notebook's cells"
    )


def _endings(workers):
    """How worker processes ended, in words; the pool itself terminates those that are left of a broken one."""
    codes = {p.exitcode for p in workers} - {0, None}
    codes = codes - {-signal.SIGTERM} or codes
    words = [f"exit code {code}" if code > 0 else f"killed by {signal.Signals(-code).name}" for code in sorted(codes)]
    hint = ", as the system does when memory runs out: try fewer --jobs" if -signal.SIGKILL in codes else ""
    return " and ".join(words) + hint or "no exit code is known"


def _unreachable(scheduler):
    return DataError(
        f"the scheduler {scheduler} does not answer any more. What its workers finished is in the cache; "
        "start a scheduler and give the same command again"
    )


def _connect(scheduler):
    try:
        from distributed import Client
    except ModuleNotFoundError as e:
        raise UsageError("--scheduler needs Dask; install it with: pip install 'critnet[cluster]'") from e
    try:
        return Client(scheduler, timeout=10, set_as_default=False)
    except (OSError, ValueError) as e:
        raise UsageError(
            f"scheduler {scheduler!r} cannot be reached ({e or 'no answer in 10 s'}); give the address "
            "that `dask scheduler` prints, such as tcp://HOST:8786, or leave --scheduler out"
        ) from e


def _worker():
    """Ctrl-C goes to all processes of a terminal: the campaign answers it for its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch():  # a campaign that was killed leaves no workers behind
        if campaign_process is not None:
            campaign_process.join()
            os._exit(1)

    campaign_process = multiprocessing.parent_process()
    threading.Thread(target=watch, daemon=True).start()


def _check_writable(cache):
    probe = cache / f".probe-{uuid.uuid4().hex}"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"\0" * 4096)
        probe.unlink()
    except OSError as e:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)
        raise DataError(
            f"the cache {cache} cannot be written ({e.strerror}); free some space, or name another folder "
            "with --cache or $CRITNET_CACHE"
        ) from e
