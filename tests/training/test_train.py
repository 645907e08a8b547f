"""What a run records, and what is refused before it starts; faults 12, 17 and 18."""

import json
import random
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch

from critnet.errors import DataError, UsageError
from critnet.training import machine, runs, train
from critnet.training.config import snapshots
from critnet.training.datasets import training_labels
from critnet.training.mlp import init_weights
from critnet.training.sgd import Step


@pytest.fixture
def batches(monkeypatch):
    """The sample indices of every update that is made, in order, each (R * B,)."""
    seen, run = [], Step.run

    def recorded(self, indices):
        seen.extend(indices.numpy().copy())
        return run(self, indices)

    monkeypatch.setattr(Step, "run", recorded)
    return seen


def test_every_epoch_is_a_new_order_of_all_samples_with_the_last_batch_kept(tmp_path, digits, config, batches):
    train.train([config(steps=56)], digits, cache=tmp_path)  # 57 updates: three epochs of 18 batches of 32, one of 24
    assert [len(b) for b in batches] == 3 * ([32] * 18 + [24])
    epochs = [np.concatenate(batches[i : i + 19]) for i in (0, 19, 38)]
    for epoch in epochs:
        np.testing.assert_array_equal(np.sort(epoch), np.arange(600))
    assert not np.array_equal(epochs[0], epochs[1])
    assert not np.array_equal(epochs[1], epochs[2])
    assert not np.array_equal(epochs[0], np.arange(600))


def test_mnist_has_937_full_batches_and_one_of_32(config):
    whole, last = train._batches([train._Order(config(seed=s), 60_000) for s in (0, 1)], 64, "cpu")
    assert whole.shape == (937, 2 * 64)
    assert last.shape == (1, 2 * 32)
    first = np.concatenate([whole[:, :64].numpy().ravel(), last[0, :32].numpy()])  # replica 0
    np.testing.assert_array_equal(first, train._Order(config(seed=0), 60_000).epoch())
    np.testing.assert_array_equal(np.sort(first), np.arange(60_000))


@pytest.mark.parametrize("batch_size", [600, 300, 599, 1])
def test_batches_of_any_size(tmp_path, digits, config, batches, batch_size):
    train.train([config(batch_size=batch_size, steps=5)], digits, cache=tmp_path)
    sizes = {600: [600] * 6, 300: [300] * 6, 599: [599, 1] * 3, 1: [1] * 6}
    assert [len(b) for b in batches] == sizes[batch_size]


def test_snapshots_partners_and_batch_losses_belong_together(tmp_path, digits, config, batches):
    """At each snapshot t: the loss of the mini-batch is that of the stored weights, and one step leads to t + 1."""
    run = runs.open_run(train.train([config(steps=230)], digits, cache=tmp_path)[0])
    kept = {s.step: s for s in run.snapshots()}
    wanted = snapshots("sweep", 230)
    assert sorted(kept) == sorted({*wanted, *(t + 1 for t in wanted)})
    assert run.batch_losses.shape == (231,)
    assert len(batches) == 231
    for t in wanted:
        now, then = kept[t], kept[t + 1]
        assert run.batch_losses[t] == pytest.approx(now.losses[batches[t]].mean(dtype=np.float64), rel=2e-6)
        parameters = {n: torch.tensor(a, dtype=torch.float64, requires_grad=True) for n, a in now.weights.items()}
        layer = torch.nn.functional.linear
        x = torch.as_tensor(digits.images[batches[t]], dtype=torch.float64)
        a1 = layer(x, parameters["W1"], parameters["b1"]).relu()
        logits = layer(layer(a1, parameters["W2"], parameters["b2"]).relu(), parameters["W3"], parameters["b3"])
        torch.nn.functional.cross_entropy(logits, torch.as_tensor(digits.labels[batches[t]])).backward()
        for name, parameter in parameters.items():
            expected = (parameter - 0.1 * parameter.grad).detach().numpy()
            np.testing.assert_allclose(then.weights[name], expected, atol=5e-7, err_msg=f"{name} at {t}")
        assert (t in wanted) == (not np.isnan(now.test_accuracy))
    last = kept[230]
    assert run.summary["final_loss"] == pytest.approx(last.losses.mean(dtype=np.float64))
    assert run.summary["final_test_accuracy"] == last.test_accuracy > 0.9


