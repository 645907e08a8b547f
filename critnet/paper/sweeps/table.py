"""data/runs.csv: one row a run, with what it was, how it ended, and where it was trained."""

import csv
import io
from typing import NamedTuple

import joblib
import numpy as np
from threadpoolctl import threadpool_limits

from critnet.losses.deviations import convergence_criterion, entropy_change
from critnet.neurons.activity import forward
from critnet.paper.experiments import EXPERIMENTS, named
from critnet.paper.published import LOSS_THRESHOLD
from critnet.training import runs
from critnet.training.datasets import training_labels

DEFINITIONS = ("as-coded", "control", "upper-tail")


class Row(NamedTuple):
    """One run. Losses and entropies are in nats and taken at the last iteration over all training images.

    `labels` are "true", or "shuffled" in a null that was trained on training labels in random order, which
    `train_accuracy` is then about. `state` is "done", "diverged" (its loss stopped being finite at `diverged_at`) or
    "not run"; a number that does not exist is an empty field. `criterion` is ln(mean loss / entropy change); a diverged
    run has the value that the authors give it (D27a).
    """

    digest: str
    experiments: str
    hidden: int
    learning_rate: float
    batch_size: int
    mobility: float
    init: str
    init_scale: float
    seed: int
    steps: int
    schedule: str
    labels: str
    state: str
    mean_loss: float | None = None
    max_loss: float | None = None
    train_accuracy: float | None = None
    test_accuracy: float | None = None
    entropy_as_coded: float | None = None
    entropy_control: float | None = None
    entropy_upper_tail: float | None = None
    criterion_as_coded: float | None = None
    criterion_control: float | None = None
    criterion_upper_tail: float | None = None
    diverged_at: int | None = None
    seconds: float | None = None
    device: str = ""
    threads: int | None = None
    torch: str = ""
    critnet: str = ""


def rows(configs, folders, committed, digits, *, jobs=1):
    """The whole catalogue: measured where the raw run is here, as committed where it is not, else "not run".

    Parameters
    ----------
    configs, folders : runs that are done here, and their folders
    committed : path of a table written before, or of none
    digits : the images and labels of the runs
    jobs : processes

    Returns
    -------
    list of Row, in the order of the experiments.
    """
    member: dict[str, list] = {}
    for name in EXPERIMENTS:
        if name != "full-grid":
            for c in named([name]):
                member.setdefault(c.digest, []).append(name)
    here = joblib.Parallel(n_jobs=jobs)(
        joblib.delayed(measure)(c, f, digits.images, digits.labels) for c, f in zip(configs, folders, strict=True)
    )
    measured = {c.digest: values for c, values in zip(configs, here, strict=True)}
    before = {row.digest: row for row in read(committed)} if committed.exists() else {}
    table = []
    for c in named([name for name in EXPERIMENTS if name != "full-grid"]):
        what = {
            "digest": c.digest, "experiments": " ".join(member[c.digest]), "hidden": c.hidden,
            "learning_rate": c.learning_rate, "batch_size": c.batch_size, "mobility": c.mobility, "init": c.init,
            "init_scale": c.init_scale, "seed": c.seed, "steps": c.steps, "schedule": c.schedule,
            "labels": "true" if c.label_seed is None else "shuffled",
        }  # fmt: skip
        if c.digest in measured:
            table.append(Row(**what, **measured[c.digest]))
        elif c.digest in before:
            table.append(before[c.digest]._replace(**what))
        else:
            table.append(Row(**what, state="not run"))
    return table


def measure(config, folder, images, labels):
    """The fields of one finished run that are not its configuration."""
    run = runs.open_run(folder)
    summary = run.summary
    values = {
        "diverged_at": summary["diverged_at"], "seconds": summary["seconds"], "device": summary["device"],
        "threads": summary["threads"], "torch": summary["versions"]["torch"], "critnet": summary["versions"]["critnet"],
    }  # fmt: skip
    final = list(run.snapshots([config.steps]))
    if not final or summary["diverged_at"] is not None:
        criterion = convergence_criterion(np.nan, np.nan)
        return {**values, "state": "diverged", **{f"criterion_{_key(d)}": float(criterion) for d in DEFINITIONS}}
    (last,) = final
    losses = last.losses.astype(np.float64)
    entropy = {d: float(entropy_change(losses, LOSS_THRESHOLD, definition=d)) for d in DEFINITIONS}
    with threadpool_limits(1):  # the same bytes from any number of processes
        correct = forward(last.weights, images)[-10:].argmax(0) == training_labels(config, labels)
    return {
        **values,
        "state": "done",
        "mean_loss": float(losses.mean()),
        "max_loss": float(losses.max()),
        "train_accuracy": float(correct.mean()),
        "test_accuracy": last.test_accuracy,
        **{f"entropy_{_key(d)}": s for d, s in entropy.items()},
        **{f"criterion_{_key(d)}": float(convergence_criterion(losses.mean(), s)) for d, s in entropy.items()},
    }


def _key(definition):
    return definition.replace("-", "_")


def as_csv(table):
    """The table as text: seven digits, an empty field where there is no number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Row._fields)
    for row in table:
        writer.writerow(["" if v is None else f"{v:.7g}" if isinstance(v, float) else v for v in row])
    return text.getvalue()


def read(path):
    """The rows of a table that `as_csv` wrote."""
    kinds = {name: str(kind) for name, kind in Row.__annotations__.items()}
    with open(path, encoding="utf-8", newline="") as lines:
        return [
            Row(**{name: _value(text, kinds[name]) for name, text in fields.items()})
            for fields in csv.DictReader(lines)
        ]


def _value(text, kind):
    if "str" in kind:
        return text
    if text == "":
        return None
    return int(text) if "int" in kind else float(text)
