"""Fits made once: what is stored is what a fit gives, panels and claims fit nothing anew, other data are fitted."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.paper import fits, fitting, ledger, panels, results, style
from critnet.paper.fig1 import distributions
from critnet.paper.fig2 import phase_tails
from critnet.statistics.counted import fit_counts

VALUES = np.arange(1, 400)
COUNTS = np.rint(1e6 * VALUES**-2.2)
FIT = fit_counts(VALUES, COUNTS, x_min=2)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def data():
    return results.load_all(fitting.DATA)


@pytest.fixture
def no_fits(monkeypatch):
    """Whoever fits fails."""

    def refuse(*_, **__):
        raise AssertionError("this was not to be fitted again")

    monkeypatch.setattr(distributions, "fit_counts", refuse)
    monkeypatch.setattr(distributions, "fit_bins", refuse)
    monkeypatch.setattr(phase_tails, "fit_bins", refuse)


def same(one, other):
    """Equal to the last bit, and so that equal sentences are made of them."""
    return repr(one) == repr(other)


def test_a_key_depends_on_all_that_decides_a_fit():
    given = {"rule": "counts", "where": VALUES, "number": COUNTS, "x_min": None, "n_bootstrap": 0}
    more = COUNTS.copy()
    more[7] += 1
    changes = ({"rule": "bins"}, {"where": VALUES + 1}, {"number": more}, {"x_min": 2.0}, {"n_bootstrap": 40})
    keys = [fits.key_of(**given), *(fits.key_of(**given | change) for change in changes)]
    assert len(set(keys)) == len(keys)
    assert fits.key_of(**given | {"where": VALUES * (1 + 1e-12), "number": COUNTS.astype(int)}) == keys[0]


def test_the_table_keeps_every_bit_and_what_has_no_tail():
    record = {"a": fits.Asked("second", FIT), "b": fits.Asked("first", None)}
    text = fits.as_csv(record)
    assert [line.split(",")[0] for line in text.splitlines()] == ["key", "b", "a"]
    back = fits.from_csv(text)
    assert back["b"] == fits.Asked("first", None)
    found = back["a"].fit
    assert same(found._asdict() | {"p_value": 0}, _plain(FIT) | {"p_value": 0})
    assert np.isnan(found.p_value)


def _plain(fit):
    plain = {name: value if isinstance(value, dict) else type(fit.n_tail)(value) if name == "n_tail" else float(value)
             for name, value in fit._asdict().items()}  # fmt: skip
    return plain | {name: {r: float(v) for r, v in plain[name].items()} for name in ("ratio", "ratio_p")}


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """A folder of results with one fit of the key "known"; a function that fits, and how often it did."""
    (tmp_path / fits.FILE).write_text(fits.as_csv({"known": fits.Asked("one", FIT)}))
    monkeypatch.setattr(results, "folder", lambda: tmp_path)
    monkeypatch.setattr(results, "read_text", lambda name: (tmp_path / name).read_text())
    made = []

    def fit():
        made.append(1)
        return FIT._replace(alpha=7.0)

    fit.made = made
    return fit


def test_what_is_stored_is_not_fitted_and_what_is_not_is(stored, tmp_path):
    assert fits.once("known", "one", stored).alpha == FIT.alpha
    assert stored.made == []
    assert fits.once("other", "two", stored).alpha == 7
    (tmp_path / fits.FILE).unlink()
    assert fits.once("known", "one", stored).alpha == 7


def test_a_record_is_fitted_anew_and_ends_with_its_context(stored):
    with fits.recording() as record:
        assert fits.once("known", "one", stored).alpha == 7
        with pytest.raises(UsageError):
            fits.once("short", "three", functools.partial(fit_counts, VALUES, COUNTS * 0))
    assert record == {"known": ("one", FIT._replace(alpha=7.0))}
    assert fits.once("known", "one", stored).alpha == FIT.alpha


@pytest.mark.parametrize("place", [0, 200, 340, 350])
def test_stored_fits_are_what_a_fit_gives(data, place):
    question = list(fitting.questions(data))[place]
    with fits.recording() as record:
        question()
    assert record
    table = fits.from_csv(results.read_text(fits.FILE))
    for key, asked in record.items():
        assert table[key].about == asked.about
        if asked.fit is None:
            assert table[key].fit is None
            continue
        for name in fits.NUMBERS:
            assert getattr(table[key].fit, name) == pytest.approx(getattr(asked.fit, name), rel=1e-6, nan_ok=True)
        assert table[key].fit.ratio == pytest.approx(asked.fit.ratio, rel=1e-5)


@pytest.mark.parametrize("name", ["1f", "1g", "1h", "2g"])
@pytest.mark.parametrize("definition", ["as-coded", "control"])
def test_panels_fit_nothing(data, no_fits, name, definition):
    with style.theme("light"):
        assert "exponent" in panels.PANELS[name](data["sweeps"], definition=definition).alt


@pytest.mark.parametrize("number", ["C34", "C37", "C40", "C68"])
def test_claims_fit_nothing(data, no_fits, number):
    (claim,) = [c for module in fitting.CLAIMS for c in ledger.of_module(module) if c.id == number]
    asked = data["sweeps"] if claim.data == "sweeps" else data
    assert len(ledger.judge(claim, asked)) == 2


def test_every_threshold_that_the_chapter_offers_is_asked_for():
    cells = json.loads((ROOT / "notebooks" / "1-3-scale-free-final-state.ipynb").read_text())["cells"]
    (source,) = [s for c in cells if 'panels.show("1f"' in (s := "".join(c["source"]))]
    assert f'data["threshold"].values[{fitting.THRESHOLDS}]' in source
