"""Draw figures of chapters once more, in this process alone, and say what each cost.

Run by `benchmarks/book.py` with the critnet of one version or another first on the path, so nothing here may need more
than `critnet.explore.call._static` and `critnet.explore.frames.make_frames`, which both versions have.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path


def code_of(notebook):
    """The code cells of a notebook, without those that only show tables of claims."""
    cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    sources = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return [source for source in sources if not source.startswith(("tables.", "ledger."))]


def text_of(params):
    """The parameters of a frame as one text, the same in every version."""
    return json.dumps(params, sort_keys=True, default=lambda value: value.item())


class Chapters:
    """What takes the place of `explore`'s static page: it lists the frames, and draws those that were asked for."""

    def __init__(self, frames, wanted):
        self.frames, self.wanted, self.listed, self.seconds = frames, wanted, {}, {}

    def static(self, panel, controls, name, caption, fixed, style, limit, play, picture, cache_key, jobs):
        params = self.frames.combinations(controls, limit=10**6, name=name)
        self.listed[name] = [text_of(one) for one in params]
        chosen = [one for one in params if text_of(one) in self.wanted.get(name, ())]
        if chosen:
            began = time.process_time()
            self.frames.make_frames(
                panel, chosen, name=name, picture=picture, fixed=fixed, style=style, cache_key=None, jobs=1
            )
            self.seconds[name] = time.process_time() - began


def main(request):
    """From {"notebooks": paths, "wanted": {name: frames}} to {"listed": {name: frames}, "seconds": {name: seconds}}."""
    os.environ["CRITNET_STATIC"] = "1"
    os.environ.pop("CRITNET_DATA_DIGEST", None)
    from critnet.explore import call, frames

    chapters = Chapters(frames, {name: set(texts) for name, texts in request["wanted"].items()})
    call._static = chapters.static
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CRITNET_FRAMES"] = folder
        for notebook in request["notebooks"]:
            names = {}
            for source in code_of(notebook):
                exec(compile(source, str(notebook), "exec"), names)
    return {"listed": chapters.listed, "seconds": chapters.seconds}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.load(sys.stdin))))
