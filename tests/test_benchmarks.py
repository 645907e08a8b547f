"""The benchmarks' own arithmetic: what is compared with what, and which rows of the table stay."""

import json

from benchmarks import book, chapters, former


def test_only_frames_that_both_versions_have_are_compared():
    ours = {"fig-1b": ["a", "b"], "fig-2g": ["c"], "fig-9": ["d"], "live-training": ["e"]}
    theirs = {"fig-1b": ["b", "f"], "fig-2g": ["g"], "live-training": ["e"]}
    assert book.shared(ours, theirs) == {"fig-1b": ["b"]}


def test_frames_are_spread_over_an_explorable():
    assert book.spread(list(range(100)), 12) == [0, 9, 18, 27, 36, 45, 54, 63, 72, 81, 90, 99]
    assert book.spread(list(range(12)), 12) == list(range(12))


def test_seconds_are_those_of_a_frame_and_the_ratio_that_of_all():
    frames = {"fig-1a": ["a", "b", "c"], "fig-1b": ["a"]}
    row = book.compared({"fig-1a": 3.0, "fig-1b": 1.0}, {"fig-1a": 15.0, "fig-1b": 1.0}, frames, "a machine")
    assert (row.ours_s, row.peer_s, row.n) == (1, 4, 4)
    assert (row.ratio_median, row.ratio_min, row.ratio_max) == (4, 1, 5)


def test_rows_of_other_cases_stay(tmp_path):
    out = tmp_path / "results.csv"
    assert former(out, []) == []
    out.write_text("case,peer\nx,old\ny,old\n")
    assert former(out, [["x", "new"]]) == [["y", "old"]]


def test_what_a_notebook_draws_is_run_and_its_tables_are_not(tmp_path):
    cells = [
        {"cell_type": "code", "source": ["draw(\n", "    1)"]},
        {"cell_type": "markdown", "source": ["draw(2)"]},
        {"cell_type": "code", "source": ["tables.for_page(rows, '1b')"]},
    ]
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    assert chapters.code_of(path) == ["draw(\n    1)"]


def test_frames_are_drawn_where_they_were_asked_for(monkeypatch, tmp_path):
    from critnet.explore import call

    monkeypatch.setattr(call, "_static", call._static)  # what main puts in its place goes with the test
    for name in ("CRITNET_STATIC", "CRITNET_FRAMES", "CRITNET_DATA_DIGEST"):
        monkeypatch.setenv(name, "x")
    path = tmp_path / "n.ipynb"
    source = (
        "from matplotlib.figure import Figure\nfrom critnet.explore import explore\n"
        "def panel(t):\n    return Figure()\n"
        "explore(panel, name='fig-1', t=[0, 1, 2])\nexplore(panel, name='fig-2', t=[0])"
    )
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": [source]}]}))
    done = chapters.main({"notebooks": [str(path)], "wanted": {"fig-1": ['{"t": 2}', '{"t": 5}']}})
    assert done["listed"] == {"fig-1": [f'{{"t": {t}}}' for t in (0, 1, 2)], "fig-2": ['{"t": 0}']}
    assert list(done["seconds"]) == ["fig-1"]
    assert done["seconds"]["fig-1"] > 0
