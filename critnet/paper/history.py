"""Which came first, a claim's rule or its number: read from the git history of the repository that holds the ledger.

It shows what the history holds and no more: in which commit a claim was first declared, in which its number first
stood in the ledger, and each later commit that moved a verdict or reworded a rule. It does not show what was known
before a commit was made.
"""

import csv
import io
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from critnet.errors import DataError, UsageError

LEDGER = "claims.csv"
DECLARED = re.compile(r'^\+.*"(C\d{2,3})"')  # a line that was added and holds the number of a claim
_FORMAT, _DATE = "commit %h %cd", "--date=format:%Y-%m-%d %H:%M"
SOURCES = ":(glob)critnet/paper/fig*/**"  # where claims are declared


class Commit(NamedTuple):
    """A commit: its abbreviated hash and its date (YYYY-MM-DD hh:mm, in the committer's time)."""

    hash: str
    date: str


class Move(NamedTuple):
    """A later commit that changed a row: what it did ("rule", "number" or "rule and number") and both verdicts."""

    commit: Commit
    changed: str
    before: str
    after: str


class Past(NamedTuple):
    """The past of one row: where its claim was declared (None where no source names it), where its number first stood
    and with which verdict, and what happened to it since."""

    id: str
    definition: str
    declared: Commit | None
    first: Commit
    verdict: str
    moves: list

    @property
    def order(self):
        """Whether the claim was declared "before" its number stood in the ledger, "with" it, or "unknown"."""
        if self.declared is None:
            return "unknown"
        return "with" if self.declared.hash == self.first.hash else "before"


def _git(folder, *arguments):
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except FileNotFoundError as missing:
        raise UsageError("the history is read by git, which is not installed here; install git") from missing
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise UsageError(f"git {arguments[0]} in {folder} failed: {said[-1] if said else done.returncode}")
    return done.stdout.decode("utf-8", errors="replace")


def _root(folder):
    """The repository that holds a folder, with its whole history."""
    folder = Path(folder).resolve()
    try:
        root = Path(_git(folder, "rev-parse", "--show-toplevel").strip())
    except UsageError as reason:
        if "not installed" in str(reason):
            raise
        raise UsageError(f"{folder} is in no git repository; the history is in a clone of the project") from reason
    if _git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise UsageError(f"{root} is a shallow clone, which has no history; run git fetch --unshallow there")
    return root


def versions(folder):
    """Every version of the ledger, oldest first: list of (Commit, {(id, definition): fields}).

    Parameters
    ----------
    folder : the folder of the results, in a clone of the project

    Raises
    ------
    UsageError
        Without git, outside a clone, or in a shallow one.
    DataError
        If no commit holds a ledger.
    """
    folder = Path(folder).resolve()
    root = _root(folder)
    path = (folder / LEDGER).relative_to(root).as_posix()
    found = []
    for commit in _commits(_git(root, "log", "--reverse", _DATE, f"--format={_FORMAT}", "--", path)):
        listed = _git(root, "ls-tree", "--name-only", commit.hash, "--", path)
        if listed.strip():  # not a commit that took it away
            text = _git(root, "show", f"{commit.hash}:{path}")
            rows = csv.DictReader(io.StringIO(text, newline=""))
            found.append((commit, {(row["id"], row["definition"]): row for row in rows}))
    if not found:
        raise DataError(f"no commit of {root} holds {path}")
    return found


def _commits(text):
    """Commits of lines "commit HASH DATE"."""
    return [_commit(line) for line in text.splitlines() if line.startswith("commit ")]


def _commit(line):
    _, name, *date = line.split(" ")
    return Commit(name, " ".join(date))


def declarations(folder):
    """Claim to the Commit that first added its number to the sources of a figure."""
    root = _root(folder)
    found: dict[str, Commit] = {}
    now = None
    for line in _git(root, "log", "--reverse", "-p", _DATE, f"--format={_FORMAT}", "--", SOURCES).splitlines():
        if line.startswith("commit "):
            now = _commit(line)
        elif now is not None and (named := DECLARED.match(line)):
            found.setdefault(named[1], now)
    return found


def past(versions, declared):
    """The past of every row that any version holds, in the order in which they first appear.

    Parameters
    ----------
    versions, declared : what the functions of these names return

    Returns
    -------
    list of Past

    Examples
    --------
    >>> old, new = ({"verdict": v, "rule": "R: > 1", "value": "2"} for v in ("partly", "reproduced"))
    >>> a, b = Commit("aaa", "2026-01-01"), Commit("bbb", "2026-01-02")
    >>> (row,) = past([(a, {("C01", "control"): old}), (b, {("C01", "control"): new})], {"C01": a})
    >>> row.order, [(m.changed, m.before, m.after) for m in row.moves]
    ('with', [('number', 'partly', 'reproduced')])
    """
    found: dict[tuple, Past] = {}
    latest: dict[tuple, dict] = {}
    for commit, rows in versions:
        for key, row in rows.items():
            if key not in found:
                found[key] = Past(key[0], key[1], declared.get(key[0]), commit, row["verdict"], [])
            else:
                before = latest[key]
                reworded = row["rule"] != before["rule"]
                if reworded or row["verdict"] != before["verdict"]:
                    changed = [*["rule"] * reworded, *["number"] * (row["value"] != before["value"])] or ["number"]
                    move = Move(commit, " and ".join(changed), before["verdict"], row["verdict"])
                    found[key].moves.append(move)
            latest[key] = row
    return list(found.values())


def of_results(folder):
    """The past of every row of the ledger in a folder of results."""
    return past(versions(folder), declarations(folder))


def as_text(rows):
    """The history for a terminal: a line a row, and one for each later change."""
    words = {"before": "declared before", "with": "declared with", "unknown": "not in the sources"}
    lines = []
    for row in rows:
        declared = f"{row.declared.hash} {row.declared.date}, " if row.declared else ""
        first = f"number {row.first.hash} {row.first.date}: {row.verdict}"
        lines.append(f"{row.id:<5}{row.definition:<9} {words[row.order]:<19} {declared}{first}")
        lines += [
            f"{'':<15}{m.commit.hash} {m.commit.date}, {m.changed}: "
            + (f"{m.before} -> {m.after}" if m.before != m.after else f"{m.after} as before")
            for m in row.moves
        ]
    return "\n".join(lines)
