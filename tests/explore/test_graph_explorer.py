"""GraphExplorer itself: another network, a kernel, a notebook's address, and what it refuses."""

import nbclient
import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from critnet.errors import UsageError
from critnet.explore.widgets.graph import GraphExplorer

pytestmark = pytest.mark.browser


def small(**change):
    """Three hidden neurons in one layer and two outputs, at two iterations."""
    random = np.random.default_rng(0)
    arguments = {
        "correlation": {"as-coded": random.integers(-32767, 32767, (2, 10)).astype(np.int16)},
        "iterations": [0, 8],
        "layers": (3, 2),
        "responses": {"as-coded": random.standard_normal((1, 5, 2))},
        "stored": [8],
        "places": np.zeros((5, 2)),
        "name": "small",
        "classes": ["<b>", "cat"],
    }
    return GraphExplorer(**(arguments | change))


def test_another_network_and_markup_in_names(visit, tmp_path, static, page_of):
    (tmp_path / "small.html").write_text(page_of(small(caption="<i>c</i>")._repr_mimebundle_()["text/html"]))
    page = visit(tmp_path / "small.html", "#small?threshold=0&neuron=3").page
    page.wait_for_selector(".critnet-graph[data-theme]")
    words = page.locator("#small [data-part=words]").text_content()
    assert "10 edges" in words
    assert "Output <b>: degree 4" in words
    assert "dashed" not in words
    expect(page.locator("#small .cx-caption")).to_have_text("<i>c</i>")
    expect(page.locator("#small--neuron option").last).to_have_text("output cat")


def run_cell():
    """Output of the chapter's cell in a kernel, and the state of the widgets made there."""
    cell = nbformat.v4.new_code_cell(
        "from critnet.paper import results\nfrom critnet.paper.fig1.explorers import graph_explorer\n"
        "graph_explorer(results.load('fig1'))"
    )
    client = nbclient.NotebookClient(nbformat.v4.new_notebook(cells=[cell]), timeout=120, kernel_name="python3")
    client.execute()
    (output,) = [o for o in client.nb.cells[0].outputs if o.output_type in ("execute_result", "display_data")]
    return output["data"], client.widget_state


def test_in_a_kernel_the_cell_gives_a_widget(monkeypatch):
    monkeypatch.delenv("CRITNET_STATIC", raising=False)
    shown, widgets = run_cell()
    assert "text/html" not in shown  # a saved notebook would carry the matrices twice
    assert "pairs of neurons correlate" in shown["text/plain"]
    assert shown["image/png"]
    state = widgets[shown["application/vnd.jupyter.widget-view+json"]["model_id"]]
    assert state["given"]["layers"] == [50, 50, 10]
    assert "function render(" in state["_esm"]


def test_in_a_notebook_the_address_is_left_alone(visit, tmp_path, static, page_of):
    html = small()._repr_mimebundle_()["text/html"].replace("critnet-widget-figure", "elsewhere", 1)
    (tmp_path / "small.html").write_text(page_of(html))
    page = visit(tmp_path / "small.html", "#small?threshold=0").page
    page.wait_for_selector(".critnet-graph[data-theme]")
    expect(page.locator("#small [data-part=words]")).to_contain_text("at c = 0.50")
    assert page.locator("#small [data-part=link]").is_hidden()
    page.locator("[id^='small-'][id$='--threshold']").fill("0.9")  # the view's own id
    page.wait_for_timeout(300)
    assert page.url.endswith("#small?threshold=0")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"correlation": {"as-coded": np.zeros((2, 10))}}, "float64; give int16 \\(2, 10\\)"),
        ({"correlation": {"as-coded": np.zeros((2, 9), np.int16)}}, "triangle of 5 neurons"),
        ({"correlation": {"as-coded": np.full((2, 10), -32768, np.int16)}}, "-32767 to 32767"),
        ({"correlation": {"raw": np.zeros((2, 10), np.int16)}}, "\\['raw'\\]; choose from \\['as-coded', 'control'\\]"),
        ({"correlation": {}}, "choose from"),
        ({"iterations": [8, 0]}, "iterations is \\[8, 0\\]; give increasing"),
        ({"stored": []}, "stored is \\[\\]"),
        ({"layers": (5,)}, "layers is \\[5\\]"),
        ({"classes": ["a"]}, "classes names 1; the last of the layers \\[3, 2\\] has 2"),
        ({"responses": {"as-coded": np.zeros((1, 4, 2))}}, "\\(1, 4, 2\\); give .* \\(1, 5, 2\\)"),
        ({"responses": {"as-coded": np.full((1, 5, 2), np.nan)}}, "NaN"),
        ({"responses": {}}, "give those of correlation"),
        ({"places": np.ones((5, 2))}, "reach 1.41 from the centre; scale"),
        ({"places": np.zeros((4, 2))}, "\\(4, 2\\); give a row"),
        ({"threshold": 1.5}, "threshold is 1.5; it must lie in \\[0, 1\\]"),
        ({"t": 3}, "t is 3; choose one of the iterations 0, 8"),
        ({"edges": "both"}, "edges is 'both'; choose one of 'signed'"),
        ({"peak": 9}, "peak is 9; give an iteration from 0 to 8"),
        ({"name": "No Name"}, "lower-case"),
    ],
)
def test_what_cannot_be_explored_is_refused(change, words):
    with pytest.raises(UsageError, match=words):
        small(**change)
