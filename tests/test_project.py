"""The project as a whole: its outer files agree with each other, and the house keeps its floors."""

import ast
import importlib
import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGE = ROOT / "critnet"


def tracked(*patterns):
    """Files of the repository, new ones that are not ignored among them."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


# --- environment -----------------------------------------------------------------------------------------------------


def test_environment_yml_is_a_thin_wrapper_over_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, wrapped = environment["dependencies"]
    assert python == f"python{PYPROJECT['requires-python']}"
    assert pip == "pip"
    (line,) = wrapped["pip"]
    extras = re.fullmatch(r"-e \.\[([a-z,]+)\]", line)[1].split(",")
    assert set(extras) <= set(PYPROJECT["optional-dependencies"])
    assert {"train", "book", "test"} <= set(extras)


def lock_entries(text):
    """Entries of a lock: (name, version, marker or None, number of hashes).

    >>> lock_entries("a==1 ; sys_platform == 'linux' \\\\\\n    --hash=sha256:00\\n    # via b\\n")
    [('a', '1', "sys_platform == 'linux'", 1)]
    """
    found = []
    for block in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE):
        head = re.match(r"([A-Za-z0-9._-]+)==(\S+)(?: ; (.*?))?(?: \\)?$", block, re.MULTILINE)
        if head:
            found.append((canonicalize_name(head[1]), head[2], head[3], block.count("--hash=sha256:")))
    return found


LOCK = (ROOT / "requirements" / "lock.txt").read_text(encoding="utf-8")
EXTRAS = re.search(r"^EXTRAS := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[1].split()


def test_lock_covers_every_declared_dependency_within_its_range():
    entries = lock_entries(LOCK)
    declared = PYPROJECT["dependencies"] + [d for e in EXTRAS for d in PYPROJECT["optional-dependencies"][e]]
    assert len(declared) > 30
    for requirement in map(Requirement, declared):
        if requirement.name == "torch":
            continue  # pinned in torch.txt, see below
        versions = [v for name, v, _, _ in entries if name == canonicalize_name(requirement.name)]
        assert versions, f"{requirement.name} is not in the lock: make lock"
        outside = [v for v in versions if v not in requirement.specifier]
        assert outside == [], f"{requirement} does not allow {outside}: make lock"


def test_every_entry_of_the_lock_has_a_hash_and_a_marker_pip_can_read():
    entries = lock_entries(LOCK)
    assert len(entries) == len(re.findall(r"^[A-Za-z0-9][^\n]*==", LOCK, re.MULTILINE)) > 100
    assert [entry for entry in entries if entry[3] == 0] == []
    for *_, marker, _ in entries:
        assert marker is None or Marker(marker)


def test_lock_names_no_host_address_or_path():
    assert re.findall(r"://|--index|--find-links|--trusted|@ |(?<![\w.])/[a-z]+/", LOCK) == []


def test_torch_is_pinned_in_one_place_within_its_declared_range():
    (line,) = [s for s in (ROOT / "requirements" / "torch.txt").read_text().splitlines() if s and s[0] != "#"]
    pin = Requirement(line)
    (declared,) = [r for r in map(Requirement, PYPROJECT["optional-dependencies"]["train"]) if r.name == "torch"]
    (specifier,) = pin.specifier
    assert specifier.operator == "=="
    assert specifier.version in declared.specifier
    assert not re.search(r"^torch==", LOCK, re.MULTILINE)


def test_what_torch_imports_is_in_the_lock():
    """All but the hardware's own packages, so that installing torch adds nothing that is not hashed."""
    from importlib.metadata import requires

    names = {entry[0] for entry in lock_entries(LOCK)}
    needed = [r for r in map(Requirement, requires("torch")) if not r.marker or r.marker.evaluate({"extra": ""})]
    missing = {canonicalize_name(r.name) for r in needed} - names
    assert {m for m in missing if not re.match(r"nvidia-|triton|cuda-|pytorch-triton", m)} == set()


# --- outer files -----------------------------------------------------------------------------------------------------


