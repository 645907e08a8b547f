"""The browser's last two layers against NumPy: losses, weights set back, shares; and what the page says of them."""

import csv
from pathlib import Path

import numpy as np
import pytest

import critnet.explore.widgets.restore as widget
from critnet.errors import UsageError
from critnet.losses.planes import cross_entropy
from critnet.paper.fig4 import restore_explorer as paper

pytestmark = pytest.mark.browser

FOLDER = Path(widget.__file__).parent
EXPORTS = "readLayers, setBack, countOf, lossesOf, meanOf, shareAbove"


@pytest.fixture(scope="module")
def sample(sample_of):
    return sample_of("restore")


def in_page(page, sample, places, count):
    """Losses, right answers and shares of the page once the first `count` places are set back."""
    final = np.concatenate([np.ravel(sample.FINAL[key]) for key in ("W2", "b2", "W3", "b3")])
    early = np.concatenate([np.ravel(sample.EARLY[key]) for key in ("W2", "W3")])
    return page.evaluate(
        """([final, early, sizes, activity, labels, places, count, levels]) => {
            const net = js.readLayers(Float32Array.from(final), sizes);
            const { losses, right } = js.lossesOf(js.setBack(net, early, places, count), activity, labels);
            return { losses: [...losses], right, mean: js.meanOf(losses), above: js.shareAbove(losses, levels) };
        }""",
        [final.tolist(), early.tolist(), [sample.FIRST, sample.SECOND, sample.OUTPUTS],
         np.ravel(sample.ACTIVITY).tolist(), sample.LABELS.tolist(), places.tolist(), count, paper.LEVELS.tolist()],
    )  # fmt: skip


@pytest.mark.parametrize("label", ["redundant", "critical"])
def test_losses_are_those_of_numpy_at_every_count(page, sample, label):
    places = sample.PLACES[label]
    for count in range(len(places) + 1):
        net = paper.set_back(sample.FINAL, sample.EARLY, places[:count])
        wanted = paper.losses(net, sample.ACTIVITY, sample.LABELS)
        found = in_page(page, sample, places, count)
        assert found["losses"] == pytest.approx(wanted, rel=1e-9)
        assert found["mean"] == pytest.approx(wanted.mean(), rel=1e-9)
        assert found["above"] == [(wanted >= b).mean() for b in paper.LEVELS]
        second = np.maximum(net["W2"] @ sample.ACTIVITY.T + net["b2"][:, None], 0)
        answers = (net["W3"] @ second + net["b3"][:, None]).argmax(axis=0)
        assert found["right"] == (answers == sample.LABELS).sum()


def test_only_the_weights_named_go_back_and_the_network_given_stays(page):
    found = page.evaluate(
        """() => {
            const net = js.readLayers(Float32Array.from({ length: 11 }, (_, k) => k), [2, 2, 2]);
            const early = Array.from({ length: 8 }, (_, k) => -10 * (k + 1));
            const { W2, b2, W3, b3 } = js.setBack(net, early, [5, 0, 3], 2);
            return [W2, b2, W3, net.W2, net.W3].map((values) => [...values]);
        }"""
    )
    assert found == [[-10, 1, 2, 3], [4, 5], [6, -60, 8, 9], [0, 1, 2, 3], [6, 7, 8, 9]]


def test_tiny_and_huge_losses_keep_their_digits(page):
    logits = np.array([[30.0, 0.0], [-5.0, 800.0], [2.0, 799.0]])
    labels = np.array([0, 0])
    wanted = cross_entropy(logits.copy(), labels)
    found = page.evaluate(  # one image a network: two layers that pass on nothing, and biases
        """logits => logits.map((b3) => {
            const net = { first: 1, second: 1, outputs: 3, W2: [0], b2: [0], W3: [0, 0, 0], b3 };
            return js.lossesOf(net, [0], [0]).losses[0];
        })""",
        logits.T.tolist(),
    )
    assert found == pytest.approx(wanted, rel=1e-12)
    assert wanted[0] < 1e-12
    assert wanted[1] == pytest.approx(800.3133, abs=1e-3)


