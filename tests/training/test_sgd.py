"""The hot loop against autograd, against torch's own optimiser, and a stack against its replicas alone."""

import numpy as np
import pytest
import torch
from scipy.special import logsumexp

from critnet.errors import UsageError
from critnet.training.mlp import NAMES, init_weights
from critnet.training.sgd import Samples, Stack, Step, cross_entropy


def as_double(weights):
    """In double precision, with biases that are not 0, so that a fault in one shows."""
    random = np.random.default_rng(8)
    return {
        name: a.astype(np.float64) + (name[0] == "b") * random.normal(0, 0.1, a.shape) for name, a in weights.items()
    }


def torch_network(weights):
    """The network of METHODS D1 as anyone would write it with torch."""
    nn, h = torch.nn, len(weights["b1"])
    net = nn.Sequential(nn.Linear(784, h), nn.ReLU(), nn.Linear(h, h), nn.ReLU(), nn.Linear(h, 10)).double()
    with torch.no_grad():
        for parameter, name in zip(net.parameters(), NAMES, strict=True):
            parameter.copy_(torch.as_tensor(weights[name]))
    return net


def loss_of(net, digits, index):
    images = torch.as_tensor(digits.images[index], dtype=torch.float64)
    return torch.nn.functional.cross_entropy(net(images), torch.as_tensor(digits.labels[index]))


def order(steps, batch, replicas=1, seed=0, n=600):
    return torch.as_tensor(np.random.default_rng(seed).integers(0, n, (steps, replicas * batch)))


@pytest.fixture(scope="module")
def double(digits):
    return Samples(digits.images.astype(np.float64), digits.labels)


@pytest.mark.parametrize("hidden", [1, 15, 16, 50])
@pytest.mark.parametrize("batch", [1, 7, 64])
def test_one_update_is_the_gradient_that_autograd_gives(digits, double, hidden, batch):
    w = as_double(init_weights(hidden, "kaiming-uniform", 1))
    index = order(1, batch)
    stack, net = Stack([w]), torch_network(w)
    losses = Step(stack, double, batch, [1.0]).run(index)
    loss = loss_of(net, digits, index[0])
    loss.backward()
    assert losses[0, 0] == pytest.approx(loss.item(), rel=1e-13)
    after = stack.weights(0)
    for parameter, name in zip(net.parameters(), NAMES, strict=True):
        gradient = parameter.grad.numpy()
        np.testing.assert_allclose(w[name] - after[name], gradient, rtol=1e-9, atol=1e-13, err_msg=name)
        assert hidden == 1 or np.abs(gradient).max() > 1e-4, f"{name} has no gradient to compare"


def test_fifty_updates_follow_torchs_optimiser(digits, double):
    w = as_double(init_weights(20, seed=4))
    indices, stack, net = order(50, 64), Stack([w]), torch_network(w)
    losses = Step(stack, double, 64, [0.1]).run(indices)[:, 0]
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    for index, ours in zip(indices, losses, strict=True):
        optimiser.zero_grad()
        loss = loss_of(net, digits, index)
        assert ours == pytest.approx(loss.item(), rel=1e-12)
        loss.backward()
        optimiser.step()
    after = stack.weights(0)
    for parameter, name in zip(net.parameters(), NAMES, strict=True):
        np.testing.assert_allclose(after[name], parameter.detach().numpy(), rtol=1e-12, atol=1e-12, err_msg=name)
    assert losses[-1] < 0.5 * losses[0]  # and it learned


def test_every_table_and_buffer_takes_the_type_of_the_weights(digits, double):
    step = Step(Stack([as_double(init_weights(4))]), double, 8, [0.1])
    kept = [v for v in vars(step).values() if isinstance(v, torch.Tensor) and v.is_floating_point()]
    assert len(kept) > 10
    assert {v.dtype for v in [*kept, double.images, *step.matrices]} == {torch.float64}
    assert Stack([as_double(init_weights(4))]).evaluate(double, 0)[0].dtype == np.float64
    with pytest.raises(UsageError, match=r"images are torch.float64 and weights torch.float32"):
        Step(Stack([init_weights(4)]), double, 8, [0.1])


