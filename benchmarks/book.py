"""CPU time of drawing and storing the frames of chapters 1.1 to 2.4, against what an early version of this book took.

The same explorables and, of them, frames that both versions have, each drawn by its own version from its own data, one
process each, one after the other on one machine. Of each explorable `FRAMES` are drawn, evenly spread over its list:
all of them take the early version half an hour of CPU. That is no favour to us, since what is done once for an
explorable (its layout) is shared by fewer frames. Training in a page is left out, which is no drawing.
"""

import functools
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from benchmarks import Result

ROOT = Path(__file__).resolve().parents[1]
EARLY = "a9d7e5a"  # before a drawing cost one drawing
CHAPTERS = ("1-1-*", "1-2-*", "1-3-*", "2-1-*", "2-2-*", "2-3-*", "2-4-*")
LEFT_OUT = {"live-training"}
FRAMES = 12  # of an explorable


def cases():
    """Functions of the device name, one a case, each giving a list of results."""
    return [frames_of_chapters]


def run(tree, wanted):
    """What `benchmarks/chapters.py` says of the notebooks of a checkout."""
    notebooks = [str(path) for chapter in CHAPTERS for path in (tree / "notebooks").glob(f"{chapter}.ipynb")]
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "chapters.py"],
        input=json.dumps({"notebooks": notebooks, "wanted": wanted}),
        env=os.environ | {"PYTHONPATH": str(tree), "CRITNET_RESULTS": str(tree / "data"), "OMP_NUM_THREADS": "1"},
        cwd=tree,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def shared(ours, theirs):
    """The frames that both versions have, by explorable.

    >>> shared({"fig-1b": ["a", "b"], "fig-9": ["c"]}, {"fig-1b": ["b", "d"], "live-training": ["e"]})
    {'fig-1b': ['b']}
    """
    both = {
        name: [text for text in frames if text in set(theirs.get(name, ()))]
        for name, frames in ours.items()
        if name not in LEFT_OUT
    }
    return {name: frames for name, frames in both.items() if frames}


def spread(texts, most=FRAMES):
    """At most so many of a list, evenly spread, the first and the last among them.

    >>> spread(list("abcdefg"), 3)
    ['a', 'd', 'g']
    >>> spread(["a", "b"], 3)
    ['a', 'b']
    """
    if len(texts) <= most:
        return list(texts)
    return [texts[round(i * (len(texts) - 1) / (most - 1))] for i in range(most)]


def compared(ours, theirs, frames, device):
    """One Result: seconds a frame over all explorables, and the least and the largest ratio of one of them."""
    ratios = sorted(theirs[name] / ours[name] for name in frames)
    n = sum(map(len, frames.values()))
    mine, early = (sum(seconds[name] for name in frames) for seconds in (ours, theirs))
    case = f"frames of chapters 1.1 to 2.4, at most {FRAMES} of {len(frames)} explorables each, CPU time"
    return Result(case, f"the book at {EARLY}", mine / n, early / n, early / mine, ratios[0], ratios[-1], n, device)


@functools.cache
def measured():
    """Seconds of each explorable by this version and by the early one, and the frames that were drawn."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / EARLY
        packed = Path(folder) / "early.tar"
        subprocess.run(["git", "archive", f"--output={packed}", EARLY], cwd=ROOT, check=True)
        with tarfile.open(packed) as archive:
            archive.extractall(tree, filter="data")
        ours, theirs = (run(where, {})["listed"] for where in (ROOT, tree))
        frames = {name: spread(texts) for name, texts in shared(ours, theirs).items()}
        return run(ROOT, frames)["seconds"], run(tree, frames)["seconds"], frames


def frames_of_chapters(device):
    ours, theirs, frames = measured()
    for name, texts in frames.items():
        share = ours[name] / theirs[name]
        print(
            f"  {name}: {len(texts)} frames, {ours[name]:.1f} s against {theirs[name]:.1f} s, {share:.2f}", flush=True
        )
    return [compared(ours, theirs, frames, device)]
