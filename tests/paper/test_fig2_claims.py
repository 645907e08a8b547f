"""Verdicts of sections 2.1 and 2.2 follow the data, and the sentences of both chapters are held against them."""

import numpy as np
import pytest

from critnet.paper import anchors, ledger, results, rules
from critnet.paper.fig2 import claims, energy_claims, series
from critnet.statistics import courses

CLAIMS = {c.id: c for module in (claims, energy_claims) for c in ledger.of_module(module)}


@pytest.fixture(scope="module")
def data():
    return results.load("fig2")


@pytest.fixture(scope="module")
def rows(data):
    return {(r.id, r.definition): r for c in CLAIMS.values() for r in ledger.judge(c, data)}


def test_all_claims_of_the_two_sections_are_judged(rows):
    assert set(CLAIMS) == {f"C{k}" for k in range(46, 63)} | {"C134"}
    for row in rows.values():
        assert row.low <= row.value <= row.high or row.interval_kind == "none"
        assert row.rule.startswith("R: ")
        assert row.section == ("2.1" if "C46" <= row.id <= "C55" else "2.2")


def backwards(*names):
    def spoil(data):
        for name in names:
            data[name] = data[name].copy(data=np.flip(data[name].values, axis=data[name].dims.index("t")))

    return spoil


def still(*names):
    def spoil(data):
        for name in names:
            data[name] = data[name] * 0 + data[name].isel({data[name].dims[1]: 0})

    return spoil


def of_all(name, value, **where):
    def spoil(data):
        data[name].loc[where] = value

    return spoil


def entropy(course):
    def spoil(data):
        data["entropy_change"][:] = course(data["t"].values)[None, :, None, None]

    return spoil


def rising_with_batch(data):
    data["batch_variance"][:] = data["batch_size"].values


SPOILT = [
    ("C46", of_all("plane_batch", 0.0)),
    ("C47", rising_with_batch),
    ("C48", of_all("plane_batch", 1.0)),
    ("C50", still("above")),
    ("C52", still("mean_loss")),
    ("C53", backwards("variance_loss")),
    ("C54", of_all("top_share", 0.01)),
    ("C55", of_all("above_tenth", 60_000)),
    ("C56", of_all("bound_reached", 100_000)),
    ("C57", of_all("entropy_change", 7.0, estimate="as-coded")),
    ("C58", entropy(lambda t: 1 / (1 + t))),
    ("C59", entropy(lambda t: np.where(t < 500, 1.0, 100.0))),
    ("C60", backwards("entropy_change", "mean_loss")),
    ("C61", lambda data: data.update({"variance_loss": data["mean_loss"] ** 2 * (1 + data["t"])})),
]


@pytest.mark.parametrize(("claim", "spoil"), SPOILT, ids=[c for c, _ in SPOILT])
def test_spoilt_data_change_the_verdict(claim, spoil, data, rows):
    altered = data.copy(deep=True)
    spoil(altered)
    before, after = (judged(claim, given) for given in (data, altered))
    assert before != rules.NOT
    assert after == rules.NOT


def judged(claim, data):
    """What the rule says as coded, of theorems too."""
    return CLAIMS[claim].rule_in("as-coded").judge(CLAIMS[claim].measure(data, "as-coded").numbers())


def test_a_falling_criterion_is_reproduced(data, rows):
    assert rows["C62", "as-coded"].verdict == rules.NOT
    altered = data.copy(deep=True)
    entropy(lambda t: 1.0 + t)(altered)
    altered["mean_loss"][:] = 1 / (1 + data["t"])
    assert judged("C62", altered) == rules.REPRODUCED


def test_a_flat_end_reproduces_flatness(data):
    altered = data.copy(deep=True)
    last = {"number": "largest", "cut_t": data["cut_t"].values[-1]}
    altered["plane_mean"].loc[{"number": "centre"}] = 0.0
    for extent, verdict in ((0.2, rules.REPRODUCED), (0.8, rules.PARTLY), (2.0, rules.NOT)):
        altered["plane_mean"].loc[{"number": "largest"}] = 1.0
        altered["plane_mean"].loc[last] = extent
        assert {r.verdict for r in ledger.judge(CLAIMS["C49"], altered)} == {verdict}


def test_a_change_of_form_reproduces_it(data):
    """Log-normal ahead of both at t <= 10, behind the power law at the end."""
    altered = data.copy(deep=True)
    altered["tail_ratio"].loc[{"rival": "lognormal"}] = -50.0
    altered["tail_ratio"].loc[{"rival": "truncated_power_law"}] = -10.0
    altered["tail_ratio"].loc[{"rival": "lognormal", "fit_t": data["fit_t"].values[-1]}] = 50.0
    assert {r.verdict for r in ledger.judge(CLAIMS["C51"], altered)} == {rules.REPRODUCED}


def test_extrapolation_on_the_right_only_reproduces_the_caption(data):
    altered = data.copy(deep=True)
    altered["side"][:] = np.abs(data["side"])
    (row,) = ledger.judge(CLAIMS["C134"], altered)
    assert row.verdict == rules.REPRODUCED


