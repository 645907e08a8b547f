"""Faults 5, 6, 7, 8, 10, 24 and 25 on one netCDF file; equal data give equal bytes."""

import json
import os
import re

import h5py
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from critnet import archive
from critnet.archive.netcdf import _RESERVED as RESERVED
from critnet.errors import DataError, IntegrityError, UsageError

ATTRS = {"configuration": [], "command": "", "device": "", "threads": 1}
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
ADDED = {"configuration_digest", "critnet_version", "critnet_format", "libraries", "license", "source"}
NAMES = st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda name: not name.startswith((".", "_")) and name not in RESERVED | ADDED
)
FLOATS = hnp.floating_dtypes(endianness="<", sizes=(16, 32, 64))
DTYPES = hnp.boolean_dtypes() | hnp.integer_dtypes(endianness="<") | FLOATS


def stored(folder, dataset, attrs=ATTRS):
    archive.write(folder / "fig.nc", dataset, attrs=attrs)
    archive.write_manifest(folder)
    return folder / "fig.nc"


def test_round_trip(results, dataset):
    loaded = archive.read(results / "fig1.nc")
    xr.testing.assert_equal(loaded, dataset)
    assert archive.describe(loaded) == archive.describe(dataset)
    assert loaded.correlation.dtype == np.float32
    assert loaded.loss.attrs == {"units": "nats"}


@settings(max_examples=40, deadline=None)
@given(names=st.lists(NAMES, max_size=4, unique=True), data=st.data())
def test_round_trip_of_anything(tmp_path_factory, names, data):
    variables = {}
    for i, name in enumerate(names):
        values = data.draw(hnp.arrays(data.draw(DTYPES), hnp.array_shapes(min_dims=0, max_dims=2, min_side=0)))
        if data.draw(st.booleans()):
            values = np.array(data.draw(st.lists(WORDS, max_size=3)), dtype=str)
        dimensions = [f"dim {i} {axis}" for axis in range(values.ndim)]
        notes = data.draw(st.dictionaries(NAMES, WORDS | st.integers(-9, 9), max_size=2))
        variables[name] = (dimensions, values, notes)
    dataset = xr.Dataset(variables, attrs=data.draw(st.dictionaries(NAMES, WORDS, max_size=2)))
    folder = tmp_path_factory.mktemp("data")
    loaded = archive.read(stored(folder, dataset))
    xr.testing.assert_equal(loaded, dataset)
    assert archive.describe(loaded) == archive.describe(dataset)
    for name in names:
        assert dict(loaded[name].attrs) == dataset[name].attrs
    assert {name: loaded.attrs[name] for name in dataset.attrs if name not in ATTRS} == {
        name: value for name, value in dataset.attrs.items() if name not in ATTRS
    }
    first = (folder / "fig.nc").read_bytes()
    archive.write(folder / "fig.nc", loaded, attrs=ATTRS)
    assert (folder / "fig.nc").read_bytes() == first


def test_what_a_file_was_made_from_is_on_record(results, attrs):
    recorded = archive.read(results / "fig1.nc").attrs
    assert json.loads(recorded["configuration"]) == attrs["configuration"]
    assert len(recorded["configuration_digest"]) == 64
    assert {"numpy", "h5netcdf", "xarray"} <= set(json.loads(recorded["libraries"]))
    assert (recorded["license"], recorded["source"]) == ("CC BY 4.0", "arXiv:2509.00107")
    assert recorded["critnet_version"]
    assert (recorded["threads"], recorded["device"], recorded["command"]) == (1, "cpu", "critnet reduce")


@pytest.mark.parametrize("name", ["command", "configuration", "device", "threads"])
def test_without_its_origin_nothing_is_written(tmp_path, dataset, attrs, name):
    del attrs[name]
    with pytest.raises(UsageError, match=f"attrs lack {name}"):
        archive.write(tmp_path / "fig.nc", dataset, attrs=attrs)
    assert os.listdir(tmp_path) == []


WRITE = """
    import sys, numpy as np, xarray as xr
    from critnet import archive
    path, order = sys.argv[1], int(sys.argv[2])
    def turned(mapping): return dict(list(mapping.items())[::order])
    x = np.arange(6000, dtype=np.float32).reshape(100, 60)
    x = np.asfortranarray(x) if order < 0 else x
    variables = {"x": (("a", "b"), x, turned({"units": "1", "label": "é"})), "t": ("a", np.array(["u", "v"] * 50)),
                 "flag": ("b", np.arange(60) > 3), "one": ((), 1.5)}
    coords = {"a": np.arange(100), "b": np.arange(60), "c": ("a", x[:, 0]), "d": ("b", x[0])}
    dataset = xr.Dataset(turned(variables), turned(coords), turned({"title": "T", "zeta": 2, "alpha": np.arange(3)}))
    if order < 0:
        dataset.x.encoding.update(chunksizes=(7, 7), zlib=False, dtype="float64")
    attrs = turned({"configuration": turned({"h": 50, "b": 64}), "command": "c", "device": "cpu", "threads": 1})
    archive.write(path, dataset, attrs=attrs)
"""


