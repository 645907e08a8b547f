"""Put the frames that built pages refer to beside them."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from critnet.errors import IntegrityError
from critnet.explore import store

COST = "cost.json"  # beside the frames: `critnet.explore.frames` writes it


class Cost(NamedTuple):
    """What an explorable took: its name, how many frames it has, and the CPU seconds that drawing and storing them took
    when they were drawn (None for both where no such record is there)."""

    name: str
    frames: int | None
    seconds: float | None


class Installed(NamedTuple):
    """What one page carries: explorables, frame files, and their bytes."""

    page: str
    explorables: int
    files: int
    bytes: int


def install(html):
    """Copy the frames that built pages refer to, and what they cost, into `<html>/_frames/`; remove what they do not.

    A file is named by its content: one that several explorables show is there once.

    Parameters
    ----------
    html : path
        Folder of a built book.

    Returns
    -------
    list of Installed, one a page that has explorables.

    Raises
    ------
    IntegrityError
        If a frame is missing or damaged, or two explorables of a page have the same name.
    """
    html, frames = Path(html), store.frames_folder()
    report: list[Installed] = []
    wanted: set[Path] = set()
    for page in sorted(html.rglob("*.html")):
        indices = read_indices(page.read_text(encoding="utf-8"))
        names = [index["name"] for index in indices]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise IntegrityError(f"{page}: two explorables are named {twice!r}; a name may occur once a page")
        sources = {file: frames / index["name"] / file for index in indices for file in files_of_index(index)}
        files = {Path(file) for file in sources}
        for file, source in sorted(sources.items()):
            if Path(file) not in wanted:
                _copy(source, html / "_frames" / file, page)
        wanted |= files
        for name in [name for name in names if (frames / name / COST).is_file()]:
            store.keep(html / "_frames" / name / COST, (frames / name / COST).read_bytes())
            wanted.add(Path(name) / COST)
        if indices:
            size = sum((html / "_frames" / file).stat().st_size for file in files)
            report.append(Installed(str(page.relative_to(html)), len(indices), len(files), size))
    for path in [path for path in (html / "_frames").rglob("*") if path.is_file()]:
        if path.relative_to(html / "_frames") not in wanted:
            path.unlink()
    return report


def _copy(source, target, page):
    if not store.is_whole(source):
        state = "damaged" if source.is_file() else "missing"
        raise IntegrityError(f"{page} refers to the frame {source}, which is {state}; execute its notebook again")
    if not store.is_whole(target):
        store.write(target, source.read_bytes())


def files_of_index(index):
    """Names of all files that an explorable may load."""
    named = {*index["light"], *index["dark"], *index["csv"], index["pack"], index["tables"]}
    return named - {None}


def cost_of(folder, name):
    """The `Cost` of an explorable, from the folder that its frames' folder stands in."""
    path = Path(folder) / name / COST
    if not path.is_file():
        return Cost(name, None, None)
    told = json.loads(path.read_bytes())
    return Cost(name, told["frames"], told["seconds"])


class _Indices(HTMLParser):
    """Collects the JSON of every `<script class="ce-index">`."""

    def __init__(self):
        super().__init__()
        self.found, self._inside = [], False

    def handle_starttag(self, tag, attrs):
        self._inside = tag == "script" and dict(attrs).get("class") == "ce-index"

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.found.append(json.loads(data))


def read_indices(text):
    """The frame indices of all explorables of one HTML page."""
    if "ce-index" not in text:
        return []
    parser = _Indices()
    parser.feed(text)
    return parser.found
