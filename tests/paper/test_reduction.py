"""`critnet reduce` on small real runs: what it writes, what it checks, and what it says of absent raw runs."""

import functools
import json
import shutil

import numpy as np
import pytest

from critnet import archive
from critnet.errors import DataError, IntegrityError, UsageError
from critnet.paper import reduction
from critnet.training import datasets, runs
from critnet.training.config import RunConfig
from critnet.training.datasets import Digits
from critnet.training.train import train

CONFIGS = [RunConfig(hidden=h, batch_size=32, steps=40, schedule="sweep") for h in (4, 5, 6)]


@pytest.fixture(scope="module")
def digits():
    random = np.random.default_rng(1)
    labels = np.arange(120) % 10
    images = (random.standard_normal((10, 784))[labels] + random.standard_normal((120, 784))).astype(np.float32)
    return Digits(images, labels, images[:50], labels[:50], "synthetic")


@pytest.fixture(scope="module")
def trained(digits, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    for config in CONFIGS:
        train([config], digits, cache=cache)
    return cache


@pytest.fixture
def cache(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "cache")


@pytest.fixture(autouse=True)
def small_catalogue(monkeypatch, digits):
    """Two files made of three runs: one takes absent runs from the committed file, one needs all."""

    def catalogue():
        return CONFIGS

    def sizes(path, configs, folders, _committed, _digits, _jobs):
        archive.atomic_write(path, "\n".join(str(runs.read_summary(f)["seconds"]) for f in folders).encode())

    parts = {
        "sweeps": reduction.Part("sweeps.nc", catalogue, functools.partial(reduction._trajectories, catalogue), True),
        "whole": reduction.Part("whole.csv", catalogue, sizes),
    }
    monkeypatch.setattr(reduction, "PARTS", parts)
    monkeypatch.setattr(datasets, "mnist", lambda folder: digits)
    monkeypatch.setattr(reduction, "_check_layout", lambda path: None)


def test_it_writes_every_file_and_its_checksum_and_checks_them(cache, tmp_path, capsys):
    out = tmp_path / "data"
    out.mkdir()
    assert reduction.reduce(cache=cache, out=out) == 0
    before = (out / "sweeps.nc").read_bytes()
    assert archive.read(out / "sweeps.nc")["hidden"].values.tolist() == [4, 5, 6]
    assert reduction.reduce(cache=cache, out=out, check=True) == 0
    assert "sweeps.nc is what the raw runs reduce to\n" in capsys.readouterr().out
    (out / "whole.csv").write_text("something else")
    assert reduction.reduce(["whole"], cache=cache, out=out, check=True) == 1
    assert capsys.readouterr().out.startswith("whole.csv differs from what the raw runs reduce to; ")
    assert reduction.reduce(cache=cache, out=out) == 0
    assert (out / "sweeps.nc").read_bytes() == before


def test_absent_runs_are_taken_from_the_committed_file_or_named(cache, tmp_path, capsys):
    out = tmp_path / "data"
    out.mkdir()
    reduction.reduce(cache=cache, out=out)
    before = (out / "sweeps.nc").read_bytes(), (out / "whole.csv").read_bytes()
    shutil.rmtree(runs.run_folder(cache, CONFIGS[1]))
    assert reduction.reduce(cache=cache, out=out) == 0
    assert ((out / "sweeps.nc").read_bytes(), (out / "whole.csv").read_bytes()) == before
    told = capsys.readouterr().err
    assert "left as they are: raw runs for whole.csv are absent" in told
    assert "hidden 5" in told
    assert reduction.reduce(cache=cache, out=out, check=True) == 0
    said = capsys.readouterr()
    assert "sweeps.nc is what the raw runs reduce to (1 of 3 raw runs are absent and taken as committed)" in said.out
    assert "not checked: raw runs for whole.csv are absent" in said.err
    with pytest.raises(DataError, match=r"raw runs for whole\.csv are absent.*hidden 5.*critnet campaign"):
        reduction.reduce(["whole"], cache=cache, out=out)


def test_a_part_that_cannot_be_made_is_named_before_another_is_written(cache, tmp_path):
    out = tmp_path / "data"
    out.mkdir()
    shutil.rmtree(runs.run_folder(cache, CONFIGS[1]))
    with pytest.raises(DataError, match=r"raw runs for whole\.csv are absent"):
        reduction.reduce(["sweeps", "whole"], cache=cache, out=out)
    assert list(out.iterdir()) == []


def test_a_part_made_of_stored_files_needs_no_raw_run_and_makes_no_other_pass(tmp_path, monkeypatch, capsys):
    def stored(path, configs, _folders, committed, _digits, _jobs):
        assert committed.parent == out
        archive.atomic_write(path, f"of {len(configs)} runs, beside {committed.name}".encode())

    out = tmp_path / "data"
    out.mkdir()
    extra = reduction.Part("stored.csv", lambda: CONFIGS, stored, stored=True)
    monkeypatch.setattr(reduction, "PARTS", {**reduction.PARTS, "stored": extra})
    assert reduction.reduce(["stored"], cache=tmp_path / "empty", out=out) == 0
    assert (out / "stored.csv").read_text() == "of 3 runs, beside stored.csv"
    assert reduction.reduce(["stored"], cache=tmp_path / "empty", out=out, check=True) == 0
    capsys.readouterr()
    (out / "stored.csv").unlink()
    with pytest.raises(DataError, match="raw runs for sweeps"):  # the whole was asked for, and no run is there
        reduction.reduce(cache=tmp_path / "empty", out=out)
    assert not (out / "stored.csv").exists()


def test_with_no_run_at_all_nothing_is_written(tmp_path):
    with pytest.raises(DataError, match=r"raw runs for sweeps\.nc are absent in .*make data"):
        reduction.reduce(cache=tmp_path / "empty", out=tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_runs_that_come_later_join_those_of_before(cache, tmp_path):
    out, later = tmp_path / "data", tmp_path / "later"
    out.mkdir()
    (cache / CONFIGS[0].digest).rename(later)
    reduction.reduce(["sweeps"], cache=cache, out=out)
    assert archive.read(out / "sweeps.nc")["hidden"].values.tolist() == [5, 6]
    later.rename(cache / CONFIGS[0].digest)
    reduction.reduce(["sweeps"], cache=cache, out=out)
    assert archive.read(out / "sweeps.nc")["hidden"].values.tolist() == [4, 5, 6]
    assert reduction.reduce(["sweeps"], cache=cache, out=out, check=True) == 0


def test_a_check_measures_again_what_the_committed_file_holds(cache, tmp_path, capsys):
    out = tmp_path / "data"
    out.mkdir()
    reduction.reduce(["sweeps"], cache=cache, out=out)
    data = archive.read(out / "sweeps.nc")
    data["mean_loss"][0] += 1e-3
    archive.write(out / "sweeps.nc", data.drop_attrs(deep=False), attrs={
        "configuration": [], "command": "made up", "device": "x", "threads": [1], "trained_with": ["{}"],
    })  # fmt: skip
    archive.write_manifest(out)
    assert reduction.reduce(["sweeps"], cache=cache, out=out, check=True) == 1
    assert "sweeps.nc differs" in capsys.readouterr().out


def test_an_honest_repeat_passes_though_it_took_another_time_elsewhere(cache, tmp_path, capsys):
    """Runs trained again elsewhere, in other seconds, to the same weights, and measured with other rounding."""
    out = tmp_path / "data"
    out.mkdir()
    reduction.reduce(["sweeps"], cache=cache, out=out)
    for config in CONFIGS:
        folder = runs.run_folder(cache, config)
        summary = runs.read_summary(folder) | {"seconds": 1234.5, "device": "an abacus"}
        runs.write_summary(folder, {k: v for k, v in summary.items() if k != "format"})
    assert reduction.reduce(["sweeps"], cache=cache, out=out, check=True) == 0
    assert "sweeps.nc is what the raw runs reduce to\n" in capsys.readouterr().out
    data = archive.read(out / "sweeps.nc")
    attrs, data = data.attrs, data.drop_attrs(deep=False)
    data["mean_loss"] = data["mean_loss"] * np.float32(1 + 1e-6)
    attrs = {k: attrs[k] for k in ("configuration", "command", "threads", "trained_with", "title")} | {"device": "x"}
    attrs["configuration"] = json.loads(attrs["configuration"])
    archive.write(out / "sweeps.nc", data.assign_attrs(loss_threshold=5e-3), attrs=attrs)
    archive.write_manifest(out)
    assert reduction.reduce(["sweeps"], cache=cache, out=out, check=True) == 0
    assert "sweeps.nc is, within rounding, what the raw runs reduce to; mean_loss (" in capsys.readouterr().out


@pytest.mark.parametrize("damage", ["cut", "flip", "old", "part"])
def test_a_damaged_raw_run_is_named_and_data_stays(cache, tmp_path, damage):
    out = tmp_path / "data"
    out.mkdir()
    reduction.reduce(cache=cache, out=out)
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    folder = runs.run_folder(cache, CONFIGS[1])
    part, summary = next(folder.glob("part-*.run")), folder / "summary.json"
    content = part.read_bytes()
    if damage == "cut":
        part.write_bytes(content[: len(content) // 2])
    elif damage == "flip":
        part.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    elif damage == "old":
        body = {k: v for k, v in runs.read_summary(folder).items() if k != "format"}
        text = archive.dumps_json({"format": 0, **body})
        digest = runs._digest({"format": 0, **body})
        summary.write_text(text[:-1] + f',"sha256":"{digest}"}}')
    else:
        part.unlink()
    with pytest.raises((IntegrityError, DataError), match=CONFIGS[1].digest):
        reduction.reduce(cache=cache, out=out, check=True)
    (out / "sweeps.nc").unlink()
    archive.write_manifest(out)
    with pytest.raises((IntegrityError, DataError), match=r"(?i)delete .*train (it|the run) again"):
        reduction.reduce(["sweeps"], cache=cache, out=out)
    assert {p.name: p.read_bytes() for p in out.iterdir() if p.suffix == ".csv"} == {"whole.csv": before["whole.csv"]}
    assert not (out / "sweeps.nc").exists()


def test_an_unknown_part_lists_the_known_ones():
    with pytest.raises(UsageError, match="part 'fig9' is not known; the parts are sweeps, whole"):
        reduction.reduce(["fig9"])


def test_a_check_of_a_file_that_is_missing_says_how_to_make_it(cache, tmp_path):
    with pytest.raises(DataError, match=r"sweeps\.nc is missing.*critnet reduce"):
        reduction.reduce(cache=cache, out=tmp_path, check=True)


def test_a_file_made_of_another_needs_no_raw_run_and_follows_it(cache, tmp_path, monkeypatch, capsys):
    def doubled(path, configs, folders, committed, _digits, _jobs):
        source = archive.read(committed.parent / "sweeps.nc")
        made = source[["hidden"]].drop_attrs(deep=False) * 2
        reduction._write(path, "twice", configs, [], made, source.attrs)

    part = reduction.Part("made.nc", lambda: CONFIGS, doubled, stored=True)
    monkeypatch.setitem(reduction.PARTS, "made", part)
    out = tmp_path / "data"
    out.mkdir()
    assert reduction.reduce(cache=cache, out=out) == 0  # from the file that the same call has just written
    assert archive.read(out / "made.nc")["hidden"].values.tolist() == [8, 10, 12]
    assert reduction.reduce(["made"], cache=tmp_path / "empty", out=out) == 0
    capsys.readouterr()
    assert reduction.reduce(["made"], cache=tmp_path / "empty", out=out, check=True) == 0
    assert "made.nc is what the stored files that it is made of reduce to\n" in capsys.readouterr().out
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert reduction.reduce(cache=tmp_path / "empty", out=out, check=True) == 0  # the whole, where no raw run is
    said = capsys.readouterr()
    assert said.out == "made.nc is what the stored files that it is made of reduce to\n"
    assert "not checked: raw runs for sweeps.nc are absent" in said.err
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    changed = archive.read(out / "made.nc")
    attrs = {k: changed.attrs[k] for k in ("configuration", "command", "threads", "trained_with", "title", "device")}
    attrs["configuration"] = json.loads(attrs["configuration"])
    archive.write(out / "made.nc", changed.drop_attrs(deep=False) + 1, attrs=attrs)
    archive.write_manifest(out)
    assert reduction.reduce(cache=tmp_path / "empty", out=out, check=True) == 1
    assert "made.nc differs from what the stored files that it is made of reduce to" in capsys.readouterr().out
