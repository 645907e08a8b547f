"""The command line: `critnet train | campaign | reduce | figure | claims | bench | verify`.

Results go to stdout, progress and messages to stderr. Exit codes: 0 done; 1 a check found something; 2 usage; 3 data;
4 integrity; 130 interrupted.
"""

import contextlib
import math
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import tyro

import critnet
from critnet import archive
from critnet.errors import CritnetError, DataError, UsageError
from critnet.training.config import RunConfig

Flat = tyro.conf.OmitArgPrefixes


def train(
    config: Annotated[RunConfig, tyro.conf.arg(name="")],
    device: str = "cpu",
    threads: int = 1,
    data: Path | None = None,
    cache: Path | None = None,
    json: bool = False,
    quiet: bool = False,
    dry_run: bool = False,
) -> int:
    """Train one run of the 784-h-h-10 network on MNIST, or continue it where it was interrupted.

    Args:
        config: The run.
        device: "cpu", or "cuda" for a GPU.
        threads: CPU threads of the matrix products.
        data: Folder that holds MNIST/raw (default: $CRITNET_DATA, then data/, then the cache; else downloaded).
        cache: Folder of raw runs (default: $CRITNET_CACHE, then ~/.cache/critnet/runs).
        json: Print the summary as JSON.
        quiet: No progress bar.
        dry_run: Say what would be done and what it costs, and stop.
    """
    from tqdm import tqdm

    from critnet.training import datasets, runs
    from critnet.training.machine import check_device, check_number
    from critnet.training.train import check_memory, memory_estimate
    from critnet.training.train import train as train_stack

    check_number("threads", threads)
    check_device(device)
    folder = runs.run_folder(runs.cache_folder(cache), config)
    if dry_run:
        from critnet.training.cost import seconds_estimate

        print(
            f"run {config.digest} in {folder}: {'done' if runs.is_done(folder) else 'to do'}; "
            f"about {seconds_estimate(config):.0f} s on one CPU core and "
            f"{memory_estimate(config, 1, 60_000) / 1e9:.1f} GB of memory"
        )
        return 0
    done = runs.is_done(folder)
    if not done:
        check_memory(config, 1, 60_000, device)
        digits = datasets.mnist(data)
        with (
            _stop_signals() as stop,
            tqdm(total=config.steps + 1, unit="it", disable=True if quiet else None, dynamic_ncols=True) as bar,
        ):

            def progress(step, total, losses):
                bar.update(step - bar.n)
                bar.set_postfix_str(f"batch loss {losses[0]:.4f}", refresh=False)

            train_stack(
                [config],
                digits,
                cache=runs.cache_folder(cache),
                device=device,
                threads=threads,
                progress=progress,
                stop=stop,
            )
    run = runs.open_run(folder)
    checkpoints = [t for t in (100, 1_000, 10_000, 100_000) if t < config.steps]
    shown = [
        {"t": s.step, "training_loss": float(s.losses.mean(dtype="float64")), "test_accuracy": s.test_accuracy}
        for s in run.snapshots([*checkpoints, config.steps])
    ]
    if json:
        print(archive.dumps_json({**run.summary, "folder": str(folder), "at": shown}))
        return 0
    print(f"run      {config.digest}{' (was done already)' if done else ''}")
    print(f"network  784-{config.hidden}-{config.hidden}-10, {config.init}, seed {config.seed}")
    print(f"sgd      learning rate {config.learning_rate:g}, batch size {config.batch_size}, {config.steps} iterations")
    for row in shown:
        print(
            f"t = {row['t']:<7} training loss {row['training_loss']:.5g} nats, test accuracy {row['test_accuracy']:.4f}"
        )
    if run.summary["diverged_at"] is not None:
        print(f"diverged at iteration {run.summary['diverged_at']}: the loss is not finite from there on")
    print(f"took     {run.summary['seconds']:.1f} s on {run.summary['device']}, {run.summary['threads']} thread(s)")
    print(f"folder   {folder}")
    return 0


