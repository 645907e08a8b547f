"""What a machine can be asked for: devices, threads and processes."""

import os

from critnet import checks
from critnet.errors import UsageError


def check_number(name, value):
    """`value` as a number of threads or processes: from 1 to 64, or to the processors of this machine if it has more.

    More than there are processors only takes turns; many more bring a machine to its knees.

    >>> check_number("jobs", 2)
    2
    """
    return checks.whole(name, value, 1, max(64, os.cpu_count() or 1))


def is_cpu(device):
    """Whether a device is the processor, by any of its names.

    >>> is_cpu("cpu"), is_cpu("cpu:0"), is_cpu("cuda:1")
    (True, True, False)
    """
    return str(device).partition(":")[0] == "cpu"


def check_device(device):
    """Refuse a device that this machine or this build of torch does not have, or that gives no numbers back."""
    import torch

    try:
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError, TypeError) as e:
        found = "cpu, cuda" if torch.cuda.is_available() else "cpu"
        raise UsageError(f"device is {device!r}, which cannot be used here; this machine has {found}") from e
