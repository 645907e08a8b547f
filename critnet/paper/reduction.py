"""Raw runs in the cache -> the committed files of data/, and whether data/ is what the raw runs reduce to."""

import functools
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from threadpoolctl import threadpool_limits

from critnet import archive
from critnet.errors import DataError, UsageError
from critnet.paper.comparison import compare
from critnet.paper.experiments import EXPERIMENTS, named
from critnet.training import datasets, runs
from critnet.training.catalogue import in_words


class Part(NamedTuple):
    """One file of data/. `configs` gives the runs it is made of: all of them, or, if `partial`, those that are there.

    `make` writes it: (path, configurations, run folders, path of the committed file, digits, jobs). A partial file
    takes the runs that are absent here from the committed one, and those that it has already unless `fresh`. A `stored`
    one is made of the files before it and needs no raw run.
    """

    file: str
    configs: Callable
    make: Callable
    partial: bool = False
    stored: bool = False


def _fig1(path, configs, folders, _committed, digits, jobs):
    from critnet.paper.fig1.reduce import anchor

    _write(path, "Anchor runs reduced for Fig. 1a-d", configs, folders, anchor(folders, digits, jobs=jobs))


def _fig2(path, configs, folders, _committed, digits, jobs):
    from critnet.paper.fig2.reduce import concentration

    _write(path, "Anchor runs reduced for Fig. 2a-e", configs, folders, concentration(folders, digits, jobs=jobs))


def _fig4(path, configs, _folders, committed, digits, jobs):
    from critnet.paper.fig4.reduce import from_files

    made = from_files(committed.parent, configs, digits, jobs=jobs)
    title = "Noise, curvature, restored weights and redistribution of the anchor networks, for Fig. 4f-h, j-l"
    _write(path, title, configs, [], made, archive.read(committed.parent / "course.nc").attrs)


def _fig5(path, configs, folders, _committed, digits, _jobs):
    from critnet.paper.fig5.reduce import circuits

    title = "The network of an anchor run at its end, and test images to try it on"
    _write(path, title, configs, folders, circuits(folders[0], digits))


def _course(path, configs, folders, _committed, digits, jobs):
    from critnet.paper.course.reduce import course

    _write(path, "The course of the anchor runs, for Figs 3 to 5", configs, folders, course(folders, digits, jobs=jobs))


def _tails(path, _configs, _folders, committed, _digits, jobs):
    from critnet.paper.fig4 import samples, tails

    data = {name: archive.read(committed.parent / f"{name}.nc") for name in samples.DATA}
    archive.atomic_write(path, tails.as_csv(tails.table(data, jobs=jobs)).encode())


def _fits(path, _configs, _folders, committed, _digits, jobs):
    from critnet.paper import fits, fitting

    data = {name: archive.read(committed.parent / f"{name}.nc") for name in fitting.DATA}
    archive.atomic_write(path, fits.as_csv(fitting.table(data, jobs=jobs)).encode())


def _errors(path, _configs, _folders, committed, _digits, _jobs):
    from critnet.paper import ledger, rates, worlds

    judged = committed.parent / "claims.csv"
    if not judged.is_file():
        raise DataError(f"{judged} is missing, of which errors.csv is made; judge with `critnet claims`, then go on")
    rows = ledger.from_csv(archive.verified_bytes(judged).decode())
    archive.atomic_write(path, rates.as_csv(worlds.table(rows)).encode())


def _universes(path, _configs, _folders, _committed, _digits, _jobs):
    from critnet.paper import multiverse, universes

    archive.atomic_write(path, universes.as_csv(multiverse.table()).encode())


def _nulls(path, _configs, _folders, _committed, _digits, _jobs):
    from critnet.paper import null_worlds

    archive.atomic_write(path, null_worlds.as_csv(null_worlds.table()).encode())


def _windows(path, configs, folders, _committed, digits, jobs):
    from critnet.paper.windows.reduce import windows

    title = "Recording windows of the anchor runs, for Figs 3 and 4"
    _write(path, title, configs, folders, windows(folders, digits, jobs=jobs))


def _runs(path, configs, folders, committed, digits, jobs, fresh=True):
    from critnet.paper.sweeps import table

    rows = table.rows(configs, folders, committed, digits, jobs=jobs)
    archive.atomic_write(path, table.as_csv(rows).encode())


def _trajectories(configurations, path, configs, folders, committed, digits, jobs, fresh=False):
    """Figs 1e-i, 2f-i, 3 and 4: everything measured over the training of each run."""
    from critnet.paper.sweeps import assembly

    order = configurations()
    made = assembly.assemble(configs, folders, assembly.read(committed), digits, order=order, jobs=jobs, fresh=fresh)
    title = "Runs reduced to losses, fluxes, graphs and distributions over training"
    _write_partial(path, title, order, folders, committed, made)


def _weights(path, configs, folders, committed, _digits, jobs, fresh=True):
    from critnet.paper.sweeps import assembly, weights

    order = _with_weights()
    made = weights.weights(configs, folders, assembly.read(committed), order=order, jobs=jobs)
    _write_partial(path, "Networks at the end of their training", order, folders, committed, made)


