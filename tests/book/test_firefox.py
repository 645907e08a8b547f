"""The core of the browser tests in a second browser: every control of every static figure, one move of each explorer.

Where there is no Firefox these tests are not collected (conftest.py), which the head of the run says; continuous
integration installs one.
"""

import pytest
from book_pages import documents
from firefox import Firefox

from critnet.explore.frames import read_indices

pytestmark = pytest.mark.browser

HELPERS = """
window.seen = (id) => {
  const figure = document.getElementById(id);
  if (figure.getAttribute("aria-busy") === "true") return null;
  const image = figure.querySelector(".ce-frame img:not([hidden])");
  if (image && !(image.complete && image.naturalWidth > 0)) return null;
  return JSON.stringify([image ? image.src : "", image ? image.alt : figure.querySelector(".ce-empty").textContent]);
};
window.inputs = (id) => [...document.getElementById(id).querySelectorAll("input[type=range], input:checked, select")]
  .filter((input) => input.type !== "checkbox" && input.offsetParent);
window.until = async (action, accept = (found) => Boolean(found), tries = 400) => {
  for (let k = 0; k < tries; k += 1) {
    const found = action();
    if (accept(found)) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`not within ${tries / 20} s: ${action}`);
};
"""


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    with Firefox(str(tmp_path_factory.mktemp("profile"))) as browser:
        yield browser


def moves(index):
    """(control, key) of every control that has a choice, and the way it can go."""
    return [
        (c["name"], "back" if c["start"] == len(c["keys"]) - 1 else "on")
        for c in index["controls"]
        if len(c["keys"]) > 1
    ]


PRESS = {
    "range": ("ArrowRight", "ArrowLeft"),
    "radio": ("ArrowRight", "ArrowLeft"),
    "select-one": ("ArrowDown", "ArrowUp"),
}


@pytest.mark.parametrize("address", [f"{name}.html" for name in documents()])
def test_every_static_control_answers(book, firefox, address):
    firefox.goto((book / address).as_uri())
    firefox.evaluate(f"(() => {{ {HELPERS} }})()")
    for index in read_indices((book / address).read_text(encoding="utf-8")):
        name = index["name"]
        for control, way in moves(index):
            firefox.evaluate(f"document.getElementById({name!r}).scrollIntoView()")
            before = firefox.evaluate(f"until(() => seen({name!r}))")
            kind = firefox.evaluate(
                f"(() => {{ const found = document.getElementById('{name}--{control}');"
                "const input = found.tagName === 'FIELDSET' ? found.querySelector('input:checked') : found;"
                "input.focus(); return input.type; })()"
            )
            firefox.press(PRESS[kind][way == "back"])
            after = firefox.evaluate(f"until(() => seen({name!r}), (found) => found && found !== {before!r})")
            assert after != before, (name, control)
            firefox.evaluate(f"document.querySelector('#{name} .ce-reset').click()")
            firefox.evaluate(f"until(() => seen({name!r}), (found) => found === {before!r})")
    assert (firefox.outside, firefox.errors) == ([], [])


@pytest.mark.parametrize("address", [f"{name}.html" for name in documents() if name.startswith("notebooks/")])
def test_every_explorer_answers_one_move(book, firefox, address):
    firefox.goto((book / address).as_uri())
    firefox.evaluate(f"(() => {{ {HELPERS} }})()")
    ids = firefox.evaluate(
        "[...document.querySelectorAll('figure.critnet-widget-figure')].map((f, k) => (f.id = f.id || `explorer-${k}`))"
    )
    for name in ids:
        words = f"document.querySelector('#{name} [data-part=words]').textContent"
        firefox.evaluate(f"document.getElementById({name!r}).scrollIntoView()")
        firefox.evaluate(f"until(() => document.querySelector('#{name} .critnet-explorer')?.dataset.ready === 'true')")
        before = firefox.evaluate(f"until(() => {words})")
        for k in range(firefox.evaluate(f"inputs({name!r}).length")):
            kind, last = firefox.evaluate(
                f"(() => {{ const input = inputs({name!r})[{k}]; input.focus();"
                "return [input.type, input.value === input.max]; })()"
            )
            for _ in range(3):
                firefox.press(PRESS[kind][last])
            if firefox.evaluate(f"until(() => {words}, (found) => found !== {before!r}, 40).catch(() => null)"):
                break
        else:
            pytest.fail(f"{name}: no control changes its words")
    assert (firefox.outside, firefox.errors) == ([], [])