def test_two_processes_write_equal_bytes(tmp_path, run):
    """Whatever the order of variables and attributes, the memory layout, the hash seed and the time."""
    for order in (1, -1):
        run(WRITE, tmp_path / f"{order}.nc", order, env={**os.environ, "PYTHONHASHSEED": str(order + 1)})
    assert (tmp_path / "1.nc").read_bytes() == (tmp_path / "-1.nc").read_bytes()


def test_300_bit_flips_are_all_named(results, flipped):
    path = results / "fig1.nc"
    for damaged in flipped(path.read_bytes(), 300):
        path.write_bytes(damaged)
        with pytest.raises(IntegrityError, match=re.escape(str(path)) + ".*git checkout -- .* critnet reduce"):
            archive.read(path)


def test_the_naive_file_shows_wrong_numbers_for_the_same_flips(tmp_path, flipped):
    """The negative control: plain netCDF, uncompressed as by default, and numpy's own format."""
    good = np.random.default_rng(0).random(10_000)
    xr.Dataset({"x": ("i", good)}).to_netcdf(tmp_path / "naive.nc", engine="h5netcdf")
    np.save(tmp_path / "naive.npy", good)
    for path, load in [
        (tmp_path / "naive.nc", lambda path: xr.load_dataset(path, engine="h5netcdf").x.values),
        (tmp_path / "naive.npy", np.load),
    ]:
        content = path.read_bytes()
        start = content.index(good.tobytes())
        wrong = 0
        for damaged in flipped(content, 300, start, start + good.nbytes):
            path.write_bytes(damaged)
            wrong += not np.array_equal(load(path), good)
        assert wrong == 300  # all silently


