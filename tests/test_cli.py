"""The command line as a user meets it: real processes, exit codes, messages."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import critnet
from critnet import archive
from critnet.paper import results

CRITNET = [sys.executable, "-c", "import sys; from critnet.cli import main; sys.exit(main())"]


def run(*arguments, env=None, **options):
    return subprocess.run(
        [*CRITNET, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1", **(env or {})},
        **options,
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "--hidden", "0"], ["hidden is 0", "at least 1"]),
        (["train", "--hidden", "-5"], ["-5"]),
        (["train", "--batch-size", "60001"], ["60001", "from 1 to 60000"]),
        (["train", "--batch-size", "0"], ["batch_size is 0"]),
        (["train", "--learning-rate", "0"], ["learning_rate is 0", "above 0"]),
        (["train", "--learning-rate", "nan"], ["finite"]),
        (["train", "--learning-rate", "inf"], ["finite"]),
        (["train", "--steps", "0"], ["steps is 0"]),
        (["train", "--init", "orthogonal"], ["orthogonal", "xavier-uniform"]),
        (["train", "--threads", "0"], ["threads is 0"]),
        (["train", "--device", "abacus"], ["abacus"]),
        (["train", "--width", "3"], ["--width"]),
        (["figure", "7q"], ["7q", "1a"]),
        (["claims", "--explain", "C999"], ["C999"]),
        (["reduce", "--jobs", "0"], ["jobs is 0"]),
        (["campaign", "warp"], ["'warp' is not known", "anchor, inits, sizes, batches, rates, starts, grid"]),
        (["campaign"], ["no experiment is named"]),
        (["train", "--threads", "999999"], ["threads is 999999", "a whole number >= 1 and <= "]),
        (["train", "--threads", "99999999999"], ["threads is 99999999999"]),
        (["train", "--device", "meta"], ["device is 'meta'", "cannot be used here"]),
        (["campaign", "anchor", "--jobs", "0"], ["jobs is 0", ">= 1"]),
        (["campaign", "anchor", "--jobs", "999999"], ["jobs is 999999", "<= "]),
        (["campaign", "anchor", "--device", "meta"], ["meta"]),
        (["reduce", "--jobs", "999999"], ["jobs is 999999", "<= "]),
        (["campaign", "anchor", "--longest", "0"], ["longest is 0", "above 0 minutes"]),
        (["campaign", "anchor", "--device", "abacus"], ["abacus"]),
        (["nonsense"], ["nonsense"]),
    ],
)
def test_bad_usage_exits_with_2_and_one_clear_message(arguments, words):
    done = run(*arguments)
    assert done.returncode == 2
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


WITHOUT = """
import importlib.abc, sys

