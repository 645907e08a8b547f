"""The book's Sphinx extension: executes notebooks for the static page, and keeps every page free of outside requests.

What it does, one module each:

- `execution`: the environment notebooks run in, and a cache that a change of the package or of the data empties;
- `vendoring`: MathJax from an installed package, the explorables' frames, no loaders from a CDN;
- `reference`: one API page a wing, from the modules that are there;
- `status`: the page that says what each chapter's execution took, which inputs it read, and what its figures cost;
- `verdicts`: the front page's map of what is reproduced;
- `front`: the front page's cards of claims, and a dot for each;
- `retold`: the paper's abstract, its clauses underlined by how they fared;
- `ledger`: the page of verdicts, a table that filters and sorts;
- `tolerance`: a reader's own margins on the strips, and the tally if all were wider or narrower;
- `bar`: the time and the definition of all figures of a page;
- `cards`: what a link to a page shows elsewhere;
- `lighten`: no style and no script that a page has no use for;
- `storage`: a page whose storage is blocked keeps its theme while it is open.
"""

from critnet_book import (
    bar,
    cards,
    execution,
    front,
    ledger,
    reference,
    retold,
    status,
    storage,
    tolerance,
    vendoring,
    verdicts,
)  # fmt: skip


def setup(app):
    for part in (
        bar, execution, vendoring, reference, status, verdicts, ledger, tolerance, front, retold, cards, storage,
    ):  # fmt: skip
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
