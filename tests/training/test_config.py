"""What fixes a run: limits, names, schedules."""

import dataclasses

import pytest

from critnet.errors import UsageError
from critnet.training.config import INITS, RunConfig, snapshots

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        *[("hidden", v, "whole number at least 1") for v in (0, -3, 2.5, "50", True)],
        *[("batch_size", v, "whole number from 1 to 60000") for v in (0, -1, 60_001, 1.0)],
        *[("steps", v, "whole number at least 1") for v in (0, -1, 1e3)],
        *[("learning_rate", v, "finite number above 0") for v in (0, -0.1, NAN, INF, -INF, "fast", True)],
        *[("init_scale", v, "finite number above 0") for v in (0, NAN, INF)],
        *[("seed", v, "whole number from 0 to 9223372036854775807") for v in (-1, 2**63, 1.5)],
        ("order_seed", -1, "whole number from 0 to 9223372036854775807"),
        ("label_seed", 1.0, "whole number from 0 to 9223372036854775807"),
        ("init", "xavier", f"one of {', '.join(INITS)}"),
        ("schedule", "all", "one of anchor, sweep"),
    ],
)
def test_bad_values_are_refused_with_value_range_and_exit_code(field, value, allowed):
    with pytest.raises(UsageError) as caught:
        RunConfig(**{field: value})
    assert str(caught.value) == f"{field} is {value!r}; it must be {'a ' if allowed[0] in 'wf' else ''}{allowed}"
    assert caught.value.exit_code == 2


def test_the_extremes_are_allowed():
    config = RunConfig(hidden=1, batch_size=60_000, steps=1, learning_rate=1e-9, seed=2**63 - 1, order_seed=0)
    assert RunConfig.from_dict(config.as_dict()) == config
    assert RunConfig(batch_size=1).mobility == 0.1
    assert RunConfig(learning_rate=1).learning_rate == 1.0  # a whole number is a number


def test_unknown_fields_are_refused():
    with pytest.raises(UsageError, match="unknown run fields hiden; known are batch_size"):
        RunConfig.from_dict({"hiden": 50})


def test_the_digest_names_the_run_and_outlives_new_fields():
    digests = {
        RunConfig(**changed).digest
        for changed in (
            {},
            {"hidden": 51},
            {"learning_rate": 0.2},
            {"batch_size": 32},
            {"steps": 10},
            {"init": "normal"},
            {"init_scale": 2.0},
            {"seed": 1},
            {"order_seed": 1},
            {"label_seed": 0},
            {"label_seed": 1},
            {"schedule": "sweep"},
        )
    }
    assert len(digests) == 12
    assert RunConfig(seed=7, order_seed=7).digest == RunConfig(seed=7).digest  # the same run
    assert RunConfig(learning_rate=1).digest == RunConfig(learning_rate=1.0).digest

    @dataclasses.dataclass(frozen=True)
    class Later(RunConfig):
        momentum: float = 0.0

    assert Later(seed=3).digest == RunConfig(seed=3).digest
    assert Later(seed=3, momentum=0.9).digest != RunConfig(seed=3).digest


def test_records_of_runs_on_true_labels_are_those_from_before_there_were_others():
    assert RunConfig().digest == "44136fa355b3678a"  # SHA-256 of "{}"
    assert "label_seed" not in RunConfig().as_dict()
    null = RunConfig(seed=1, label_seed=0)
    assert null.as_dict()["label_seed"] == 0
    assert RunConfig.from_dict(null.as_dict()) == null


def test_snapshots_of_the_paper():
    anchor, sweep = snapshots("anchor", 200_000), snapshots("sweep", 200_000)
    assert (len(anchor), len(sweep)) == (495, 139)
    assert anchor[:2] == [0, 1]
    assert anchor[49:52] == [49, 50, 60]
    assert anchor[94:97] == [490, 500, 1000]
    assert anchor[-2:] == [199_500, 200_000]
    assert sweep[18:22] == [18, 19, 20, 30]
    assert sweep[37:40] == [190, 200, 2200]
    assert sweep[-2:] == [198_200, 200_000]


@pytest.mark.parametrize("schedule", ["anchor", "sweep"])
@pytest.mark.parametrize("steps", [1, 19, 20, 49, 50, 51, 499, 500, 501, 2200, 7777])
def test_snapshots_of_shorter_runs_start_alike_and_end_with_the_last(schedule, steps):
    kept = snapshots(schedule, steps)
    assert kept == sorted(set(kept))
    assert kept[:-1] == [t for t in snapshots(schedule, 200_000) if t < steps]
    assert kept[-1] == steps


def test_unknown_schedules_are_refused():
    with pytest.raises(UsageError, match="schedule is 'dense'; it must be one of anchor, sweep"):
        snapshots("dense", 10)
