"""One call makes any figure function explorable: live widgets in a kernel, pre-rendered frames in a static page."""

from critnet.explore.drawing import Drawing, NoMatch

from critnet.explore.call import explore  # isort: skip

__all__ = ["Drawing", "NoMatch", "explore"]
