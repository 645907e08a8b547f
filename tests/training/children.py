"""Processes that train on the made-up digits, for tests that kill them: `children.py what folder arguments...`.

The libraries are loaded once; each sitting at a run is a fork, which starts in milliseconds.
"""

import functools
import json
import os
import random
import resource
import signal
import sys
import time
import traceback
from pathlib import Path

import numpy as np

from critnet import archive, cli
from critnet.errors import CritnetError
from critnet.training import datasets, runs, sgd, train
from critnet.training.config import RunConfig


@functools.cache
def made_up_digits():
    """600 training and 100 test images: ten prototypes of 784 pixels with noise."""
    random = np.random.default_rng(3)
    prototypes = random.random((10, 784)) < 0.2
    labels = np.arange(700) % 10
    pixels = np.clip(180 * prototypes[labels] + random.integers(0, 120, (700, 784)), 0, 255)
    images = datasets.normalise(pixels.astype(np.uint8))
    return datasets.Digits(images[:600], labels[:600], images[600:], labels[600:], "made up")


def configs(number, steps=300, **changed):
    """Runs of one stack with seeds, orders and rates of their own."""
    return [
        RunConfig(
            **{
                "hidden": 6,
                "batch_size": 32,
                "steps": steps,
                "schedule": "sweep",
                "seed": s,
                "learning_rate": 0.05 * (s + 1),
                **changed,
            }
        )
        for s in range(number)
    ]


def sit(folder, stack, prepare=lambda: None, **options):
    """Train in a fork; its process number."""
    pid = os.fork()
    if pid == 0:
        prepare()
        try:
            train.train(stack, made_up_digits(), cache=folder, **options)
            os._exit(0)
        except CritnetError as error:
            print(error, flush=True)
            os._exit(error.exit_code)
        except BaseException:
            traceback.print_exc()
            os._exit(99)
    return pid


def end_of(pid):
    """Wait for a fork; its exit code, negative for the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def die_at_update(number):
    """Make this process kill itself with -9 in the middle of its update `number`."""
    left, update = [number], sgd.Step._update

    def counted(self, *arguments):
        update(self, *arguments)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sgd.Step._update = counted


def forget_order():
    """The fault that the tests of resuming must notice: the state of the data order is not restored."""
    restore = train._Order.__init__

    def forgetful(self, config, samples, state=None):
        restore(self, config, samples)

    train._Order.__init__ = forgetful


def whole(folder, number, steps="300"):
    """Uninterrupted."""
    sys.exit(end_of(sit(folder, configs(int(number), int(steps)))))


def killed(folder, number, seed, fault=""):
    """Killed with -9 at ten random updates, and continued each time. Prints how many updates each sitting made."""
    draw, stack = random.Random(int(seed)), configs(int(number))
    sittings = []
    for _ in range(10):
        updates = draw.randint(1, 29)  # ten sittings of these cannot reach the end of 300

        def prepare(updates=updates):
            die_at_update(updates)
            if fault:
                forget_order()

        code = end_of(sit(folder, stack, prepare, checkpoint_seconds=draw.choice([0, 0.01])))
        assert code == -signal.SIGKILL, code
        sittings.append(updates)
    assert end_of(sit(folder, stack, forget_order if fault else lambda: None)) == 0
    print(json.dumps(sittings))


def torn(folder, times):
    """Killed with -9 at the sight of its n-th temporary file, n random. Prints (files looked at, torn writes)."""
    folder, draw = Path(folder), random.Random(0)
    stack = configs(1, steps=100_000, hidden=30)
    run = runs.run_folder(folder, stack[0])
    looked_at = strays = 0
    for _ in range(int(times)):
        pid = sit(folder, stack, checkpoint_seconds=0)
        number, seen, deadline = draw.randint(2, 5), set(), time.monotonic() + 5
        while len(seen) < number and time.monotonic() < deadline:
            seen.update(p.name for p in run.glob(".critnet-*.tmp"))
        os.kill(pid, signal.SIGKILL)
        assert end_of(pid) == -signal.SIGKILL
        strays += len(list(run.glob(".critnet-*.tmp")))
        for path in run.glob("*.run"):
            archive.load_arrays(path)  # an unreadable one ends this process with an error
            looked_at += 1
    print(json.dumps([looked_at, strays]))


def command(folder, *options):
    """`critnet train` with the made-up digits in the place of MNIST."""
    datasets.mnist = lambda *_, **__: made_up_digits()
    fixed = ["--quiet", "--hidden", "6", "--batch-size", "32", "--schedule", "sweep"]
    sys.exit(cli.main(["train", "--cache", folder, *fixed, *options]))


def nobody(folder, mode):
    """As a user who has only the permissions `mode` on the cache."""

    def prepare():
        if os.geteuid() == 0:
            os.setuid(65534)

    os.chmod(folder, int(mode))
    code = end_of(sit(folder, configs(1), prepare))
    os.chmod(folder, 0o755)
    sys.exit(code)


def full(folder, small, large):
    """On a disk of `small` bytes, then, when there is room, to the end. Prints what the first sitting left."""
    mounted = os.path.ismount(folder)

    def prepare():
        if not mounted:  # where mounting is forbidden the size of a file stands in for that of the disk
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(small) // 3,) * 2)

    code = end_of(sit(folder, configs(1), prepare, checkpoint_seconds=0.02))
    run = runs.run_folder(folder, configs(1)[0])
    print(json.dumps([code, [p.name for p in run.glob(".critnet-*.tmp")], runs.is_done(run)]), flush=True)
    if mounted:
        assert os.system(f"mount -o remount,size={large} {folder}") == 0
    code = end_of(sit(folder, configs(1)))
    if code == 0 and mounted:
        for path in run.iterdir():  # out of the mount, which ends with this process
            archive.atomic_write(Path(f"{folder}-kept") / run.name / path.name, path.read_bytes())
    sys.exit(code)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