def test_citation_and_changelog_have_the_version_of_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PYPROJECT["version"] == importlib.import_module("critnet").__version__
    assert re.search(rf"^## {re.escape(PYPROJECT['version'])}\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert f"{{{PYPROJECT['version']}}}" in (ROOT / "book" / "reproduce.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", "book/intro.md"])
def test_the_tally_that_a_page_states_is_that_of_the_ledger(page):
    from critnet.paper import ledger

    words = " ".join((ROOT / page).read_text(encoding="utf-8").split())
    assert ledger.tally_sentence(ledger.read()) in words


def test_the_example_of_the_readme_runs():
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    exec(code, {"activity": np.random.default_rng(0).normal(size=(5, 40))})


def test_make_help_lists_every_target_in_one_line_each():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split())
    help_text = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make (\S+) +\S", help_text, re.MULTILINE)) == targets
    assert {"setup", "book", "test", "lab", "bench", "data", "lock", "lint", "clean", "help"} <= targets


def test_ci_runs_everything():
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "set -euo pipefail" in text
    assert "\nmake test\n" in text
    assert not re.search(r"--skip|--ignore|--deselect| -k | -m |\|\| true", text)


def test_no_test_is_skipped_or_expected_to_fail():
    called = re.compile(r"^[^#\n]*\b(?:pytest\.skip|mark\.skip|skipif|mark\.xfail|importorskip|unittest\.skip)", re.M)
    others = [path for path in tracked("tests/*.py") if path != Path(__file__)]
    assert [str(path.relative_to(ROOT)) for path in others if called.search(path.read_text())] == []


def test_notebooks_have_no_outputs():
    notebooks = tracked("*.ipynb")
    for path in notebooks:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                assert cell["outputs"] == [], f"{path.name}: clear its outputs"
                assert cell["execution_count"] is None, f"{path.name}: clear its outputs"
    assert notebooks


def test_no_file_names_a_path_or_an_address_of_one_machine():
    binary = (".png", ".nc", ".npz", ".webp", ".gz")
    machine = re.compile(
        r"(?<![\w.:/<~])/(?:home|Users|root|work|mnt|opt)/\w|file:///\w|\b10\.\d+\.\d+\.\d+\b|192\.168\."
    )
    found = []
    for path in tracked():
        if path.suffix not in binary and path != Path(__file__):
            text = path.read_text(encoding="utf-8")
            found += [f"{path.relative_to(ROOT)}: {text[m.start() : m.start() + 40]!r}" for m in machine.finditer(text)]
    assert found == []


# --- the floors of the house -----------------------------------------------------------------------------------------

GROUND = {"archive", "neurons", "losses", "dynamics", "weights", "statistics"}
OPEN = {"errors", "checks"}  # every wing may import these, but for explore, which knows nothing of critnet
# Wing to the wings it may import; the wing itself is open to it.
MAY_IMPORT = {
    **{wing: set() for wing in GROUND},
    "errors": set(),
    "program": set(),
    "checks": {"errors"},
    "circuits": {"weights"},
    "training": {"archive"},
    "explore": {"program"},
    "paper": {*GROUND, "program", "circuits", "training", "explore"},
    "cli": {*GROUND, "circuits", "training", "paper"},
}


def wing(module):
    """The wing a module belongs to: `critnet.paper.fig1.panels` is in `paper`."""
    return module.split(".")[1] if "." in module else ""


def modules():
    """Dotted name to file of every module of the package."""
    names = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


def imported(path, module):
    """Modules of critnet, or names in them, that a file imports, wherever in it, relative imports resolved."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "critnet")
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            source = ".".join(filter(None, (base, node.module)))
            if source.split(".")[0] == "critnet":
                yield from (f"{source}.{alias.name}" for alias in node.names)


def test_imports_only_go_down():
    seen = 0
    for module, path in modules().items():
        own = wing(module)
        if own in ("", "__main__"):
            continue
        assert own in MAY_IMPORT, f"{module}: say in MAY_IMPORT which floor the wing {own!r} is on"
        open_to_it = {"errors"} if own in ("explore", "checks", "errors") else OPEN
        for other in {wing(name) for name in imported(path, module)} - {own, "", *open_to_it}:
            assert other in MAY_IMPORT[own], f"{module} imports {other}"
            seen += 1
    assert seen > 3


def figure_of(module):
    """The figure a module belongs to, None outside the figures: `critnet.paper.fig1.panels` is of fig1."""
    found = re.match(r"critnet\.paper\.(fig\d+)\b", module)
    return found and found[1]


def test_no_figure_imports_another():
    """What two figures share lies outside them, so that a figure can be read and changed alone."""
    of_figures = [(m, path) for m, path in modules().items() if figure_of(m)]
    assert {figure_of(m) for m, _ in of_figures} >= {"fig1", "fig2", "fig5"}
    for module, path in of_figures:
        others = {figure_of(name) for name in imported(path, module)} - {None, figure_of(module)}
        assert not others, f"{module} imports {', '.join(others)}; move what they share to critnet/paper"


def test_imported_finds_imports_of_every_kind(tmp_path):
    path = tmp_path / "a.py"
    lines = ["import critnet.x.y", "from critnet import b", "def f():", "    from critnet.c import d"]
    path.write_text("\n".join([*lines, "from ..e import g", "from . import h"]))
    assert set(imported(path, "critnet.w.a")) == {
        "critnet.x.y",
        "critnet.b",
        "critnet.c.d",
        "critnet.e.g",
        "critnet.w.h",
    }


BLOCKED = """
import importlib, importlib.abc, sys

