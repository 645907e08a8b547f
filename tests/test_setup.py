"""`make test` on a machine that has nothing: an empty home, no copy of MNIST, no browser, this folder alone."""

import gzip
import http.server
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import browser
import pytest

from critnet.training import datasets

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ("bash", "make", "git", "env", "awk", "mkdir", "ln", "dirname", "touch", "cat", "sh", "sed")


def files_of_a_clone():
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in listed if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def mirror(mnist_folder):
    """A mirror of MNIST on this machine; what was asked of it."""
    raw, asked = mnist_folder / "MNIST" / "raw", []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.rsplit("/", 1)[1]
            asked.append(name)
            plain = raw / name.removesuffix(".gz")
            body = gzip.compress(plain.read_bytes(), 1) if plain.exists() else (raw / name).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.address = asked, f"http://127.0.0.1:{server.server_address[1]}/mnist"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def stranger(tmp_path, chromium, mirror):
    """A clone with an empty home, and a function that runs make in it.

    The environment that `make setup` would create is stood in for by this very interpreter, and playwright's installer
    by a script that puts a link to the browser of the other tests where playwright looks for its own.
    """
    clone, home, tools = tmp_path / "clone", tmp_path / "home", tmp_path / "tools"
    for name in files_of_a_clone():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, clone / name)
    for folder in (home, tools, clone / ".venv" / "bin"):
        folder.mkdir(parents=True)
    for name in PROGRAMS:
        (tools / name).symlink_to(shutil.which(name))

    def script(name, text):
        path = clone / ".venv" / "bin" / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    script("python", f'PYTHONPATH={shlex.quote(str(clone))} exec {shlex.quote(sys.executable)} "$@"')
    installed, real = browser_of(home), browser.executable(SimpleNamespace(chromium=chromium.browser_type))
    stand_in = f'#!/bin/sh\nPATH={shlex.quote(os.environ["PATH"])} exec {shlex.quote(real)} "$@"\n'
    (tmp_path / "browser").write_text(stand_in)
    (tmp_path / "browser").chmod(0o755)
    folder, link = shlex.quote(str(installed.parent)), f"{tmp_path / 'browser'} {shlex.quote(str(installed))}"
    script("playwright", f'echo "$@" >> {home}/asked\nmkdir -p {folder}\nln -s {link}')
    for stamp in (".critnet-lock", ".critnet-package"):
        (clone / ".venv" / stamp).touch()

    def make(*arguments, **environment):
        kept = {
            k: v for k, v in os.environ.items() if not re.match("CRITNET_|PYTEST_|PYTHON|PLAYWRIGHT_|MAKE|MFLAGS", k)
        }
        environment = {**kept, "HOME": str(home), "PATH": str(tools), "CRITNET_MIRRORS": mirror.address} | environment
        environment["no_proxy"] = "*"
        return subprocess.run(
            ["make", *arguments], cwd=clone, env=environment, capture_output=True, text=True, check=False
        )

    make.home, make.clone = home, clone
    return make


def browser_of(home):
    """Where playwright keeps the browser that it installs, for a user with this home folder."""
    code = "from playwright.sync_api import sync_playwright as p\nwith p() as q: print(q.chromium.executable_path)"
    environment = {k: v for k, v in os.environ.items() if k != "PLAYWRIGHT_BROWSERS_PATH"} | {"HOME": str(home)}
    command = [sys.executable, "-c", code]
    return Path(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip())


def test_make_test_fetches_what_it_needs_once(stranger, mirror):
    a_part = "TESTS=tests/weights/test_histograms.py tests/training/test_datasets.py::test_mnist_itself " + (
        "tests/explore/test_losses_core.py"
    )
    done = stranger("test", a_part)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\b\d+ passed", done.stdout)
    assert (stranger.home / "asked").read_text() == "install chromium\n"
    assert sorted(mirror.asked) == sorted(f"{name}.gz" for name in datasets.FILES)
    raw = stranger.home / ".cache" / "critnet" / "MNIST" / "raw"
    assert sorted(path.name for path in raw.iterdir()) == sorted(datasets.FILES)
    assert stranger("test", "TESTS=--version").returncode == 0
    assert (stranger.home / "asked").read_text() == "install chromium\n", "it is there now"


def test_without_a_browser_and_without_a_network_one_message_names_both_ways(stranger):
    (stranger.clone / ".venv" / "bin" / "playwright").write_text("#!/bin/sh\necho no network >&2\nexit 1\n")
    done = stranger("test")
    assert done.returncode != 0
    assert "no network" in done.stderr
    assert "put one on the PATH (chromium, " in done.stderr
    assert re.search(
        r"install the one that playwright brings, with a network, by: \S*playwright install chromium", done.stderr
    )
    assert "Traceback" not in done.stderr


def test_nothing_but_the_script_of_continuous_integration_knows_its_machine():
    machine = re.compile("\\.\\./" + "shared|" + "deb" + "ian|apt-" + "get|CRITNET_" + "REFERENCE", re.IGNORECASE)
    found = []
    for name in files_of_a_clone():
        if name != ".ci/run" and not name.endswith((".nc", ".npz", ".png")):
            found += [f"{name}: {m[0]}" for m in machine.finditer((ROOT / name).read_text(encoding="utf-8"))]
    assert found == []
    assert machine.search((ROOT / ".ci" / "run").read_text(encoding="utf-8"))