@pytest.mark.parametrize("keep", [lambda n: n - 1, lambda n: n // 2, lambda n: 0])
def test_a_truncated_file_is_refused(results, keep):
    path = results / "fig1.nc"
    content = path.read_bytes()
    path.write_bytes(content[: keep(len(content))])
    with pytest.raises(IntegrityError, match=re.escape(str(path))):
        archive.read(path)


def test_outside_a_checkout_git_is_not_the_way_out(results):
    (results.parent / ".git").rmdir()
    (results / "fig1.nc").unlink()
    with pytest.raises(
        DataError, match=r"No such file.*Copy .*fig1.nc anew .*CRITNET_RESULTS.* critnet reduce"
    ) as error:
        archive.read(results / "fig1.nc")
    assert "git" not in str(error.value).replace(str(results), "")


def test_a_missing_file_comes_with_the_next_command(results):
    path = results / "fig1.nc"
    path.unlink()
    with pytest.raises(DataError, match=f"{re.escape(str(path))}: No such file.*git checkout -- .* critnet reduce"):
        archive.read(path)


def test_a_file_not_in_the_manifest_is_refused(results, dataset, attrs):
    archive.write(results / "new.nc", dataset, attrs=attrs)
    with pytest.raises(IntegrityError, match=r"new\.nc is not listed in .*SHA256SUMS.*critnet reduce"):
        archive.read(results / "new.nc")


def test_a_reader_keeps_its_file_while_a_writer_replaces_it(results, dataset, attrs):
    path = results / "fig1.nc"
    with h5py.File(path, "r") as old:  # open all the time, as xarray does when it reads lazily
        before = old["loss"][:]
        archive.write(path, dataset.assign(loss=2 * dataset.loss), attrs=attrs)
        archive.write_manifest(results)
        np.testing.assert_array_equal(old["loss"][:], before)
        np.testing.assert_array_equal(archive.read(path).loss, 2 * before)


# Files made with intent: the manifest is right, the file is not one of ours.


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_bytes(b"the user's private key, 64 bytes".ljust(64))
    return path


def external_storage(file, secret):
    file.create_dataset("x", (64,), "u1", external=[(str(secret), 0, 64)])


def external_link(file, secret):
    file["x"] = h5py.ExternalLink(str(secret.with_suffix(".h5")), "/x")


def external_link_in_a_group(file, secret):
    external_link(file.create_group("a").create_group("b"), secret)


def soft_link(file, secret):
    file["x"] = h5py.SoftLink("/elsewhere")


def virtual_dataset(file, secret):
    layout = h5py.VirtualLayout((64,), "u1")
    layout[:] = h5py.VirtualSource(str(secret.with_suffix(".h5")), "x", (64,))
    file.create_virtual_dataset("x", layout)


def plugin(file, secret):
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk((4,))
    creation.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())
    h5py.h5d.create(file.id, b"x", h5py.h5t.NATIVE_INT8, h5py.h5s.create_simple((4,)), creation)


def memory_bomb(file, secret):
    file.create_dataset("x", (10**12,), "f8", chunks=(10**6,))


@pytest.mark.parametrize(
    "make", [external_storage, external_link, external_link_in_a_group, soft_link, virtual_dataset, plugin, memory_bomb]
)
def test_a_file_that_reaches_outside_is_refused(results, secret, make):
    with h5py.File(secret.with_suffix(".h5"), "w") as other:
        other["x"] = np.frombuffer(secret.read_bytes(), "u1")
    with h5py.File(results / "evil.nc", "w") as file:
        make(file, secret)
    archive.write_manifest(results)
    with pytest.raises(IntegrityError, match=r"evil\.nc is refused: .*which critnet never writes"):
        archive.read(results / "evil.nc")
    assert [name for name, problem in archive.verify(results) if problem] == ["evil.nc"]


def test_the_naive_reader_shows_a_local_file(tmp_path, secret):
    with h5py.File(tmp_path / "evil.nc", "w") as file:
        external_storage(file, secret)
    naive = xr.load_dataset(tmp_path / "evil.nc", engine="h5netcdf", phony_dims="sort")
    assert naive.x.values.tobytes() == secret.read_bytes()


def test_a_group_that_contains_itself_is_walked_once(results):
    with h5py.File(results / "loop.nc", "w") as file:
        group = file.create_group("a")
        group["a"] = group
    archive.write_manifest(results)
    with pytest.raises(IntegrityError, match=r"loop\.nc is stale: format unknown"):
        archive.read(results / "loop.nc")


@pytest.mark.parametrize("content", [b"", b"not HDF5", b"\x89HDF\r\n\x1a\n" + b"\0" * 100, b"CDF\x01" + b"\0" * 40])
def test_what_is_no_netcdf_is_refused_even_with_a_right_hash(results, content):
    (results / "fig1.nc").write_bytes(content)
    archive.write_manifest(results)
    with pytest.raises(IntegrityError, match=r"fig1\.nc is not a readable netCDF-4 file"):
        archive.read(results / "fig1.nc")
    assert [name for name, problem in archive.verify(results) if problem] == ["fig1.nc"]


HOSTILE = [
    "<script>alert(1)<|script>",
    "${jndi:ldap}",
    "'; DROP TABLE runs; --",
    "\u202e\u200b",
    "a\nb\t",
    "{{7*7}}",
    "%s%n",
    "é" * 300,
    " ",
    "NaN",
    "days since 1970-01-01",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_back_as_text(tmp_path, text):
    dataset = xr.Dataset({text: ("i", np.arange(3), {text: text, "units": text})}, attrs={text: text})
    loaded = archive.read(stored(tmp_path, dataset, {**ATTRS, "configuration": {text: text}, "command": text}))
    assert loaded[text].attrs == {text: text, "units": text}
    assert loaded[text].values.tolist() == [0, 1, 2]
    assert (loaded.attrs[text], loaded.attrs["command"]) == (text, text)
    assert json.loads(loaded.attrs["configuration"]) == {text: text}


@pytest.mark.parametrize("units", ["days since 1970-01-01", "seconds", "hours"])
def test_numbers_with_units_of_time_stay_numbers(tmp_path, units):
    loaded = archive.read(stored(tmp_path, xr.Dataset({"cost": ("i", np.arange(3.0), {"units": units})})))
    assert loaded.cost.dtype == np.float64


@pytest.mark.parametrize(
    "dataset",
    [
        xr.Dataset({"a/b": 1}),
        xr.Dataset({"": 1}),
        xr.Dataset({"a\0b": 1}),
        xr.Dataset({3: 1}),
        xr.Dataset({"\ud800": 1}),
        xr.Dataset({"x": ("a/b", [1])}),
        xr.Dataset({"x": 1j}),
        xr.Dataset({"x": np.datetime64("2026-01-01", "ns")}),
        xr.Dataset({"x": ("i", np.array([{}, None], dtype=object))}),
        xr.Dataset({"x": ("i", np.array([b"bytes"]))}),
        xr.Dataset({"x": ("i", np.array(["a\0b"]))}),
        xr.Dataset({"x": ((), 1, {"_FillValue": 1})}),
        xr.Dataset({"x": ((), 1, {"scale_factor": 2})}),
        xr.Dataset({"x": ((), 1, {"note": "a\0b"})}),
        xr.Dataset({"x": ((), 1, {"note": object()})}),
        xr.Dataset({"x": ((), np.longdouble(1))}),
    ],
)
def test_what_netcdf_cannot_hold_is_refused_before_anything_is_written(tmp_path, dataset):
    with pytest.raises(UsageError):
        archive.write(tmp_path / "fig.nc", dataset, attrs=ATTRS)
    assert os.listdir(tmp_path) == []


def test_nan_and_infinity_in_data_and_attributes_come_back(tmp_path):
    values = np.array([np.nan, np.inf, -np.inf, -0.0], np.float32)
    loaded = archive.read(stored(tmp_path, xr.Dataset({"x": ("i", values, {"bound": np.inf})})))
    assert loaded.x.values.tobytes() == values.tobytes()
    assert loaded.x.attrs["bound"] == np.inf