class Block(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "surely_unknown"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Block())
from critnet import cli
"""


@pytest.mark.parametrize("arguments", [["train", "--dry-run"], ["campaign", "anchor"], ["bench"]])
def test_a_command_that_needs_torch_says_so_where_it_is_not_installed(arguments, tmp_path):
    command = [sys.executable, "-c", f"{WITHOUT}sys.exit(cli.main({arguments!r}))"]
    env = os.environ | {"CRITNET_CACHE": str(tmp_path)}
    root = Path(critnet.__file__).parents[1]
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert done.stderr == "critnet: this needs torch, which is not installed: pip install 'critnet[train]'\n"


def test_a_module_that_is_of_no_extra_is_no_matter_of_installing():
    program = f"{WITHOUT}cli.COMMANDS['verify'] = lambda: __import__('surely_unknown')\nsys.exit(cli.main(['verify']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "surely_unknown" in done.stderr
    assert "pip install" not in done.stderr


def test_version_and_help():
    assert run("--version").stdout.startswith("critnet ")
    text = run("train", "--help", env={"COLUMNS": "200"}).stdout
    for option in (
        "--hidden",
        "--learning-rate",
        "--batch-size",
        "--steps",
        "--init",
        "--init-scale",
        "--seed",
        "--order-seed",
        "--schedule",
        "--device",
        "--threads",
        "--data",
        "--cache",
        "--json",
        "--quiet",
        "--dry-run",
    ):
        assert option in text


def test_a_dry_run_states_the_cost_and_writes_nothing(tmp_path):
    done = run("train", "--dry-run", "--cache", tmp_path / "c")
    assert done.returncode == 0
    assert "s on one CPU core" in done.stdout
    assert not (tmp_path / "c").exists()


@pytest.mark.mnist
def test_training_learns_and_a_second_call_does_nothing(tmp_path, mnist_folder):
    command = [
        "train",
        "--hidden",
        "50",
        "--steps",
        "120",
        "--seed",
        "0",
        "--cache",
        tmp_path / "ünï",
        "--data",
        mnist_folder,
    ]
    first = run(*command, env={"LANG": "C", "NO_COLOR": "1"})
    assert first.returncode == 0, first.stderr
    assert "t = 100" in first.stdout
    again = run(*command, "--json")
    summary = json.loads(again.stdout)
    assert next(row for row in summary["at"] if row["t"] == 100)["test_accuracy"] > 0.8
    assert "done already" in run(*command).stdout


def seconds_of_children():
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


@pytest.mark.mnist
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_signal_leaves_a_checkpoint_within_ten_seconds_of_work(number, tmp_path, mnist_folder):
    command = ["train", "--schedule", "sweep", "--quiet", "--cache", tmp_path, "--data", mnist_folder]
    before = seconds_of_children()
    process = subprocess.Popen(
        [*CRITNET, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    deadline = time.monotonic() + 300
    while not list(tmp_path.glob("*/lock.lock")) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(3)
    used = sum(psutil.Process(process.pid).cpu_times()[:2])
    process.send_signal(number)
    _, message = process.communicate(timeout=300)
    assert process.returncode == 130, message
    assert seconds_of_children() - before - used < 10  # of a processor, however busy the machine is
    assert "continues from there" in message
    assert len(list(tmp_path.glob("*/at-*.run"))) == 1


def test_verify_names_the_damaged_file_and_exits_with_1(tmp_path):
    copy = tmp_path / "data"
    shutil.copytree(results.folder(), copy, ignore=shutil.ignore_patterns("MNIST"))
    good = run("verify", copy)
    assert good.returncode == 0, good.stdout
    assert len(good.stdout.splitlines()) == len([p for p in copy.iterdir() if p.name != "SHA256SUMS"])
    content = bytearray((copy / "fig1.nc").read_bytes())
    content[len(content) // 2] ^= 1
    (copy / "fig1.nc").write_bytes(content)
    bad = run("verify", copy)
    assert bad.returncode == 1
    assert "fig1.nc" in bad.stderr
    assert "critnet reduce" in bad.stderr
    refused = run("figure", "1b", "--out", tmp_path / "x.svg", env={"CRITNET_RESULTS": str(copy)})
    assert refused.returncode == 4
    assert "fig1.nc" in refused.stderr
    assert not (tmp_path / "x.svg").exists()


def test_a_file_of_another_layout_is_stale(tmp_path):
    data = results.load("fig1").drop_vars("dead").rename({"rare": "rarely"})
    attrs = {"configuration": [], "command": "test", "device": "cpu", "threads": 1}
    archive.write(tmp_path / "fig1.nc", data, attrs=attrs)
    archive.write_manifest(tmp_path)
    done = run("verify", tmp_path)
    assert done.returncode == 1
    assert all(word in done.stdout for word in ("fig1.nc", "dead", "rarely"))
    assert run("claims", "--check", env={"CRITNET_RESULTS": str(tmp_path)}).returncode == 4


def test_a_figure_replaces_a_good_file_whole_or_not_at_all(tmp_path):
    """Fault: a figure was written in place, so that a full disk cut the good file that was there."""
    good = tmp_path / "a.svg"
    good.write_text("good")

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = run("figure", "1b", "--out", good, preexec_fn=small_files)
    assert done.returncode == 3
    assert f"cannot write {good}: " in done.stderr
    assert "Traceback" not in done.stderr
    assert good.read_text() == "good"
    assert list(tmp_path.iterdir()) == [good]


def test_a_tilde_in_an_option_or_a_variable_is_the_home_folder(tmp_path):
    """As in --cache=~/x, which a shell leaves as it is."""
    data = results.folder().resolve()
    (tmp_path / "r").symlink_to(data)
    (tmp_path / "here").mkdir()
    home = {"HOME": str(tmp_path), "MPLCONFIGDIR": os.environ.get("MPLCONFIGDIR", str(tmp_path / "mpl"))}
    options = {"cwd": tmp_path / "here", "env": {**home, "CRITNET_RESULTS": "~/r", "CRITNET_CACHE": "~/c"}}
    drawn = run("figure", "1b", "--out=~/f/x.svg", **options)
    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "f" / "x.svg").stat().st_size > 1000
    assert f"in {tmp_path}/c/" in run("train", "--dry-run", **options).stdout
    assert f"in {tmp_path}/d/" in run("train", "--dry-run", "--cache=~/d", **options).stdout
    assert run("verify", "~/r", "--quiet", **options).returncode == 0
    assert f"absent in {tmp_path}/d:" in run("reduce", "--cache=~/d", "--out=~/o", **options).stderr
    assert list((tmp_path / "here").iterdir()) == []


def test_installed_without_a_checkout_the_way_to_the_results_is_named(tmp_path):
    """The package alone, in a folder of its own: as `pip install .` leaves it."""
    shutil.copytree(Path(critnet.__file__).parent, tmp_path / "site" / "critnet")
    (tmp_path / "elsewhere").mkdir()
    options = {"cwd": tmp_path / "elsewhere", "env": {"PYTHONPATH": str(tmp_path / "site"), "CRITNET_RESULTS": ""}}
    for command in (["figure", "1a"], ["verify"], ["claims"]):
        done = run(*command, **options)
        assert done.returncode == 3, done.stderr
        assert "name its data/ in CRITNET_RESULTS" in done.stderr
        assert "git checkout" not in done.stderr
    options["env"]["CRITNET_RESULTS"] = str(results.folder())
    assert run("verify", "--quiet", **options).returncode == 0
    assert run("figure", "1b", "--out", tmp_path / "x.svg", **options).returncode == 0


def test_a_missing_results_folder_is_a_data_error(tmp_path):
    assert run("verify", tmp_path / "nowhere").returncode == 3
    assert run("reduce", "--cache", tmp_path).returncode == 3


def test_figure_draws_from_data_alone(tmp_path):
    done = run("figure", "1b", "--out", tmp_path / "fig.png")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "fig.png").read_bytes().startswith(b"\x89PNG")
    listed = [line.split()[0] for line in run("figure", "--list").stdout.splitlines()]
    assert {f"{figure}{letter}" for figure in "12" for letter in "abcdefghi"} <= set(listed)
    assert listed == sorted(listed)


def test_a_reader_that_leaves_early_is_no_error():
    done = subprocess.run(
        f"{sys.executable} -m critnet.cli claims | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_claims_check_agrees_with_the_committed_table():
    assert run("claims", "--check").returncode == 0


def test_campaign_status_counts_every_run(tmp_path):
    done = run("campaign", "anchor", "grid", "--status", "--cache", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("anchor, grid: 158 runs\n")
    assert "missing        158" in done.stdout


def test_a_campaign_can_leave_out_what_the_results_hold(tmp_path):
    table = results.load("runs")
    of_grid = table["experiments"].str.split().map(lambda names: "grid" in names)
    missing = int((of_grid & (table["state"] == "not run")).sum())
    assert 0 <= missing < of_grid.sum()
    whole = json.loads(run("campaign", "grid", "--status", "--json", "--cache", tmp_path).stdout)
    new = json.loads(run("campaign", "grid", "--new", "--status", "--json", "--cache", tmp_path).stdout)
    assert (len(whole), len(new)) == (of_grid.sum(), missing)


def test_campaign_status_as_json(tmp_path):
    done = run("campaign", "starts", "--status", "--json", "--cache", tmp_path)
    rows = json.loads(done.stdout)
    assert done.returncode == 0
    assert len({r["digest"] for r in rows}) == 12
    assert {r["name"] for r in rows} == {"missing"}
    assert all(r["estimate_seconds"] > 0 for r in rows)


def test_campaign_names_what_it_leaves_out(tmp_path):
    done = run("campaign", "anchor", "--longest", "0.001", "--cache", tmp_path)
    assert done.returncode == 0
    assert done.stderr.count("left out: ") == 5
    assert "0 of 0 runs" in done.stdout
