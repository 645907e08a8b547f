"""`make bench`: our speed against named peers, measured side by side in one run on one CPU thread.

Machines are noisy, so only ratios count: the contestants take turns, each round gives one ratio (seconds of the peer
over ours, above 1 when we are faster), and the table holds their median and extremes.
"""

import csv
import io
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from critnet.archive import atomic_write


class Result(NamedTuple):
    """One row of the table. Seconds are medians over `n` rounds, of one update or one call."""

    case: str
    peer: str
    ours_s: float
    peer_s: float
    ratio_median: float
    ratio_min: float
    ratio_max: float
    n: int
    device: str


def contest(case, contestants, rounds, device, clock=time.perf_counter):
    """Let contestants take turns; one Result for each but the first, which is ours.

    Parameters
    ----------
    contestants : dict of name to function
        Each does some work and returns how many units of it; called once before the clock starts.
    clock : function
        `time.process_time` for work of this process alone that is long enough to be interrupted.
    """
    for work in contestants.values():
        work()
    seconds = {name: [] for name in contestants}
    for turn in range(rounds):
        names = list(contestants)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:  # nobody is always first
            start = clock()
            units = contestants[name]()
            seconds[name].append((clock() - start) / units)
    ours, *peers = seconds
    results = []
    for peer in peers:
        ratio = np.array(seconds[peer]) / np.array(seconds[ours])
        results.append(
            Result(
                case,
                peer,
                float(np.median(seconds[ours])),
                float(np.median(seconds[peer])),
                float(np.median(ratio)),
                float(ratio.min()),
                float(ratio.max()),
                rounds,
                device,
            )
        )
    return results


def former(out, rows):
    """The rows of a table on disk whose case is not among `rows`, which are measured anew."""
    if not out.is_file():
        return []
    with out.open(newline="", encoding="utf-8") as stream:
        return [row for row in list(csv.reader(stream))[1:] if row[0] not in {new[0] for new in rows}]


def main(out=Path("benchmarks/results.csv"), data=None, only=()):
    """Run every case, print the table, write it as CSV; returns the exit code.

    With `only`, names of modules here, run their cases and keep the other rows of the table.
    """
    import torch

    from benchmarks import book, campaign, circuits, explorers, gradients, graphs, losses, redistribution, training
    from critnet.training.record import device_name

    alone = {m.__name__.rsplit(".", 1)[1]: m for m in (graphs, losses, gradients, redistribution, explorers, book)}
    shared = {m.__name__.rsplit(".", 1)[1]: m for m in (training, circuits, campaign)}
    if unknown := sorted(set(only) - set(alone) - set(shared)):
        raise SystemExit(f"no benchmark is named {unknown[0]}; there are {', '.join(sorted({*alone, *shared}))}")

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # for the peers too
    device = device_name("cpu")
    print(f"{'case':<34} {'peer':<36} {'ours':>10} {'peer':>10}   ratio (least, most)")
    cases = [case for name, m in shared.items() if not only or name in only for case in m.cases(data)]
    cases += [case for name, m in alone.items() if not only or name in only for case in m.cases()]
    rows = []
    for case in cases:
        for row in case(device):
            print(
                f"{row.case:<34} {row.peer:<36} {row.ours_s * 1e6:>7.0f} us {row.peer_s * 1e6:>7.0f} us   "
                f"{row.ratio_median:.2f} ({row.ratio_min:.2f}, {row.ratio_max:.2f})",
                flush=True,
            )
            rows.append([f"{value:.4g}" if isinstance(value, float) else value for value in row])
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerows([Result._fields, *(former(out, rows) if only else ()), *rows])
    atomic_write(out, text.getvalue().encode())
    print(f"written to {out}", file=sys.stderr)
    return 0
