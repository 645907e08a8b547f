"""Faults 5, 6, 7 and 8 on a folder of results; the manifest is one that sha256sum understands."""

import os
import re
import shutil
import subprocess
import tempfile

import pytest

from critnet import archive
from critnet.archive import manifest, netcdf
from critnet.errors import DataError, IntegrityError


def problems(folder, schemas=None):
    return {name: problem for name, problem in archive.verify(folder, schemas) if problem is not None}


def test_a_good_folder_has_one_clean_line_a_file(results):
    assert archive.verify(results) == [("claims.json", None), ("fig1.nc", None), ("runs.csv", None)]


def test_sha256sum_agrees_on_hostile_names(results):
    for name in ["two  spaces", "<b>&amp;.txt", "line\nbreak", "back\\slash", "re\rturn", "ünï.txt", "-n", "sub/inner"]:
        archive.atomic_write(results / name, name.encode())
    (results / os.fsdecode(b"not-utf8-\xff")).write_bytes(b"x")
    archive.write_manifest(results)
    assert problems(results) == {}
    assert len(archive.read_manifest(results)) == 12
    checked = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=results)
    assert checked.returncode == 0


def test_the_manifest_is_sorted_and_rewrites_to_equal_bytes(results):
    first = (results / "SHA256SUMS").read_bytes()
    archive.write_manifest(results)
    assert (results / "SHA256SUMS").read_bytes() == first
    assert list(archive.read_manifest(results)) == ["claims.json", "fig1.nc", "runs.csv"]


def test_mnist_and_temporary_files_do_not_count(results):
    archive.atomic_write(results / "MNIST" / "raw" / "images", b"x")
    (results / ".critnet-1-0123456789abcdef.tmp").write_bytes(b"half")
    assert problems(results) == {}
    archive.write_manifest(results)
    assert len(archive.read_manifest(results)) == 3


def test_missing_altered_and_extra_are_told_apart(results):
    (results / "runs.csv").unlink()
    (results / "claims.json").write_bytes(b"{}")
    (results / "new.nc").write_bytes(b"")
    found = problems(results)
    assert list(found) == ["claims.json", "new.nc", "runs.csv"]
    assert found["claims.json"].startswith("damaged or altered.")
    assert found["new.nc"].startswith("extra")
    assert found["runs.csv"].startswith("missing.")
    assert all("critnet reduce" in problem for problem in found.values())
    assert f"git checkout -- {results / 'runs.csv'}" in found["runs.csv"]


def test_300_bit_flips_in_a_json_file_are_all_named(results, flipped):
    path = results / "claims.json"
    (results / "fig1.nc").unlink()  # its 300 flips are in test_netcdf; without it each look is quick
    archive.write_manifest(results)
    for damaged in flipped(path.read_bytes(), 300):
        path.write_bytes(damaged)
        assert [(n, p.split(".")[0]) for n, p in archive.verify(results) if p] == [(path.name, "damaged or altered")]


def test_300_bit_flips_in_the_manifest_are_all_noticed(results, flipped):
    path = results / "SHA256SUMS"
    (results / "fig1.nc").unlink()
    archive.write_manifest(results)
    for damaged in flipped(path.read_bytes(), 300):
        path.write_bytes(damaged)
        assert problems(results)


def test_every_bit_flip_in_its_own_line_stops_a_reader(results, flipped):
    path = results / "SHA256SUMS"
    (results / "claims.json").unlink()
    (results / "runs.csv").unlink()
    archive.write_manifest(results)
    content = path.read_bytes()
    for damaged in flipped(content, 8 * len(content)):
        path.write_bytes(damaged)
        with pytest.raises(IntegrityError, match=re.escape(str(results))):  # names the file or the manifest
            archive.read(results / "fig1.nc")


@pytest.mark.parametrize("keep", [-1, -40, 100, 1])
def test_a_truncated_manifest_is_named(results, keep):
    content = (results / "SHA256SUMS").read_bytes()
    (results / "SHA256SUMS").write_bytes(content[:keep])
    assert "cut short" in problems(results)["SHA256SUMS"]
    with pytest.raises(IntegrityError, match="SHA256SUMS is cut short"):
        archive.read(results / "fig1.nc")


def test_an_emptied_or_missing_manifest_is_named(results):
    (results / "SHA256SUMS").write_bytes(b"")
    assert set(problems(results)) == {"claims.json", "fig1.nc", "runs.csv"}
    (results / "SHA256SUMS").unlink()
    assert problems(results)["SHA256SUMS"].startswith("missing")
    with pytest.raises(IntegrityError, match=r"there is no SHA256SUMS beside it.*critnet reduce"):
        archive.read(results / "fig1.nc")
    with pytest.raises(DataError, match="SHA256SUMS"):
        archive.read_manifest(results)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../b", ".", "a//b", "./fig1.nc"])
def test_a_manifest_cannot_point_outside(results, name):
    with open(results / "SHA256SUMS", "a") as file:
        file.write(f"{'0' * 64}  {name}\n")
    assert "line 4" in problems(results)["SHA256SUMS"]


def test_a_name_listed_twice_is_refused(results):
    content = (results / "SHA256SUMS").read_bytes()
    (results / "SHA256SUMS").write_bytes(content + content)
    with pytest.raises(IntegrityError, match="line 4"):
        archive.read_manifest(results)


