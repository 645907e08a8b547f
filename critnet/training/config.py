"""What fixes a run: one frozen record, its canonical text and its digest."""

import dataclasses
import hashlib
import json
import math

from critnet.errors import UsageError

INITS = ("xavier-uniform", "xavier-normal", "kaiming-uniform", "kaiming-normal", "uniform", "normal")
SCHEDULES = ("anchor", "sweep")
TRAINING_SAMPLES = 60_000
ADDED_LATER = ("label_seed",)


@dataclasses.dataclass(frozen=True)
class RunConfig:
    """One training run of the 784-h-h-10 network (METHODS D1-D5).

    Two runs with the same fields are the same run. `digest` leaves out fields at their default, so that a field added
    later does not rename the runs that exist.

    >>> RunConfig().digest == RunConfig(hidden=50).digest
    True
    >>> RunConfig(learning_rate=0.1, batch_size=64).mobility
    0.0015625
    """

    hidden: int = 50
    """Neurons in each of the two hidden layers."""
    learning_rate: float = 0.1
    """Step size of plain SGD."""
    batch_size: int = 64
    """Samples in a mini-batch; the last batch of an epoch may be smaller."""
    steps: int = 200_000
    """Iterations (mini-batch updates, not epochs)."""
    init: str = "xavier-uniform"
    """Law of the initial weights; biases start at 0."""
    init_scale: float = 1.0
    """Factor on the initial weights."""
    seed: int = 0
    """Fixes the initial weights and, unless order_seed is given, the data order."""
    order_seed: int | None = None
    """Fixes the data order alone; None takes it from seed."""
    label_seed: int | None = None
    """Fixes a random permutation of the training labels, for a null without structure; None leaves them as they are."""
    schedule: str = "anchor"
    """Which iterations are kept: anchor (495 over 200000) or sweep (139)."""

    def __post_init__(self):
        def whole(name, low, high=None):
            value = getattr(self, name)
            whole_number = isinstance(value, int) and not isinstance(value, bool)
            if not whole_number or value < low or (high is not None and value > high):
                span = f"at least {low}" if high is None else f"from {low} to {high}"
                raise UsageError(f"{name} is {value!r}; it must be a whole number {span}")

        whole("hidden", 1)
        whole("batch_size", 1, TRAINING_SAMPLES)
        whole("steps", 1)
        whole("seed", 0, 2**63 - 1)
        for name in ("order_seed", "label_seed"):
            if getattr(self, name) is not None:
                whole(name, 0, 2**63 - 1)
        for name in ("learning_rate", "init_scale"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
                raise UsageError(f"{name} is {value!r}; it must be a finite number above 0")
            object.__setattr__(self, name, float(value))
        for name, known in (("init", INITS), ("schedule", SCHEDULES)):
            if getattr(self, name) not in known:
                raise UsageError(f"{name} is {getattr(self, name)!r}; it must be one of {', '.join(known)}")

    @property
    def mobility(self):
        """gamma = learning rate / batch size."""
        return self.learning_rate / self.batch_size

    def as_dict(self):
        """All fields; one that was added later only if it is not at its default, as in the records of earlier runs."""
        fields = dataclasses.asdict(self)
        return {k: v for k, v in fields.items() if k not in ADDED_LATER or v is not None}

    @property
    def digest(self):
        """Sixteen hexadecimal digits that name the run: SHA-256 over the fields that differ from their default."""
        fields = {f.name: (getattr(self, f.name), f.default) for f in dataclasses.fields(self)}
        changed = {name: value for name, (value, default) in fields.items() if value != default}
        if self.order_seed == self.seed:
            changed.pop("order_seed", None)
        text = json.dumps(changed, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @classmethod
    def from_dict(cls, fields):
        known = {f.name for f in dataclasses.fields(cls)}
        unknown = sorted(set(fields) - known)
        if unknown:
            raise UsageError(f"unknown run fields {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        return cls(**fields)


def snapshots(schedule, steps):
    """Iterations at which the network is kept (METHODS D5), ending with the last.

    >>> len(snapshots("anchor", 200_000)), len(snapshots("sweep", 200_000))
    (495, 139)
    >>> snapshots("anchor", 3)
    [0, 1, 2, 3]
    """
    ladders = {
        "anchor": (range(50), range(50, 500, 10), range(500, steps, 500)),
        "sweep": (range(20), range(20, 200, 10), range(200, steps, 2000)),
    }
    if schedule not in ladders:
        raise UsageError(f"schedule is {schedule!r}; it must be one of {', '.join(ladders)}")
    kept = [t for ladder in ladders[schedule] for t in ladder if t < steps]
    return [*kept, steps]
