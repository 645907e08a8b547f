// The tally of the page's verdicts if all margins were so many times as wide, at once as a slider moves; the factor is
// in the address (?margins=0.5). Needs rules.js, and every claim's strip on the page.
for (const tally of document.querySelectorAll(".margins-tally:not([data-ready])")) {
  tally.dataset.ready = "";
  const form = tally.querySelector("form"), slider = form.elements.factor, output = form.querySelector("output");
  const live = tally.querySelector(".live"), said = tally.querySelector(".said");
  const unjudged = JSON.parse(tally.dataset.unjudged), glyphs = JSON.parse(tally.dataset.glyphs);
  const lanes = [...document.querySelectorAll(".ledger [data-judged]")].map((row) => JSON.parse(row.dataset.judged));
  const limits = [Number(slider.min), Number(slider.max)].map((power) => 2 ** power);
  const NAMES = { "as-coded": "As coded", control: "Control" };
  let factor = 1, written = null;

  const own = lanes.map(([, rule, , numbers]) => critnetRules.judge(rule, numbers));

  function show() {
    const found = lanes.map(([, rule, , numbers]) => critnetRules.judge(critnetRules.scaled(rule, factor), numbers));
    slider.value = String(Math.log2(factor));
    output.textContent = factor === 1 ? "as the rules have them" : `${Number(factor.toPrecision(2))} times as wide`;
    slider.setAttribute("aria-valuetext", output.textContent);
    live.innerHTML = Object.entries(NAMES).map(([definition, name]) => {
      const mine = found.map((verdict, k) => [verdict, own[k], lanes[k][0]]).filter((one) => one[2] === definition);
      const count = (verdict) => mine.filter((one) => one[0] === verdict).length + (verdict === "not judged" ? unjudged[definition] : 0);
      const counts = Object.entries(glyphs).map(([verdict, glyph]) => [verdict, glyph, count(verdict)]).filter((one) => one[2]);
      const other = mine.filter(([now, before]) => now !== before).length;
      return `<dt>${name}</dt><dd><div class="bar" aria-hidden="true">`
        + counts.map(([, glyph, n]) => `<span class="${glyph}" style="flex:${n}"></span>`).join("")
        + `</div><p>${counts.map(([verdict, , n]) => `<span><strong>${n}</strong> ${verdict}</span>`).join(", ")}; <span>${other} ${other === 1 ? "verdict" : "verdicts"} changed</span></p></dd>`;
    }).join("");
  }

  function keep() {
    const query = new URLSearchParams(location.search);
    if (factor === 1) query.delete("margins");
    else query.set("margins", Number(factor.toPrecision(4)));
    const text = query.toString();
    try {
      history.replaceState(history.state, "", `${location.pathname}${text && "?"}${text}${location.hash}`);
    } catch (refused) {
      if (refused.name !== "SecurityError") throw refused; // a browser may limit how often
    }
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  slider.addEventListener("input", () => {
    factor = 2 ** Number(slider.value);
    said.textContent = "";
    show();
    clearTimeout(written);
    written = setTimeout(keep, 150);
  });

  const asked = new URLSearchParams(location.search).get("margins");
  if (asked !== null) {
    const x = asked.trim() === "" ? NaN : Number(asked);
    if (x >= limits[0] && x <= limits[1]) factor = x;
    else said.textContent = `margins = \u201c${asked}\u201d is not a number from ${limits[0]} to ${limits[1]}; these are the rules\u2019 own.`;
  }
  form.hidden = live.hidden = false;
  show();
}
