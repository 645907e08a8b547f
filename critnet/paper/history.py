"""When each rule was fixed, when its number first stood in the ledger, and what moved later: from a clone's commits.

A rule is the text of the fifth argument of the decorator that declares a claim (of the sixth of `Claim(...)`, which did
so formerly), read from every committed module of critnet.paper without running it. What a rule refers to by name (a
constant, the function that measures) can change without its text, and a number may have been known before it was
committed: the history shows neither.
"""

import ast
import csv
import io
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import critnet
from critnet.errors import DataError

LEDGER = "data/claims.csv"
DECLARED_IN = "critnet/paper"
_ABSENT = "0" * 40


class Event(NamedTuple):
    """Something that a commit did to a claim: `what` is "rule", "rule changed", "first number", "moved" or "left"."""

    commit: str
    day: str
    what: str
    words: str


def of_clone(root=None, identity=None):
    """The events of each claim, oldest first.

    Parameters
    ----------
    root : path of a clone, by default the one this package is in
    identity : str, one claim, which is quicker than all

    Returns
    -------
    dict of claim to list of Event, in the order of the claims' numbers

    Raises
    ------
    DataError
        Without git, outside a clone, or in a clone that was cut short.
    """
    root = Path(critnet.__file__).parents[1] if root is None else Path(root)
    _whole_clone(root)
    commits = _commits(root)
    blobs = _contents(root, {blob for _, _, changes in commits for blob in changes.values()} - {_ABSENT})
    declared: dict[str, dict[str, str]] = {}
    rows: dict[tuple, tuple] = {}
    rules: dict[str, str] = {}
    found: dict[str, list[Event]] = {}
    for commit, day, changes in commits:

        def note(name, what, words="", commit=commit, day=day):
            found.setdefault(name, []).append(Event(commit[:7], day, what, words))

        for path, blob in changes.items():
            if path != LEDGER:
                declared[path] = _declared(blobs.get(blob, b""), identity)
        for name, text in {name: text for module in declared.values() for name, text in module.items()}.items():
            if rules.get(name) != text:
                note(name, "rule changed" if name in rules else "rule")
            rules[name] = text
        if LEDGER in changes:
            before, rows = rows, _rows(blobs.get(changes[LEDGER], b""), identity)
            for key in {**before, **rows}:
                for what, words in _moved(key[1], before.get(key), rows.get(key)):
                    note(key[0], what, words)
    return {name: found[name] for name in sorted(found, key=lambda name: int(name[1:]))}


def _git(root, *arguments, given=None):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(["git", *arguments], cwd=root, input=given, capture_output=True, env=environment)
    except FileNotFoundError:
        raise DataError(
            f"the history of the claims is read from {root} by git, which is not here: install git"
        ) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise DataError(f"the history of the claims is in the commits of a clone, and {root} is none that git can read "
                        f"({said}): run this in a clone of the project")  # fmt: skip
    return done.stdout


def _whole_clone(root):
    shallow, prefix = (_git(root, "rev-parse", "--is-shallow-repository", "--show-prefix").decode() + "\n").split("\n")[
        :2
    ]
    if prefix:
        raise DataError(f"{root} is a folder of another repository, not a clone of the project: run this in a clone")
    if shallow == "true":
        raise DataError(
            f"the clone {root} was cut short, so its first commit is not the first: `git fetch --unshallow`"
        )


def _commits(root):
    """(commit, day, {path: blob}) of each commit that touched the ledger or a module that can declare rules."""
    text = _git(root, "-c", "core.quotePath=false", "log", "--reverse", "--topo-order", "--raw", "--no-abbrev",
                "--no-renames", "--format=commit %H %cs", "--", LEDGER, DECLARED_IN).decode()  # fmt: skip
    commits = []
    for line in text.splitlines():
        if line.startswith("commit "):
            commits.append((*line.split()[1:], {}))
        elif line.startswith(":"):
            fields, path = line.split("\t", 1)
            if path == LEDGER or path.endswith(".py"):
                commits[-1][2][path] = fields.split()[3]
    return commits


def _contents(root, blobs):
    """Content of each blob."""
    wanted = sorted(blobs)
    stream = io.BytesIO(_git(root, "cat-file", "--batch", given="".join(f"{b}\n" for b in wanted).encode()))
    contents = {}
    for blob in wanted:
        size = int(stream.readline().split()[2])
        contents[blob] = stream.read(size)
        stream.read(1)
    return contents


