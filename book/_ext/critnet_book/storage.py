"""A page whose storage is blocked keeps its theme for as long as it is open."""

# The theme's scripts ask localStorage and sessionStorage for what was kept, and fail where a browser forbids to ask.
SCRIPT = """<script>
for (const name of ["localStorage", "sessionStorage"]) {
  try {
    window[name].getItem("theme");
  } catch (blocked) {
    const kept = new Map();
    Object.defineProperty(window, name, { configurable: true, value: {
      getItem: (key) => (kept.has(String(key)) ? kept.get(String(key)) : null),
      setItem: (key, value) => { kept.set(String(key), String(value)); },
      removeItem: (key) => { kept.delete(String(key)); },
      clear: () => kept.clear(),
      key: (i) => [...kept.keys()][i] ?? null,
      get length() { return kept.size; },
    } });
  }
}
</script>"""


def add(app, pagename, templatename, context, doctree):
    """Before every other script of the page: the tags of the head come first."""
    context["metatags"] = SCRIPT + context.get("metatags", "")


def setup(app):
    app.connect("html-page-context", add)