def test_all_batch_losses_follow_a_plain_loop(tmp_path, digits, config, batches):
    """Every iteration, not the snapshots alone: a loop in double precision over the same batches."""
    run = runs.open_run(train.train([config(steps=120, learning_rate=0.02)], digits, cache=tmp_path)[0])
    w = {n: a.astype(np.float64) for n, a in init_weights(6).items()}
    for t, index in enumerate(batches):
        x, y = digits.images[index].astype(np.float64), np.eye(10)[digits.labels[index]]
        a1 = np.maximum(x @ w["W1"].T + w["b1"], 0)
        a2 = np.maximum(a1 @ w["W2"].T + w["b2"], 0)
        z = a2 @ w["W3"].T + w["b3"]
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        assert run.batch_losses[t] == pytest.approx(-np.log((p * y).sum(1)).mean(), rel=1e-4)
        g3 = (p - y) / len(index)
        g2 = g3 @ w["W3"] * (a2 > 0)
        g1 = g2 @ w["W2"] * (a1 > 0)
        for layer, (g, a) in enumerate([(g1, x), (g2, a1), (g3, a2)], start=1):
            w[f"W{layer}"] -= 0.02 * g.T @ a
            w[f"b{layer}"] -= 0.02 * g.sum(0)


def test_seeds_hold_the_weights_and_the_order_apart(tmp_path, digits, config, batches):
    stacks = {
        "base": {},
        "order": {"order_seed": 9},
        "both": {"seed": 9},
        "rate": {"learning_rate": 0.01},
        "named": {"order_seed": 0},
    }
    starts, orders = {}, {}
    for name, changed in stacks.items():
        batches.clear()
        (folder,) = train.train([config(steps=3, **changed)], digits, cache=tmp_path / name)
        starts[name] = next(runs.open_run(folder).snapshots([0])).weights["W1"]
        orders[name] = np.concatenate(batches)
    for name, weights, order in [
        ("order", True, False),
        ("both", False, False),
        ("rate", True, True),
        ("named", True, True),
    ]:
        assert np.array_equal(starts[name], starts["base"]) == weights, name
        assert np.array_equal(orders[name], orders["base"]) == order, name
    assert np.array_equal(orders["order"], orders["both"])  # the order of seed 9, whichever way it is named
    assert np.array_equal(starts["base"], init_weights(6)["W1"])


def test_permuted_labels_are_the_only_thing_that_a_label_seed_changes(tmp_path, digits, config, series, same_bits):
    null = config(label_seed=4)
    labels = training_labels(null, digits.labels)
    assert np.array_equal(np.bincount(labels), np.bincount(digits.labels))
    assert 0.05 < (labels == digits.labels).mean() < 0.2  # chance
    assert not np.array_equal(labels, training_labels(config(label_seed=5), digits.labels))
    (folder,) = train.train([null], digits, cache=tmp_path / "null")
    (by_hand,) = train.train([config()], digits._replace(labels=labels), cache=tmp_path / "by hand")
    assert same_bits(series(folder), series(by_hand)) == "equal"
    (true,) = train.train([config()], digits, cache=tmp_path / "true")
    assert same_bits(series(folder), series(true)).endswith("differs")
    assert runs.open_run(folder).config == null


def test_a_library_that_resets_the_global_random_state_changes_nothing(tmp_path, digits, config, series, same_bits):
    def meddle(*_):
        np.random.seed(0)  # noqa: NPY002 - as rastermap does
        np.random.random(5)  # noqa: NPY002
        random.seed(0)
        torch.manual_seed(0)

    (quiet,) = train.train([config(steps=60)], digits, cache=tmp_path / "quiet")
    (meddled,) = train.train([config(steps=60)], digits, cache=tmp_path / "meddled", stop=meddle, progress=meddle)
    assert same_bits(series(quiet), series(meddled)) == "equal"


def test_a_diverged_run_is_recorded_at_its_step_and_the_others_go_on(
    tmp_path, digits, config, series, same_bits, batches
):
    good = [config(seed=s, steps=80) for s in (0, 2)]
    calm = train.train([good[0], config(seed=1, steps=80), good[1]], digits, cache=tmp_path / "calm")
    wild = train.train(
        [good[0], config(seed=1, steps=80, learning_rate=1e12), good[1]], digits, cache=tmp_path / "wild"
    )
    for r in (0, 2):
        assert same_bits(series(wild[r]), series(calm[r])) == "equal"
        assert runs.read_summary(wild[r])["diverged_at"] is None
    run = runs.open_run(wild[1])
    at = run.summary["diverged_at"]
    assert 0 < at < 20
    assert np.isfinite(run.batch_losses[:at]).all()
    assert not np.isfinite(run.batch_losses[at])
    assert len(run.batch_losses) == at + 1 == run.summary["iterations"]
    assert [s.step for s in run.snapshots()] == list(range(at + 1))
    text = (wild[1] / "summary.json").read_text()
    assert '"final_loss":null' in text
    assert '"final_test_accuracy":null' in text
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    batches.clear()
    train.train([good[0], config(seed=1, steps=80, learning_rate=1e12)], digits, cache=tmp_path / "wild")
    assert not batches  # a diverged run is done