def test_more_updates_than_a_segment_holds_are_refused(digits):
    step = Step(Stack([init_weights(4)]), Samples(digits.images, digits.labels), 8, [0.1])
    with pytest.raises(UsageError, match="51 updates were asked for at once; at most 50 fit into one segment"):
        step.run(order(51, 8))


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 3e-5), (np.float64, 1e-12)])
def test_replicas_of_a_stack_equal_solo_runs_at_mixed_rates(digits, dtype, tolerance):
    """Over 200 iterations, to rounding: a stack may sum in another order than one network alone."""
    rates, R, B = [0.05, 0.01, 0.1, 0.05], 4, 32
    samples = Samples(digits.images.astype(dtype), digits.labels)
    orders = [order(200, B, seed=s) for s in (0, 1, 2, 0)]
    starts = [{name: a.astype(dtype) for name, a in init_weights(20, seed=s).items()} for s in (0, 1, 2, 9)]
    stack = Stack(starts)
    step = Step(stack, samples, B, rates)
    stacked = np.concatenate([step.run(part) for part in torch.cat(orders, 1).split(step.segment)])
    for r in range(R):
        alone = Stack([starts[r]])
        solo = Step(alone, samples, B, rates[r : r + 1])
        losses = np.concatenate([solo.run(part) for part in orders[r].split(solo.segment)])[:, 0]
        np.testing.assert_allclose(stacked[:, r], losses, rtol=0, atol=tolerance * losses.max())
        for name, array in alone.weights(0).items():
            np.testing.assert_allclose(stack.weights(r)[name], array, rtol=0, atol=tolerance, err_msg=name)
    assert np.ptp(stacked[-1]) > 100 * tolerance  # the rates and orders matter


def test_the_rate_is_that_of_the_replica(digits, double):
    w = as_double(init_weights(6))
    index = order(1, 16)
    stack = Stack([w, w, w])
    Step(stack, double, 16, [0.1, 0.2, 0.4]).run(index.repeat(1, 3))
    moved = [stack.weights(r)["W2"] - w["W2"] for r in range(3)]
    np.testing.assert_allclose(moved[1], 2 * moved[0], rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(moved[2], 4 * moved[0], rtol=1e-9, atol=1e-15)


def test_the_bias_units_and_the_silent_units_stay_what_they_are(digits):
    stack = Stack([init_weights(18, seed=1)])  # 18 neurons, unit 18 is 1, units 19 to 31 are silent
    step = Step(stack, Samples(digits.images, digits.labels), 32, [0.5])
    for seed in range(4):
        step.run(order(50, 32, seed=seed))
    W1, W2, W3 = (m[0].numpy() for m in stack.matrices)
    assert W1.shape == (800, 32)
    for W, bias in ((W1, 784), (W2, 18)):
        assert W[bias, 18] == 1
        assert np.count_nonzero(W[:, 18]) == 1
        assert not W[:, 19:].any()
        assert not W[bias + 1 :].any()
        assert W[bias, :18].any()  # biases learn
    assert not W3[19:].any()
    assert W3[18].any()


def test_a_replica_that_overflows_leaves_the_others_alone(digits):
    samples = Samples(digits.images, digits.labels)
    starts, index = [init_weights(8, seed=s) for s in (0, 1, 2)], order(50, 16, 3)
    calm, wild = Stack(starts), Stack(starts)
    expected = Step(calm, samples, 16, [0.1, 0.1, 0.1]).run(index)
    losses = Step(wild, samples, 16, [0.1, 1e30, 0.1]).run(index)
    assert not np.isfinite(losses[-1, 1])
    np.testing.assert_array_equal(losses[:, [0, 2]], expected[:, [0, 2]])
    for r in (0, 2):
        assert all(np.array_equal(wild.weights(r)[n], calm.weights(r)[n]) for n in NAMES)


@pytest.mark.parametrize("replicas", [1, 3])
def test_a_replayed_update_goes_through_the_same_buffers(digits, replicas):
    """What a CUDA graph does, with the update itself in the place of its recording."""
    samples, indices = Samples(digits.images, digits.labels), order(60, 24, replicas)
    stacks = [Stack([init_weights(9, seed=s) for s in range(replicas)]) for _ in range(2)]
    direct, replayed = (Step(s, samples, 24, [0.2] * replicas) for s in stacks)

    class Recording:
        def replay(self):
            replayed._update(replayed.index, replayed.target, replayed.z)

    replayed.graph = Recording()
    for part in indices.split(30):
        np.testing.assert_array_equal(direct.run(part), replayed.run(part))
    assert all(np.array_equal(stacks[0].weights(0)[n], stacks[1].weights(0)[n]) for n in NAMES)


@pytest.mark.cuda
def test_a_captured_update_equals_the_plain_one(digits):
    samples, indices = Samples(digits.images, digits.labels, "cuda"), order(200, 32, 2).cuda()
    starts = [init_weights(20, seed=s) for s in (0, 1)]
    results = []
    for capture in (False, True):
        stack = Stack(starts, "cuda")
        step = Step(stack, samples, 32, [0.1, 0.05], capture=capture)
        assert all(np.array_equal(stack.weights(1)[n], starts[1][n]) for n in NAMES)  # capturing leaves no trace
        results.append((np.concatenate([step.run(p) for p in indices.split(step.segment)]), stack.weights(0)))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-5, atol=1e-6)
    for name in NAMES:
        np.testing.assert_allclose(results[0][1][name], results[1][1][name], atol=2e-6)