class Block(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "torchvision", "rastermap"):
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

sys.meta_path.insert(0, Block())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def blocked(names):
    command = [sys.executable, "-W", "error", "-c", BLOCKED, *names]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def light(module):
    """Whether a module belongs to the install without torch."""
    return wing(module) not in ("training", "__main__") and module.rpartition(".")[2] != "reduce"


def test_everything_but_training_and_reduce_imports_without_torch():
    names = [name for name in modules() if light(name)]
    assert len(names) > 15
    done = blocked(names)
    assert done.returncode == 0, done.stderr


def test_the_block_of_torch_blocks():
    assert "torch is blocked" in blocked(["torch"]).stderr


def test_the_library_computes_the_clean_definition_unless_asked():
    """As coded is asked for by name: it is the artefact that this book exposes, and readers feed their own activity."""
    found = []
    for module in modules():
        if wing(module) in (*GROUND, "circuits") and not module.rpartition(".")[2].startswith("_"):
            for function in vars(importlib.import_module(module)).values():
                if inspect.isfunction(function) and function.__module__ == module:
                    definition = inspect.signature(function).parameters.get("definition")
                    found += [(function.__qualname__, definition.default)] if definition else []
    assert len(found) >= 18
    assert [name for name, default in found if default == "as-coded"] == []


def unnamed_definitions(path, module, functions):
    """Calls in a file of the functions {(module, name): place of `definition`} that leave it to the default."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    here = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            here |= {a.asname or a.name: (node.module, a.name) for a in node.names}
    here |= {n.name: (module, n.name) for n in tree.body if isinstance(n, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):  # module.function(...)
                known = (".".join(map(str, here.get(called.value.id, ("",)))), called.attr)
            else:
                known = here.get(getattr(called, "id", ""), ("", ""))
            named = any(k.arg in ("definition", None) for k in node.keywords)
            if known in functions and not named and len(node.args) <= functions[known]:
                yield f"{path.relative_to(ROOT)}:{node.lineno} {known[1]}"


def test_this_book_names_the_definition_wherever_it_calls_the_library():
    """So that a default can never decide which of the two a figure shows."""
    functions, unnamed = {}, []
    for module in modules():
        if wing(module) in (*GROUND, "circuits"):
            for name, function in vars(importlib.import_module(module)).items():
                if inspect.isfunction(function) and "definition" in inspect.signature(function).parameters:
                    if inspect.signature(function).parameters["definition"].default != "control":
                        continue
                    functions[module, name] = list(inspect.signature(function).parameters).index("definition")
    for module, path in modules().items():
        unnamed += unnamed_definitions(path, module, functions)
    assert len(functions) >= 18
    assert unnamed == []


def test_a_call_without_its_definition_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "a.py").write_text(
        "from critnet.x import f\nfrom critnet import y\nf(1)\nf(1, 2)\ny.g(definition=3)\ny.g()\n"
    )
    found = unnamed_definitions(tmp_path / "a.py", "a", {("critnet.x", "f"): 1, ("critnet.y", "g"): 0})
    assert list(found) == ["a.py:3 f", "a.py:6 g"]


def test_importing_the_package_changes_no_global_state():
    code = "import matplotlib, numpy; r = dict(matplotlib.rcParams); s = str(numpy.random.get_state());" + (
        "".join(f"import {name};" for name in modules() if light(name))
    )
    code += "assert dict(matplotlib.rcParams) == r and str(numpy.random.get_state()) == s"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