def test_schema_drift_lists_the_differences(results, dataset):
    schema = archive.describe(dataset)
    assert problems(results, {"fig1.nc": schema}) == {}
    wanted = {**schema, "loss": "float32 (snapshot) in nats", "gain": "float64 (neuron)"}
    del wanted["dead"]
    problem = problems(results, {"fig1.nc": wanted})["fig1.nc"]
    assert problem.startswith(
        "stale: dead: bool (neuron), expected nothing; gain: missing, expected float64 (neuron); "
        "loss: float64 (snapshot) in nats, expected float32 (snapshot) in nats. "
    )
    assert "critnet reduce" in problem
    with pytest.raises(IntegrityError, match="gain: missing"):
        archive.read(results / "fig1.nc", schema=wanted)


def test_an_older_format_is_stale(results, dataset, attrs, monkeypatch):
    with monkeypatch.context() as past:
        past.setattr(netcdf, "FORMAT", 0)
        archive.write(results / "fig1.nc", dataset, attrs=attrs)
    archive.write_manifest(results)
    assert problems(results)["fig1.nc"].startswith("stale: format 0, this critnet reads format 1")
    with pytest.raises(IntegrityError, match=r"fig1\.nc is stale: format 0"):
        archive.read(results / "fig1.nc")


READ = """
    import os, sys
    from critnet import archive
    from critnet.errors import DataError
    folder, user = sys.argv[1], int(sys.argv[2])
    archive.describe(archive.read(folder + "/fig1.nc"))  # all modules are loaded before any right is given up
    if user:
        os.setgroups([]), os.setgid(user), os.setuid(user)
    assert archive.verify(folder) == [("claims.json", None), ("fig1.nc", None), ("runs.csv", None)]
    assert archive.read(folder + "/fig1.nc").sizes["snapshot"] == 20
    assert archive.sweep(folder) == []
    for write in (archive.write_manifest, lambda f: archive.atomic_write(f + "/new", b"")):
        try:
            write(folder)
        except DataError as error:
            print(error)
    try:
        with archive.lock(folder + "/fig1.nc"):
            pass
    except DataError as error:
        print(error)
"""


def test_a_read_only_disk_serves_all_reading(results, run, namespace):
    """On a disk mounted read-only, where mounting is allowed; elsewhere in a folder without permission to write."""
    if not namespace:
        return test_a_folder_without_write_permission_serves_all_reading(results, run)
    mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    lines = run(READ, results, 0, prefix=[*namespace, "sh", "-c", mount, str(results)]).splitlines()
    refused = [("write", "SHA256SUMS"), ("write", "new"), ("lock", "fig1.nc")]
    assert [line.split(":")[0] for line in lines] == [f"cannot {verb} {results / name}" for verb, name in refused]
    assert all("Read-only file system" in line and "choose a folder" in line for line in lines)


def test_a_folder_without_write_permission_serves_all_reading(results, run):
    """As an ordinary user; root, whom no permission binds, becomes nobody first."""
    with tempfile.TemporaryDirectory() as parent:  # pytest's own folders are closed to nobody
        os.chmod(parent, 0o755)
        folder = shutil.copytree(results, os.path.join(parent, "data"))
        os.chmod(folder, 0o555)
        lines = run(READ, folder, 65534 if os.geteuid() == 0 else 0).splitlines()
        os.chmod(folder, 0o755)
    assert len(lines) == 3
    assert all("Permission denied" in line and "chmod" in line for line in lines)


def test_a_folder_without_read_permission_is_a_clear_error(results, run):
    with tempfile.TemporaryDirectory() as parent:
        os.chmod(parent, 0o755)
        folder = shutil.copytree(results, os.path.join(parent, "data"))
        os.chmod(folder, 0o000)
        lines = run(
            """
            import os, sys
            from critnet import archive
            from critnet.errors import DataError
            if os.geteuid() == 0:
                os.setgroups([]), os.setgid(65534), os.setuid(65534)
            for look in (archive.verify, lambda folder: archive.read(folder + "/fig1.nc"), archive.read_manifest):
                try:
                    look(sys.argv[1])
                except DataError as error:
                    print(error)
        """,
            folder,
        ).splitlines()
        os.chmod(folder, 0o755)
    assert len(lines) == 3
    assert all("Permission denied" in line and folder in line for line in lines)


def test_hashing_is_done_once_a_file_and_again_after_any_change(results, monkeypatch):
    hashed = []
    digest = manifest._digest
    monkeypatch.setattr(manifest, "_digest", lambda content: hashed.append(len(content)) or digest(content))
    monkeypatch.setattr(manifest, "_RECENT", 10**18)
    archive.read(results / "fig1.nc")
    archive.read(results / "fig1.nc")
    assert len(hashed) == 2  # too young to be trusted: a clock tick may hide a change
    monkeypatch.setattr(manifest, "_RECENT", -(10**18))
    archive.read(results / "fig1.nc")
    archive.read(results / "fig1.nc")
    assert len(hashed) == 3
    content = bytearray((results / "fig1.nc").read_bytes())
    before = (results / "fig1.nc").stat()
    content[-1] ^= 1
    shutil.copy(results / "fig1.nc", results / "copy")
    (results / "copy").write_bytes(content)
    os.utime(results / "copy", ns=(before.st_atime_ns, before.st_mtime_ns))  # same size and time, other content
    os.replace(results / "copy", results / "fig1.nc")
    with pytest.raises(IntegrityError, match=re.escape(str(results / "fig1.nc"))):
        archive.read(results / "fig1.nc")