# --- losses and accuracy ---


def test_t2_a_network_of_zeros_has_loss_ln_10(digits):
    zero = {name: np.zeros_like(a) for name, a in init_weights(50).items()}
    losses, accuracy = Stack([zero]).evaluate(Samples(digits.images, digits.labels), 0)
    assert losses.shape == (600,)
    assert losses == pytest.approx(np.full(600, 2.302585093), rel=1e-7)
    assert accuracy == np.mean(digits.labels == 0)
    batch = Step(Stack([zero]), Samples(digits.images, digits.labels), 64, [0.1]).run(order(1, 64))
    assert batch[0, 0] == pytest.approx(np.log(10), rel=1e-15)


def brute_force(logits, labels):
    """Cross-entropy in double precision; exact to 1e-16 of the largest logit."""
    z = np.asarray(logits, np.float64)
    return logsumexp(z, axis=0) - np.take_along_axis(z, labels[None], 0)[0]


@pytest.mark.parametrize("scale", [1e-3, 1, 10, 100, 1e4, 1e30])
def test_cross_entropy_against_brute_force(scale):
    random = np.random.default_rng(0)
    z = (scale * random.standard_normal((10, 500))).astype(np.float32)
    labels = random.integers(0, 10, 500)
    ours = cross_entropy(torch.as_tensor(z), torch.as_tensor(labels)).numpy()
    np.testing.assert_allclose(ours, brute_force(z, labels), rtol=1e-12, atol=4e-16 * scale)


@pytest.mark.parametrize("gap", [0.0, 5.0, 27.0, 40.0, 700.0, 1000.0, -30.0, -800.0, -1e6])
def test_small_and_large_losses_keep_their_digits(gap):
    """One logit `gap` above nine equal ones: the loss is log(1 + 9 exp(-gap))."""
    z = torch.zeros(10, 1)
    z[3] = gap
    loss = cross_entropy(z, torch.tensor([3])).item()
    exact = np.log1p(9 * np.exp(-gap)) if gap > -700 else -gap + np.log(9)
    assert loss == pytest.approx(exact, rel=1e-13)
    assert (gap < 700) == (loss > 1e-300)


