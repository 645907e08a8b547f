"""The browser's frozen costs and laws against NumPy and the library; and what the page says of them."""

import csv
from pathlib import Path

import numpy as np
import pytest

import critnet.explore.widgets.freeze as widget
from critnet.circuits.coupling import energy, normalised_energy
from critnet.errors import UsageError
from critnet.paper import results
from critnet.paper.fig5 import freeze_explorer
from critnet.paper.fig5.coupling_panels import costs
from critnet.statistics.ageing import LAWS, even_in_log, fit_law, prediction_error

pytestmark = pytest.mark.browser

FOLDER = Path(widget.__file__).parent
EXPORTS = "coursesOf, evenInLog, linear, nelderMead, fitLaw, foretold"


@pytest.fixture(scope="module")
def sample(sample_of):
    return sample_of("freeze")


@pytest.fixture(scope="module")
def coupling():
    return results.load("coupling")


def test_means_over_equal_stretches_of_ln_t(page, sample):
    t = sample.T[1:].astype(float)
    y = np.sin(t)
    found = page.evaluate("([t, y]) => js.evenInLog(t, y)", [t.tolist(), y.tolist()])
    times, values = even_in_log(t, y)
    assert np.exp(found["u"]) == pytest.approx(times, rel=1e-9)
    assert found["y"] == pytest.approx(values, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("digit", [0, 3, 9])
def test_laws_and_what_they_foretell_are_those_of_the_library(page, coupling, law, digit):
    t, y = costs(coupling, 0, digit)
    t, y = t[t >= 1].astype(float), y[t >= 1]
    found = page.evaluate(
        "([t, y, law]) => { const { fit, error } = js.foretold(t, y, law, 10000);"
        " return { error, rSquared: fit.rSquared }; }",
        [t.tolist(), y.tolist(), law],
    )
    early = t <= 10_000
    assert found["rSquared"] == pytest.approx(fit_law(t[early], y[early], law).r_squared, abs=1e-6)
    assert found["error"] == pytest.approx(prediction_error(t, y, law, until=10_000), abs=2e-4)


def test_exact_laws_come_back(page):
    t = np.geomspace(1, 1e5, 60)
    for y, name, wanted in (
        (2 - 3 * np.log(t), "log", {"slope": -3.0}),
        (1 - 2 * t**0.2, "power", {"a": 0.2}),
        (-1 - 4 * -np.expm1(-((t / 300) ** 0.6)), "stretched", {"tau": 300, "beta": 0.6}),
    ):
        found = page.evaluate(
            "([t, y, law]) => { const p = js.evenInLog(t, y, 60); return js.fitLaw(p.u, p.y, law); }",
            [t.tolist(), y.tolist(), name],
        )
        assert found["rSquared"] == pytest.approx(1, abs=1e-3)
        for key, value in wanted.items():
            assert found["parameters"][key] == pytest.approx(value, rel=0.02)


def test_nothing_to_foretell_is_no_number(page):
    error = page.evaluate("() => js.foretold([1, 2, 4, 8, 16, 32, 64], [7, 6, 5, 4, 3, 2, 1], 'log', 64).error")
    assert np.isnan(error)


@pytest.mark.parametrize("at", [0, 7, 30])
def test_frozen_courses_are_those_of_numpy(page, sample, at):
    weight, moment = sample.WEIGHT["0"], sample.MOMENT["0"]
    found = page.evaluate(
        "([table, n, at]) => js.coursesOf(table, n, at)", [np.ravel(sample.TABLES["0"]).tolist(), len(sample.T), at]
    )
    assert found["both"] == pytest.approx(energy(weight, moment))
    assert found["weights"] == pytest.approx(energy(weight, moment[at]))
    assert found["coherence"] == pytest.approx(energy(weight[at], moment))


def test_the_tables_of_the_paper_hold_the_costs_of_fig_5m(coupling):
    tables, totals = freeze_explorer.tables(coupling, 0)
    at = 20
    step = int(coupling["t"].values[at])
    for digit in tables:
        for frozen, wanted in (
            ("nothing", np.diag(tables[digit])), ("coherence", tables[digit][:, at]), ("weights", tables[digit][at]),
        ):  # fmt: skip
            assert costs(coupling, 0, int(digit), frozen=frozen, at=step)[1] == pytest.approx(wanted, rel=1e-6)
        unit = costs(coupling, 0, int(digit), form="per unit of weight")[1]
        assert np.diag(tables[digit]) / totals[digit] == pytest.approx(unit, rel=1e-6)


def test_the_explorer_of_the_paper_starts_with_what_the_claims_see(coupling):
    given = freeze_explorer.freeze_explorer(coupling).given
    assert given["start"]["until"] == coupling["t"].values[coupling["t"].values <= 10_000].max()
    assert [each["label"] for each in given["circuits"]] == [str(d) for d in range(10) if d != 7]


@pytest.fixture
def reader(sample, static, tmp_path, page_of, visit):
    path = tmp_path / "freeze.html"
    path.write_text(page_of(sample.explorer(name="sample")._repr_mimebundle_()["text/html"]), encoding="utf-8")

    def at(query):
        page = visit(path, f"#sample?{query}").page
        page.wait_for_selector("#sample .critnet-freeze[data-ready='true']")
        with page.expect_download() as download:
            page.locator("#sample [data-part='csv']").click()
        with open(download.value.path(), encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return rows, page.locator("#sample [data-part='words']").text_content()

    return at


@pytest.mark.parametrize("form", ["cost", "unit"])
@pytest.mark.parametrize("label", ["0", "7"])
def test_the_page_shows_what_numpy_gives(sample, reader, form, label):
    rows, words = reader(f"circuit={label}&at=100&form={form}")
    at, late = list(sample.T).index(100), sample.T >= 1
    weight, moment = sample.WEIGHT[label], sample.MOMENT[label]
    cost = energy if form == "cost" else normalised_energy
    wanted = {
        "both": cost(weight, moment), "weights": cost(weight, np.broadcast_to(moment[at], weight.shape)),
        "coherence": cost(np.broadcast_to(weight[at], weight.shape), moment),
    }  # fmt: skip
    for line, values in wanted.items():
        assert [float(row[f"cost_{line}"]) for row in rows] == pytest.approx(values[late], rel=1e-5, abs=1e-6)
    error = prediction_error(sample.T[late], wanted["both"][late], "log", until=10_000)
    assert f"misses the rest by {100 * error:.0f} %" in words
    share = (wanted["weights"][-1] - wanted["weights"][at]) / (wanted["both"][-1] - wanted["both"][at])
    if wanted["both"][-1] < wanted["both"][at]:
        assert f"({100 * share:.0f} %)".replace("-", "−") in words


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"t": np.arange(5)}, "give eight rising iterations"),
        ({"t": np.arange(53)}, "iteration 100 is not among t"),
        ({"tables": {}}, "tables of nothing, totals of 0, 7"),
        ({"tables": {"0": np.ones((2, 2))}, "totals": {"0": np.ones(2)}}, r"table of '0' has shape \(2, 2\)"),
    ],
)
def test_bad_input_is_named(sample, change, said):
    with pytest.raises(UsageError, match=said):
        sample.explorer(**change)


def test_a_circuit_without_weight_is_refused(sample):
    with pytest.raises(UsageError, match="total of '0' is not above 0"):
        sample.explorer(totals=sample.TOTALS | {"0": 0 * sample.TOTALS["0"]})