def campaign(
    name: Annotated[tuple[str, ...], tyro.conf.Positional] = (),
    jobs: int = 1,
    scheduler: str = "",
    device: str = "cpu",
    threads: int = 1,
    stack: int = 0,
    longest: float = math.inf,
    new: bool = False,
    windows: bool = False,
    data: Path | None = None,
    cache: Path | None = None,
    status: bool = False,
    json: bool = False,
    quiet: bool = False,
) -> int:
    """Train what is missing of one or more experiments; continue what was interrupted; leave what is done.

    It may be interrupted, killed, or started twice on one cache: the same command completes it.

    Args:
        name: Experiments: anchor, inits, sizes, batches, rates, starts, grid, shuffled, full-grid.
        jobs: Processes on this machine, one thread each.
        scheduler: Address of a Dask scheduler, tcp://HOST:PORT; its workers must see the cache under the same path.
        device: "cpu", or "cuda" for a GPU, which trains runs of equal shape as stacks.
        threads: CPU threads of the matrix products of one process.
        stack: Most runs trained as one stack (0: 1 on a CPU, 64 on a GPU).
        longest: Leave out runs whose estimate is above so many minutes on one CPU core; they are named.
        new: Leave out runs that data/runs.csv holds already, whether or not their raw runs are here.
        windows: Keep losses of 6000 images and the weights of layers 2 and 3 at every iteration of three stretches too,
            as Figs 3 and 4 need of the anchor runs.
        data: Folder that holds MNIST/raw (default: $CRITNET_DATA, then data/, then the cache; else downloaded).
        cache: Folder of raw runs (default: $CRITNET_CACHE, then ~/.cache/critnet/runs).
        status: Train nothing; print what is done, running, failed and missing, and what the rest costs.
        json: With --status, print every run as JSON.
        quiet: No progress bar.
    """
    from critnet.paper import experiments, results
    from critnet.training import catalogue, runs
    from critnet.training.cost import seconds_estimate

    configs = experiments.named(name)
    if not longest > 0:
        raise UsageError(f"longest is {longest}; it must be above 0 minutes")
    if new:
        table = results.load("runs")
        configs = [c for c in configs if c.digest not in set(table["digest"][table["state"] != "not run"])]
    folder = runs.cache_folder(cache)
    if status:
        rows = [(c, catalogue.state_of(c, folder)) for c in configs]
        print(catalogue.as_json(rows) if json else catalogue.as_text(", ".join(name), rows))
        return 0
    left_out = [c for c in configs if seconds_estimate(c) > 60 * longest]
    configs = [c for c in configs if c not in left_out]
    for c in left_out:
        print(f"left out: {catalogue.in_words(c)}, about {seconds_estimate(c) / 60:.0f} minutes", file=sys.stderr)
    options = {
        "jobs": jobs,
        "scheduler": scheduler or None,
        "device": device,
        "threads": threads,
        "stack": stack or None,
    }
    return _run_campaign(", ".join(name), configs, folder, data, quiet, options, windows)


def _run_campaign(name, configs, cache, data, quiet, options, windows):
    import functools

    from tqdm import tqdm

    from critnet.training import catalogue, datasets, runs
    from critnet.training.campaign import campaign as train_all
    from critnet.training.campaign import check_options

    check_options(**options)
    if options["scheduler"] is None and not all(runs.is_done(runs.run_folder(cache, c)) for c in configs):
        datasets.mnist(data)  # downloaded once, and refused here rather than in each process
    load = functools.partial(datasets.mnist, archive.named(data).resolve() if data else None)
    with (
        _stop_signals() as stop,
        tqdm(total=len(configs), unit="run", disable=True if quiet else None, dynamic_ncols=True) as bar,
    ):

        def report(progress):
            bar.update(progress.done - bar.n)
            failed = f", {progress.failed} failed" if progress.failed else ""
            bar.set_postfix_str(f"about {progress.seconds_left / 60:.0f} min left{failed}")

        outcomes = train_all(configs, load, cache=cache, report=report, stop=stop, windows=windows, **options)
    states = [catalogue.state_of(c, cache) for c in configs]
    print(f"{name}: {sum(s.name in ('done', 'diverged') for s in states)} of {len(configs)} runs are done in {cache}")
    failed = [o for o in outcomes if o.state == "failed"]
    for outcome in failed:
        for c in outcome.configs:
            print(f"critnet: {catalogue.in_words(c)}: {outcome.message}", file=sys.stderr)
    if any(o.state == "stopped" for o in outcomes):
        print("critnet: stopped; checkpoints are written, and the same command continues from there", file=sys.stderr)
        return 130
    return 3 if failed else 0


