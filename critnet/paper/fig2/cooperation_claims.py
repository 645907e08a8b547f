"""Claims of section 2.4 on what starts and hyperparameters make of a run."""

import functools

import numpy as np

from critnet.paper import ledger
from critnet.paper.fig2 import cooperation
from critnet.paper.ledger import Amended
from critnet.paper.measured import Measured, NotTestable, over_networks, share
from critnet.paper.rules import at_least, at_most, both, within
from critnet.paper.sweeps import grid

claim = functools.partial(ledger.claim, section="2.4", data="sweeps")
BOTH_SIGNS = "share of the runs with d > 1 in which Delta S rises and the loss falls"
STARTED = "share of those from a diverged start with good hyperparameters"
SLOW = -9.0  # ln gamma below which a run counts as slow: learning rate <= 6.4/1024 or batch size >= 1024


def _of(sweeps, start, setting):
    rows = cooperation.table(sweeps)
    return rows[(rows["start"] == start) & (rows["setting"] == setting)]


def _steady(trend):
    """The runs whose mean loss falls and whose Delta S rises."""
    return (trend[:, 0] < 0) & (trend[:, 1] > 0)


@claim("C71", "2d", "good hyperparameters: Delta S rises and the mean loss falls, from a diverged landscape",
       "monotonic", both(at_least(0.9, above=0), at_most(-0.9, below=0, of="rank correlation of the mean loss")),
       amended=Amended(both(at_least(0.9, 0.6, of=BOTH_SIGNS), at_least(0.9, of=STARTED)),
                       "the sentence names diverged starts; those with d > 1 all start from Xavier weights"),
       quantity="rank correlation of Delta S with ln t", kind="existence",
       population="the runs from a diverged start with good hyperparameters")  # fmt: skip
def entropy_rises(sweeps, definition):
    """Rank correlation of Delta S with t, equal steps of ln t alike."""
    runs = _of(sweeps, "diverged", "good")["run"]
    if runs.empty:
        raise NotTestable("no run from a diverged start with good hyperparameters was made")
    trend, by_snapshot = (cooperation.trends(sweeps, runs, definition, even=e) for e in (True, False))
    rows = grid.of(sweeps, definition)
    good = cooperation.trends(sweeps, rows[(rows["d"] > 1) & ~rows["diverged"]]["run"], definition)
    also = {
        "rank correlation of the mean loss": trend[:, 0],
        "the same over snapshots": by_snapshot[:, 1],
        STARTED: share(_steady(trend).sum(), len(trend)),
    }
    if len(good):
        also[BOTH_SIGNS] = share(_steady(good).sum(), len(good))
    return Measured(trend[:, 1], also, grid.missing(rows).removeprefix("; "))


@claim("C72", "2d", "a concentrated landscape first diverges", "until t = 10^4", within((3e3, 3e4), (1e3, 1e5)),
       population="the runs from a concentrated start with good hyperparameters",
       quantity="iteration of the smallest Delta S",
       unit="iterations", follows_from="the passing of b by the mean loss")  # fmt: skip
def concentrated_first(sweeps, definition):
    """Iteration at which Delta S is smallest in the runs from a concentrated start with good hyperparameters."""
    rows = _of(sweeps, "concentrated", "good")
    if rows.empty:
        raise NotTestable("no run from a concentrated start was made")
    when, share = [], []
    for run in rows["run"]:
        step, loss, entropy, _ = cooperation.trajectory(sweeps, run, definition)
        when.append(step[entropy.argmin()])
        share.append(np.interp(1e4, step, loss) / loss[0])
    return Measured(when, {"mean loss at t = 10^4 over that at the start": share}, f"{len(when)} of 3 seeds")


@claim("C73", "2d", "slow runs still have a falling criterion", "monotonic", at_most(-0.9, -0.6),
       quantity="rank correlation of the criterion with ln t", kind="existence",
       population="the runs from a diverged start with a very small learning rate")  # fmt: skip
def slow_but_steady(sweeps, definition):
    """Rank correlation of the criterion with t, equal steps of ln t alike."""
    runs = _of(sweeps, "diverged", "bad")["run"]
    if runs.empty:
        raise NotTestable("no run from a diverged start with a small learning rate was made")
    trend, by_snapshot = (cooperation.trends(sweeps, runs, definition, even=e) for e in (True, False))
    also = {
        "the same over snapshots": by_snapshot[:, 2],
        "rank correlation of the mean loss": trend[:, 0],
        "rank correlation of Delta S": trend[:, 1],
    }
    rows = grid.of(sweeps, definition)
    slow = rows[(rows["ln_gamma"] < SLOW) & ~rows["diverged"]]
    xavier = cooperation.trends(sweeps, slow["run"], definition)
    for family, name in (("rate", "a small learning rate"), ("batch", "a large batch")):
        if (chosen := (slow["family"] == family).to_numpy()).any():
            also[f"from Xavier weights with {name}"] = over_networks(xavier[chosen, 2])
    return Measured(trend[:, 2], also, grid.missing(rows).removeprefix("; "))


@claim("C74", "2d", "bad hyperparameters do not converge in time", "not within 2e5", at_least(0.9, 0.6),
       population="the runs of the grid with d < -2",
       quantity="share of runs with d < -2 that do not converge", kind="existence")  # fmt: skip
def bad_never(sweeps, definition):
    """Share of the runs with d < -2 whose criterion at T is not below -5."""
    rows = grid.of(sweeps, definition)
    bad = rows[rows["d"] < -2]
    if bad.empty:
        raise NotTestable(f"no run lies at d < -2{grid.missing(rows)}")
    never = bad["criterion"] >= grid.CONVERGED
    answers = bad["test_accuracy"] >= grid.GUESSES
    also = {"the same without networks that guess": never[answers].mean()} if answers.any() else {}
    below = bad[bad["criterion"] < grid.CONVERGED]
    guess = int((below["test_accuracy"] < grid.GUESSES).sum())
    starts = _of(sweeps, "diverged", "bad"), _of(sweeps, "concentrated", "bad")
    ends = [", ".join(f"{cooperation.trajectory(sweeps, r, definition)[3][-1]:.1f}" for r in s["run"]) or "not run"
            for s in starts]  # fmt: skip
    text = (
        f"{len(below)} of {len(bad)} have a criterion below -5, of which {guess} answer no better than by guessing; "
        f"from a diverged start with bad hyperparameters it ends at {ends[0]}, from a concentrated one at {ends[1]}"
        f"{grid.missing(rows)}"
    )
    return Measured(share(never.sum(), len(bad)), also, text)
