"""The pages the table of contents promises."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def documents():
    """Names of all documents in _toc.yml, without ending, root first."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))

    def below(node):
        for key in ("parts", "chapters", "sections"):
            for child in node.get(key, ()):
                if "file" in child:
                    yield child["file"]
                yield from below(child)

    return [toc["root"], *below(toc)]


def pages():
    """Addresses of all pages of the built book, the search page among them."""
    return [f"{name}.html" for name in documents()] + ["search.html"]