def verify(folder: Annotated[Path | None, tyro.conf.Positional] = None, json: bool = False, quiet: bool = False) -> int:
    """Check each file of a results folder against its manifest and the layout this version expects.

    Prints one line a file. Exits 0 when all are whole, 1 when one is damaged, altered, stale, missing or unlisted.

    Args:
        folder: The folder with SHA256SUMS (default: $CRITNET_RESULTS, then data/ of the checkout).
        json: Print the result as JSON.
        quiet: Print problems only.
    """
    from critnet.paper import results

    folder = archive.named(folder) if folder else results.present()
    files = archive.verify(folder, results.schemas())
    bad = [name for name, problem in files if problem is not None]
    if json:
        print(archive.dumps_json({"folder": str(folder), "files": [{"name": n, "problem": p} for n, p in files]}))
        return 1 if bad else 0
    for name, problem in files:
        if problem is not None or not quiet:
            print(f"{'ok      ' if problem is None else 'PROBLEM '} {name}{'' if problem is None else ': ' + problem}")
    if bad:
        print(
            f"{len(bad)} of {len(files)} files in {folder} have a problem: {', '.join(bad)}. {archive.way_out(folder)}",
            file=sys.stderr,
        )
    return 1 if bad else 0


def reduce(
    parts: Annotated[tuple[str, ...], tyro.conf.Positional] = (),
    cache: Path | None = None,
    data: Path | None = None,
    out: Path | None = None,
    jobs: int = 1,
    check: bool = False,
) -> int:
    """Reduce raw runs to the committed results in data/.

    Args:
        parts: Files to make, without their ending, such as fig1 (default: all whose raw runs are here).
        cache: Folder of raw runs (default: $CRITNET_CACHE, then ~/.cache/critnet/runs).
        data: Folder that holds MNIST/raw (default: $CRITNET_DATA, then data/, then the cache; else downloaded).
        out: Folder of results (default: where all commands look: $CRITNET_RESULTS, then data/ of the checkout).
        jobs: Processes, one thread each.
        check: Write nothing; say whether `out` is what the raw runs, or stored files, reduce to, or which are absent.
    """
    from critnet.paper import reduction, results
    from critnet.training.machine import check_number

    check_number("jobs", jobs)
    return reduction.reduce(parts, cache=cache, data=data, out=out or results.folder(), jobs=jobs, check=check)


def figure(
    name: Annotated[str, tyro.conf.Positional] = "",
    out: Path | None = None,
    dark: bool = False,
    list_all: Annotated[bool, tyro.conf.arg(name="list")] = False,
) -> int:
    """Draw one panel from data/ into a file, for example `critnet figure 1b --out 1b.svg`.

    Args:
        name: The panel, as in the paper: 1a, 1b, ...
        out: File to write; its ending (svg, png, pdf) is the format (default: fig-NAME.svg).
        dark: The rendering for dark pages.
        list_all: Name every panel and stop.
    """
    from critnet.paper import panels

    if list_all:
        for key in panels.PANELS:
            print(f"{key}  {panels.about(key)}")
        return 0
    if name not in panels.PANELS:
        raise UsageError(f"panel {name!r} is not known; the panels are {', '.join(panels.PANELS)}")
    path = archive.named(out or f"fig-{name}.svg")
    panels.save(name, path, theme="dark" if dark else "light")
    print(path)
    return 0