def test_a_stack_ends_when_all_have_diverged(tmp_path, digits, config, batches):
    folders = train.train([config(learning_rate=r, steps=100_000) for r in (1e12, 1e15)], digits, cache=tmp_path)
    assert all(runs.read_summary(f)["diverged_at"] is not None for f in folders)
    assert len(batches) < 100


def test_progress_and_the_settings_of_torch(tmp_path, digits, config):
    seen, threads = [], torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        train.train([config(), config(seed=1)], digits, cache=tmp_path, progress=lambda *a: seen.append(a))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    steps = [step for step, *_ in seen]
    assert steps == sorted(steps)
    assert seen[-1][:2] == (301, 301)
    assert seen[-1][2].shape == (2,)
    small = torch.tensor([1e-40])
    assert (small * 1).item() > 0  # denormal numbers are kept again


def test_equal_configurations_are_trained_once(tmp_path, digits, config, batches):
    one, two = train.train([config(steps=5), config(steps=5, order_seed=0)], digits, cache=tmp_path)
    assert one == two
    assert [len(b) for b in batches] == [32] * 6


# --- what is refused ---


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"hidden": 7}, "a stack holds runs of one (hidden, batch_size, steps, schedule, label_seed)"),
        ({"batch_size": 601}, "batch_size"),
        ({"steps": 5}, "train them one after the other"),
        ({"schedule": "anchor"}, "schedule"),
        ({"label_seed": 0}, "one after the other"),
    ],
)
def test_runs_that_do_not_fit_one_stack(tmp_path, digits, config, changed, words):
    with pytest.raises(UsageError) as caught:
        train.train([config(), config(**changed)], digits, cache=tmp_path)
    assert words in str(caught.value)
    assert not list(tmp_path.iterdir())


def bad_data(digits, what):
    images, labels = digits.images.copy(), digits.labels.copy()
    if what == "nan":
        images[3, 5] = np.nan
    if what == "label":
        labels[7] = 10
    if what == "negative":
        labels[7] = -1
    if what == "shape":
        images = images[:, :100]
    if what == "length":
        labels = labels[:-1]
    return digits._replace(images=images, labels=labels)


@pytest.mark.parametrize("what", ["nan", "label", "negative", "shape", "length"])
def test_data_that_the_network_cannot_read(tmp_path, digits, config, what):
    with pytest.raises(UsageError, match=r"images (must be finite and labels from 0 to 9|have shape)"):
        train.train([config()], bad_data(digits, what), cache=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_batch_larger_than_the_data(tmp_path, digits, config):
    with pytest.raises(UsageError, match="batch_size is 601; it must be from 1 to 600, the number of images"):
        train.train([config(batch_size=601)], digits, cache=tmp_path)
    with pytest.raises(UsageError, match="threads is 0; give a whole number >= 1 and <= "):
        train.train([config()], digits, cache=tmp_path, threads=0)
    with pytest.raises(UsageError, match="device is 'abacus', which cannot be used here; this machine has cpu"):
        machine.check_device("abacus")
    assert not list(tmp_path.iterdir())


def test_a_run_on_other_images_is_not_continued_or_returned(tmp_path, digits, config):
    other = digits._replace(images=digits.images[::-1].copy())
    train.train([config(steps=3)], digits, cache=tmp_path)
    with pytest.raises(UsageError, match=r"holds a run on other images \(data [0-9a-f]{16}, .* another cache folder"):
        train.train([config(steps=3)], other, cache=tmp_path)
    with pytest.raises(train.Stopped):
        train.train([config(steps=4)], digits, cache=tmp_path, stop=iter([False, True]).__next__)
    with pytest.raises(UsageError, match="holds a run on other images"):
        train.train([config(steps=4)], other, cache=tmp_path)


def test_too_little_memory_is_said_before_anything_is_written(tmp_path, digits, config):
    with pytest.raises(DataError, match=r"needs about \d+\.\d GB of memory and \d+\.\d GB are free; train fewer"):
        train.train([config(hidden=2_000_000)], digits, cache=tmp_path)
    with pytest.raises(DataError, match="smaller network"):
        train.train([config(hidden=20_000, seed=s) for s in range(1000)], digits, cache=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.mnist
def test_the_anchor_stays_under_a_gigabyte_and_a_half(tmp_path, mnist_folder):
    code = """
        import sys
        from critnet.cli import main
        code = main(sys.argv[1:])
        print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
        sys.exit(code)
    """
    options = ["--steps", "120", "--quiet", "--cache", tmp_path, "--data", mnist_folder]
    out = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), "train", *map(str, options)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    peak = int(out.splitlines()[-1]) * 1024
    largest_part = 3 * train.PART_BYTES  # the snapshots, their arrays and the file; this short run writes less
    assert 0.3e9 < peak + largest_part < 1.5e9
    losses = next(line for line in out.splitlines() if line.startswith("t = 100 "))
    assert float(losses.split()[-1]) > 0.8  # test accuracy
