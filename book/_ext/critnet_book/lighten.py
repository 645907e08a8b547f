"""What a page loads, made less: no rule of a style sheet that no page can use, no script that its page has no use for.

- The theme's sheets bring rules for a thousand icons and for parts that this book does not have. A rule stays if every
  class and id that its selector asks for is a word in some page or some script of the site.
- The index of the search is for the search page. All other pages lead there.
- MathJax is for pages with a formula.
"""

import re
from pathlib import Path

import tinycss2

SHEETS = (
    "pydata-sphinx-theme.css", "sphinx-design.min.css", "mystnb.*.css", "sphinx-book-theme.css", "basic.css",
    "pygments.css", "togglebutton.css", "copybutton.css",
)  # fmt: skip
OWN = ("critnet.css", "icons.css")  # these lose their comments alone: our scripts put names of classes together
NESTED = {"media", "supports", "layer"}
ICON_FONT = "font awesome"  # our icons are drawn by icons.css
WORD = re.compile(r"[A-Za-z_][\w-]*")
# Of Bootstrap the theme uses these; how the classes begin that their scripts set.
BOOTSTRAP = ("tooltip", "bs-tooltip", "dropdown", "drop", "collaps", "show", "fade", "active", "disabled")
SEARCH = r'<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>'
# What a page must hold to have a use for a tag.
NEEDS = {
    'class="math': r"<script[^>]*>window\.MathJax = .*?</script>|<script[^>]*mathjax/[^>]*></script>",
    'class="highlight': r'<script src="[^"]*(?:clipboard\.min|copybutton)\.js[^"]*"></script>',
    'class="sd-tab': r'<script[^>]*src="[^"]*design-tabs\.js[^"]*"></script>',
    r'class="[^"]*(?<![\w-])toggle(?![\w-])|class="(?=[^"]*admonition)[^"]*dropdown': (
        r'<script src="[^"]*togglebutton\.js[^"]*"></script>'
    ),
}


def words(html):
    """All words of the pages and scripts of a site, in which every class name that they use is one.

    Parameters
    ----------
    html : path of the site; the explorables' frames and the search index name no class and are left out, and so is
        Bootstrap's script, which names those of all its parts
    """
    found: set[str] = set()
    for path in [*Path(html).rglob("*.html"), *Path(html).rglob("*.js")]:
        if path.name not in ("searchindex.js", "bootstrap.js") and not {"_frames", "mathjax"} & set(
            path.relative_to(html).parts
        ):
            found.update(WORD.findall(path.read_text(encoding="utf-8")))
    return found


def asked_for(selector):
    """Classes and ids that a selector asks for, but for those inside a function such as :not().

    >>> sorted(asked_for(tinycss2.parse_component_value_list("a.b > #c:not(.d)")))
    ['b', 'c']
    """
    pairs = list(zip([None, *selector], selector, strict=False))
    classes = {token.value for before, token in pairs if token.type == "ident" and before is not None and before == "."}
    return classes | {token.value for token in selector if token.type == "hash"}


def selectors(prelude):
    """The selectors of a rule, split at their commas."""
    found: list[list] = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def pruned(sheet, known):
    """A style sheet without the rules that no page can use, and without comments.

    Parameters
    ----------
    sheet : str
    known : set of str, the words of all pages and scripts; `Every()` keeps every rule

    >>> pruned(".a, .b { color: red } @media print { .b { color: blue } } h1 { margin: 0 }", {"a"})
    '.a{ color: red }h1{ margin: 0 }'
    """
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    return "".join(_kept(rule, known) for rule in rules)


class Every:
    """A set that holds every word."""

    def __contains__(self, word):
        return True


def _kept(rule, known):
    """A rule as text, empty if nothing of it can be used."""
    if rule.type == "qualified-rule":
        usable = [
            tinycss2.serialize(one).strip()
            for one in selectors(rule.prelude)
            if all(name in known or name.startswith(BOOTSTRAP) for name in asked_for(one))
        ]
        return f"{', '.join(usable)}{{{tinycss2.serialize(rule.content)}}}" if usable else ""
    if rule.type != "at-rule":
        return rule.serialize()
    if rule.at_keyword == "font-face" and ICON_FONT in tinycss2.serialize(rule.content).lower():
        return ""
    if rule.at_keyword in NESTED and rule.content is not None:
        inner = pruned(tinycss2.serialize(rule.content), known)
        return f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}" if inner else ""
    return rule.serialize()


def without_scripts(page, *, search):
    """A page without the scripts that it has no use for; the search's index is of use to the search page alone."""
    for needed, tags in NEEDS.items():
        if not re.search(needed, page):
            page = re.sub(rf"\s*(?:{tags})", "", page)
    return page if search else re.sub(rf"\s*{SEARCH}", "", page)


def lighten(html):
    """Lighten all pages and the theme's sheets of a built site; its icon font goes."""
    for font in Path(html).rglob("fontawesome/webfonts/*"):
        font.unlink()
    for page in Path(html).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        lighter = without_scripts(text, search=page.name == "search.html")
        if lighter != text:
            page.write_text(lighter, encoding="utf-8")
    known = words(html)
    for patterns, wanted in ((SHEETS, known), (OWN, Every())):
        for sheet in (path for pattern in patterns for path in Path(html).rglob(pattern)):
            sheet.write_text(pruned(sheet.read_text(encoding="utf-8"), wanted), encoding="utf-8")
