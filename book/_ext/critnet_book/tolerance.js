// A reader's own margins: the ends of the bands on a strip can be moved, by pointer on the strip itself or by sliders
// below it, and the verdicts answer by the same rule. The state is in the address (?margin=c07_reproduced-from_24).
// One model a claim; a claim that stands twice on a page moves in both places. Needs rules.js.
(() => {
  "use strict";
  const { judge, parts, changed } = critnetRules;
  const GLYPHS = { reproduced: "good", partly: "partly", "not reproduced": "bad" };
  const NAMES = { "as-coded": "as coded", control: "control" };
  const ENDS = [["reproduced", "from", 1, 0], ["reproduced", "to", 1, 1], ["partly", "from", 2, 0], ["partly", "to", 2, 1]];
  const STEPS = 200; // of an arrow key, about, along the axis
  const REACH = 14; // pixels from an end at which a pointer takes it
  const shown = (x) => String(Number(x.toPrecision(4))).replace("-", "\u2212");
  const models = new Map();
  let written = null;

  // ---- the axis: from a number to a share of its length and back

  function axisOf(low, high, logarithmic) {
    const [to, back] = logarithmic ? [Math.log, Math.exp] : [Number, Number];
    const length = to(high) - to(low);
    const rough = 10 ** Math.floor(Math.log10(length / STEPS));
    const step = logarithmic ? length / STEPS : rough * [1, 2, 5, 10].find((k) => k * rough >= length / STEPS);
    const tidy = (x) => Number(logarithmic ? x.toPrecision(3) : (Math.round(x / step) * step).toPrecision(12));
    const inside = (x, by) => { // the first tidy number from an end of the axis inwards
      let found = tidy(x);
      for (let k = 1; found < low || found > high; k += 1) found = tidy(back(to(x) + by * k * step));
      return found;
    };
    return {
      first: inside(low, 1), last: inside(high, -1), tidy,
      share: (x) => Math.min(Math.max((to(Math.min(Math.max(x, low), high)) - to(low)) / length, 0), 1),
      value: (share) => tidy(back(to(low) + share * length)),
      after: (x, steps) => tidy(back(to(x) + steps * step)),
    };
  }

  // ---- one claim

  function modelOf(strip) {
    const [id, ...axis] = JSON.parse(strip.dataset.axis);
    const lanes = [...strip.querySelectorAll("[data-judged]")].map((row) => {
      const [definition, rule, drawn, numbers] = JSON.parse(row.dataset.judged);
      return { definition, rule, drawn, numbers };
    }).filter((lane) => lane.numbers[parts(lane.rule)[lane.drawn][0]]?.every(Number.isFinite));
    const model = { id, axis: axisOf(...axis), groups: [], views: [], said: "", active: null };
    for (const lane of lanes) {
      const text = JSON.stringify([lane.rule, lane.drawn]);
      let group = model.groups.find((one) => one.text === text);
      if (!group) {
        const own = parts(lane.rule)[lane.drawn];
        group = { text, rule: lane.rule, drawn: lane.drawn, own, now: structuredClone(own), lanes: [] };
        model.groups.push(group);
      }
      group.lanes.push(lane);
    }
    for (const group of model.groups) group.ends = endsOf(group, model.groups.length > 1);
    model.ends = model.groups.flatMap((group) => group.ends);
    [model.active] = model.ends;
    return model;
  }

  // The ends of a group's bands that can be moved; one end for both bands where they end at the same place.
  function endsOf(group, named) {
    const prefix = named ? `${group.lanes.map((lane) => lane.definition).join("-")}_` : "";
    const joined = (side) => group.own[1][side] === group.own[2][side];
    return ENDS.filter(([, , region, side]) => group.own[region][side] !== null && !(region === 2 && joined(side)))
      .map(([word, to, region, side]) => ({
        group, region, side, joined: joined(side), key: `${prefix}${word}-${to}`,
        label: `${named ? `${group.lanes.map((lane) => NAMES[lane.definition]).join(", ")}: ` : ""}${word} ${to}`,
        get own() { return group.own[region][side]; },
        get at() { return group.now[region][side]; },
      }));
  }

  // How far an end may go, and what stops it there: [least, why], [most, why].
  function limits(axis, { group: { now: [, dark, pale] }, region, side, joined }) {
    const least = [axis.first, "where the axis ends"], most = [axis.last, "where the axis ends"];
    const stop = (x, fallback, why) => (x === null ? fallback : [x, why]);
    if (region === 1) {
      return side
        ? [stop(dark[0], least, "where the dark band begins"), joined ? most : stop(pale[1], most, "where the pale band ends")]
        : [joined ? least : stop(pale[0], least, "where the pale band begins"), stop(dark[1], most, "where the dark band ends")];
    }
    return side ? [stop(dark[1], least, "where the dark band ends"), most] : [least, stop(dark[0], most, "where the dark band begins")];
  }

  // The rule's bands with one end elsewhere.
  function withEnd({ group, region, side, joined }, x) {
    const now = structuredClone(group.now);
    now[region][side] = x;
    if (joined) now[2][side] = x;
    return now;
  }

  const verdictOf = (group, lane, now = group.now) =>
    judge(changed(group.rule, (margin, k) => (k === group.drawn ? now : margin)), lane.numbers);

  // Moves an end as far as it may go; what stopped it is said.
  function move(model, end, wanted) {
    const [[least, below], [most, beyond]] = limits(model.axis, end);
    const near = Math.abs(model.axis.share(wanted) - model.axis.share(end.own)) < 0.5 / STEPS;
    const x = Math.min(Math.max(near ? end.own : wanted, least), most);
    model.said = wanted < least ? `It stops at ${shown(least)}, ${below}.` : wanted > most ? `It stops at ${shown(most)}, ${beyond}.` : "";
    end.group.now = withEnd(end, x);
    model.active = end;
    show(model);
    later();
  }

  // Along the way of an end, from where which verdict holds: [[from, verdict], ...], the first from its least.
  function stretches(model, end, lane) {
    const [[least], [most]] = limits(model.axis, end);
    const number = lane.numbers[end.group.own[0]];
    const cuts = [...new Set(number.slice(1).filter((x) => x > least && x < most))].sort((a, b) => a - b);
    const edges = [least, ...cuts, most];
    const found = edges.slice(0, -1).map((from, k) => [from, verdictOf(end.group, lane, withEnd(end, (from + edges[k + 1]) / 2))]);
    return found.filter(([, verdict], k) => k === 0 || verdict !== found[k - 1][1]);
  }

  function stretchWords(model, end) {
    return end.group.lanes.map((lane) => {
      const found = stretches(model, end, lane);
      if (found.length === 1) return `${NAMES[lane.definition]}: ${found[0][1]} wherever this end lies`;
      const words = found.map(([from, verdict], k) => (k === 0 ? `${verdict} up to ${shown(found[1][0])}`
        : k + 1 < found.length ? `${verdict} from there to ${shown(found[k + 1][0])}` : `${verdict} from ${shown(from)} on`));
      return `${NAMES[lane.definition]}: ${words.join(", ")}`;
    }).join(". ");
  }

  const isMoved = (model) => model.groups.some((group) => JSON.stringify(group.now) !== JSON.stringify(group.own));

  // ---- one strip that shows it

  function viewOf(strip, model) {
    const rows = new Map([...strip.querySelectorAll("[data-judged]")].map((row) => [JSON.parse(row.dataset.judged)[0], row]));
    const opener = document.createElement("button"), ends = strip.querySelector(".cs-ends");
    Object.assign(opener, { type: "button", className: "cs-open", textContent: "move the margins" });
    opener.setAttribute("aria-expanded", "false");
    const foot = document.createElement("div");
    foot.className = "cs-foot";
    ends.replaceWith(foot);
    foot.append(ends, opener);
    const view = { strip, rows, opener, panel: null };
    opener.addEventListener("click", () => unfold(model, view, !view.panel || view.panel.hidden));
    for (const [definition, row] of rows) {
      const group = model.groups.find((one) => one.lanes.some((lane) => lane.definition === definition));
      if (group) grab(model, view, group, row.querySelector("svg"));
    }
    return view;
  }

  function unfold(model, view, open) {
    if (!view.panel) {
      view.panel = document.createElement("div");
      view.panel.className = "cs-margins";
      view.panel.setAttribute("role", "group");
      view.panel.setAttribute("aria-label", `Margins of ${model.id}`);
      const others = Math.max(...model.groups.map((group) => parts(group.rule).length - 1));
      const held = others ? ` The rule has ${others === 1 ? "another condition, which holds as it is" : `${others} other conditions, which hold as they are`}.` : "";
      view.panel.innerHTML = `${model.ends.map((end) => `<label class="cs-end cs-end-${end.region === 1 ? "good" : "partly"}"><span>${end.label}</span>`
        + '<input type="range" min="0" max="1" step="any" autocomplete="off"><output></output></label>').join("")}`
        + `<p class="cs-said" role="status"></p><p class="cs-flips"></p><p class="cs-held"><button type="button">the rule\u2019s own margins</button>${held}</p>`;
      [...view.panel.querySelectorAll("input")].forEach((input, k) => serve(model, model.ends[k], input));
      view.panel.querySelector("button").addEventListener("click", () => reset(model));
      view.opener.parentElement.after(view.panel);
    }
    view.panel.hidden = !open;
    view.opener.setAttribute("aria-expanded", String(open));
    show(model);
  }

  function serve(model, end, input) {
    input.addEventListener("input", () => move(model, end, model.axis.value(Number(input.value))));
    input.addEventListener("focus", () => { model.active = end; show(model); });
    input.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
      const [[least], [most]] = limits(model.axis, end);
      const wanted = steps ? model.axis.after(end.at, steps) : { Home: least, End: most }[event.key];
      if (wanted === undefined) return;
      event.preventDefault();
      move(model, end, wanted);
    });
  }

  // A pointer on the strip takes the nearest end.
  function grab(model, view, group, svg) {
    const share = (event) => {
      const { left, width } = svg.getBoundingClientRect();
      return { at: (((event.clientX - left) / width) * 230 - 5) / 220, pixel: 230 / 220 / width };
    };
    const nearest = (event) => {
      const { at, pixel } = share(event);
      const away = (end) => Math.abs(model.axis.share(end.at) - at);
      const [end] = [...group.ends].sort((a, b) => away(a) - away(b));
      return end && away(end) < REACH * pixel ? end : null;
    };
    let held = null;
    svg.addEventListener("pointerdown", (event) => {
      held = event.button === 0 ? nearest(event) : null;
      if (!held) return;
      event.preventDefault();
      svg.setPointerCapture(event.pointerId);
      model.active = held;
      unfold(model, view, true);
    });
    svg.addEventListener("pointermove", (event) => {
      if (held) move(model, held, model.axis.value(share(event).at));
      else svg.classList.toggle("cs-near", Boolean(nearest(event)));
    });
    for (const over of ["pointerup", "pointercancel"]) svg.addEventListener(over, () => { held = null; });
  }

  const place = (axis, x) => 220 * axis.share(x);

  function drawBands(model, group, svg) {
    for (const [region, name] of [[1, "good"], [2, "partly"]]) {
      const box = svg.querySelector(`rect.cs-${name}`);
      const [low, high] = group.now[region];
      if (!box) continue;
      const left = low === null ? 0 : place(model.axis, low), right = high === null ? 220 : place(model.axis, high);
      box.setAttribute("x", left.toFixed(1));
      box.setAttribute("width", (right - left).toFixed(1));
    }
  }

  // Small notches under the axis where the verdict of a lane flips as the active end moves.
  function drawFlips(model, lane, svg) {
    svg.querySelectorAll(".cs-flip").forEach((one) => one.remove());
    for (const [x] of stretches(model, model.active, lane).slice(1)) {
      const at = place(model.axis, x).toFixed(1);
      svg.insertAdjacentHTML("beforeend", `<path class="cs-flip" data-at="${x}" d="M${at} 16l-4 6h8z"/>`);
    }
  }

  function show(model) {
    const moved = isMoved(model);
    const verdicts = {};
    for (const { strip, rows, opener, panel } of model.views) {
      const open = panel && !panel.hidden;
      strip.classList.toggle("cs-moved", moved);
      opener.textContent = moved ? "your margins" : "move the margins";
      for (const group of model.groups) {
        for (const lane of group.lanes) {
          const row = rows.get(lane.definition), svg = row.querySelector("svg"), said = row.querySelector(".verdict");
          verdicts[lane.definition] = verdictOf(group, lane);
          said.textContent = verdicts[lane.definition];
          said.className = `verdict ${GLYPHS[said.textContent] ?? "open"}`;
          drawBands(model, group, svg);
          if (open && group === model.active.group) drawFlips(model, lane, svg);
          else svg.querySelectorAll(".cs-flip").forEach((one) => one.remove());
        }
      }
      if (!open) continue;
      const found = Object.entries(verdicts).map(([definition, verdict]) => `${NAMES[definition]} ${verdict}`).join(", ");
      [...panel.querySelectorAll(".cs-end")].forEach((line, k) => {
        const end = model.ends[k], input = line.querySelector("input");
        input.value = String(model.axis.share(end.at));
        input.setAttribute("aria-valuetext", `${shown(end.at)}: ${found}`);
        line.querySelector("output").textContent = shown(end.at);
        line.classList.toggle("cs-active", end === model.active);
      });
      panel.querySelector(".cs-flips").textContent = `${model.active.label} ${shown(model.active.at)}. ${stretchWords(model, model.active)}.`.replace(/(^|\. )[a-z]/g, (first) => first.toUpperCase());
      panel.querySelector(".cs-said").textContent = model.said;
      panel.querySelector("button").disabled = !moved;
    }
  }

  function reset(model) {
    for (const group of model.groups) group.now = structuredClone(group.own);
    model.said = "The margins are the rule\u2019s own again.";
    const focused = document.activeElement;
    show(model);
    if (focused?.disabled) focused.closest(".cs-margins").querySelector("input").focus({ preventScroll: true });
    later();
  }

  // ---- the address

  function later() {
    clearTimeout(written);
    written = setTimeout(keep, 150);
  }

  function keep() {
    const query = new URLSearchParams(location.search);
    query.delete("margin");
    for (const model of models.values()) {
      for (const end of model.ends) {
        if (end.at !== end.own) query.append("margin", `${model.id.toLowerCase()}_${end.key}_${end.at}`);
      }
    }
    const text = query.toString();
    try {
      history.replaceState(history.state, "", `${location.pathname}${text && "?"}${text}${location.hash}`);
    } catch (refused) {
      if (refused.name !== "SecurityError") throw refused; // a browser may limit how often
    }
  }

  // One end that the address asks for, as [model, end, number], or what is wrong with it.
  function asked(text) {
    const [id, ...rest] = text.split("_");
    const written = rest.pop() ?? "", key = rest.join("_"), model = models.get(id.toUpperCase());
    if (!model) return `margin \u201c${text}\u201d: this page has no strip of ${id.toUpperCase() || "such a claim"} whose margins move.`;
    const end = model.ends.find((one) => one.key === key);
    if (!end) return `margin \u201c${text}\u201d: the ends of ${model.id} are ${model.ends.map((one) => one.key).join(", ")}.`;
    const x = written.trim() === "" ? NaN : Number(written);
    if (!Number.isFinite(x)) return `margin \u201c${text}\u201d: \u201c${written}\u201d is not a number.`;
    return [model, end, x];
  }

  function start() {
    const problems = [], touched = new Set(), stopped = new Set();
    const wanted = new URLSearchParams(location.search).getAll("margin").map(asked);
    for (const one of wanted) if (!Array.isArray(one)) problems.push(one);
    // Outwards first: an end stops at its neighbour, which may still have to move. Twice does for any order.
    for (let pass = 0; pass < 2; pass += 1) {
      stopped.clear();
      for (const [model, end, x] of wanted.filter(Array.isArray)) {
        move(model, end, x);
        touched.add(model);
        if (model.said) stopped.add(`${model.id}, ${end.label} ${shown(x)}: ${model.said}`);
      }
    }
    problems.push(...stopped);
    for (const model of touched) model.views.forEach((view) => unfold(model, view, true));
    if (!problems.length) return;
    const line = document.createElement("p");
    Object.assign(line, { className: "cs-problem", textContent: problems.join(" ") });
    line.setAttribute("role", "status");
    document.querySelector(".critnet-table:has(.cs), .cs").before(line);
  }

  for (const strip of document.querySelectorAll(".cs[data-axis]:not([data-ready])")) {
    strip.dataset.ready = "";
    const id = JSON.parse(strip.dataset.axis)[0];
    const model = models.get(id) ?? modelOf(strip);
    if (!model.ends.length) continue;
    models.set(id, model);
    model.views.push(viewOf(strip, model));
  }
  if (models.size) start();
})();
