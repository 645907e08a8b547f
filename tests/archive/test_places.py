"""Folders as users name them: the home folder, and a machine without one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from critnet import archive
from critnet.errors import DataError


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("CRITNET_CACHE", raising=False)
    return tmp_path


def test_a_tilde_is_the_home_folder(home, monkeypatch):
    assert archive.named("~/x") == home / "x"
    assert archive.named("x/~") == Path("x/~")
    assert archive.cache_folder("~/x", "runs") == home / "x"
    monkeypatch.setenv("CRITNET_CACHE", "~/y")
    assert archive.cache_folder(None, "runs") == home / "y"
    assert archive.cache_folder("~/x") == home / "x"


def test_the_cache_is_in_the_home_folder(home):
    assert archive.cache_folder() == home / ".cache" / "critnet"
    assert archive.cache_folder(None, "runs") == home / ".cache" / "critnet" / "runs"


def test_an_unknown_user_has_no_home():
    with pytest.raises(DataError, match=r"~nobody-of-this-name/x has no home folder .* write it in full"):
        archive.named("~nobody-of-this-name/x")


def test_without_a_home_the_ways_out_are_named():
    """HOME unset and a user whom the system does not know, as in a container started with a number."""
    code = (
        "import os, pwd\n"
        "def unknown(_): raise KeyError('uid not found')\n"
        "pwd.getpwuid = unknown\n"
        "from critnet import archive\n"
        "print(archive.cache_folder('elsewhere'))\n"
        "archive.cache_folder()\n"
    )
    environment = {k: v for k, v in os.environ.items() if k not in ("HOME", "CRITNET_CACHE")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "elsewhere\n"
    assert "critnet.errors.DataError: there is no home folder to keep a cache in" in done.stderr
    assert "name a folder with --cache or CRITNET_CACHE" in done.stderr
