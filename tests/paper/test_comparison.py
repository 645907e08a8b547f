"""Two files of results say the same, say it with other rounding, or part."""

import numpy as np
import pytest
import xarray as xr

from critnet import archive
from critnet.paper.comparison import compare

HEAD = "digest,hidden,mean_loss,diverged_at,seconds,device\n"


@pytest.fixture
def tables(tmp_path):
    def tables(one, other):
        for name, text in (("a.csv", one), ("b.csv", other)):
            (tmp_path / name).write_text(HEAD + text)
        return compare(tmp_path / "a.csv", tmp_path / "b.csv")

    return tables


@pytest.fixture
def files(tmp_path):
    def files(one, other, **attrs):
        for name, variables, more in (("one", one, {}), ("other", other, attrs)):
            made = {"configuration": [], "command": "c", "device": "d", "threads": 1} | more
            dataset = xr.Dataset({k: (k, np.asarray(v)) for k, v in variables.items()})
            archive.write(tmp_path / name / "x.nc", dataset, attrs=made)
            archive.write_manifest(tmp_path / name)
        return compare(tmp_path / "one" / "x.nc", tmp_path / "other" / "x.nc")

    return files


def test_where_a_run_was_trained_and_how_long_it_took_is_no_result(tables, files):
    assert tables("ab,5,0.25,,300.5,x\n", "ab,5,0.25,,299.1,y\n") == (True, True, "")
    assert files({"loss": [1.0]}, {"loss": [1.0]}, device="other", threads=4) == (True, True, "")
    assert files({"loss": [1.0]}, {"loss": [1.0]}, configuration=[{"seed": 1}]).within is False
    assert files({"loss": [1.0]}, {"loss": [1.0]}, quantum=2.0).within is False  # it says what the numbers mean


@pytest.mark.parametrize(
    ("other", "within"),
    [("0.25001", True), ("0.2501", False), ("0.25002", True), ("", False), ("nan", False), ("big", False)],
)
def test_numbers_of_a_table_agree_to_one_in_ten_thousand(tables, other, within):
    found = tables("ab,5,0.25,,1,x\n", f"ab,5,{other},,1,x\n")
    assert (found.equal, found.within) == (False, within)
    assert found.words.startswith("mean_loss (")


@pytest.mark.parametrize("row", ["ac,5,0.25,,1,x\n", "ab,6,0.25,,1,x\n", "ab,5,0.25,7,1,x\n", ""])
def test_another_run_or_another_whole_number_is_another_result(tables, row):
    assert not tables("ab,5,0.25,,1,x\n", row).within


def test_rounding_of_32_bits_counts_by_the_largest_number(files):
    small, large = np.array([1e-8, 1.0], np.float32), np.array([2e-8, 1.0], np.float32)
    assert files({"c": small}, {"c": large}).within  # 1e-8 beside 1 is lost in a sum of such numbers
    assert not files({"c": small}, {"c": large * np.float32([100, 1])}).within
    nan = np.array([np.nan, np.inf, 1.0])
    assert files({"c": nan}, {"c": nan * 1.0}) == (True, True, "")
    assert not files({"c": nan}, {"c": np.array([np.nan, 2.0, 1.0])}).within


def test_a_few_counts_may_be_one_off(files):
    counts = np.arange(2000)
    off = counts.copy()
    off[[3, 900]] += 1
    assert files({"n": counts}, {"n": off}) == (False, True, "n (2 of 2000, by up to 1)")
    off[7] += 1
    assert not files({"n": counts}, {"n": off}).within
    off = counts.copy()
    off[3] += 2
    assert not files({"n": counts}, {"n": off}).within
    assert files({"n": counts}, {"n": counts[:-1]}).words == "n (shape (2000,) and (1999,))"
    assert files({"n": counts}, {"m": counts}).words == "only one has attributes of m, attributes of n, m, n"
