"""Build the book: execute what has changed, put the pages into _build/html, and say what they weigh
and what their explorables took to draw.

Every build is a clean one (warnings are errors, and an incremental build would hide those of pages it does not read
again); only the executed notebooks and the rendered frames are kept between builds. The new book replaces the former
one when it is complete, so a failed build leaves _build/html as it was.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from costs import costs_table
from weights import weights_table

ROOT = Path(__file__).resolve().parents[1]
# What the kernels say on every start and no reader can act on.
NOISE = re.compile(r"Kernel is running over TCP without encryption|INFO traitlets")


# The front door; the book itself begins in book/.
INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Critical neurons, reproduced</title>
<meta http-equiv="refresh" content="0; url=book/intro.html">
</head>
<body><main><p><a href="book/intro.html">Critical neurons, reproduced</a></p></main></body>
</html>
"""


def build(root, output):
    """Build the book of `root` under `output`, and return the folder of its pages.

    Raises SystemExit with Jupyter Book's exit code where the build fails, warnings included.
    """
    stage = output / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [jupyter_book, "build", root, "--path-output", stage, "--all", "-W", "-n", "--keep-going", "--quiet"]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        with subprocess.Popen(command, cwd=root, stdout=said, stderr=subprocess.PIPE, text=True) as running:
            for line in running.stderr:
                if not NOISE.search(line):
                    sys.stderr.write(line)
        if running.returncode:
            said.seek(0)
            sys.stderr.write(said.read())
    if running.returncode:
        raise SystemExit(f"The book was not built: see the messages above. {output / 'html'} is as it was before.")
    (stage / "_build" / "html" / "index.html").write_text(INDEX, encoding="utf-8")
    (stage / "_build" / "html" / ".nojekyll").touch()  # hosts that run Jekyll hide folders such as _static
    html = output / "html"
    shutil.rmtree(html, ignore_errors=True)
    (stage / "_build" / "html").rename(html)
    shutil.rmtree(stage)
    return html


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=Path, default=ROOT / "_build", help="where to put html/ (default: _build)")
    output = parser.parse_args().output.resolve()
    html = build(ROOT, output)
    print(weights_table(html))
    print(f"\n{costs_table(html)}")
    print(f"\nThe book is built. Open {html / 'index.html'}")


if __name__ == "__main__":
    main()
