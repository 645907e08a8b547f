"""Each rule of C130, C132 and C133 can be met, met in part, and missed, on made-up data; C84 and C135 say why not."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from critnet.paper import ledger
from critnet.paper.fig6 import claims, unseen
from critnet.paper.rules import NOT, PARTLY, REPRODUCED, UNJUDGED, UNTESTABLE

BOTH = ("as-coded", "control")
SEEDS, STAGES = range(3), (0, 100, 200_000)


def row(identity, data, definition="as-coded"):
    (claim,) = [c for c in ledger.of_module(claims) if c.id == identity]
    return ledger.judge_in(claim, definition, data)


# --- the manifold


def manifold(components, fisher, drawn=10.0):
    """The same in every seed; `fisher` at the three stages, the random neurons' 1 throughout."""
    names, shape = ["circuits", "hidden", "outputs"], (len(SEEDS), len(STAGES), 3)
    number = np.broadcast_to([float(components), 20.0, 7.0], shape)
    ratio = np.broadcast_to(np.array(fisher, float)[:, None], shape)
    random = np.full((len(SEEDS), len(STAGES), 4), float(drawn))
    dims = ("seed", "t", "neurons")
    return xr.Dataset(
        {
            "components": (dims, number), "fisher": (dims, ratio), "n_circuit": ("seed", [20] * len(SEEDS)),
            "random_components": (("seed", "t", "draw"), random),
            "random_fisher": (("seed", "t", "draw"), np.ones_like(random)),
        },
        {"seed": list(SEEDS), "t": list(STAGES), "neurons": names},
    )  # fmt: skip


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(
    ("components", "fisher", "found"),
    [(4, (1, 2, 3), REPRODUCED), (9, (1, 2, 3), PARTLY), (4, (1, 3, 2), PARTLY), (9, (2, 1, 3), NOT)],
)
def test_few_dimensions(components, fisher, found, definition):
    judged = row("C130", manifold(components, fisher), definition)
    assert judged.verdict == found
    assert judged.value == (components if definition == "as-coded" else components / 10)
    assert judged.also[claims.GROWTH] == [pytest.approx(min(fisher[1] / fisher[0], fisher[2] / fisher[1]), rel=1e-3)]
    assert judged.meaning == "yes"


def test_as_many_dimensions_as_random_neurons_mean_nothing():
    assert row("C130", manifold(10, (1, 2, 3)), "control").meaning == "no"


# --- large models