def claims(json: bool = False, explain: str = "", check: bool = False, history: bool = False) -> int:
    """Judge the paper's claims on data/, print the table, and write data/claims.csv.

    Args:
        json: Print the table as JSON.
        explain: A claim, such as C07: how its numbers were made.
        check: Write nothing; exit 1 if data/claims.csv is not what the results give.
        history: From the commits of this clone: when each rule was fixed, its first number, and each later change.
    """
    from critnet.paper import history as commits
    from critnet.paper import ledger, results, tables
    from critnet.paper.explain import explain as account

    if history:
        print(commits.in_words(commits.of_clone()))
        return 0
    if explain:
        print(account(ledger.read(), explain))
        try:
            events = commits.of_clone(identity=explain).get(explain, [])
            print(f"\nhistory   {commits.order(events)}", *commits.of_one(events), sep="\n          ")
        except DataError as why:
            print(f"\nhistory   not known: {why}")
        return 0
    rows = ledger.judge_all()
    path = results.folder() / "claims.csv"
    if check:
        same = path.exists() and path.read_text(encoding="utf-8") == ledger.as_csv(rows)
        print(f"{path} {'is' if same else 'is not'} what the results give")
        return 0 if same else 1
    print(archive.dumps_json([row._asdict() for row in rows]) if json else tables.as_text(rows))
    ledger.write(results.folder(), rows)
    return 0


def bench(out: Path = Path("benchmarks/results.csv"), data: Path | None = None) -> int:
    """Measure our speed against named peers in one run; needs a checkout of the project.

    Args:
        out: Table to write.
        data: Folder that holds MNIST/raw (default: $CRITNET_DATA, then data/, then the cache; else downloaded).
    """
    import importlib

    sys.path.insert(0, str(Path.cwd()))
    try:
        benchmarks = importlib.import_module("benchmarks")
    except ModuleNotFoundError as e:
        if e.name != "benchmarks":  # it is here, and needs a package that is not
            raise
        raise UsageError("benchmarks/ is not here; run this in a checkout of the project") from e
    return benchmarks.main(out=archive.named(out), data=data)


COMMANDS: dict[str, Callable] = {
    "train": train,
    "campaign": campaign,
    "reduce": reduce,
    "figure": figure,
    "claims": claims,
    "bench": bench,
    "verify": verify,
}

# What the package alone does not install, and the extra that does.
EXTRAS = {"torch": "train", "rastermap": "train", "distributed": "cluster"}


@contextlib.contextmanager
def _stop_signals():
    """Turn the first Ctrl-C or SIGTERM into a request to stop; the second one stops at once."""
    asked: list[int] = []

    def ask(number, frame):
        if asked:
            signal.signal(number, signal.default_int_handler)
            raise KeyboardInterrupt
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is returned, and used by the `critnet` script."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if "--version" in arguments:
        print(f"critnet {critnet.__version__}")
        return 0
    debug = "--debug" in arguments
    arguments = [a for a in arguments if a != "--debug"]
    try:
        code: int | None = tyro.extras.subcommand_cli_from_dict(
            COMMANDS,
            prog="critnet",
            args=arguments,
            config=(Flat, tyro.conf.FlagCreatePairsOff),
            sort_subcommands=False,
            description="An executable reproduction of arXiv:2509.00107. Also: --version, and --debug for a traceback.",
        )
        sys.stdout.flush()
        return int(code or 0)
    except BrokenPipeError:  # the reader of our output, such as head, is gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("critnet: interrupted", file=sys.stderr)
        return 130
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        if debug:
            traceback.print_exc()
        wanted = f"critnet[{EXTRAS[error.name]}]"
        print(f"critnet: this needs {error.name}, which is not installed: pip install '{wanted}'", file=sys.stderr)
        return UsageError.exit_code
    except CritnetError as error:
        if debug:
            traceback.print_exc()
        print(f"critnet: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
