"""What the cache holds of a list of runs: done, diverged, running, interrupted, failed or missing."""

import json
from typing import NamedTuple

from critnet import archive
from critnet.errors import CritnetError
from critnet.training import runs
from critnet.training.config import RunConfig
from critnet.training.cost import seconds_estimate

STATES = ("done", "diverged", "running", "interrupted", "failed", "damaged", "missing")


class State(NamedTuple):
    """One run of the cache. `step` is the last checkpoint; `seconds` what a finished run took."""

    name: str
    step: int = 0
    seconds: float | None = None
    message: str = ""


def state_of(config, cache):
    """The state of one run; reads its summary, never its arrays."""
    folder = runs.run_folder(cache, config)
    if runs.is_done(folder):
        try:
            summary = runs.read_summary(folder)
        except CritnetError as error:
            return State("damaged", message=str(error))
        name = "done" if summary["diverged_at"] is None else "diverged"
        return State(name, config.steps, summary["seconds"])
    step = max(runs.checkpoints(folder), default=0)
    if archive.holder(folder / "lock"):
        return State("running", step)
    message = _failure(folder)
    if message:
        return State("failed", step, message=message)
    return State("interrupted", step) if step or folder.is_dir() else State("missing")


def note_failure(cache, configs, message):
    """Leave the reason beside runs that failed, as far as the disk lets us."""
    for config in configs:
        folder = runs.run_folder(cache, config)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            archive.atomic_write(folder / "failed.json", archive.dumps_json({"message": message}).encode())
        except (OSError, CritnetError):
            return


def forget_failure(cache, configs):
    for config in configs:
        (runs.run_folder(cache, config) / "failed.json").unlink(missing_ok=True)


def _failure(folder):
    try:
        return str(json.loads((folder / "failed.json").read_bytes())["message"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def in_words(config):
    """A run in words: its fields that differ from the default, and its digest.

    >>> in_words(RunConfig(hidden=20, seed=3))
    'hidden 20, seed 3 (6329ff803cbc65ec)'
    """
    default = RunConfig().as_dict()
    changed = [
        f"{k.replace('_', ' ')} {v:g}" if isinstance(v, float) else f"{k.replace('_', ' ')} {v}"
        for k, v in config.as_dict().items()
        if v != default.get(k)
    ]
    return f"{', '.join(changed) or 'the anchor'} ({config.digest})"


def seconds_left(rows):
    """Seconds that what is not done takes on one core, checkpoints counted, by the estimate."""
    rest = [(c, s.step) for c, s in rows if s.name not in ("done", "diverged")]
    return sum(seconds_estimate(c) * (1 - step / (c.steps + 1)) for c, step in rest)


def as_text(name, rows):
    """The table that `critnet campaign --status` prints; rows of (RunConfig, State)."""
    lines = [f"{name}: {len(rows)} runs", f"{'state':<12} {'runs':>5}  {'CPU time':>12}"]
    for state in STATES:
        group = [(c, s) for c, s in rows if s.name == state]
        finished = state in ("done", "diverged")
        seconds = sum(s.seconds for _, s in group) if finished else seconds_left(group)
        lines.append(f"{state:<12} {len(group):>5}  {_hours(seconds):>12}{'' if finished or not group else ' to go'}")
    for config, state in rows:
        if state.name in ("running", "interrupted"):
            lines.append(f"{state.name}: {in_words(config)}, checkpoint at {state.step} of {config.steps}")
        elif state.name in ("failed", "damaged", "diverged"):
            lines.append(f"{state.name}: {in_words(config)}{': ' + state.message if state.message else ''}")
    lines.append(f"the rest takes about {_hours(seconds_left(rows))} on one core")
    return "\n".join(lines)


def as_json(rows):
    return archive.dumps_json(
        [
            {"digest": c.digest, "configuration": c.as_dict(), **s._asdict(), "estimate_seconds": seconds_estimate(c)}
            for c, s in rows
        ]
    )


def _hours(seconds):
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"