def test_shares_make_counts_as_in_python(page):
    for n in (1, 6, 83, 159):
        shares = [round(k / widget.STEPS, 10) for k in range(widget.STEPS + 1)]
        assert (
            page.evaluate("([s, n]) => s.map((share) => js.countOf(share, n))", [shares, n]) == paper.counts(n).tolist()
        )


@pytest.fixture
def reader(sample, static, tmp_path, page_of, visit):
    path = tmp_path / "restore.html"
    path.write_text(page_of(sample.explorer(name="sample")._repr_mimebundle_()["text/html"]), encoding="utf-8")

    def at(query):
        page = visit(path, f"#sample?{query}").page
        page.wait_for_selector("#sample .critnet-restore[data-ready='true']")
        with page.expect_download() as download:
            page.locator("#sample [data-part='csv']").click()
        with open(download.value.path(), encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        cells = page.locator("#sample .cs-facts tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent))"
        )
        return rows, cells, page.locator("#sample [data-part='words']").text_content()

    return at


@pytest.mark.parametrize(("label", "share"), [("redundant", 0.5), ("critical", 1.0), ("redundant", 0.0)])
def test_the_page_shows_what_numpy_gives_and_the_course_runs_through_it(sample, reader, label, share):
    places, at = sample.PLACES[label], round(share * widget.STEPS)
    means, above = sample.course(places)
    rows, cells, words = reader(f"share={share}&set={label}&b=0.5")
    assert [float(row["share_now"]) for row in rows] == pytest.approx(above[at], abs=1e-12)
    assert [float(row["share_at_end"]) for row in rows] == pytest.approx(above[0], abs=1e-12)
    assert [float(row["mean_loss_nats"]) for row in rows] == pytest.approx([means[at]] * len(rows), rel=1e-9)
    band = sample.band()
    for side, name in enumerate(("low", "high")):
        found = [float(row[f"share_random_{name}"]) for row in rows]
        assert found == pytest.approx(band.above[side, at], abs=1e-6)
        assert float(rows[0][f"mean_loss_random_{name}_nats"]) == pytest.approx(band.mean[side, at], rel=1e-6)
    assert float(cells[1][0]) == pytest.approx(means[at], rel=5e-3)
    assert cells[1][1] == f"{100 * above[at, 4]:.1f} %"
    count = paper.counts(len(places))[at]
    assert f"Set: {label}. {count} of its {len(places)} weights are set back" in words
    assert f"Of {sample.N_WEIGHTS} weights 4 are critical and 6 redundant." in words


def test_activities_are_rounded_to_a_255th_of_each_neuron(sample):
    activity = np.abs(np.sin(np.arange(60.0))).reshape(20, 3) * [1, 100, 0]
    found = widget.rounded(activity)
    assert np.abs(found - activity).max(axis=0) == pytest.approx([0.5 / 255, 50 / 255, 0], rel=0.2)
    assert widget.rounded(found) == pytest.approx(found, rel=1e-6)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"chosen": "all"}, "there is no set 'all'"),
        ({"level": 7.0}, r"level is 7\.0"),
        ({"levels": [1.0, 0.5]}, "rising, above 0"),
        ({"critical": np.array([50])}, "'critical' has places beyond 0 to 49"),
        ({"redundant": np.array([1, 1])}, "'redundant' has places .* twice"),
        ({"activity": np.full((80, 6), -1.0)}, r"activity runs from -1\.0"),
        ({"labels": np.full(80, 9)}, "labels run from 9 to 9; the outputs are 0 to 3"),
        ({"early": {"W2": np.ones((5, 6))}}, "early lacks 'W3'"),
        ({"early": {"W2": np.ones((5, 6)), "W3": np.ones((4, 4))}}, r"W3 of early has shape \(4, 4\)"),
        ({"bands": {}}, "beside the band 'all'"),
    ],
)
def test_bad_input_is_named(sample, change, said):
    with pytest.raises(UsageError, match=said):
        sample.explorer(**change)


def test_numbers_of_another_length_are_named(sample):
    short = {"redundant": widget.Set(sample.PLACES["redundant"], np.ones(3), "all")}
    with pytest.raises(UsageError, match=r"mean loss of 'redundant' has shape \(3,\)"):
        sample.explorer(sets=short)
