"""The built book, and a real browser to read it with: pages from disk, outside requests blocked and counted."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(Path(__file__).parent), str(ROOT / "book"), str(ROOT / "book" / "_ext")]

import firefox  # noqa: E402
from offline import offline_environment  # noqa: E402

# Firefox is a second browser, which not every machine has.
collect_ignore = [] if firefox.executable() else ["test_firefox.py"]


def pytest_report_header():
    return "" if firefox.executable() else "no Firefox on the PATH: tests/book/test_firefox.py is left out"


@pytest.fixture(scope="session")
def root():
    return ROOT


OUTPUT = ROOT / "_build" / "offline"
BUILDING = pytest.StashKey[subprocess.Popen]()


def pytest_collection_modifyitems(items):
    """Tests that read the book come last: it is built beside all others."""
    items.sort(key=lambda item: "book" in getattr(item, "fixturenames", ()))


def pytest_collection_finish(session):
    needed = any("book" in getattr(item, "fixturenames", ()) for item in session.items)
    if needed and not session.config.option.collectonly:
        session.config.stash[BUILDING] = start_to_build()


def pytest_sessionfinish(session):
    building = session.config.stash.get(BUILDING, None)
    if building and building.poll() is None:
        building.terminate()
        building.wait()


def start_to_build():
    """Build the book without a network, a data set or a GPU (fault 21), in a process of its own.

    What has not changed since the last such build is not executed again; in a fresh clone that is nothing.
    """
    empty = OUTPUT / "no-data-set"
    empty.mkdir(parents=True, exist_ok=True)
    environment = offline_environment(
        CRITNET_DATA=str(empty),
        CRITNET_CACHE=str(empty),
        CRITNET_BOOK_CACHE=str(OUTPUT / "cache"),
        CUDA_VISIBLE_DEVICES="",
    )
    command = [sys.executable, ROOT / "book" / "build.py", "--output", OUTPUT]
    with open(OUTPUT / "build.log", "w", encoding="utf-8") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)


@pytest.fixture(scope="session")
def book(pytestconfig):
    """Folder of the book's pages, built while the other tests ran."""
    returned = pytestconfig.stash[BUILDING].wait()
    assert returned == 0, (OUTPUT / "build.log").read_text(encoding="utf-8")
    return OUTPUT / "html"


class Visit:
    """One page that was opened: the playwright page, what it asked of the network, and what went wrong in it."""

    def __init__(self, page):
        self.page, self.outside, self.errors = page, [], []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type in ("error", "warning") else None)
        page.route("**/*", self._route)

    def _route(self, route):
        if route.request.url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def goto(self, file, fragment=""):
        self.page.goto(Path(file).resolve().as_uri() + fragment)
        settle(self.page)
        return self


def settle(page):
    """Wait until fonts, formulas and pictures are there."""
    page.wait_for_load_state("load")
    page.evaluate("() => window.MathJax && MathJax.startup ? MathJax.startup.promise : null")
    page.evaluate("() => document.fonts.ready.then(() => true)")
    page.wait_for_function("[...document.images].every(i => i.hidden || i.loading === 'lazy' || i.complete)")


@pytest.fixture
def visit(chromium):
    """Open a new page: `with visit(scheme="dark", width=360) as v: v.goto(file)`."""

    @contextmanager
    def opened(*, scheme="light", width=1280, height=900, **more):
        context = chromium.new_context(
            color_scheme=scheme, viewport={"width": width, "height": height}, reduced_motion="reduce", **more
        )
        try:
            yield Visit(context.new_page())
        finally:
            context.close()

    return opened