def _circuits(path, configs, _folders, committed, digits, jobs):
    from critnet.paper.fig5 import found

    stored = archive.read(committed.parent / "weights.nc")
    made = found.circuits(stored, digits, anchors=[c.digest for c in EXPERIMENTS["anchor"]()], jobs=jobs)
    title = "Critical circuits of all stored networks, for Figs 5 and 6"
    there = set(stored["digest"].values.astype(str))
    _write(path, title, [c for c in configs if c.digest in there], [], made, stored.attrs)


def _acting(path, configs, _folders, committed, digits, jobs):
    from critnet.paper.fig5 import acting

    networks, before = _kept(committed)
    made = acting.acting({seed: of[max(of)] for seed, of in networks.items()}, digits, jobs=jobs)
    title = "What neurons and circuits of the anchor networks do at their end, for Figs 5 and 6"
    _write(path, title, configs, [], made, before)


def _coupling(path, configs, folders, _committed, digits, jobs):
    from critnet.paper.fig5 import coupling

    title = "Coupling of the circuits over the training of the anchor runs, for Fig. 5j-m"
    _write(path, title, configs, folders, coupling.coupling(coupling.snapshots(folders), digits, jobs=jobs))


def _fig6(path, configs, _folders, committed, digits, jobs):
    from critnet.paper.fig6 import reduce

    networks, before = _kept(committed)
    title = "Manifold of activity and funnels of the loss of the anchor networks, for Fig. 6"
    _write(path, title, configs, [], reduce.assembly(networks, digits, jobs=jobs), before)


def _digits(path, _configs, _folders, _committed, digits, _jobs):
    from critnet.paper.fig6.digits import few

    _write(path, "A few images of MNIST in sixteen levels, to train on in a page", [], [], few(digits))


def _kept(committed):
    """The anchor networks that data/ holds, by seed and step, and where those were trained."""
    from critnet.paper.fig5 import networks

    course, stored = (archive.read(committed.parent / file) for file in ("course.nc", "weights.nc"))
    return networks.kept(course, stored), course.attrs


def _catalogue():
    """Every run that a figure reads; the full grid adds none that is in data/."""
    return named([name for name in EXPERIMENTS if name != "full-grid"])


def _sweeps():
    return [c for c in _catalogue() if c.schedule == "sweep"]


def _with_weights():
    from critnet.paper.sweeps.weights import kept

    return kept()


PARTS = {
    "fig1": Part("fig1.nc", EXPERIMENTS["anchor"], _fig1),
    "fig2": Part("fig2.nc", EXPERIMENTS["anchor"], _fig2),
    "fig5": Part("fig5.nc", lambda: EXPERIMENTS["anchor"]()[:1], _fig5),
    "course": Part("course.nc", EXPERIMENTS["anchor"], _course),
    "tails": Part("tails.csv", EXPERIMENTS["anchor"], _tails, stored=True),
    "windows": Part("windows.nc", EXPERIMENTS["anchor"], _windows),
    "anchors": Part("anchors.nc", EXPERIMENTS["anchor"], functools.partial(_trajectories, EXPERIMENTS["anchor"]), True),
    "shuffled": Part(
        "shuffled.nc", EXPERIMENTS["shuffled"], functools.partial(_trajectories, EXPERIMENTS["shuffled"]), True
    ),
    "sweeps": Part("sweeps.nc", _sweeps, functools.partial(_trajectories, _sweeps), True),
    "weights": Part("weights.nc", _with_weights, _weights, True),
    "fits": Part("fits.csv", _sweeps, _fits, stored=True),
    "runs": Part("runs.csv", _catalogue, _runs, True),
    "fig4": Part("fig4.nc", EXPERIMENTS["anchor"], _fig4, stored=True),
    "circuits": Part("circuits.nc", _with_weights, _circuits, stored=True),
    "acting": Part("acting.nc", EXPERIMENTS["anchor"], _acting, stored=True),
    "coupling": Part("coupling.nc", EXPERIMENTS["anchor"], _coupling),
    "fig6": Part("fig6.nc", EXPERIMENTS["anchor"], _fig6, stored=True),
    "digits": Part("digits.nc", EXPERIMENTS["anchor"], _digits, stored=True),
    "nulls": Part("nulls.csv", EXPERIMENTS["anchor"], _nulls, stored=True),
    "errors": Part("errors.csv", EXPERIMENTS["anchor"], _errors, stored=True),
    "universes": Part("universes.csv", EXPERIMENTS["anchor"], _universes, stored=True),
}