def test_ties_of_huge_logits():
    z = torch.tensor([800.0, 800.0, 0.0, *[-1e30] * 7])[:, None]
    assert cross_entropy(z, torch.tensor([0])).item() == pytest.approx(np.log(2), rel=1e-14)
    assert cross_entropy(z, torch.tensor([2])).item() == pytest.approx(800 + np.log(2), rel=1e-14)


def test_non_finite_logits_give_non_finite_losses():
    for bad in (np.nan, np.inf):
        z = torch.zeros(10, 2)
        z[4, 0] = bad
        losses = cross_entropy(z, torch.tensor([1, 1])).numpy()
        assert not np.isfinite(losses[0])
        assert losses[1] == pytest.approx(np.log(10))


def test_losses_of_a_confident_network(digits):
    """Down to 1e-12 and below in single precision, against the whole network in double precision."""
    w = as_double(init_weights(12, seed=3))
    double = Samples(digits.images.astype(np.float64), digits.labels)
    stack = Stack([w])
    step = Step(stack, double, 64, [0.3])
    for seed in range(40):
        step.run(order(50, 64, seed=seed))
    w = {name: a * (3 if name in ("W3", "b3") else 1) for name, a in stack.weights(0).items()}  # three times as sure
    single = {name: a.astype(np.float32) for name, a in w.items()}
    losses, accuracy = Stack([single]).evaluate(Samples(digits.images, digits.labels), 0, chunk=257)
    a1 = np.maximum(digits.images.astype(np.float64) @ w["W1"].T + w["b1"], 0)
    logits = np.maximum(a1 @ w["W2"].T + w["b2"], 0) @ w["W3"].T + w["b3"]
    others = np.array([np.delete(z, k) - z[k] for z, k in zip(logits, digits.labels, strict=True)])
    exact = np.log1p(np.exp(others).sum(1))
    assert exact.min() < 1e-12
    np.testing.assert_allclose(losses, exact, rtol=1e-3)  # logits near 50, each good to 6e-8 of that and its sums
    assert accuracy == np.mean(logits.argmax(1) == digits.labels)


@pytest.mark.mnist
@pytest.mark.parametrize("t", [37, 100])
def test_losses_and_accuracies_of_the_reference_network(reference, mnist_train, mnist_test, t):
    stored, numbers = reference
    stack = Stack([{name: stored[f"{name}_{t}"] for name in NAMES}])
    expected = {key.split("/", 2)[2]: value for key, value in numbers.items() if key.startswith(f"t{t}/loss/")}
    losses, accuracy = stack.evaluate(Samples(*mnist_train), 0)
    assert losses.mean(dtype=np.float64) == pytest.approx(expected["mean"], rel=1e-5)
    assert losses.var(dtype=np.float64) == pytest.approx(expected["var"], rel=1e-5)
    assert losses.max() == pytest.approx(expected["max"], rel=1e-5)
    # their smallest loss is a multiple of 1.2e-7, the spacing of single precision at 1; ours keeps its digits
    assert losses.min() == pytest.approx(expected["min"], rel=1e-5, abs=1.2e-7)
    counts = [key for key in expected if key.startswith("count_L_ge_")]
    assert len(counts) == 6
    for key in counts:
        assert np.count_nonzero(losses >= np.float32(key.rsplit("_", 1)[1])) == expected[key]
    survival = [np.mean(losses >= b) for b in np.linspace(0, 3, 100)]
    np.testing.assert_allclose(survival, expected["P_L_ge_b_grid(b=linspace(0,3,100))"], rtol=0, atol=1e-12)
    assert accuracy == pytest.approx(numbers[f"t{t}/train_acc"], abs=1e-7)  # 1 image is 1.7e-5
    assert stack.evaluate(Samples(*mnist_test), 0)[1] == pytest.approx(numbers[f"t{t}/test_acc"], abs=1e-7)
