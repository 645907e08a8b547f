"""The straightedge as a reader meets it: guess first, then the fits; and what it says of bad input."""

import csv
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from critnet.errors import UsageError
from critnet.explore.widgets.straightedge import Sample, binned, upper
from critnet.statistics.counted import fit_bins, fit_counts

browser = pytest.mark.browser


@pytest.fixture(scope="module")
def sample(sample_of):
    return sample_of("straightedge")


@pytest.fixture
def opened(visit, sample, static, tmp_path, page_of):
    path = tmp_path / "straightedge.html"
    path.write_text(page_of(sample.explorer(name="sample")._repr_mimebundle_()["text/html"]), encoding="utf-8")

    def at(query=""):
        page = visit(path, f"#sample?{query}" if query else "").page
        page.wait_for_selector("#sample .critnet-straightedge[data-ready='true']")
        return page

    return at


def facts(page):
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.locator("#sample [data-part='facts']").text_content()


@browser
def test_the_guess_comes_first(opened):
    page = opened()
    said = facts(page)
    assert "Your line has the exponent" in said
    assert "Likeliest" not in said
    assert "1.5" not in said
    page.check("#sample--fits")
    assert "Likeliest power law" in facts(page)
    assert "(paper: 1.50)" in facts(page)


@browser
def test_the_readers_line_lies_on_the_data_at_both_ends(opened, sample):
    share = lambda size: sample.COUNTS[size <= sample.SIZES].sum() / sample.COUNTS.sum()  # noqa: E731
    wanted = 1 + np.log(share(2) / share(21)) / np.log(21 / 2)
    assert f"exponent {wanted:.2f}." in facts(opened("from=1.96&to=21.5"))


@browser
def test_the_papers_stretch_is_a_button(opened, sample):
    page = opened("data=pareto")
    page.locator("#sample [data-part='paper']").click()
    edges, counts = sample.EDGES, sample.PARETO
    start = edges[int(np.abs(np.log(edges / 0.5)).argmin())]
    wanted = fit_bins(edges, counts.astype(float), x_min=start)
    said = facts(page)
    assert f" {wanted.n_tail} of" in said
    assert f"Likeliest power law: {wanted.alpha:.2f} \u00b1 {wanted.error:.2f} (paper: 2.20)" in said
    expect(page.locator("#sample--fits")).to_be_checked()
    page.select_option("#sample--data", "plain")
    expect(page.locator("#sample [data-part='paper']")).to_be_disabled()


@browser
def test_other_data_take_both_handles_to_their_ends(opened, sample):
    page = opened()
    page.select_option("#sample--data", "pareto")
    assert f" {sample.PARETO.sum()} of" in facts(page)
    assert "and above" in facts(page)


@browser
def test_handles_are_dragged_in_the_picture(opened):
    page = opened()
    before = facts(page)
    box = page.locator("#sample [data-part='ranks']").bounding_box()
    page.mouse.move(box["x"] + 55, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 80)
    page.mouse.up()
    after = facts(page)
    assert after != before
    lower = float(re.search(r"Stretch: ([\d.]+) to", after)[1])
    page.mouse.move(box["x"] + 30, box["y"] + 80)
    assert facts(page) == after
    assert 1 < lower < 20
    with page.expect_download() as download:
        page.locator("#sample [data-part='csv']").click()
    with open(download.value.path(), encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {float(row["stretch_from"]) for row in rows} == {lower}


@browser
def test_a_closed_end_and_too_few_values_are_said(opened, sample):
    assert "and above" not in facts(opened("from=1&to=10&fits=1"))
    few = facts(opened("data=sizes&from=56.2&to=61.9&fits=1"))
    assert "A fit needs 50 values in two cells or more." in few
    fit = fit_counts(sample.SIZES[sample.COUNTS > 0], sample.COUNTS[sample.COUNTS > 0], x_min=1)
    assert f"Likeliest power law: {fit.alpha:.2f}" in facts(opened("fits=1"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"samples": {}, "whole": ()}, "samples are none"),
        ({"whole": {"sizes", "nowhere"}}, "nowhere"),
        ({"samples": {"a": Sample("a", "x", np.array([1, 2]), np.array([1, 2]))}, "whole": ()}, "one edge more"),
        ({"samples": {"a": Sample("a", "x", np.array([2, 1]), np.array([1, 2]))}, "whole": {"a"}}, "rising and > 0"),
        (
            {"samples": {"a": Sample("a", "x", np.array([1, 2]), np.array([0, 0]))}, "whole": {"a"}},
            "whole numbers >= 0",
        ),
        ({"samples": {"a": Sample("a", "x", np.array([1, 9e5]), np.array([1, 2]))}, "whole": {"a"}}, "at most 4000"),
        ({"name": "No Name"}, "a name is lower-case"),
    ],
)
def test_bad_input_is_named(sample, change, said):
    with pytest.raises(UsageError, match=said):
        sample.explorer(**change)


def test_bins_hold_every_value_and_the_upper_ones_count_the_rest():
    random = np.random.default_rng(0)
    values = random.lognormal(0, 3, 2000)
    edges, counts = binned(values)
    assert counts.sum() == values.size
    assert edges[0] <= values.min() < values.max() < edges[-1]
    assert (counts == np.histogram(values, edges)[0]).all()
    top, kept, below = upper(edges, counts, 2)
    assert kept.sum() + below == values.size
    assert top[-1] / 100 / top[0] < 10 ** (1 / 24) * 1.001
    for wrong in ([], [0.0, 1.0], [np.nan], [np.inf]):
        with pytest.raises(UsageError, match="finite and > 0"):
            binned(wrong)
    with pytest.raises(UsageError, match="per_decade is 0"):
        binned([1.0], 0)
