"""Fixtures of the tests of explore: panels, a static build in a temporary folder, a browser without a network."""

import importlib
import importlib.util
import io
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Explorables</title>
<style>body {{ margin: 1rem; color: #1a1a1a; background: #fff; font-family: sans-serif }}
html[data-theme=dark] body {{ color: #ddd; background: #111 }}</style></head>
<body><h1>Explorables</h1>{}</body></html>"""


@pytest.fixture(scope="session")
def sketches():
    """The module of test panels, importable by name here and in worker processes."""
    folder = str(Path(__file__).parent)
    sys.path.insert(0, folder)
    try:
        yield importlib.import_module("sketches")
    finally:
        sys.path.remove(folder)


def _static(patch, folder):
    patch.setenv("CRITNET_STATIC", "1")
    patch.setenv("CRITNET_FRAMES", str(folder))
    patch.setenv("CRITNET_DATA_DIGEST", "data of the tests")
    patch.delenv("CRITNET_PAGE_ROOT", raising=False)
    return folder


@pytest.fixture
def static(tmp_path, monkeypatch):
    """A static build; the folder of its frames."""
    return _static(monkeypatch, tmp_path / "frames")


@pytest.fixture(scope="module")
def static_module(tmp_path_factory):
    """The same for a whole module."""
    with pytest.MonkeyPatch.context() as patch:
        yield _static(patch, tmp_path_factory.mktemp("frames"))


class Visit:
    """An open page with what happened in it: outside requests (blocked), files loaded, errors."""

    def __init__(self, context, address):
        self.page, self.outside, self.loaded, self.errors = context.new_page(), [], [], []
        context.route("**/*", self._judge)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        self.page.goto(address)

    def _judge(self, route):
        address = route.request.url
        if address.startswith(("file:", "data:", "blob:")):
            self.loaded.append(address)
            route.continue_()
        else:
            self.outside.append(address)
            route.abort()


@pytest.fixture
def visit(chromium):
    """Open a page from disk; at the end there was no outside request and no error in any page."""
    contexts, visits = [], []

    def open_page(path, fragment="", **options):
        options = {"viewport": {"width": 900, "height": 1200}, "color_scheme": "light"} | options
        contexts.append(chromium.new_context(**options))
        visits.append(Visit(contexts[-1], path.as_uri() + fragment))
        return visits[-1]

    yield open_page
    for context in contexts:
        context.close()
    assert [visit.outside for visit in visits] == [[] for _ in visits]
    assert [visit.errors for visit in visits] == [[] for _ in visits]


@pytest.fixture(scope="session")
def write_page():
    """Put explorables into a page of a book, with their frames beside it."""
    from critnet.explore.frames import install

    def write(html, *explorables, name="notebooks/chapter.html"):
        page = html / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(PAGE.format("\n".join(explorable.html for explorable in explorables)), encoding="utf-8")
        return page, install(html)

    return write


@pytest.fixture(scope="module", params=["svg", "webp"])
def book(request, static_module, sketches, tmp_path_factory, write_page):
    """A page with two explorables that between them have every kind of control."""
    from critnet.explore import explore

    one = explore(
        sketches.curve,
        name="fig-1",
        caption="The first power law.",
        t=[0, 1, 5, 10, 100, 200_000],
        seed=[0, 2],
        definition=["as-coded", "control"],
        labels={"t": "iteration t", "definition": {"as-coded": "as coded"}},
        initial={"t": 1},
        style=sketches.loud,
        play=True,
        picture=request.param,
    )
    two = explore(
        sketches.hostile, name="fig-2", word=sketches.NAMES, labels={"word": sketches.EVIL}, picture=request.param
    )
    page, _ = write_page(tmp_path_factory.mktemp("html"), one, two)
    return page


@pytest.fixture
def page_of():
    """A bare page that holds some HTML."""
    return PAGE.format


@pytest.fixture(scope="session")
def shown():
    def see(page, name="fig-1"):
        """Address and words of the visible picture, and its pixels."""
        loaded = """name => {
            const i = document.querySelector(`#${name} img:not([hidden])`);
            return document.querySelector(`#${name}`).ariaBusy !== "true" && (!i || i.complete);
        }"""
        page.wait_for_function(loaded, arg=name)
        image = page.locator(f"#{name} img:not([hidden])")
        pixels = np.asarray(Image.open(io.BytesIO(page.locator(f"#{name} .ce-frame").screenshot())).convert("RGB"))
        return image.get_attribute("src"), image.get_attribute("alt"), pixels

    return see


CIRCUIT = "circuit-explorer"


@pytest.fixture(scope="module")
def anchor_circuit():
    """The committed network, its stored images and its critical edges, in Python."""
    from critnet.paper import results
    from critnet.paper.fig5 import explorers

    given = results.load_all(("fig5", "circuits", "runs"))
    data = given["fig5"]
    images, labels = explorers.samples(data)
    return SimpleNamespace(
        given=given,
        data=data,
        weights=explorers.network(data),
        images=images,
        labels=labels,
        critical=explorers.critical_edges(data),
    )


@pytest.fixture(scope="module")
def circuit_page(anchor_circuit, static_module, tmp_path_factory):
    from critnet.paper.fig5 import explorers

    path = tmp_path_factory.mktemp("html") / "circuits.html"
    bundle = explorers.circuit_explorer(anchor_circuit.given, name=CIRCUIT)._repr_mimebundle_()
    path.write_text(PAGE.format(bundle["text/html"]), encoding="utf-8")
    return path


class SeenCircuit:
    """The explorer of a page as a reader meets it."""

    def __init__(self, page):
        self.page = page

    def press(self, name, *keys):
        self.control(name).focus()
        for key in keys:
            self.page.keyboard.press(key)

    def part(self, name):
        return self.page.locator(f"#{CIRCUIT} [data-part='{name}']")

    def control(self, name):
        return self.page.locator(f"#{CIRCUIT}--{name}")

    def settle(self):
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def words(self):
        self.settle()
        return self.part("words").text_content()

    def shown(self):
        """The words, and the picture of the pad and of the network with its bars."""
        words = self.words()
        return words, "".join(
            self.page.evaluate(
                "name => [...document.querySelectorAll(`#${name} canvas`)].map(c => c.toDataURL())", CIRCUIT
            )
        )

    def logits(self):
        self.settle()
        return [
            float(v) for v in self.part("bars").locator("data:nth-of-type(1)").evaluate_all("d => d.map(x => x.value)")
        ]

    def accepted(self):
        """How many images of each digit get the answer T."""
        self.settle()
        return [int(v) for v in self.part("accepted").locator("data").evaluate_all("d => d.map(x => x.value)")]

    def row(self, key):
        self.settle()
        return self.page.locator(f"#{CIRCUIT} [data-row='{key}'] td").all_text_contents()


@pytest.fixture
def circuit(visit, circuit_page):
    def opened(**options):
        page = visit(circuit_page, **options).page
        page.wait_for_selector(".critnet-circuit[data-theme]")
        return SeenCircuit(page)

    return opened


@pytest.fixture(scope="session")
def sample_of():
    """The module samples/KIND.py: an explorer on data made by hand."""

    def load(kind):
        path = Path(__file__).parent / "samples" / f"{kind}.py"
        if not path.is_file():
            raise FileNotFoundError(
                f"the explorer {kind} has no sample; write {path} (critnet/explore/widgets/README.md)"
            )
        spec = importlib.util.spec_from_file_location(f"sample_{kind}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def diagrams(sample_of):
    """The phase diagram made by hand."""
    return sample_of("phase")


@pytest.fixture
def phase(visit, diagrams, static, tmp_path, page_of):
    """Open a page with the phase diagram explorer."""
    path = tmp_path / "phase.html"
    path.write_text(page_of(diagrams.explorer()._repr_mimebundle_()["text/html"]), encoding="utf-8")

    def opened(fragment="", **options):
        page = visit(path, fragment, **options).page
        if options.get("java_script_enabled", True):
            page.wait_for_selector(".critnet-phase[data-theme]")
        return diagrams.Seen(page)

    return opened


@pytest.fixture(scope="session")
def loss_samples(sample_of):
    """The losses made by hand."""
    return sample_of("losses")


@pytest.fixture
def loss_page(visit, loss_samples, static, tmp_path, page_of):
    """Open a page with the loss explorer."""
    path = tmp_path / "losses.html"
    path.write_text(page_of(loss_samples.explorer()._repr_mimebundle_()["text/html"]), encoding="utf-8")

    def opened(fragment="", **options):
        return loss_samples.Seen(visit(path, fragment, **options).page, options.get("java_script_enabled", True))

    return opened


@pytest.fixture(scope="module")
def page(request, chromium):
    """A page in which `js` holds what the test module names in EXPORTS, of the core.js in its FOLDER."""
    context = chromium.new_context()
    page = context.new_page()
    source, exports = (request.module.FOLDER / "core.js").read_text(), request.module.EXPORTS
    page.add_script_tag(content=f"const js = (() => {{ {source}; return {{ {exports} }}; }})();")
    yield page
    context.close()
