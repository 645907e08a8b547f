"""Explorables in a real kernel: a front end moves a control, the picture changes."""

import re
from html import unescape
from pathlib import Path

import nbclient
import nbformat
import pytest
from jupyter_core.utils import run_sync

SETUP = """
from critnet.explore import explore
from sketches import curve
view = explore(
    lambda threshold, **rest: curve(scale=threshold, **rest), name="fig", caption="A <b>caption</b>",
    t=[0, 1, 5, 10, 100, 200_000], seed=[0, 2], threshold=(0.5, 1.0), labels={"t": "iteration t"},
    initial={"t": 1, "threshold": 0.6}, play=True,
)
view
"""


class Kernel:
    """A running notebook and the widgets its front end would show."""

    def __init__(self, client):
        self.client = client

    def run(self, source):
        cell = nbformat.v4.new_code_cell(source)
        self.client.nb.cells.append(cell)
        return self.client.execute_cell(cell, len(self.client.nb.cells) - 1)

    def widget(self, **wanted):
        """Identity of the only widget whose state holds these values."""
        found = [key for key, state in self.client.widget_state.items() if wanted.items() <= state.items()]
        assert len(found) == 1, found
        return found[0]

    def move(self, identity, **state):
        """What a front end sends when a reader moves a control, and what the kernel sends back."""
        kernel = self.client.kc
        content = {"comm_id": identity, "data": {"method": "update", "state": state, "buffer_paths": []}}
        message = kernel.session.msg("comm_msg", content)
        kernel.shell_channel.send(message)
        answers = []
        while True:  # everything the kernel publishes in answer, until it is idle again
            answer = run_sync(kernel.iopub_channel.get_msg)(timeout=60)
            if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            answers.append((answer["msg_type"], answer["content"]))
            if answer["msg_type"] == "comm_msg" and answer["content"]["data"]["method"] == "update":
                self.client.widget_state[answer["content"]["comm_id"]].update(answer["content"]["data"]["state"])
            if answer["msg_type"] == "status" and answer["content"]["execution_state"] == "idle":
                return answers

    def picture(self):
        """Text alternative and source of the picture shown, or the text shown instead."""
        (value,) = [
            state["value"]
            for state in self.client.widget_state.values()
            if state.get("_model_name") == "HTMLModel" and "caption" not in state["value"]
        ]
        found = re.search(r'src="([^"]*)" alt="([^"]*)"', value)
        return (unescape(found[2]), found[1]) if found else (re.sub("<[^>]*>", "", value), None)


@pytest.fixture
def kernel(monkeypatch):
    monkeypatch.delenv("CRITNET_STATIC", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    client = nbclient.NotebookClient(nbformat.v4.new_notebook(), timeout=120)
    with client.setup_kernel():
        yield Kernel(client)


def test_moving_a_control_redraws(kernel):
    bundle = kernel.run(SETUP).outputs[0]["data"]
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}
    first = kernel.picture()
    assert first[0] == "At t = 1, seed 0, as-coded, y(0.5) is 0.25."

    slider = kernel.widget(_model_name="SelectionSliderModel", description="iteration t")
    kernel.move(slider, index=2)
    second = kernel.picture()
    assert second[0] == "At t = 5, seed 0, as-coded, y(0.5) is 0.01562."
    assert second[1] != first[1]

    threshold = kernel.widget(_model_name="FloatSliderModel")
    assert kernel.client.widget_state[threshold]["value"] == 0.6
    kernel.move(threshold, value=0.8125)  # a value between the steps of the static page
    third = kernel.picture()
    assert third[1] != second[1]

    seed = kernel.widget(_model_name="ToggleButtonsModel")
    kernel.move(seed, index=1)
    assert kernel.picture()[0].startswith("At t = 5, seed 2")
    kernel.move(slider, index=3)
    assert kernel.picture() == ("No run matches seed 2 at t = 10.", None)
    kernel.move(seed, index=0)
    kernel.move(slider, index=1)
    kernel.move(threshold, value=0.6)
    assert kernel.picture() == first


def test_a_panel_that_fails_later_shows_its_error_and_recovers(kernel):
    kernel.run(
        "from critnet.explore import explore\nfrom sketches import curve\n"
        "def panel(t):\n    assert t != 1, 'one is bad'\n    return curve(t)\n"
        "view = explore(panel, name='fig', t=[0, 1, 2])\nview"
    )
    toggle = kernel.widget(_model_name="ToggleButtonsModel")
    first = kernel.picture()
    answers = kernel.move(toggle, index=1)
    assert [content["evalue"] for kind, content in answers if kind == "error"] == ["one is bad"]
    captured = kernel.client.widget_state[kernel.widget(_model_name="OutputModel")]
    assert "msg_id" in captured  # the traceback was sent to the place below the picture
    assert kernel.picture() == first
    answers = kernel.move(toggle, index=2)
    assert [kind for kind, content in answers if kind in ("error", "clear_output")] == ["clear_output"]
    assert "At t = 2" in kernel.picture()[0]


def test_same_first_state_as_the_static_page(kernel, tmp_path):
    (output,) = kernel.run(
        f"import os\nfrom critnet.explore import explore\nfrom sketches import curve\n"
        f"call = lambda: explore(curve, name='fig', t=[0, 1, 2], seed=[0, 2], initial={{'t': 2}})\n"
        f"live = call()\nos.environ.update(CRITNET_STATIC='1', CRITNET_FRAMES={str(tmp_path)!r})\nstatic = call()\n"
        f"print(type(live).__name__, type(static).__name__, live.params, static.text)"
    ).outputs
    assert output["text"] == "Live Page {'t': 2, 'seed': 0} At t = 2, seed 0, as-coded, y(0.5) is 0.125.\n"


def test_an_empty_control_says_so(kernel):
    kernel.run(
        "from critnet.explore import explore\nfrom sketches import curve\nexplore(curve, name='fig', t=[0], seed=[])"
    )
    assert kernel.picture()[0] == "No run matches this combination."
