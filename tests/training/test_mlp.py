"""The network as arrays: T1, initial laws, named streams, biases folded into the matrices."""

import numpy as np
import pytest
from scipy import stats

from critnet.errors import UsageError
from critnet.training.config import INITS
from critnet.training.mlp import NAMES, contract, extend, flatten, init_weights, parameter_count, stream, unflatten


def same(one, other):
    return all(np.array_equal(one[name], other[name]) for name in NAMES)


def test_t1_parameter_count():
    assert parameter_count(50) == 42_310
    for hidden in (1, 2, 50, 117):
        assert len(flatten(init_weights(hidden))) == parameter_count(hidden)


LAWS = {  # (half width of a uniform law, standard deviation of a normal one) from fan-in n and fan-out m; METHODS D1
    "xavier-uniform": lambda n, m: stats.uniform(-np.sqrt(6 / (n + m)), 2 * np.sqrt(6 / (n + m))),
    "xavier-normal": lambda n, m: stats.norm(0, np.sqrt(2 / (n + m))),
    "kaiming-uniform": lambda n, m: stats.uniform(-np.sqrt(6 / n), 2 * np.sqrt(6 / n)),
    "kaiming-normal": lambda n, m: stats.norm(0, np.sqrt(2 / n)),
    "uniform": lambda n, m: stats.uniform(-0.5, 1),
    "normal": lambda n, m: stats.norm(0, 10),
}


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("hidden", [30, 200])
def test_initial_weights_follow_their_law(init, hidden):
    weights = init_weights(hidden, init, seed=11)
    for layer, (n, m) in enumerate([(784, hidden), (hidden, hidden), (hidden, 10)], start=1):
        W, law = weights[f"W{layer}"], LAWS[init](n, m)
        assert W.shape == (m, n)
        assert W.dtype == np.float32
        low, high = law.support()
        assert low * 1.000001 <= W.min()
        assert W.max() <= high * 1.000001
        assert stats.kstest(W.ravel(), law.cdf).pvalue > 1e-3
        # a variance of k draws scatters by var * sqrt((kurtosis + 2) / k)
        spread = np.sqrt((float(law.stats("k")) + 2) / W.size)
        assert W.var(dtype=np.float64) == pytest.approx(law.var(), rel=4 * spread)
        assert not weights[f"b{layer}"].any()


def test_scale_multiplies_the_initial_weights():
    one, three = init_weights(8, seed=2), init_weights(8, seed=2, scale=3.0)
    for layer in (1, 2, 3):
        np.testing.assert_allclose(three[f"W{layer}"], 3 * one[f"W{layer}"], rtol=3e-7)


def test_initial_weights_depend_on_init_hidden_and_seed_only():
    first = init_weights(20, "kaiming-normal", 5)
    np.random.seed(0)  # noqa: NPY002 - what a careless library does
    assert same(first, init_weights(20, "kaiming-normal", 5))
    assert not same(first, init_weights(20, "kaiming-normal", 6))
    assert not same(first, init_weights(20, "xavier-normal", 5))
    # committed numbers: another version of numpy or of this code would train other runs under the same digest
    assert init_weights(50)["W1"][0, :3].tolist() == pytest.approx([0.07513895, -0.03115616, 0.03771770], rel=1e-6)


def test_streams_are_independent_and_repeatable():
    draws = {
        (seed, name): stream(seed, name).random(2000)
        for seed in (0, 1, 2**63 - 1)
        for name in ("init", "order", "probe", "fit")
    }
    for key, one in draws.items():
        np.testing.assert_array_equal(one, stream(*key).random(2000))
        for other_key, other in draws.items():
            if other_key != key:
                assert abs(np.corrcoef(one, other)[0, 1]) < 0.1  # 4.5 standard deviations


@pytest.mark.parametrize("hidden", [0, -1, 2.0, "5"])
def test_impossible_sizes_are_refused(hidden):
    with pytest.raises(UsageError, match=r"hidden is .*; it must be a whole number at least 1"):
        init_weights(hidden)


def test_unknown_initialisations_are_refused():
    with pytest.raises(UsageError, match="init is 'orthogonal'; it must be one of xavier-uniform"):
        init_weights(5, "orthogonal")


def random_weights(hidden, seed=0, dtype=np.float32):
    random = np.random.default_rng(seed)
    return {name: random.standard_normal(a.shape).astype(dtype) for name, a in init_weights(hidden).items()}


@pytest.mark.parametrize("hidden", [1, 2, 14, 15, 16, 50])
def test_extended_matrices_compute_the_network(hidden):
    w = random_weights(hidden, dtype=np.float64)
    x = np.random.default_rng(1).random((7, 784))
    E1, E2, E3 = extend(w)
    assert E1.shape[0] == 800
    assert E1.shape[1] % 16 == 0
    assert E1.shape[1] > hidden
    a1 = np.maximum(np.hstack([x, np.ones((7, 1)), np.zeros((7, 15))]) @ E1, 0)
    z = np.maximum(a1 @ E2, 0) @ E3
    plain = np.maximum(x @ w["W1"].T + w["b1"], 0)
    expected = np.maximum(plain @ w["W2"].T + w["b2"], 0) @ w["W3"].T + w["b3"]
    np.testing.assert_allclose(z, expected, rtol=1e-10)
    np.testing.assert_array_equal(a1[:, hidden], 1)
    np.testing.assert_array_equal(a1[:, hidden + 1 :], 0)
    assert same(contract([E1, E2, E3], hidden), w)


def test_flat_vectors_fit_their_network_or_are_refused():
    w = random_weights(3)
    assert same(unflatten(flatten(w), 3), w)
    with pytest.raises(UsageError, match="do not fit hidden 4, which has 3210"):
        unflatten(flatten(w), 4)
