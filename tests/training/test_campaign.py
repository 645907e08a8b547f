"""Campaigns in real processes and on a real Dask cluster: killed, doubled, stopped, failing (faults 9, 13 to 15)."""

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import types
from pathlib import Path

import pytest

from critnet import archive
from critnet.errors import DataError, UsageError
from critnet.training import campaign as campaigns
from critnet.training import catalogue, runs
from critnet.training.campaign import campaign, stacks
from critnet.training.config import RunConfig
from critnet.training.train import train

SHORT = [RunConfig(hidden=6, batch_size=32, steps=300, schedule="sweep", seed=s) for s in range(4)]
LONG = [RunConfig(hidden=6, batch_size=32, steps=20_000, schedule="sweep", seed=s) for s in range(3)]


@pytest.fixture
def load(monkeypatch):
    """The made-up digits, by a function that other processes can import."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return importlib.import_module("children").made_up_digits


@pytest.fixture(scope="module")
def alone(tmp_path_factory, digits, series):
    """Series of the long runs, each trained by itself and undisturbed."""
    cache = tmp_path_factory.mktemp("alone")
    return [series(train([c], digits, cache=cache)[0]) for c in LONG]


def summaries(configs, cache):
    return [runs.read_summary(runs.run_folder(cache, c)) for c in configs]


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found


def holders(configs, cache):
    """Processes that train these runs now and have written a checkpoint."""
    folders = [runs.run_folder(cache, c) for c in configs]
    return [h["pid"] for f in folders if runs.checkpoints(f) and (h := archive.holder(f / "lock"))]


def strays(cache):
    return [p.name for p in Path(cache).rglob("*") if p.name.startswith((".stop-", ".probe-", ".critnet-"))]


def in_background(work):
    """Start a function in a thread; calling the result waits for what it returns."""
    box = {}

    def run():
        try:
            box["value"] = work()
        except BaseException as error:
            box["error"] = error

    thread = threading.Thread(target=run)
    thread.start()

    def result(seconds=100):
        thread.join(seconds)
        assert not thread.is_alive()
        if "error" in box:
            raise box["error"]
        return box["value"]

    return result


def test_two_processes_train_everything_and_again_nothing(tmp_path, load, digits, series, same_bits):
    seen = []
    assert campaign(SHORT, load, cache=tmp_path, jobs=2, report=seen.append) == []
    assert (seen[-1].done, seen[-1].failed, seen[-1].total) == (4, 0, 4)
    one = series(runs.run_folder(tmp_path, SHORT[1]))
    assert same_bits(one, series(train([SHORT[1]], digits, cache=tmp_path / "alone")[0])) == "equal"
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.*")}
    assert campaign(SHORT, load, cache=tmp_path, jobs=2) == []
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.*")} == before
    assert strays(tmp_path) == []


def test_killed_worker_is_replaced_and_its_run_continues_bit_identical(tmp_path, load, alone, series, same_bits):
    result = in_background(lambda: campaign(LONG, load, cache=tmp_path, jobs=2, checkpoint_seconds=0.1))
    os.kill(wait_for(lambda: holders(LONG, tmp_path))[0], signal.SIGKILL)
    assert result() == []
    assert max(s["interrupted"] for s in summaries(LONG, tmp_path)) >= 1  # it went on from a checkpoint
    for config, expected in zip(LONG, alone, strict=True):
        assert same_bits(series(runs.run_folder(tmp_path, config)), expected) == "equal"


def test_workers_that_always_die_end_the_campaign_with_a_message(tmp_path, monkeypatch):
    (tmp_path / "dies.py").write_text("import os\ndef load():\n    os._exit(9)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(DataError, match=r"ended 3 times .*\(exit code 9\)\. Not done: \w+\."):
        campaign(SHORT[:1], importlib.import_module("dies").load, cache=tmp_path / "cache")


def test_workers_that_the_system_kills_end_it_with_another_message(tmp_path, monkeypatch):
    (tmp_path / "killed.py").write_text("import os\ndef load():\n    os.kill(os.getpid(), 9)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(
        DataError, match=r"ended 3 times .*\(killed by SIGKILL, as .* memory runs out: try fewer --jobs\)"
    ):
        campaign(SHORT[:1], importlib.import_module("killed").load, cache=tmp_path / "cache")


def test_a_script_without_the_main_guard_is_told_of_it(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from children import made_up_digits\n"
        "from critnet.training.campaign import campaign\n"
        "from critnet.training.config import RunConfig\n"
        "campaign([RunConfig(hidden=6, batch_size=32, steps=40)], made_up_digits, cache=sys.argv[2])\n"
    )
    command = [sys.executable, script, Path(__file__).parent, tmp_path / "cache"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "DataError: the worker processes ended while they started, before any run" in last
    assert "under `if __name__ == '__main__':`" in last
    assert "memory" not in last


def test_a_function_that_only_this_process_knows_is_refused(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match=r"load is <function .*lambda.* another process cannot find .*in a module"):
        campaign(SHORT[:1], lambda: None, cache=tmp_path)
    module = types.ModuleType("a_notebook")  # as a cell of a notebook: it can be named here, and not elsewhere
    exec("def load(): return 1", module.__dict__)
    monkeypatch.setitem(sys.modules, "a_notebook", module)
    with pytest.raises(UsageError, match=r"cannot find \(ModuleNotFoundError: No module named 'a_notebook'\)"):
        campaign(SHORT[:1], module.load, cache=tmp_path)
    assert strays(tmp_path) == []


@pytest.mark.parametrize("value", [0, -1, 2.5, 999_999, 99_999_999_999])
@pytest.mark.parametrize("name", ["jobs", "threads"])
def test_numbers_that_no_machine_can_use_are_refused(tmp_path, load, name, value):
    with pytest.raises(UsageError, match=rf"{name} is {value}; give a whole number >= 1 and <= \d+"):
        campaign(SHORT[:1], load, cache=tmp_path, **{name: value})


def test_a_device_by_another_name_is_the_same_device(tmp_path, load):
    assert campaign(SHORT[:1], load, cache=tmp_path, device="cpu:0") == []
    with pytest.raises(UsageError, match="device is 'meta', which cannot be used here"):
        campaign(SHORT[:1], load, cache=tmp_path, device="meta")


def test_campaign_killed_leaves_no_worker_and_is_completed_by_another(tmp_path, load, alone, series, same_bits):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from children import made_up_digits, configs\n"
        "from critnet.training.campaign import campaign\n"
        "from critnet.training.config import RunConfig\n"
        "if __name__ == '__main__':\n"
        "    c = [RunConfig(hidden=6, batch_size=32, steps=20_000, schedule='sweep', seed=s) for s in range(3)]\n"
        "    campaign(c, made_up_digits, cache=sys.argv[2], jobs=2, checkpoint_seconds=0.1)\n"
    )
    script = tmp_path / "script.py"
    script.write_text(code)
    parent = subprocess.Popen([sys.executable, script, Path(__file__).parent, tmp_path / "cache"])
    wait_for(lambda: holders(LONG, tmp_path / "cache"))
    parent.kill()
    parent.wait()
    wait_for(lambda: "running" not in [catalogue.state_of(c, tmp_path / "cache").name for c in LONG], 5)
    assert "done" not in [catalogue.state_of(c, tmp_path / "cache").name for c in LONG]
    assert campaign(LONG, load, cache=tmp_path / "cache", jobs=2) == []
    for config, expected in zip(LONG, alone, strict=True):
        assert same_bits(series(runs.run_folder(tmp_path / "cache", config)), expected) == "equal"


def test_two_campaigns_on_one_cache_share_the_work(tmp_path, load):
    results = [in_background(lambda: campaign(LONG, load, cache=tmp_path)) for _ in range(2)]
    assert [r() for r in results] == [[], []]
    assert [s["interrupted"] for s in summaries(LONG, tmp_path)] == [0, 0, 0]  # no run was begun twice
    for config in LONG:
        runs.open_run(runs.run_folder(tmp_path, config))  # gapless


def test_the_same_task_twice_gives_the_same_bytes_once(tmp_path, load):
    work = dict(load=load, cache=tmp_path, device="cpu", threads=1, stop_file=tmp_path / "stop", checkpoint_seconds=30)
    first = campaigns.train_task(tuple(SHORT[:1]), **work)
    folder = runs.run_folder(tmp_path, SHORT[0])
    before = {p.name: p.read_bytes() for p in folder.glob("*.*")}
    second = campaigns.train_task(tuple(SHORT[:1]), **work)
    assert first.state == second.state == "done"
    assert {p.name: p.read_bytes() for p in folder.glob("*.*")} == before


def test_stopping_writes_checkpoints_within_ten_seconds(tmp_path, load):
    asked = []
    long = [RunConfig(hidden=6, batch_size=32, seed=s, schedule="sweep") for s in range(2)]
    began = []

    def stop():
        if not asked and sum(bool(list(runs.run_folder(tmp_path, c).glob("lock.lock.owner"))) for c in long) == 2:
            asked.append(True)
            began.append(time.monotonic())
        return bool(asked)

    outcomes = campaign(long, load, cache=tmp_path, jobs=2, stop=stop)
    assert time.monotonic() - began[0] < 10
    assert [o.state for o in outcomes] == ["stopped"] * 2
    assert {catalogue.state_of(c, tmp_path).name for c in long} == {"interrupted"}
    assert all(runs.checkpoints(runs.run_folder(tmp_path, c)) for c in long)
    assert strays(tmp_path) == []


def test_a_failing_run_is_named_and_leaves_the_rest_alone(tmp_path, load):
    bad = RunConfig(hidden=6, batch_size=700, steps=300, schedule="sweep")  # the data have 600 images
    outcomes = campaign([bad, SHORT[0]], load, cache=tmp_path)
    assert [(o.state, o.configs) for o in outcomes] == [("failed", (bad,))]
    assert "batch_size is 700" in outcomes[0].message
    assert catalogue.state_of(SHORT[0], tmp_path).name == "done"
    state = catalogue.state_of(bad, tmp_path)
    assert state.name == "failed"
    assert "batch_size is 700" in state.message
    text = catalogue.as_text("both", [(bad, state), (SHORT[0], catalogue.state_of(SHORT[0], tmp_path))])
    assert "failed           1" in text
    assert "done             1" in text
    assert "batch_size is 700" in text


def test_truncated_and_outdated_runs_are_told_and_the_rest_is_intact(tmp_path, load):
    campaign(SHORT[:2], load, cache=tmp_path)
    summary = runs.run_folder(tmp_path, SHORT[0]) / "summary.json"
    summary.write_bytes(summary.read_bytes()[:-20])
    state = catalogue.state_of(SHORT[0], tmp_path)
    assert state.name == "damaged"
    assert str(summary) in state.message
    assert "train the run again" in state.message
    old = json.loads((runs.run_folder(tmp_path, SHORT[1]) / "summary.json").read_text())
    body = {k: v for k, v in old.items() if k not in ("sha256", "format")}
    body["config"] = {**body["config"], "momentum": 0.9}  # a field that this version does not know
    runs.write_summary(runs.run_folder(tmp_path, SHORT[1]), body)
    with pytest.raises(UsageError, match="unknown run fields momentum"):
        runs.open_run(runs.run_folder(tmp_path, SHORT[1]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"jobs": 0}, "jobs is 0; give a whole number >= 1"),
        ({"stack": -1}, "stack is -1; give a whole number >= 1"),
        ({"threads": 0}, "threads is 0"),
        ({"device": "warp"}, "device is 'warp'"),
        ({"scheduler": "tcp://127.0.0.1:9"}, "cannot be reached.*leave --sched"),
    ],
)
def test_bad_options(tmp_path, load, options, message):
    with pytest.raises(UsageError, match=message):
        campaign(SHORT, load, cache=tmp_path, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written(tmp_path, load):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match=r"cannot be written.*--cache"):
        campaign(SHORT, load, cache=tmp_path / "file" / "cache")


def test_stacks_on_one_device_give_the_runs_of_one_by_one_to_rounding(tmp_path, load, digits, series):
    early = [c for c in SHORT if c.seed < 3]
    assert [len(g) for g in stacks(early, 2)] == [2, 1]
    assert campaign(early, load, cache=tmp_path, stack=2) == []
    for config in early:
        stacked = series(runs.run_folder(tmp_path, config))
        single = series(train([config], digits, cache=tmp_path / "single")[0])
        early_steps = single["step"] <= 20
        assert abs(stacked["losses"][early_steps] - single["losses"][early_steps]).max() < 1e-4


def test_a_gpu_that_runs_out_of_memory_fails_the_stack_and_not_the_campaign(tmp_path, load, monkeypatch):
    import torch

    def full(*args, **kwargs):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr("critnet.training.train.Step", full)
    given = {
        "load": load,
        "cache": tmp_path,
        "device": "cpu",
        "threads": 1,
        "stop_file": tmp_path / "stop",
        "checkpoint_seconds": 30,
    }
    outcome = campaigns.train_task(tuple(SHORT[:2]), **given)
    assert outcome.state == "failed"
    assert "ran out of memory with 2 networks of 6 neurons a layer and batches of 32 as one stack" in outcome.message
    assert "--stack" in outcome.message
    assert [catalogue.state_of(c, tmp_path).name for c in SHORT[:2]] == ["failed"] * 2
    monkeypatch.undo()
    assert campaigns.train_task(tuple(SHORT[:2]), **given).state == "done"


@pytest.mark.cuda
def test_stacks_on_a_gpu_follow_the_processor(tmp_path, load, digits, series):
    assert campaign(SHORT, load, cache=tmp_path, device="cuda") == []
    for config in SHORT:
        gpu, cpu = series(runs.run_folder(tmp_path, config)), series(train([config], digits, cache=tmp_path / "cpu")[0])
        early_steps = cpu["step"] <= 20
        assert abs(gpu["losses"][early_steps] - cpu["losses"][early_steps]).max() < 1e-3


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers in processes of their own: (address, the three processes)."""
    file = tmp_path / "scheduler.json"
    quiet = {
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "env": {**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    }
    python = [sys.executable, "-m"]
    started = [
        subprocess.Popen(
            [
                *python,
                "distributed.cli.dask_scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--no-dashboard",
                "--scheduler-file",
                file,
            ],
            **quiet,
        )
    ]
    address = wait_for(lambda: file.exists() and file.read_text() and json.loads(file.read_text())["address"])
    started += [
        subprocess.Popen(
            [
                *python,
                "distributed.cli.dask_worker",
                address,
                "--nthreads",
                "1",
                "--no-nanny",
                "--no-dashboard",
                "--local-directory",
                tmp_path / f"worker-{i}",
            ],
            **quiet,
        )
        for i in range(2)
    ]
    yield address, started
    for process in started:
        process.kill()
        process.wait()


def test_a_dask_worker_dies_and_the_other_takes_its_run_over(tmp_path, load, alone, series, same_bits, cluster):
    address, _ = cluster
    cache = tmp_path / "cache"
    result = in_background(lambda: campaign(LONG, load, cache=cache, scheduler=address, checkpoint_seconds=0.1))
    os.kill(wait_for(lambda: holders(LONG, cache))[0], signal.SIGKILL)
    assert result() == []
    assert max(s["interrupted"] for s in summaries(LONG, cache)) >= 1
    for config, expected in zip(LONG, alone, strict=True):
        assert same_bits(series(runs.run_folder(cache, config)), expected) == "equal"


def test_a_dask_scheduler_dies_and_the_campaign_says_so_and_can_be_completed(tmp_path, load, cluster, monkeypatch):
    address, (scheduler, *_) = cluster
    monkeypatch.setattr(campaigns, "SILENCE_SECONDS", 3)
    cache = tmp_path / "cache"
    result = in_background(lambda: campaign(LONG, load, cache=cache, scheduler=address, checkpoint_seconds=0.1))
    wait_for(lambda: holders(LONG, cache))
    scheduler.kill()
    with pytest.raises(DataError, match=r"scheduler tcp://.*same command again"):
        result(60)
    assert campaign(LONG, load, cache=cache, jobs=2) == []
    assert {catalogue.state_of(c, cache).name for c in LONG} == {"done"}