def runs(accuracy, loss=1e-5, experiments="sizes grid"):
    """Three runs of each of twelve sizes; accuracy and loss as functions of the size."""
    hidden = np.repeat(np.arange(10, 130, 10), 3)
    values = [f(hidden) if callable(f) else np.full(hidden.size, f) for f in (accuracy, loss)]
    noise = np.tile([0, 1e-6, -1e-6], hidden.size // 3)
    return {"runs": pd.DataFrame({"hidden": hidden, "test_accuracy": values[0] + noise, "mean_loss": values[1],
                                  "experiments": experiments})}  # fmt: skip


def uneven(h):
    """A weak fall: the order of sizes is mostly lost."""
    return 0.97 + 0.001 * np.array([6, 9, 2, 8, 3, 5, 7, 1, 6.5, 2.5, 4, 5.5])[h // 10 - 1]


@pytest.mark.parametrize("definition", BOTH)
@pytest.mark.parametrize(("sign", "found"), [(-1, REPRODUCED), (1, NOT)])
def test_accuracy_and_size(sign, found, definition):
    judged = row("C132", runs(lambda h: 0.9 + sign * h / 2000), definition)
    assert (judged.verdict, judged.meaning) == (found, "yes" if sign < 0 else "no")  # sizes dealt anew rise less
    assert judged.value == sign
    assert judged.also["sizes h that converged"] == [12]


def test_a_weak_fall_is_not_one_of_large_models():
    judged = row("C132", runs(uneven))
    assert judged.verdict not in (REPRODUCED, NOT)
    assert judged.meaning == "no"


def test_only_converged_runs_of_the_sweep_count_and_in_the_control_those_of_equal_loss():
    falls = runs(lambda h: 1 - h / 2000, lambda h: np.where(h > 60, 1e-5, 3e-4))
    assert row("C132", falls).also["sizes h that converged"] == [12]
    equal = row("C132", {"runs": falls["runs"][falls["runs"].hidden > 30]}, "control")
    assert equal.also["sizes h that converged"] == [6]
    assert row("C132", runs(0.9, loss=1.0)).verdict == UNTESTABLE
    assert row("C132", runs(0.9, experiments="grid")).verdict == UNTESTABLE


# --- unseen images


def excited(test, n_hidden=20):
    """Digit d excites neurons d and 10 + d in training; `test` (10, n_hidden) on unseen images, in every seed."""
    train = np.zeros((10, n_hidden + 10))
    for digit in range(10):
        train[digit, [digit, 10 + digit]] = 1
    seen = np.zeros_like(train)
    seen[:, :n_hidden] = test(train[:, :n_hidden]) if callable(test) else test
    acting = xr.Dataset(
        {
            "mean_activity": (("seed", "set", "digit", "neuron"), np.stack([np.stack([train, seen])] * 3)),
            "corrupted_activity": (("seed", "corruption", "digit", "neuron"), np.stack([np.stack([seen, seen])] * 3)),
        },
        {"seed": list(SEEDS), "corruption": [0.0, 1.0]},
    )
    edges = [(s, 1, d, d) for s in SEEDS for d in range(10)]
    coupling = xr.Dataset(
        {"edge_seed": ("edge", [e[0] for e in edges]), "edge": (("edge", "end"), [e[1:] for e in edges])}
    )
    return {"acting": acting, "coupling": coupling}


def turned(share):
    """Unseen images excite the next digit's neurons, too, by a share of one: the cosine is 1 / sqrt(1 + share^2)."""
    return lambda train: train + share * np.roll(train, 1, axis=0)


@pytest.mark.parametrize(("share", "found"), [(0.05, REPRODUCED), (0.4, PARTLY), (0.9, NOT)])
def test_unseen_images(share, found):
    judged = row("C133", excited(turned(share)))
    assert judged.verdict == found
    assert judged.value == pytest.approx(1 / np.sqrt(1 + share**2), rel=1e-3)
    assert judged.also[claims.NEAREST] == [10]
    assert judged.meaning == "yes"


def test_digits_that_are_confused_are_not_the_same():
    swapped = excited(lambda train: np.roll(train, 1, axis=0))
    for definition in BOTH:
        judged = row("C133", swapped, definition)
        assert (judged.verdict, judged.also[claims.NEAREST]) == (NOT, [0])


def test_one_pattern_for_all_digits_passes_as_coded_means_and_not_the_control():
    """A large activity that all digits share brings every cosine near one; less the mean, only what differs counts."""
    data = excited(turned(0.9))
    for name in ("mean_activity", "corrupted_activity"):
        data["acting"][name] = data["acting"][name] + 20
    assert row("C133", data, "as-coded").value > 0.99
    assert row("C133", data, "control").verdict == NOT


def test_neurons_of_the_circuits_are_those_with_an_edge():
    coupling = xr.Dataset(
        {"edge_seed": ("edge", [0, 0, 1]), "edge": (("edge", "end"), [(1, 3, 4), (2, 5, 9), (2, 0, 0)])}
    )
    assert unseen.in_circuits(coupling, 0, 20).tolist() == [3, 14, 15]
    assert unseen.in_circuits(coupling, 1, 20).tolist() == [10]
    empty = excited(lambda train: train)
    empty["coupling"] = coupling
    assert row("C133", empty).verdict == UNTESTABLE


# --- not judged


@pytest.mark.parametrize("identity", ["C84", "C135"])
def test_what_no_measurement_decides_is_listed_with_the_reason(identity):
    judged = row(identity, {})
    assert (judged.verdict, judged.n_runs) == (UNJUDGED, 0)
    assert judged.reason
    assert np.isnan(judged.value)


def test_the_ledger_lists_every_claim():
    assert [c.id for c in ledger.claims()] == [f"C{k:02d}" for k in range(1, 136)]
