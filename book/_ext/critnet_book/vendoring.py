"""No outside request: MathJax is copied from an installed package, frames from where the notebooks left them."""

import os
import re
import shutil
from importlib import metadata
from pathlib import Path

from critnet_book import lighten

# Not under _static: the theme would load every script it finds there on every page.
MATHJAX_FOLDER = "mathjax"
MATHJAX_SCRIPT = "tex-chtml.js"
# The theme's buttons that fold a part of the contents have no name for a screen reader.
TOGGLE = '<summary><span class="toctree-toggle"'
ENTRY_ROLE = ('role="doc-biblioentry"', 'role="listitem"')  # the former is deprecated, and no item of a list
TOGGLE_NAMED = '<summary aria-label="Pages below this one">'
# Fonts in a second format, for browsers of before 2016, in which nothing else here works either.
OLD_FONT = re.compile(r',\s*url\(["\']?[^)]*\.ttf["\']?\)\s*format\(["\']truetype["\']\)')
ICON_SCRIPT = re.compile(r'\s*<script defer src="[^"]*fontawesome\.js[^"]*"></script>')


def mathjax_source():
    """Folder of the MathJax distribution that the package django-static-mathjax installs (plain files, no Django)."""
    files = metadata.files("django-static-mathjax") or []
    script = next(f for f in files if f.as_posix().endswith(f"es5/{MATHJAX_SCRIPT}"))
    return Path(script.locate()).parent


def copy_mathjax(html):
    """Copy what the pages use: the script, its fonts, the TeX extensions it loads on demand, and its licence."""
    source, target = mathjax_source(), Path(html) / MATHJAX_FOLDER
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / MATHJAX_SCRIPT, target)
    shutil.copy(source.parent / "LICENSE", target)
    for folder in ("output/chtml/fonts/woff-v2", "input/tex/extensions"):
        shutil.copytree(source / folder, target / folder, dirs_exist_ok=True)


def configure(app, config):
    config.mathjax_path = f"../{MATHJAX_FOLDER}/{MATHJAX_SCRIPT}"  # relative to _static
    config.mathjax3_config = {
        "options": {
            "processHtmlClass": "tex2jax_process|mathjax_process|math|output_area",
            "ignoreHtmlClass": "document",
            "enableMenu": False,  # its menu loads more scripts, and makes every formula a stop for the tab key
        },
        "chtml": {"matchFontHeight": False},
        "tex": {"macros": {"Cth": r"C_{\mathrm{th}}", "Spred": r"S_{\mathrm{pred}}", "HFR": r"H_{\mathrm{FR}}"}},
    }


def drop_loaders(app, pagename, templatename, context, doctree):
    """Take out what sphinx-thebe adds, which Jupyter Book always loads: it names a CDN and nothing here uses it."""
    for files in ("script_files", "css_files"):
        context[files] = [file for file in context.get(files, []) if not names_thebe(file)]


def names_thebe(file):
    body = getattr(file, "attributes", {}).get("body") or ""
    return "thebe" in f"{getattr(file, 'filename', file)} {body}".lower()


def slim(html):
    """Drop what no page needs (the icon script, for icons.css draws ours, source maps, templates, fonts in a second
    format); mend names."""
    for pattern in ("*.map", "fontawesome.js", "sphinx-thebe.*", "*webpack-macros.html", "fontawesome/webfonts/*.ttf"):
        for file in Path(html).rglob(pattern):
            file.unlink()
    for sheet in Path(html).rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        if OLD_FONT.search(text):
            sheet.write_text(OLD_FONT.sub("", text), encoding="utf-8")
    for page in Path(html).rglob("*.html"):
        text = ICON_SCRIPT.sub("", page.read_text(encoding="utf-8"))
        text = text.replace(TOGGLE, TOGGLE.replace("<summary>", TOGGLE_NAMED)).replace(*ENTRY_ROLE)
        page.write_text(text, encoding="utf-8")


def finish(app, exception):
    if exception is None and app.builder.format == "html":
        slim(app.outdir)
        lighten.lighten(app.outdir)
        copy_mathjax(app.outdir)
        install_frames(app.outdir)


def install_frames(html):
    """Copy the frames of the explorables beside the pages; a book without explorables has none."""
    if any(Path(os.environ["CRITNET_FRAMES"]).iterdir()):
        from critnet.explore import frames

        frames.install(html)


def setup(app):
    app.connect("config-inited", configure, priority=900)  # after Jupyter Book has set its own
    app.connect("html-page-context", drop_loaders, priority=900)
    app.connect("build-finished", finish, priority=900)  # after the theme has written its sheets
