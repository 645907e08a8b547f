"""Losses as weighted atoms: what is kept exactly, how far the rate function moves, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from critnet.errors import UsageError
from critnet.losses.atoms import SMALLEST, Atoms, expand, loss_atoms
from critnet.losses.deviations import rate_function, spline_entropy

N = 60_000
UNIFORM = (np.arange(N) + 0.5) / N


def trained():
    """Losses as a trained network leaves them: a third exactly 0, multiples of the float32 step of 1, a heavy end."""
    random = np.random.default_rng(0)
    step = np.finfo(np.float32).eps
    losses = np.exp(random.normal(-11, 3, N))
    return np.where(random.random(N) < 1 / 3, 0, np.round(losses / step) * step).astype(np.float32)


SAMPLES = {
    "exponential": -np.log(UNIFORM),
    "lognormal": np.exp(2 * ndtri(UNIFORM)),
    "lognormal, 40 decades": np.exp(10 * ndtri(UNIFORM) - 20),
    "normal, untrained": np.abs(2.3 + 0.3 * ndtri(UNIFORM)),
    "Pareto": UNIFORM ** (-1 / 1.5),
    "Pareto of no mean": 1e-3 * (UNIFORM ** (-1 / 0.7) - 1),
    "twenty decades": 10 ** (20 * UNIFORM - 19),
    "uniform": UNIFORM,
    "trained, float32": trained(),
}
EXCESS = dict.fromkeys(SAMPLES, 2e-3) | {"uniform": 2e-2}  # of the rate function, relative, as the docstring states


def slow_atoms(losses, n_exact, n_groups):
    """The same by loops over the samples, for few of them."""
    rising = sorted(map(float, losses))
    exact, rest = rising[max(len(rising) - n_exact, 0) :], rising[: max(len(rising) - n_exact, 0)]
    groups = {}
    above = [loss for loss in rest if loss > rest[0] and loss >= SMALLEST]
    for loss in rest:
        if loss == rest[0]:
            key = -2
        elif loss < SMALLEST:
            key = -1
        else:
            width = np.log(above[-1] / above[0]) or 1.0
            key = min(int((n_groups - 2) * np.log(loss / above[0]) / width), n_groups - 3)
        groups.setdefault(key, []).append(loss)
    atoms = {}
    for group in [*groups.values(), *([loss] for loss in exact)]:
        mean = group[0] if group[0] == group[-1] else float(np.mean(group))
        atoms[mean] = atoms.get(mean, 0) + len(group)
    return Atoms(np.array(sorted(atoms)), np.array([atoms[value] for value in sorted(atoms)]))


def test_by_hand():
    atoms = loss_atoms([8.0, 1.0, 2.0, 4.0, 1.0, 2.0, 0.0, 16.0, 32.0, 32.0, 16.0], n_exact=3, n_groups=5)
    # kept: 32 twice, 16 once; smallest: 0; ln L from 1 to 16 in three steps of ln 2.52: 1, 2 | 4 | 8, 16
    assert atoms.values.tolist() == [0, 1.5, 4, 12, 16, 32]
    assert atoms.counts.tolist() == [1, 4, 1, 2, 1, 2]


@pytest.mark.parametrize("losses", [[0.7], [0.0] * 5, [2.0] * 5, [0.0, 5e-324, 1e-310], [1e-200, 1e200]])
def test_few_losses_are_kept_whole(losses):
    atoms = loss_atoms(losses)
    assert np.array_equal(expand(atoms), np.sort(losses))
    assert len(np.unique(atoms.values)) == len(atoms.values)


def test_denormals_share_one_group_and_zeros_another():
    losses = np.r_[np.zeros(4), 1e-310, 3e-310, 1.0, 2.0, 3.0]
    atoms = loss_atoms(losses, n_exact=1, n_groups=5)
    assert atoms.values.tolist() == [0, 2e-310, 1, 2, 3]
    assert atoms.counts.tolist() == [4, 2, 1, 1, 1]


@pytest.mark.parametrize("name", SAMPLES)
def test_number_mean_and_ends_are_exact_and_the_largest_kept(name):
    losses, atoms = SAMPLES[name], loss_atoms(SAMPLES[name])
    assert len(atoms.values) == len(atoms.counts) <= 800
    assert atoms.counts.sum() == N
    assert (np.diff(atoms.values) > 0).all()
    assert (atoms.values[0], atoms.values[-1]) == (losses.min(), losses.max())
    assert expand(atoms).mean() == pytest.approx(losses.mean(dtype=np.float64), rel=1e-13)
    assert np.array_equal(expand(atoms)[-300:], np.sort(losses)[-300:])


@pytest.mark.parametrize("name", SAMPLES)
def test_rate_function_of_the_atoms_is_that_of_the_losses(name):
    """Never below, by convexity; above by the error that the docstring states."""
    losses, kept = SAMPLES[name], expand(loss_atoms(SAMPLES[name]))
    mean = losses.mean(dtype=np.float64)
    b = np.r_[np.geomspace(0.01, 0.999, 12) * mean, np.geomspace(1.001 * mean, losses.max(), 16)]
    exact, ours = rate_function(losses, b), rate_function(kept, b)
    assert (ours >= exact - 1e-9).all()
    assert (ours <= exact * (1 + EXCESS[name]) + 1e-9).all()


@pytest.mark.parametrize("name", SAMPLES)
def test_atoms_in_float32_serve_as_well(name):
    losses, atoms = SAMPLES[name], loss_atoms(SAMPLES[name])
    kept = expand((atoms.values.astype(np.float32), atoms.counts.astype(np.int32)))
    mean = losses.mean(dtype=np.float64)
    b = np.r_[np.geomspace(0.01, 0.9, 8) * mean, np.geomspace(1.1 * mean, losses.max() * (1 - 1e-6), 8)]
    assert rate_function(kept, b) == pytest.approx(rate_function(losses, b), rel=EXCESS[name])


def test_the_spline_too_where_it_interpolates():
    for name in ("exponential", "lognormal", "trained, float32"):
        losses, kept = SAMPLES[name].astype(np.float64), expand(loss_atoms(SAMPLES[name]))
        b = np.linspace(losses.mean(), losses.max(), 300)[30:]
        assert spline_entropy(kept, b) == pytest.approx(spline_entropy(losses, b), rel=1e-3)


@settings(deadline=None, max_examples=80)
@given(
    losses=st.lists(
        st.one_of(st.just(0.0), st.floats(0, 1e3), st.floats(1e-12, 1.0), st.floats(0, 1e-300)), min_size=1, max_size=40
    ),
    n_exact=st.integers(1, 12),
    n_groups=st.integers(3, 12),
)
def test_against_a_loop_over_the_samples(losses, n_exact, n_groups):
    atoms, slow = loss_atoms(losses, n_exact, n_groups), slow_atoms(losses, n_exact, n_groups)
    assert atoms.values == pytest.approx(slow.values, rel=1e-12, abs=1e-320)
    assert atoms.counts.tolist() == slow.counts.tolist()
    assert atoms.counts.sum() == len(losses)
    assert (atoms.values.min(), atoms.values.max()) == (min(losses), max(losses))


def test_atoms_of_atoms_change_nothing():
    atoms = loss_atoms(SAMPLES["exponential"])
    again = loss_atoms(expand(atoms), n_exact=N)
    assert np.array_equal(atoms.values, again.values)
    assert np.array_equal(atoms.counts, again.counts)


@pytest.mark.parametrize(
    ("losses", "options", "words"),
    [
        ([], {}, r"shape \(0,\)"),
        ([[1.0]], {}, r"shape \(1, 1\)"),
        ([1.0, np.nan], {}, "1 NaN or infinite values of 2"),
        ([1.0, -2.0], {}, "-2.0"),
        ([1.0], {"n_exact": 0}, "n_exact is 0.*>= 1"),
        ([1.0], {"n_groups": 2}, "n_groups is 2.*>= 3"),
        ([1.0], {"n_groups": 3.5}, "n_groups is 3.5"),
    ],
)
def test_what_cannot_be_compressed_is_refused(losses, options, words):
    with pytest.raises(UsageError, match=words):
        loss_atoms(losses, **options)


@pytest.mark.parametrize(
    ("values", "counts", "words"),
    [
        ([1.0, 2.0], [1], "one count an atom"),
        ([1.0], [-1], "-1"),
        ([1.0], [0.5], r"0\.5"),
        ([1.0], [0], "all 1 counts are 0"),
        ([np.inf], [1], "1 NaN or infinite"),
    ],
)
def test_what_cannot_be_expanded_is_refused(values, counts, words):
    with pytest.raises(UsageError, match=words):
        expand((values, counts))
