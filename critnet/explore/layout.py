"""Where the axes of a figure stand: laid out once for all frames of an explorable, and whether a frame fits into it.

Constrained layout takes longer than drawing, and gives every frame axes of its own, which then jump when a control
moves. So the first frame is laid out, and its boxes serve all others (`place`). What is written is measured while it is
drawn (`Written`), which costs next to nothing; a frame whose words would run out of the figure, or into other axes or
their words, does not fit (`clashes`).
"""

import math

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.transforms import Bbox

_SLACK = 1.0  # points that words may reach beyond the edge or into each other: glyphs do not fill their boxes


def lay_out(figure, canvas=FigureCanvasSVG):
    """Run the figure's own layout engine once, and fix what it found.

    Parameters
    ----------
    figure : matplotlib Figure
    canvas : class of canvas of what will be drawn, since each has its own lengths of texts

    Returns
    -------
    tuple of (x0, y0, x1, y1), in fractions of the figure, one for each of its axes; or None
        None where nothing of this can serve another figure: it has no layout engine, or holds sub-figures, a title of
        the whole, or a legend of the whole, which an engine also moves.
    """
    if figure.get_layout_engine() is None:
        return None
    dots_per_inch = figure.get_dpi()
    canvas(figure)
    figure.draw_without_rendering()
    figure.set_dpi(dots_per_inch)  # the canvas of SVG leaves it at 72
    figure.set_layout_engine("none")
    whole = [getattr(figure, name, None) for name in ("_suptitle", "_supxlabel", "_supylabel")]
    if figure.subfigs or figure.legends or any(whole):
        return None
    return tuple(tuple(axes.get_position(original=True).extents.tolist()) for axes in figure.axes)


def place(figure, boxes):
    """Put the axes of a figure where another of its kind has them, instead of laying it out.

    Returns
    -------
    bool
        False where the figure has another number of axes, or none that an engine would move; it is left as it was.
    """
    if boxes is None or figure.get_layout_engine() is None or len(boxes) != len(figure.axes):
        return False
    figure.set_layout_engine("none")
    for axes, box in zip(figure.axes, boxes, strict=True):
        axes.set_position(Bbox.from_extents(box))
    return True


def common(*layouts):
    """Boxes that lie within those of every layout, so that what surrounds the axes has room in all of them.

    >>> common(((0.1, 0.1, 0.9, 0.9),), ((0.2, 0.0, 1.0, 0.8),))
    ((0.2, 0.1, 0.9, 0.8),)
    """
    corners = np.array(layouts)
    inner = np.concatenate([corners[..., :2].max(axis=0), corners[..., 2:].min(axis=0)], axis=-1)
    return tuple(tuple(box) for box in inner.tolist())


def time_axes(figure, word="iteration"):
    """Axes of a laid-out figure along which a quantity runs that a page can point to, by the label of their x axes.

    Parameters
    ----------
    figure : matplotlib Figure
    word : str
        The label begins with it, or with "1 + " and it. Axes that share their x axis share its label.

    Returns
    -------
    tuple of (left, top, right, bottom, scale, low, high, offset)
        The box in fractions of the figure, counted from the upper left corner; "linear" or "log"; what stands at the
        left and the right end; what is added to the quantity on this axis (1 or 0). Axes of other scales, and those
        that are not seen, are left out.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> axes = figure.add_axes((0.25, 0.25, 0.5, 0.5), xlabel="1 + iteration", xscale="log", xlim=(1, 1000))
    >>> time_axes(figure)
    ((0.25, 0.25, 0.75, 0.75, 'log', 1.0, 1000.0, 1),)
    """
    found: dict[tuple, None] = {}
    for axes in figure.axes:
        if axes.name != "rectilinear" or not axes.get_visible() or axes.get_xscale() not in ("linear", "log"):
            continue
        labels = [one.get_xlabel() for one in axes.get_shared_x_axes().get_siblings(axes)]
        said = next((text for text in labels if text.removeprefix("1 + ").startswith(word)), None)
        if said is not None:
            x0, y0, x1, y1 = axes.get_position().extents.tolist()
            box = (round(x0, 4), round(1 - y1, 4), round(x1, 4), round(1 - y0, 4))
            low, high = (float(f"{end:.6g}") for end in axes.get_xlim())
            found[(*box, axes.get_xscale(), low, high, int(said.startswith("1 + ")))] = None
    return tuple(found)


class Written(RendererBase):
    """Put before a renderer of matplotlib in a class of both: it notes where each line of text stands, in which axes.

    Attributes
    ----------
    words : list of (number of the axes in the order drawn, or -1; text; box (left, top, right, bottom))
        Boxes in the renderer's units, counted from the upper left corner.
    """

    def __init__(self, *args, **options):
        self.words: list = []
        self._depth, self._n_axes = 0, 0
        super().__init__(*args, **options)

    def open_group(self, s, gid=None):
        self._depth += s == "axes"
        self._n_axes += s == "axes" and self._depth == 1
        super().open_group(s, gid)

    def close_group(self, s):
        self._depth -= s == "axes"
        super().close_group(s)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        width, height, descent = self.get_text_width_height_descent(s, prop, ismath)
        turn = math.radians(angle)
        along, across = np.array([math.cos(turn), -math.sin(turn)]), np.array([math.sin(turn), math.cos(turn)])
        corners = [(x, y) + along * u + across * v for u in (0, width) for v in (descent - height, descent)]
        low, high = np.min(corners, axis=0), np.max(corners, axis=0)
        clip = gc.get_clip_rectangle()
        if clip is not None:  # of what is cut on purpose only the rest is seen
            height = self.get_canvas_width_height()[1]
            low, high = np.maximum(low, (clip.x0, height - clip.y1)), np.minimum(high, (clip.x1, height - clip.y0))
        if (high > low).all():
            self.words.append((self._n_axes - 1 if self._depth else -1, s, (*low.tolist(), *high.tolist())))
        super().draw_text(gc, x, y, s, prop, angle, ismath=ismath, mtext=mtext)


def clashes(figure, words, points):
    """Words of a drawn figure that are cut by its edge, or lie on other axes or on the words of other axes.

    Parameters
    ----------
    figure : matplotlib Figure, drawn
    words : what `Written` noted
    points : float
        Points (1/72 inch) a unit of the renderer takes.

    Returns
    -------
    (cut, crossing) : lists of str
    """
    slack = _SLACK / points
    width, height = (figure.get_size_inches() * 72 / points).tolist()
    cut = [text for _, text, (a, b, c, d) in words if min(a, b, width - c, height - d) < -slack]
    scale = np.array([width, -height, width, -height]), np.array([0, height, 0, height])
    drawn = sorted((axes for axes in figure.axes if axes.get_visible()), key=lambda axes: axes.get_zorder())
    places = [axes.get_position().extents[[0, 3, 2, 1]] * scale[0] + scale[1] for axes in drawn]
    boxes = np.array([*(box for *_, box in words), *places]).reshape(-1, 4)
    owner = np.array([*(number for number, *_ in words), *range(len(places))], int)
    n = len(words)
    meet = (
        (boxes[:n, None, 0] < boxes[None, :, 2] - slack)
        & (boxes[:n, None, 2] > boxes[None, :, 0] + slack)
        & (boxes[:n, None, 1] < boxes[None, :, 3] - slack)
        & (boxes[:n, None, 3] > boxes[None, :, 1] + slack)
        & (owner[:n, None] != owner[None, :])
        & (owner[:n, None] >= 0)
        & (owner[None, :] >= 0)
    )
    return cut, [words[i][1] for i in np.flatnonzero(meet.any(axis=1))]
