"""One bar for a page: the time and the definition of all its figures.

It stands at the foot of what is seen of a chapter, is served by bar.js, and speaks to the figures by the event
"critnet-settings" of the document. Without JavaScript, and in print, there is none.
"""

import json
import re
from functools import lru_cache
from html import escape
from pathlib import Path

import numpy as np
from docutils import nodes

from critnet.explore.frames import read_indices
from critnet.paper import published, results
from critnet_book import ledger

SCRIPT = Path(__file__).with_name("bar.js")
STEPS = 320  # of the ruler, evenly along ln(1 + t); those that round to the same iteration are one


def times(last=published.LAST, steps=STEPS):
    """The iterations on the ruler: whole, rising from 0 to the last, even in ln(1 + t) where they are dense enough.

    >>> times(100, 5)
    [0, 2, 9, 31, 100]
    """
    return sorted({round(float(t)) for t in np.expm1(np.linspace(0, np.log1p(last), steps))})


def place(known, t):
    """Where an iteration lies on the ruler, from 0 to 1.

    >>> place([0, 2, 9, 31, 100], [9, 20, 100]).tolist()
    [0.5, 0.625, 1.0]
    """
    return np.interp(t, known, np.linspace(0, 1, len(known)))


@lru_cache(maxsize=1)
def ruler():
    """Times, the strength curve as points of a line in a box of 1000 by 100, and marks (place from 0 to 1, text)."""
    known = times()
    first, second = results.load_all(("fig1", "fig2")).values()
    strength = np.median(first["strength"].sel(definition="control").values, axis=0)
    loss = np.median(second["mean_loss"].values, axis=0)
    kept = np.unique(np.searchsorted(first["t"].values, known[:: max(1, len(known) // 90)]))
    x, y = place(known, first["t"].values[kept]) * 1000, 96 - 92 * strength[kept] / strength.max()
    line = " ".join(f"{a:.0f},{b:.0f}" for a, b in zip(x, y, strict=True))
    under = second["t"].values[np.flatnonzero(loss < published.LOSS_THRESHOLD)[:1]]
    marks = {
        published.PEAK: "the paper's first transition",
        published.TRANSITION: "where the paper parts early from late",
        **{int(t): f"mean loss under {published.LOSS_THRESHOLD:g} nats" for t in under},
    }
    return known, line, [(float(place(known, t)), f"t = {t}: {text}") for t, text in marks.items()]


def serves(indices):
    """Whether any figure of a page has a time or a definition: (times, definitions)."""
    names = [{control["name"] for control in index.get("controls", ())} for index in indices]
    has_time = any("t" in own or "axes" in index for own, index in zip(names, indices, strict=True))
    return has_time, any("definition" in own for own in names)


def html(has_time, has_definition, differ, address):
    """The bar of one page.

    Parameters
    ----------
    differ : int
        Claims of the page's section whose definitions lead to different verdicts.
    address : str
        Of the page of verdicts.
    """
    parts = []
    if has_time:
        known, line, marks = ruler()
        ticks = "".join(f'<i style="left:{100 * x:.2f}%" title="{escape(text)}"></i>' for x, text in marks)
        parts.append(
            f'<span class="cb-time" data-times="{json.dumps(known, separators=(",", ":"))}">'
            '<button type="button" class="cb-play" aria-pressed="false" aria-label="play the training"></button>'
            '<label for="critnet-bar-time">time</label>'
            '<span class="cb-ruler"><svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">'
            f'<polyline points="{line}"/></svg><span class="cb-marks" aria-hidden="true">{ticks}</span>'
            f'<input type="range" id="critnet-bar-time" min="0" max="{len(known) - 1}" step="1" '
            'aria-valuetext="each figure has its own"></span>'
            '<output for="critnet-bar-time">each its own</output></span>'
        )
    if has_definition:
        choices = "".join(
            f'<label><input type="radio" name="critnet-bar-definition" value="{value}"><span>{text}</span></label>'
            for value, text in (("as-coded", "as coded"), ("control", "control"))
        )
        parts.append(f'<fieldset class="cb-definition"><legend>definition</legend>{choices}</fieldset>')
        if differ:
            plural = "verdict differs" if differ == 1 else "verdicts differ"
            parts.append(f'<a class="cb-differ" href="{escape(address)}">{differ} {plural}</a>')
    release = '<button type="button" class="cb-release" disabled>release</button>'
    script = f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>"
    return (
        f'<form class="critnet-bar" aria-label="All figures of this page" autocomplete="off" hidden>{"".join(parts)}'
        f'{release}<span class="cb-said" role="status"></span></form>{script}'
    )


def add(app, pagename, templatename, context, doctree):
    """Append the bar to a page of several figures that have a time or a definition."""
    if doctree is None or "body" not in context:
        return
    shown = [raw.astext() for raw in doctree.findall(nodes.raw) if "ce-index" in raw.astext()]
    indices = [index for text in shown for index in read_indices(text)]
    has_time, has_definition = serves(indices)
    if len(indices) < 2 or not (has_time or has_definition):
        return
    found = re.match(r"(\d)-(\d)?", pagename.rpartition("/")[2])
    section = ".".join(filter(None, found.groups())) if found else None
    rows = [row for row in ledger.rows(app.srcdir) if row.section == section] if section else []
    differ = sum("differ" in ledger.kinds(claim) for claim in ledger.strips.by_claim(rows))
    address = f"{app.builder.get_relative_uri(pagename, ledger.PAGE)}#show=differ&section={section}"
    context["body"] += html(has_time, has_definition, differ, address)


def setup(app):
    app.connect("html-page-context", add)
