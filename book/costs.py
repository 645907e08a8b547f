"""What each explorable of the built book took: its frames, and the CPU seconds of drawing and storing them."""

from pathlib import Path

from weights import pages

from critnet.explore.install import cost_of, read_indices


def costs(html):
    """(page, Cost) of every explorable, page by page in the order of each page."""
    html = Path(html)
    return [
        (str(page.relative_to(html)), cost_of(html / "_frames", index["name"]))
        for page in pages(html)
        for index in read_indices(page.read_text(encoding="utf-8"))
    ]


def costs_table(html):
    """The table `make book` prints: explorable, page, frames, seconds; and all of them in the last line.

    Seconds are those of the time when the frames were drawn; frames that have not changed are not drawn again.
    """
    found = costs(html)
    rows = [(cost.name, page, cost.frames, cost.seconds) for page, cost in found]
    rows.append(("all explorables", "", sum(row[2] or 0 for row in rows), sum(row[3] or 0 for row in rows)))
    wide, wider = (max(len(head), *(len(row[k]) for row in rows)) for k, head in enumerate(("explorable", "page")))
    lines = [f"{'explorable':{wide}}  {'page':{wider}}  {'frames':>7}  {'CPU seconds':>11}"]
    for name, page, frames, seconds in rows:
        counted, timed = ("?", "?") if frames is None else (f"{frames:,}", f"{seconds:.1f}")
        lines.append(f"{name:{wide}}  {page:{wider}}  {counted:>7}  {timed:>11}")
    return "\n".join(lines)