def _declared(source, identity=None):
    """Claim to the text of its rule, as a module declares it.

    >>> _declared(b'@claim("C07", "1b", "says", "4", at_least( 3,\\n 2))' + b'\\ndef f(): pass')
    {'C07': 'at_least(3, 2)'}
    >>> _declared(b'claim("C07"')
    {}
    >>> _declared(b'old = Claim("C08", "1.1", "1c", "says", "4", "R: >= 3", f)')
    {'C08': "'R: >= 3'"}
    """
    named = rb'"C\d+"' if identity is None else f'"{identity}"'.encode()
    if not re.search(named, source):
        return {}
    try:
        tree = ast.parse(source)
    except SyntaxError:  # an early commit may hold a module that Python cannot read: it declares nothing
        return {}
    rules = {}
    above = {id(call) for node in ast.walk(tree) for call in getattr(node, "decorator_list", ())}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
            continue
        first = node.args[0]
        formerly = isinstance(node.func, ast.Name) and node.func.id == "Claim"
        if not (formerly or id(node) in above) or not re.fullmatch(r"C\d+", str(first.value)):
            continue
        place = 5 if formerly else 4
        by_name = [word.value for word in node.keywords if word.arg == "rule"]
        rule = by_name or node.args[place : place + 1]
        if rule and identity in (None, first.value):
            rules[first.value] = ast.unparse(rule[0])
    return rules


def _rows(text, identity=None):
    """(claim, definition) to (value, verdict), texts both."""
    lines = csv.DictReader(io.StringIO(text.decode(), newline=""))
    return {(line["id"], line["definition"]): (line["value"], line["verdict"])
            for line in lines if identity in (None, line["id"])}  # fmt: skip


def _moved(definition, before, after):
    """What became of a row, and in words.

    >>> _moved("as-coded", None, ("2.5", "partly"))
    [('first number', 'as-coded: 2.5, partly')]
    >>> _moved("as-coded", ("2.5", "partly"), ("2.5", "undecided"))
    [('moved', 'as-coded: 2.5, partly -> undecided')]
    >>> _moved("as-coded", ("2.5", "partly"), ("2.5", "partly"))
    []
    """
    if before == after:
        return []
    if before is None or after is None:
        value, verdict = after or before
        return [("first number" if after else "left", f"{definition}: {value or 'no number'}, {verdict}")]
    value, verdict = (new or "none" if old == new else f"{old or 'none'} -> {new or 'none'}"
                      for old, new in zip(before, after, strict=True))  # fmt: skip
    return [("moved", f"{definition}: {value}, {verdict}")]


def order(events):
    """Which came first, rule or number, and whether the rule's text changed once the number was there.

    >>> rule, number = Event("aaaaaaa", "2026-01-01", "rule", ""), Event("bbbbbbb", "2026-01-02", "first number", "")
    >>> order([rule, number]), order([rule._replace(commit="bbbbbbb"), number]), order([rule])
    ('rule committed before the number', 'rule and number in one commit', 'no number yet')
    >>> order([rule, number, rule._replace(what="rule changed")])
    'rule committed before the number, its text changed since'
    """
    what = [event.what for event in events]
    if "first number" not in what:
        return "no number yet"
    number = what.index("first number")
    if "rule" not in what:
        return "no rule found in a declaration"
    rule = what.index("rule")
    if events[rule].commit == events[number].commit:
        first = "rule and number in one commit"
    else:
        first = "rule committed before the number" if rule < number else "number committed before the rule"
    return first + (", its text changed since" if "rule changed" in what[number:] else "")


def in_words(history):
    """The events of all claims as the terminal shows them, and how many claims came in which order."""
    lines, orders = [], [order(events) for events in history.values()]
    for (name, events), said in zip(history.items(), orders, strict=True):
        lines += [f"{name}: {said}", *(f"  {line}" for line in of_one(events)), ""]
    counts = "; ".join(f"{orders.count(said)} {said}" for said in sorted(set(orders)))
    return "\n".join([*lines, f"{len(history)} claims: {counts or 'none'}"])


def of_one(events):
    """One line an event.

    >>> of_one([Event("aaaaaaa", "2026-01-01", "rule", ""), Event("bbbbbbb", "2026-01-02", "moved", "control: 1 -> 2")])
    ['2026-01-01 aaaaaaa rule', '2026-01-02 bbbbbbb moved, control: 1 -> 2']
    """
    return [f"{e.day} {e.commit} {e.what}{f', {e.words}' if e.words else ''}" for e in events]
