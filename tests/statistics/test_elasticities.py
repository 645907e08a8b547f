"""Elasticities: planted exponents, statsmodels-free oracle by dummies, coverage, refusals."""

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.statistics.elasticities import elasticities


def runs(seed, a=0.8, b=-0.3, noise=0.1, sizes=8):
    random = np.random.default_rng(seed)
    rate, batch = (v.ravel() for v in np.meshgrid([0.05, 0.1, 0.2], [16.0, 32.0, 64.0, 128.0]))
    size = np.repeat(np.arange(sizes), rate.size)
    rate, batch = np.tile(rate, sizes), np.tile(batch, sizes)
    constant = random.normal(size=sizes)[size]
    return np.exp(constant + noise * random.normal(size=size.size)) * rate**a * batch**b, rate, batch, size


def test_planted_exponents_and_the_regression_with_a_column_a_group():
    value, rate, batch, size = runs(0)
    found = elasticities(value, {"rate": rate, "batch": batch}, size, random=np.random.default_rng(0))
    design = np.column_stack([np.log(rate), np.log(batch), size[:, None] == np.arange(8)])
    exact = np.linalg.lstsq(design, np.log(value), rcond=None)[0][:2]
    assert [found["rate"].value, found["batch"].value] == pytest.approx(exact, rel=1e-9)
    assert found["rate"].low < 0.8 < found["rate"].high
    assert found["batch"].low < -0.3 < found["batch"].high


def test_a_family_that_varies_both_at_once_says_nothing_apart():
    value, rate, _, size = runs(1)
    with pytest.raises(UsageError, match="rate, batch do not vary apart"):
        elasticities(value, {"rate": rate, "batch": 6.4 / rate}, size, random=np.random.default_rng(0))
    with pytest.raises(UsageError, match="do not vary apart"):
        elasticities(value, {"rate": rate}, np.arange(value.size), random=np.random.default_rng(0))


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    inside = 0
    for seed in range(100):
        value, rate, batch, size = runs(seed, noise=0.5)
        options = {"n_bootstrap": 200, "level": 0.9, "random": np.random.default_rng(seed)}
        found = elasticities(value, {"rate": rate, "batch": batch}, size, **options)
        inside += found["rate"].low <= 0.8 <= found["rate"].high
    assert 80 <= inside <= 98


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": -np.ones(96)}, "value reaches down to -1"),
        ({"factors": {"rate": np.zeros(96)}}, "rate reaches down to 0"),
        ({"factors": {}}, "and a factor"),
        ({"groups": [1, 2]}, "give a group a value"),
        ({"value": np.full(96, np.nan)}, "value holds 96 NaN"),
        ({"n_bootstrap": 5}, "n_bootstrap is 5"),
        ({"level": 1.0}, "level is 1"),
        ({"random": 1}, "random is 1"),
    ],
)
def test_refusals(change, message):
    value, rate, batch, size = runs(2)
    fine = {
        "value": value,
        "factors": {"rate": rate, "batch": batch},
        "groups": size,
        "random": np.random.default_rng(),
    }
    with pytest.raises(UsageError, match=message):
        elasticities(**(fine | change))
