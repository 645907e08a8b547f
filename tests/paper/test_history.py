"""What the history of the ledger says, on a small repository whose history is known."""

import subprocess

import pytest

from critnet.cli import main
from critnet.errors import DataError, UsageError
from critnet.paper import history

HEAD = "id,definition,value,verdict,rule"


def commit(root, day):
    date = f"2026-01-{day:02d}T12:00:00"
    who = ["-c", "user.name=A Reader", "-c", "user.email=reader@example.org", "-c", "commit.gpgsign=false"]
    environment = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date, "PATH": "/usr/bin:/bin:/usr/local/bin"}
    for arguments in (["add", "--all"], [*who, "commit", "--quiet", "--message", f"day {day}"]):
        subprocess.run(["git", "-C", root, *arguments], check=True, env=environment)


@pytest.fixture
def clone(tmp_path):
    """Day 1 declares C01; day 2 holds its number; day 3 declares C02 with its number and moves C01's verdict; day 4
    rewords C01's rule; day 5 only writes a note elsewhere."""
    root = tmp_path / "clone"
    source, ledger = root / "critnet" / "paper" / "fig1" / "claims.py", root / "data" / "claims.csv"
    source.parent.mkdir(parents=True)
    ledger.parent.mkdir()
    subprocess.run(["git", "init", "--quiet", root], check=True)
    source.write_text('@claim("C01", "1a")\n')
    commit(root, 1)
    ledger.write_text(f"{HEAD}\nC01,control,1,partly,R: > 2\n")
    commit(root, 2)
    source.write_text('@claim("C01", "1a")\n@claim("C02", "1b")\n')
    ledger.write_text(f"{HEAD}\nC01,control,3,reproduced,R: > 2\nC02,control,5,partly,R: > 9\n")
    commit(root, 3)
    ledger.write_text(
        f"{HEAD}\nC01,control,3,reproduced,R: >= 2\nC02,control,5,partly,R: > 9\nC03,control,1,partly,R: > 0\n"
    )
    commit(root, 4)
    (root / "note.txt").write_text("nothing")
    commit(root, 5)
    return root


def test_each_row_has_its_past(clone):
    first, second, third = history.of_results(clone / "data")
    assert (first.id, first.order, first.declared.date, first.first.date, first.verdict) == (
        "C01", "before", "2026-01-01 12:00", "2026-01-02 12:00", "partly"
    )  # fmt: skip
    assert [(m.commit.date, m.changed, m.before, m.after) for m in first.moves] == [
        ("2026-01-03 12:00", "number", "partly", "reproduced"),
        ("2026-01-04 12:00", "rule", "reproduced", "reproduced"),
    ]
    assert (second.id, second.order, second.moves) == ("C02", "with", [])
    assert (third.id, third.order, third.declared) == ("C03", "unknown", None)


def test_the_words_say_what_moved(clone):
    lines = history.as_text(history.of_results(clone / "data")).splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("C01  control   declared before")
    assert lines[1].endswith("2026-01-03 12:00, number: partly -> reproduced")
    assert lines[2].endswith("2026-01-04 12:00, rule: reproduced as before")
    assert "declared with" in lines[3]
    assert "not in the sources" in lines[4]


def test_the_command_prints_one_claim_or_all(clone, monkeypatch, capsys):
    monkeypatch.setattr("critnet.paper.results.folder", lambda: clone / "data")
    assert main(["claims", "--history"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 5


def test_without_a_history_an_error_says_what_to_do(tmp_path, clone, monkeypatch):
    (tmp_path / "alone").mkdir()
    with pytest.raises(UsageError, match="in no git repository"):
        history.of_results(tmp_path / "alone")
    subprocess.run(["git", "init", "--quiet", tmp_path / "bare"], check=True)
    (tmp_path / "bare" / "data").mkdir()
    with pytest.raises((UsageError, DataError)):
        history.of_results(tmp_path / "bare" / "data")
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", clone.as_uri(), shallow], check=True)
    with pytest.raises(UsageError, match="fetch --unshallow"):
        history.of_results(shallow / "data")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="install git"):
        history.of_results(clone / "data")