def test_what_chapter_2_1_says_in_words_is_so(data, rows):
    assert rows["C46", "control"].high < 3  # "with a common batch nothing of it is left, in any seed"
    assert rows["C46", "as-coded"].value > 3  # "The ruggedness is there as coded"
    flat = data["plane_mean"].sel(number="flat fraction", plane=claims.PLANE)
    late = flat.sel(kind="single weights").values[:, 1:]
    assert np.median(late) > 0.9  # "nearly all of the plane counts as flat at either time"
    sets = np.median(flat.sel(kind="sets").values, axis=0)
    assert sets[2] < sets[1]  # "a smaller share of the plane lies near the bottom at the end than at t = 100"
    loss = data["mean_loss"].values
    assert (anchors.at(data, loss, 200_000) < 1e-4 * anchors.at(data, loss, 1)).all()  # "goes to nearly nothing"
    assert data["mean_single"].sel(plane=claims.PLANE).isel(cut_t=-1).max() > 100 * loss[0, -1]  # "it does not"
    above3 = series.probability(data)[..., -1]
    assert (anchors.at(data, above3, 10_000) > 0).all()  # "losses above 3 nats persist for most of the training"
    assert (anchors.at(data, data["above_tenth"].values, 200_000) == 0).all()  # "no image of the 60 000"
    law = data["tail_ratio"].sel(rival="lognormal", definition="as-coded").values
    assert (law < 0).all()  # "The plain power law never wins ..., at every iteration ... and in every seed"
    cut = law - data["tail_ratio"].sel(rival="truncated_power_law", definition="as-coded").values
    early = data["fit_t"].values <= 10
    assert (np.median(cut, axis=0)[early] > 0).all()  # "already at the start"
    assert np.median(cut[:, -1]) > 0
    distance = np.median(data["log_distance"].values, axis=0)
    shown = data["shown_t"].values.tolist()
    assert distance[-1] < distance[shown.index(10)]  # "describes the end better than it describes t = 10"
    width = np.median(data["log_moments"].sel(log_moment="standard deviation").values, axis=0)
    assert width[0] == pytest.approx(0.3, abs=0.05)  # "a factor of about e^0.3"
    assert width[-1] == pytest.approx(11, abs=1)  # "about e^11"
    assert rows["C54", "as-coded"].value == pytest.approx(0.5, abs=0.05)  # "about half of the summed loss"
    assert (data["largest_share"].isel(t=-1) < 0.01).all()  # "less than one per cent"
    variance = data["variance_loss"].values
    assert (anchors.at(data, loss, 100) < 0.4).all()  # "below the paper's 0.4 by t = 100"
    assert (anchors.at(data, variance, 100) > anchors.at(data, variance, 1)).all()  # "still larger than at t = 1"
    assert {r.verdict for (c, _), r in rows.items() if c in ("C52", "C53")} == {rules.REPRODUCED}


def test_what_chapter_2_2_says_in_words_is_so(data, rows):
    side, t, loss = series.side(data), anchors.steps(data), data["mean_loss"].values
    assert (side != 1).all()  # "In none of the five runs does b ever exceed the largest loss"
    last_below = np.array([t[row == -1].max() for row in side])
    assert (last_below > 10_000).all()  # "for the first twenty thousand iterations"
    assert np.median(last_below) == pytest.approx(20_000, rel=0.25)
    first_inside = np.array([t[row == 0].min() for row in side])
    assert np.log10(first_inside.min()) > 4  # "more than four of the five decades"
    exact, spline = (series.entropy_change(data, d)[side == 0] for d in ("control", "as-coded"))
    assert np.max(np.abs(spline / exact - 1)) > 2  # "several hundred per cent at its worst"
    assert np.mean(t[t >= 100] > 20_000) == pytest.approx(0.8, abs=0.05)  # "four in five"
    for d in ("as-coded", "control"):
        grid, even = courses.evenly(t, series.entropy_change(data, d), 100, t[-1])
        assert abs(np.median(energy_claims._trend(grid, even))) < 0.35  # "nearly vanishes"
        assert rows["C58", d].also["the same over snapshots"][0] > 0.9  # "The rank correlation with t is high since"
        assert 1e4 < rows["C59", d].value < 3e4  # "between one and three times 10^4"
    exact = series.entropy_change(data, "control")
    passing = np.array([t[i] for i in np.argmin(exact[:, t >= 1], axis=1) + 1])
    assert (np.abs(np.log(passing / first_inside)) < 0.5).all()  # "comes down to 0 where the mean loss crosses b"
    early = [np.median(np.argmin(series.entropy_change(data, "control", b), axis=1)) for b in (5e-3, 2e-2, 0.1)]
    assert early == sorted(early, reverse=True)  # "with a larger one, the exact Delta S turns earlier"
    drop = anchors.at(data, loss, 10_000) / anchors.at(data, loss, 40_000)
    assert (drop > 30).all()  # "drops by two decades within a few thousand iterations"
    coded = series.entropy_change(data, "as-coded")
    assert (np.abs(np.log(coded[:, 0] / np.log(60_000))) < 0.7).all()  # "starts near or above ln N"
    capped = anchors.at(data, exact, 5)
    assert (capped >= np.log(60_000) - 1e-4).all()  # "up to about t = 10 ... sits at its cap"
    for d in ("as-coded", "control"):
        middle, by_loss, by_entropy = series.forces(data, d)
        assert (by_entropy[:, -5:] > by_loss[:, -5:]).all()  # "a last stage ... in every seed"
        lead = by_loss > by_entropy
        before = middle < rows["C60", d].value
        assert 0.5 < lead[:, before].mean() < 1  # "leads in most of the steps, not in all"