@threadpool_limits.wrap(limits=1)  # as many threads, as many roundings: one, so that equal runs give equal bytes
def reduce(parts=(), *, cache=None, data=None, out=Path("data"), jobs=1, check=False):
    """Write the files of data/ anew from the raw runs, or with `check` compare; returns the exit code.

    Parameters
    ----------
    parts : names in PARTS; all if empty
    cache : folder of raw runs
    data : folder of the images
    out : folder of results
    jobs : processes
    check : write nothing; say of each file whether its results are what the raw runs, or the stored files that it is
        made of, reduce to, within the rounding of `critnet.paper.comparison`, or which raw runs are absent

    Raises
    ------
    UsageError
        If a part is not known.
    DataError
        If raw runs are absent of a part that was asked for, or of every part made of them, then but for a check of
        what is made of stored files; the message names them and the command that trains them.
    """
    if unknown := [p for p in parts if p not in PARTS]:
        raise UsageError(f"part {', '.join(map(repr, unknown))} is not known; the parts are {', '.join(PARTS)}")
    cache, out = runs.cache_folder(cache), archive.named(out)
    chosen, absent = {}, {}
    for name in parts or PARTS:
        part = PARTS[name]
        there = [c for c in part.configs() if part.stored or runs.is_done(runs.run_folder(cache, c))]
        if there and (part.partial or len(there) == len(part.configs())):
            chosen[name] = there
        else:
            absent[part.file] = [c for c in part.configs() if c not in there]
    # Before anything is written; a check of the whole still looks at what is made of stored files.
    if absent and (parts or not chosen or (not check and all(PARTS[name].stored for name in chosen))):
        raise DataError(_tell(absent, cache))
    files = [out / PARTS[name].file for name in chosen]
    if check and (missing := [str(file) for file in files if not file.exists()]):
        raise DataError(
            f"{missing[0]} is missing, so there is nothing to check; make it with `critnet reduce`, or name the data/ "
            "of a checkout of the project in CRITNET_RESULTS"
        )
    digits, same = datasets.mnist(data), True
    for name, there in chosen.items():
        part = PARTS[name]
        if check:
            same &= _same(part, there, cache, out, digits, jobs)
        else:
            folders = [runs.run_folder(cache, c) for c in there]
            if part.stored:
                archive.write_manifest(out)  # the files that it is made of may be new
            part.make(out / part.file, there, folders, out / part.file, digits, jobs)
            print(out / part.file, flush=True)
    if absent:
        print(f"{'not checked' if check else 'left as they are'}: {_tell(absent, cache)}", file=sys.stderr)
    if not check:
        archive.write_manifest(out)
        for file in files:
            _check_layout(file)
        print(f"{sum(f.stat().st_size for f in out.glob('*.*')) / 1e6:.1f} MB of results in {out}", file=sys.stderr)
    return 0 if same else 1


def _same(part, configs, cache, out, digits, jobs):
    """Whether a committed file is what its raw runs here, or stored files, reduce to, within rounding; prints it."""
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / part.file
        options = {"fresh": True} if part.partial else {}
        folders = [runs.run_folder(cache, c) for c in configs]
        part.make(again, configs, folders, out / part.file, digits, jobs, **options)
        archive.write_manifest(folder)
        found = compare(again, out / part.file)
    total = len(part.configs())
    absent = total - len(configs)
    rest = f" ({absent} of {total} raw runs are absent and taken as committed)" if absent else ""
    rounding = "" if found.equal else f"; {found.words}"
    verb = "is" if found.equal else "is, within rounding," if found.within else "differs from"
    source = "stored files that it is made of" if part.stored else "raw runs"
    print(f"{part.file} {verb} what the {source} reduce to{rest}{rounding}", flush=True)
    return found.within


def _tell(absent, cache):
    """Which raw runs are absent, and how to train them."""
    lines = []
    for file, configs in absent.items():
        names = ", ".join(map(in_words, configs[:5])) + (f" and {len(configs) - 5} more" if len(configs) > 5 else "")
        lines.append(f"raw runs for {file} are absent in {cache}: {names}")
    return "; ".join(lines) + ". Train them with `critnet campaign`, or all with `make data`"


def _write_partial(path, title, order, folders, committed, dataset):
    """Write a file of which some runs may come from the committed one, with where those were trained."""
    digests = set(dataset["digest"].values.astype(str))
    attrs = archive.read(committed).attrs if committed.exists() else None
    _write(path, title, [c for c in order if c.digest in digests], folders, dataset, attrs)


def _write(path, title, configs, folders, dataset, before=None):
    summaries = [runs.read_summary(f) for f in folders]
    device, threads, versions = (
        {s["device"] for s in summaries},
        {s["threads"] for s in summaries},
        {archive.dumps_json(s["versions"]) for s in summaries},
    )
    if before:
        device |= set(before["device"].split("; "))
        threads |= set(json.loads(before["threads"]))
        versions |= set(json.loads(before["trained_with"]))
    attrs = {
        "title": title,
        "configuration": [c.as_dict() for c in configs],
        "command": "critnet reduce",
        "device": "; ".join(sorted(device)),
        "threads": sorted(threads),
        "trained_with": sorted(versions),
    }
    archive.write(path, dataset, attrs=attrs)


def _check_layout(path):
    """Say so where the layout of a file that was just written is not the one the panels are written for."""
    from critnet.paper.results import schemas

    if path.suffix == ".nc" and archive.describe(archive.read(path)) != schemas().get(path.name):
        print(f"{path} has another layout than its schema in critnet/paper; bring that in line", file=sys.stderr)
