"""Change points: planted kinks and jumps, a search over all pairs as oracle, false alarms, weights of points."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from critnet.errors import UsageError
from critnet.statistics.changepoints import EDGE, change_points

T = np.geomspace(1, 2e5, 80)
X = np.log(T)


def noise(seed, scale=0.1, n=80):
    return scale * np.random.default_rng(seed).normal(size=n)


def hinge(t, at):
    return np.maximum(np.log(t) - np.log(at), 0)


@pytest.mark.parametrize("at", [30.0, 100.0, 1e4])
@pytest.mark.parametrize("size", [-1.0, 0.5])
def test_a_planted_kink_is_found(at, size):
    (found,) = change_points(T, 2 - 0.3 * X + size * hinge(T, at) + noise(1))
    assert found.kind == "kink"
    assert found.counts
    assert found.low <= 1.15 * at  # one of twenty sets misses
    assert found.high >= at / 1.15
    assert found.size == pytest.approx(size, rel=0.2)
    assert found.rival > 0


@pytest.mark.parametrize("at", [30.0, 100.0, 1e4])
@pytest.mark.parametrize("size", [-1.0, 0.5])
def test_a_planted_jump_is_found(at, size):
    (found,) = change_points(T, 2 - 0.3 * X + size * (at <= T) + noise(2))
    assert found.kind == "jump"
    assert found.counts
    assert found.low <= at * 1.0001
    assert found.high >= at * 0.9999
    assert found.size == pytest.approx(size, rel=0.2)
    assert found.rival > 10


def test_two_changes_of_two_kinds():
    y = -0.5 * X - 1.5 * (T >= 100) + 0.8 * hinge(T, 1e4) + noise(3)
    first, second = change_points(T, y)
    assert (first.kind, second.kind) == ("jump", "kink")
    assert first.t == pytest.approx(100, rel=0.3)
    assert second.t == pytest.approx(1e4, rel=0.5)
    assert first.size == pytest.approx(-1.5, rel=0.1)
    assert second.size == pytest.approx(0.8, rel=0.1)
    assert all(c.counts for c in (first, second))


def test_a_line_has_none_and_noise_seldom():
    assert change_points(T, 3 - 0.2 * X) == ()
    assert change_points(T, np.zeros(80)) == ()
    assert change_points(T, np.full(80, 1e9)) == ()
    alarms = [change_points(T, 3 - 0.2 * X + noise(seed)) for seed in range(200)]
    assert sum(map(bool, alarms)) <= 4


def test_a_change_that_is_forced_says_what_it_gains():
    found = change_points(T, 3 - 0.2 * X + noise(4), most=1, least=-np.inf)
    assert len(found) == 1
    assert found[0].gain < 10
    assert not found[0].counts


def test_a_change_known_only_within_a_wide_set_does_not_count():
    (found,) = change_points(T, 0.045 * hinge(T, 300) + noise(5), most=1, least=-np.inf, kinds=["kink"])
    assert found.high > 3 * found.low
    assert not found.counts


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["kink", "jump"]))
def test_one_change_is_the_best_of_all_places(seed, kind):
    random = np.random.default_rng(seed)
    t = np.cumsum(random.integers(1, 9, 25)).astype(float)
    y = random.normal(size=25)
    (found,) = change_points(t, y, kinds=[kind], most=1, least=-np.inf)
    x = np.log(t)
    span = np.gradient(x)
    span[0], span[-1] = (x[1] - x[0]) / 2, (x[-1] - x[-2]) / 2
    n = span.sum() ** 2 / (span**2).sum()
    root = np.sqrt(span * n / span.sum())

    def rest(*columns):
        design = np.stack([np.ones(25), x, *columns], axis=1) * root[:, None]
        fit = np.linalg.lstsq(design, y * root, rcond=None)
        return fit[1][0], fit[0]

    best = np.inf
    knots = np.linspace(x[EDGE - 1], x[24 - EDGE], 500)
    for place in knots if kind == "kink" else (x[:-1] + x[1:])[EDGE - 1 : 25 - EDGE] / 2:
        square, fit = rest(np.maximum(x - place, 0) if kind == "kink" else (x > place).astype(float))
        if square < best:
            best, at, size = square, np.exp(place), fit[2]
    assert found.t == pytest.approx(at)
    assert found.size == pytest.approx(size, rel=1e-6, abs=1e-9)
    assert found.gain == pytest.approx(n * np.log(rest()[0] / best) - 2 * np.log(n), abs=1e-6)


def test_two_changes_are_nearly_the_best_of_all_pairs():
    for seed in range(10):
        t = np.geomspace(1, 1e4, 40)
        y = hinge(t, 30) - 1.5 * hinge(t, 1000) + noise(seed, 0.2, 40)
        found = change_points(t, y, kinds=["kink"], most=2, least=-np.inf)

        def rest(a, b, t=t, y=y):
            design = np.stack([np.ones(40), np.log(t), hinge(t, a), hinge(t, b)], axis=1)
            return np.linalg.lstsq(design, y, rcond=None)[1][0]

        places = t[EDGE - 1 : 40 - EDGE]
        best = min(rest(a, b) for a, b in itertools.combinations(places, 2))
        assert rest(*(c.t for c in found)) <= 1.05 * best  # points are even in ln t but for half weights at the ends


def test_points_in_plenty_weigh_no_more_than_their_share_of_time():
    t = np.concatenate([np.geomspace(1, 100, 20), np.linspace(101, 2e5, 2000)])
    y = np.where(t < 100, 0.0, 0.4 * (np.log(t) - np.log(100))) + noise(6, 0.05, t.size)
    (found,) = change_points(t, y, kinds=["kink"], most=1)
    assert found.low < 100 * 1.5
    assert found.high > 100 / 1.5


def test_scale_and_origin_do_not_matter():
    y = -0.5 * X - 1.5 * (T >= 100) + noise(7)
    (first,), (second,) = change_points(T, y), change_points(10 * T, 1000 * y - 5)
    assert second.t == pytest.approx(10 * first.t)
    assert second.size == pytest.approx(1000 * first.size)
    assert second.gain == pytest.approx(first.gain)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((T[:5], X[:5]), {}, "at least 10"),
        ((T[:1], X[:1]), {}, "at least 10"),
        ((T, X[:-1]), {}, "one y a t"),
        ((T[::-1], X), {}, "does not rise"),
        ((T - 1, X), {}, "leave out iteration 0"),
        ((np.repeat(T[:40], 2), X), {}, "does not rise"),
        ((T, X * np.nan), {}, "y holds 80 NaN"),
        ((T, X), {"kinds": ["bend"]}, "a kind is 'bend'"),
        ((T, X), {"most": -1}, "most is -1"),
        ((T, X), {"most": 1.5}, "most is 1.5"),
    ],
)
def test_refusals(arguments, options, message):
    with pytest.raises(UsageError, match=message):
        change_points(*arguments, **options)
