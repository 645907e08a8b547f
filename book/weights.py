"""What each page of the built book weighs: what a browser loads at once, and what it may load on demand."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from critnet.explore.install import files_of_index, read_indices

URL = re.compile(r"""url\(\s*['"]?([^'")]+)""")


class Resources(HTMLParser):
    """Collects the addresses a page loads at once (`initial`) and those it names for later (`later`)."""

    def __init__(self):
        super().__init__()
        self.initial, self.later = [], []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "link" and "stylesheet" in (found.get("rel") or ""):
            self.initial.append(found.get("href"))
        elif tag in ("script", "img", "source", "iframe") and found.get("src"):
            (self.later if found.get("loading") == "lazy" else self.initial).append(found["src"])


def local(page, address):
    """The file on disk that an address of a page means, or None for anything outside the book."""
    parts = urlsplit(address or "")
    if parts.scheme or parts.netloc or not parts.path:
        return None
    file = (page.parent / unquote(parts.path)).resolve()
    return file if file.is_file() else None


def frames_of(page, text):
    """Files of the explorables' frames that a page may load when its controls are moved, their data among them."""
    for index in read_indices(text):
        yield from (local(page, index["root"] + file) for file in files_of_index(index))


def page_weight(page):
    """Bytes of a page: (at once, in total), for a `Path` to an HTML file."""
    text = page.read_text(encoding="utf-8")
    resources = Resources()
    resources.feed(text)
    initial = {page} | {file for address in resources.initial if (file := local(page, address))}
    for sheet in [file for file in initial if file.suffix == ".css"]:
        named = (local(sheet, found) for found in URL.findall(sheet.read_text(encoding="utf-8")))
        initial |= {file for file in named if file and file.suffix not in (".woff", ".ttf", ".eot", ".svg")}
    later = {file for address in resources.later if (file := local(page, address))}
    later |= {file for file in frames_of(page, text) if file}
    at_once = sum(file.stat().st_size for file in initial)
    return at_once, at_once + sum(file.stat().st_size for file in later - initial)


def pages(html):
    """The pages of a built book, without Sphinx's own generated ones that hold no content."""
    return sorted(p for p in Path(html).rglob("*.html") if not {"_static", "_modules"} & set(p.relative_to(html).parts))


def weights_table(html):
    """The table `make book` prints: page, initial bytes, total bytes; and the whole site in the last line."""
    html = Path(html)
    width = max(len(str(p.relative_to(html))) for p in pages(html))
    lines = [f"{'page':{width}}  {'initial bytes':>13}  {'total bytes':>13}"]
    for page in pages(html):
        initial, total = page_weight(page)
        lines.append(f"{page.relative_to(html)!s:{width}}  {initial:13,}  {total:13,}")
    site = sum(file.stat().st_size for file in html.rglob("*") if file.is_file())
    return "\n".join([*lines, f"{'the whole site':{width}}  {'':13}  {site:13,}"])
