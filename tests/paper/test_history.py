"""The history of claims, on a small repository made here: what each commit did is known."""

import subprocess
from pathlib import Path

import pytest

import critnet
from critnet import cli
from critnet.errors import DataError
from critnet.paper import history, ledger

HEAD = "id,definition,value,verdict\n"


def git(root, *arguments):
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(root, **files):
    for name, text in files.items():
        path = root / (history.LEDGER if name == "ledger" else f"{history.DECLARED_IN}/{name}.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text, encoding="utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x")
    return git(root, "rev-parse", "HEAD")[:7]


def declaration(name, rule):
    return f'@claim("{name}", "1b", "says", "4", {rule})\ndef measured(data):\n    pass\n'


@pytest.fixture
def clone(tmp_path, monkeypatch):
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "clone"
    root.mkdir()
    git(root, "init", "-q")
    return root


def short(events):
    return [(event.commit, event.what, event.words) for event in events]


def test_rule_then_number_then_changes(clone):
    rule = commit(clone, one=declaration("C02", "at_least(3, 2)"))
    number = commit(clone, ledger=HEAD + "C02,control,2.5,partly\n")
    commit(clone, one=declaration("C02", "at_least(3,  # laid out anew\n    2)"))
    commit(clone, one=None, two=declaration("C02", "at_least(3, 2)"))  # moved to another file: the rule is the same
    changed = commit(clone, two=declaration("C02", "at_least(2, 1)"), ledger=HEAD + "C02,control,2.5,reproduced\n")
    gone = commit(clone, ledger=HEAD)
    found = history.of_clone(clone)
    assert short(found["C02"]) == [
        (rule, "rule", ""),
        (number, "first number", "control: 2.5, partly"),
        (changed, "rule changed", ""),
        (changed, "moved", "control: 2.5, partly -> reproduced"),
        (gone, "left", "control: 2.5, reproduced"),
    ]
    assert history.order(found["C02"]) == "rule committed before the number, its text changed since"


def test_one_claim_has_the_events_it_has_among_all(clone):
    commit(clone, one=declaration("C10", "above(1)") + declaration("C9", "above(2)"))
    commit(clone, ledger=HEAD + "C9,control,1,partly\nC10,control,,not testable\n")
    found = history.of_clone(clone)
    assert list(found) == ["C9", "C10"]
    assert all(history.of_clone(clone, name) == {name: events} for name, events in found.items())
    assert found["C10"][-1].words == "control: no number, not testable"
    assert history.in_words(found).endswith("\n2 claims: 2 rule committed before the number")


def test_rule_and_number_in_one_commit_and_a_number_before_its_rule(clone):
    commit(clone, one=declaration("C01", "above(1)"), ledger=HEAD + "C01,control,1,partly\nC02,control,1,partly\n")
    commit(clone, one=declaration("C01", "above(1)") + declaration("C02", "above(1)"))
    found = history.of_clone(clone)
    assert history.order(found["C01"]) == "rule and number in one commit"
    assert history.order(found["C02"]) == "number committed before the rule"


def test_a_folder_that_is_no_clone_is_refused(clone, tmp_path, monkeypatch):
    commit(clone, one=declaration("C01", "above(1)"))
    with pytest.raises(DataError, match="folder of another repository"):
        history.of_clone(clone / history.DECLARED_IN)
    (tmp_path / "bare").mkdir()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DataError, match="install git"):
        history.of_clone(tmp_path / "bare")


def test_every_claim_of_the_ledger_has_a_rule_that_is_found():
    """In the modules as they are here, so that no form of declaration is overlooked; the commits are not needed."""
    root = Path(critnet.__file__).parent / "paper"
    found = {name for path in root.rglob("*.py") for name in history._declared(path.read_bytes())}
    assert found == {claim.id for claim in ledger.claims()}


def test_outside_any_repository(tmp_path):
    with pytest.raises(DataError, match="run this in a clone"):
        history.of_clone(tmp_path)


def test_a_clone_that_was_cut_short_is_refused(clone, tmp_path):
    commit(clone, one=declaration("C01", "above(1)"))
    commit(clone, one=declaration("C01", "above(2)"))
    git(tmp_path, "clone", "-q", "--depth", "1", clone.as_uri(), "short")
    with pytest.raises(DataError, match="unshallow"):
        history.of_clone(tmp_path / "short")


def test_explain_says_why_it_knows_no_history(monkeypatch, capsys):
    def refused(root=None, identity=None):
        raise DataError("no clone here")

    monkeypatch.setattr(history, "of_clone", refused)
    assert cli.claims(explain="C32") == 0
    assert capsys.readouterr().out.endswith("history   not known: no clone here\n")


def test_the_command_prints_the_history_of_the_clone(clone, monkeypatch, capsys):
    first = commit(clone, one=declaration("C01", "above(1)"), ledger=HEAD + "C01,control,2,partly\n")
    found = history.of_clone(clone)
    monkeypatch.setattr(history, "of_clone", lambda: found)
    assert cli.claims(history=True) == 0
    day = git(clone, "show", "-s", "--format=%cs", first)
    assert capsys.readouterr().out.splitlines() == [
        "C01: rule and number in one commit",
        f"  {day} {first} rule",
        f"  {day} {first} first number, control: 2, partly",
        "",
        "1 claims: 1 rule and number in one commit",
    ]


def test_the_command_fails_with_the_code_of_missing_data(tmp_path, monkeypatch, capsys):
    whole = history.of_clone
    monkeypatch.setattr(history, "of_clone", lambda: whole(tmp_path))
    assert cli.main(["claims", "--history"]) == 3
    assert "run this in a clone" in capsys.readouterr().err
