"""The costs that the page "Reproduce" and chapter 2.3 state are those of the model."""

import json
import re
from pathlib import Path

import pytest

from critnet.paper.experiments import EXPERIMENTS
from critnet.training.cost import seconds_estimate

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_page_reproduce_states_runs_and_cost_of_each_experiment(name):
    text = (ROOT / "book/reproduce.md").read_text(encoding="utf-8")
    n_runs, cost, unit = re.search(rf"\| `{name}` \| (\d+) \|[^|]*\| ([\d.]+) (min|h) \|", text).groups()
    configs = EXPERIMENTS[name]()
    here = sum(map(seconds_estimate, configs)) / {"min": 60, "h": 3600}[unit]
    assert int(n_runs) == len(configs)
    assert abs(float(cost) - here) <= 0.5 * 10.0 ** -len(cost.partition(".")[2])  # the digits that are stated


def test_longest_leaves_out_three_cells_of_the_grid_as_the_page_says():
    text = (ROOT / "book/reproduce.md").read_text(encoding="utf-8")
    longest = int(re.search(r"grid --jobs 2 --longest (\d+) +# without the three cells", text)[1])
    assert sum(seconds_estimate(c) > 60 * longest for c in EXPERIMENTS["grid"]()) == 3
    assert re.search(rf"^LONGEST \?= {longest}$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)


def test_chapter_2_3_states_the_cost_of_the_grid():
    notebook = json.loads((ROOT / "notebooks/2-3-convergence-transition.ipynb").read_text(encoding="utf-8"))
    words = " ".join(" ".join("".join(cell["source"]) for cell in notebook["cells"]).split())
    assert "some twelve hours of one core by the cost model, half of them for the nine runs" in words
    costs = sorted(map(seconds_estimate, EXPERIMENTS["grid"]()), reverse=True)
    assert 11.5 < sum(costs) / 3600 < 13
    assert 0.45 < sum(costs[:9]) / sum(costs) < 0.55
