"""Claims of section 2.4 on what starts and hyperparameters make of a run."""

import numpy as np

from critnet.paper.fig2 import cooperation
from critnet.paper.ledger import UNTESTABLE, Claim, Measured, verdict
from critnet.paper.sweeps import grid

SLOW = -9.0  # ln gamma below which a run counts as slow: learning rate <= 6.4/1024 or batch size >= 1024


def _of(sweeps, start, setting):
    rows = cooperation.table(sweeps)
    return rows[(rows["start"] == start) & (rows["setting"] == setting)]


def _steady(trend):
    """Share of runs whose mean loss falls and whose Delta S rises."""
    return np.mean((trend[:, 0] < 0) & (trend[:, 1] > 0))


def entropy_rises(sweeps, definition):
    """Rank correlation of Delta S with t in the runs with d > 1; the mean loss must fall as well."""
    rows = grid.of(sweeps, definition)
    good = rows[(rows["d"] > 1) & ~rows["diverged"]]
    if good.empty:
        return Measured([], UNTESTABLE, f"no run lies at d > 1{grid.missing(rows)}")
    trend = cooperation.trends(sweeps, good["run"], definition)
    share = _steady(trend)
    diverged = _of(sweeps, "diverged", "good")
    started = cooperation.trends(sweeps, diverged["run"], definition)
    told = ", ".join(f"{x:.2f}" for x in started[:, 1]) or "none was run"
    text = (
        f"both signs hold in {share:.0%} of the {len(good)} runs; these all start from Xavier weights, so the rule now "
        f"asks it of the {len(diverged)} runs from a diverged start with good hyperparameters too, in which the "
        f"correlation of Delta S is {told}; by d > 1 alone, as first written: {verdict(share >= 0.9, share >= 0.6)}"
        f"{grid.missing(rows)}"
    )
    whole = len(started) > 0 and _steady(started) >= 0.9
    return Measured(trend[:, 1], verdict(share >= 0.9 and whole, share >= 0.6 or whole), text)


def concentrated_first(sweeps, definition):
    """Iteration at which Delta S is smallest in the runs from a concentrated start with good hyperparameters."""
    rows = _of(sweeps, "concentrated", "good")
    if rows.empty:
        return Measured([], UNTESTABLE, "no run from a concentrated start was made")
    when, share = [], []
    for run in rows["run"]:
        step, loss, entropy, _ = cooperation.trajectory(sweeps, run, definition)
        when.append(step[entropy.argmin()])
        share.append(np.interp(1e4, step, loss) / loss[0])
    middle = np.median(when)
    text = f"{len(when)} of 3 seeds; by t = 10^4 the mean loss has fallen to {np.median(share):.2%} of its start"
    return Measured(when, verdict(3e3 <= middle <= 3e4, 1e3 <= middle <= 1e5), text)


def slow_but_steady(sweeps, definition):
    """Rank correlation of the criterion with t in the runs with ln gamma < -9."""
    rows = grid.of(sweeps, definition)
    slow = rows[(rows["ln_gamma"] < SLOW) & ~rows["diverged"]]
    if slow.empty:
        return Measured([], UNTESTABLE, f"no run lies below ln gamma = {SLOW:g}{grid.missing(rows)}")
    trend = cooperation.trends(sweeps, slow["run"], definition)
    by_family = {f: trend[(slow["family"] == f).to_numpy()] for f in grid.FAMILIES}
    told = "; ".join(
        f"by {'learning rate' if f == 'rate' else 'batch size'} ({len(t)} runs) the criterion {np.median(t[:, 2]):.2f},"
        f" the mean loss {np.median(t[:, 0]):.2f}, Delta S {np.median(t[:, 1]):.2f}"
        for f, t in by_family.items() if len(t)
    )  # fmt: skip
    middle = np.median(trend[:, 2])
    return Measured(trend[:, 2], verdict(middle <= -0.9, middle <= -0.6), f"medians: {told}{grid.missing(rows)}")


def bad_never(sweeps, definition):
    """Share of the runs with d < -2 whose criterion at T is not below -5."""
    rows = grid.of(sweeps, definition)
    bad = rows[rows["d"] < -2]
    if bad.empty:
        return Measured([], UNTESTABLE, f"no run lies at d < -2{grid.missing(rows)}")
    share = (bad["criterion"] >= grid.CONVERGED).mean()
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
    return Measured([share], verdict(share >= 0.9, share >= 0.6), text, n_runs=len(bad))


DATA = "sweeps"
CLAIMS = (
    Claim(
        "C71",
        "2.4",
        "2d",
        "good hyperparameters: Delta S rises and the mean loss falls, from a diverged landscape",
        "monotonic",
        "R: both signs (rank correlation with t >= 10) in >= 90 % of the runs with d > 1 and of those from a diverged "
        "start with good hyperparameters; P in >= 60 % of the first or >= 90 % of the second; N otherwise",
        entropy_rises,
    ),
    Claim(
        "C72",
        "2.4",
        "2d",
        "a concentrated landscape first diverges",
        "until t = 10^4",
        "R: Delta S is smallest at t of 3e3 to 3e4 (median); P 1e3 to 1e5; N otherwise",
        concentrated_first,
    ),
    Claim(
        "C73",
        "2.4",
        "2d",
        "slow runs still have a falling criterion",
        "monotonic",
        "R: median rank correlation of criterion and t <= -0.9 in the runs with ln gamma < -9; P <= -0.6; N otherwise",
        slow_but_steady,
    ),
    Claim(
        "C74",
        "2.4",
        "2d",
        "bad hyperparameters do not converge in time",
        "not within 2e5",
        "R: >= 90 % of the runs with d < -2 end with a criterion of at least -5; P >= 60 %; N less",
        bad_never,
    ),
)
