"""Raw runs in the cache -> the committed files of data/, and whether data/ is what the raw runs reduce to."""

import sys
import tempfile
from pathlib import Path

from critnet import archive
from critnet.errors import DataError
from critnet.paper.experiments import EXPERIMENTS
from critnet.training import datasets, runs


def reduce(*, cache=None, data=None, out=Path("data"), jobs=1, check=False):
    """Write data/ anew from the raw runs, or with `check` compare; returns the exit code.

    Raises
    ------
    DataError
        If raw runs are absent; the message names them and the command that trains them.
    """
    from critnet.paper.fig1 import reduce as fig1

    cache, out = runs.cache_folder(cache), Path(out)
    configs = EXPERIMENTS["anchor"]()
    folders = [runs.run_folder(cache, c) for c in configs]
    absent = [f"seed {c.seed} ({f.name})" for c, f in zip(configs, folders, strict=True) if not runs.is_done(f)]
    if absent:
        raise DataError(
            f"raw runs of the anchor are absent in {cache}: {', '.join(absent)}. "
            "Train them with `critnet train --seed SEED`, or all with `make data`"
        )
    if check and not (out / "fig1.nc").exists():
        raise DataError(f"{out / 'fig1.nc'} is missing, so there is nothing to check; make it with `critnet reduce`")
    digits = datasets.mnist(data)
    dataset = fig1.anchor(folders, digits, jobs=jobs)
    summaries = [runs.read_summary(f) for f in folders]
    attrs = {
        "title": "Anchor runs reduced for Fig. 1a-d",
        "configuration": [c.as_dict() for c in configs],
        "command": "critnet reduce",
        "device": "; ".join(sorted({s["device"] for s in summaries})),
        "threads": sorted({s["threads"] for s in summaries}),
        "trained_with": sorted({archive.dumps_json(s["versions"]) for s in summaries}),
    }
    if check:
        with tempfile.TemporaryDirectory() as folder:
            archive.write(Path(folder) / "fig1.nc", dataset, attrs=attrs)
            same = (Path(folder) / "fig1.nc").read_bytes() == (out / "fig1.nc").read_bytes()
        print(f"fig1.nc {'is what the raw runs reduce to' if same else 'differs from what the raw runs reduce to'}")
        return 0 if same else 1
    archive.write(out / "fig1.nc", dataset, attrs=attrs)
    archive.write_manifest(out)
    _check_layout(out / "fig1.nc")
    print(out / "fig1.nc")
    print(f"{sum(f.stat().st_size for f in out.glob('*.nc')) / 1e6:.1f} MB of results in {out}", file=sys.stderr)
    return 0


def _check_layout(path):
    """Say so where the layout of a file that was just written is not the one the panels are written for."""
    from critnet.paper.results import schemas

    if archive.describe(archive.read(path)) != schemas().get(path.name):
        print(
            f"{path} has another layout than critnet/paper/{path.stem}/schema.json; bring that file in line",
            file=sys.stderr,
        )
