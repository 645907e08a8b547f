"""The browser's pools, lines and likelihoods against NumPy and SciPy; and what the page says of them."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.special import zeta

import critnet.explore.widgets.pool as widget
from critnet.errors import UsageError
from critnet.statistics.avalanches import log_bin_slope, progeny_law
from critnet.statistics.tails import fit_tail

pytestmark = pytest.mark.browser

FOLDER = Path(widget.__file__).parent
EXPORTS = "chosen, weightsOf, densityOf, lineThrough, hurwitz, likeliest, progeny"


@pytest.fixture(scope="module")
def sample(sample_of):
    return sample_of("pool")


def power_law(seed, n=400, exponent=1.7):
    drawn = np.random.default_rng(seed).zipf(exponent, 4 * n)
    return drawn[drawn < 2000][:n]


def line(page, values, weights, bins):
    return page.evaluate(
        "([v, w, n]) => { const bins = js.densityOf(v, w, n); return { bins, line: js.lineThrough(bins) }; }",
        [values.tolist(), np.asarray(weights, float).tolist(), bins],
    )


@pytest.mark.parametrize("bins", [4, 10, 17, 24])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_line_through_bins_is_that_of_numpy(page, seed, bins):
    values, random = power_law(seed), np.random.default_rng(seed)
    for weights in (np.ones(values.size), random.uniform(0.1, 2, values.size)):
        found, wanted = line(page, values, weights, bins), log_bin_slope(values, bins, weights=weights)
        assert found["line"]["slope"] == pytest.approx(wanted.slope, rel=1e-9)
        assert found["line"]["rSquared"] == pytest.approx(wanted.r_squared, rel=1e-9)
        mass = sum(b["density"] * (b["last"] - b["first"] + 1) for b in found["bins"])
        assert mass == pytest.approx(1)
        assert sum(b["number"] for b in found["bins"]) == values.size


@pytest.mark.parametrize("s", [1.001, 1.5, 2.0, 3.7, 12.0])
@pytest.mark.parametrize("q", [1, 2, 13])
def test_the_zeta_function_is_that_of_scipy(page, s, q):
    assert page.evaluate("([s, q]) => js.hurwitz(s, q)", [s, q]) == pytest.approx(zeta(s, q), rel=1e-10)


@pytest.mark.parametrize("least", [1, 2, 5])
def test_the_exponent_of_largest_likelihood_is_that_of_the_library(page, least):
    values = power_law(3, 800)
    found = page.evaluate("([v, least]) => js.likeliest(v, v.map(() => 1), least, 20)", [values.tolist(), least])
    wanted = fit_tail(values, discrete=True, x_min=least)
    assert found["alpha"] == pytest.approx(wanted.alpha, abs=1e-4)
    assert found["error"] == pytest.approx(wanted.error, rel=1e-2)
    assert found["number"] == wanted.n_tail


def test_a_weight_is_as_many_copies(page):
    values, copies = power_law(5, 60), np.arange(60) % 4
    weighted, repeated = (
        page.evaluate("([v, w]) => js.likeliest(v, w, 1, 20).alpha", [v.tolist(), w.tolist()])
        for v, w in ((values, copies), (np.repeat(values, copies), np.ones(copies.sum())))
    )
    assert weighted == pytest.approx(repeated, abs=1e-7)


def test_too_little_has_no_exponent(page):
    found = page.evaluate(
        """() => [[1, 2], Array(30).fill(3)].map((values) =>
            Number.isNaN(js.likeliest(values, values.map(() => 1), 1, 20).alpha))"""
    )
    assert found == [True, True]
    assert page.evaluate("() => Number.isNaN(js.lineThrough(js.densityOf([3, 3], [1, 1], 5)).slope)")


def test_the_branching_process_is_borels(page):
    assert page.evaluate("() => js.progeny(500)") == pytest.approx(progeny_law(np.arange(1, 501)), rel=1e-9)


@pytest.fixture
def reader(sample, static, tmp_path, page_of, visit):
    path = tmp_path / "pool.html"
    path.write_text(page_of(sample.explorer(name="sample")._repr_mimebundle_()["text/html"]), encoding="utf-8")

    def at(query):
        page = visit(path, f"#sample?{query}").page
        page.wait_for_selector("#sample .critnet-pool[data-ready='true']")
        with page.expect_download() as download:
            page.locator("#sample [data-part='csv']").click()
        with open(download.value.path(), encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return rows, page.locator("#sample [data-part='words']").text_content()

    return at


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("sizes=neurons", lambda s: np.full(s.N, True)),
        ("sizes=edges&guessing=1&bins=7", lambda s: ~s.KINDS["guessing"]),
        ("smallest=40&largest=10", lambda s: (s.HIDDEN >= 10) & (s.HIDDEN <= 40)),
        ("slowest=-7.5&fastest=-4", lambda s: s.MOBILITY >= -7.5),
        ("untouched=1&constant=1&weighting=size", lambda s: ~s.KINDS["untouched"] & ~s.KINDS["constant"]),
    ],
)
def test_the_page_shows_what_numpy_gives(sample, reader, query, kept):
    rows, words = reader(query)
    values = (sample.EDGES if "edges" in query else sample.NEURONS)[kept(sample)]
    hidden = sample.HIDDEN[kept(sample)]
    hidden, values = hidden[values >= 1], values[values >= 1]
    count = dict(zip(*np.unique(hidden, return_counts=True), strict=True))
    weights = np.array([1 / count[h] for h in hidden]) if "weighting" in query else None
    wanted = log_bin_slope(values, 7 if "bins=7" in query else 10, weights=weights)
    assert float(rows[0]["exponent_line"]) == pytest.approx(-wanted.slope, rel=1e-9)
    assert sum(int(row["circuits"]) for row in rows) == values.size
    assert f"{values.size} circuits" in words
    assert f"Exponent {-wanted.slope:.2f} by a line through bins" in words


def test_a_pool_of_too_few_says_so(reader):
    rows, words = reader("smallest=10&largest=10&guessing=1&untouched=1&constant=1&sizes=edges")
    assert rows == []
    assert "a law needs 20" in words


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hidden": np.ones((2, 2))}, "hidden has shape"),
        ({"neurons": np.array([1, 2])}, r"neurons has shape \(2,\); there are 210 circuits"),
        ({"edges": np.full(210, -1)}, "edges run from -1 to -1; give whole numbers from 0"),
        ({"kinds": {"guessing": np.ones(210)}}, "kinds lack untouched, constant"),
        ({"log_mobility": np.full(210, np.nan)}, "log_mobility holds NaN"),
    ],
)
def test_bad_input_is_named(sample, change, said):
    with pytest.raises(UsageError, match=said):
        sample.explorer(**change)
