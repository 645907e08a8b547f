// The loss explorer: losses reweighted to a mean that the reader sets, and what entropy that costs.

function render({ model, el }) {
  const { name, steps, lengths, thresholds, start, batch, caption, ...given } = model.get("given");
  const all = unpackedLosses(lengths, numbersOf(given.values, "<f4"), numbersOf(given.counts, "<i4"));
  const tables = []; // the authors' spline of each iteration, as they become ready
  const kept = { along: {}, curves: {} }; // curves by iteration and by b
  const [largest, smallest] = [Math.max(...all.map((one) => one.high)), Math.min(...all.map((one) => one.loss.find((v) => v > 0) || one.high))];
  const lowest = 10 ** Math.floor(Math.log10(Math.max(smallest, FAINTEST)));
  const highest = 10 ** Math.ceil(Math.log10(Math.max(largest, 10 * lowest)));
  let shown; // what the last picture shows
  let places = {}; // what turns a place on a picture into a value

  const tableOf = (i) => {
    if (tables[i] === undefined) tables[i] = splineOf(all[i]);
    return tables[i];
  };

  // Delta S at every threshold at iteration i; each solution is the next one's first guess.
  function alongThresholds(i) {
    let theta = 0;
    kept.along[i] ||= thresholds.map((b) => {
      const found = entropiesAt(all[i], tableOf(i), b, theta);
      theta = found.theta;
      return found;
    });
    return kept.along[i];
  }

  // Delta S at every iteration at b, without the splines that are not ready.
  function overTraining(b) {
    const ready = tables.filter((table) => table !== undefined).length;
    if (kept.curves.b !== b || kept.curves.ready !== ready) {
      kept.curves = { b, ready, found: all.map((losses, i) => entropiesAt(losses, tables[i] || null, b)) };
    }
    return kept.curves.found;
  }

  // A round power of ten above all that the splines reach in the pictures.
  function topOf() {
    const ends = tables.filter(Boolean).flatMap((table) => [thresholds[0], thresholds[thresholds.length - 1]].map((b) => splineAt(table, b)));
    return 10 ** (6 * Math.max(1, Math.ceil(Math.log10(Math.max(...ends, 1)) / 6)));
  }

  function compute({ b, t, scale }) {
    const i = steps.indexOf(t);
    const losses = all[i];
    const found = entropiesAt(losses, tableOf(i), b);
    const curves = overTraining(b);
    const tilted = reweighted(losses, found.theta);
    const share = losses.count.map((count) => count / losses.size);
    const spread = binned(losses, share);
    spread.tilted = binned(losses, tilted).share;
    spread.hidden = losses.loss.reduce((sum, value, k) => sum + (value < lowest ? share[k] : 0), 0);
    return {
      t, b, losses, found, curves, along: alongThresholds(i), spread, steps, all, batch, grid: thresholds,
      sides: curves.map((one) => one.side), axis: entropyAxis(losses.cap, topOf(), scale), published: start.b, lowest, highest,
    };
  }

  const PICTURES = { spread: drawSpread, thresholds: drawThresholds, mean: drawMean, entropy: drawEntropy, criterion: drawCriterion };

  const view = explorer({
    el, name, kind: "losses", caption,
    controls: [
      { type: "steps", name: "b", label: "b (nats)", values: thresholds, start: start.b, text: (b) => short(b, 2) },
      { type: "steps", name: "t", label: "iteration t", values: steps, start: start.t, text: whole },
      { type: "radio", name: "scale", label: "\u0394S below ln N", start: "log", options: [["linear", "linear"], ["log", "logarithmic"]] },
    ],
    body: () => lossesPage(whole(batch)),
    draw: ({ root, one, state, colours }) => {
      shown = compute(state);
      for (const [part, picture] of Object.entries(PICTURES)) places[part] = picture(one(part), { ...shown, colours });
      fillTable(root, shown.found, batch);
      one("facts").textContent = factWords(shown);
    },
    words: () => lossesWords(shown),
    table: () => lossesRows(shown),
  });

  // Drag in a picture: b in those of one iteration, t in those over training.
  const nearest = (values, wanted, scale) => values.reduce((best, value) =>
    (Math.abs(scale(value) - scale(wanted)) < Math.abs(scale(best) - scale(wanted)) ? value : best));
  for (const part of Object.keys(PICTURES)) {
    const canvas = view.one(part);
    const drag = (event) => {
      if (!places[part] || (event.type === "pointermove" && !event.buttons)) return;
      const { box, invert } = places[part];
      const place = event.clientX - canvas.getBoundingClientRect().left;
      const value = invert(Math.min(box.right, Math.max(box.left, place)));
      const ofIteration = part === "spread" || part === "thresholds";
      view.set(ofIteration ? { b: nearest(thresholds, value, Math.log) } : { t: nearest(steps, Math.max(0, value), Math.log1p) });
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      canvas.setPointerCapture(event.pointerId);
      drag(event);
    });
    canvas.addEventListener("pointermove", drag);
  }

  view.root.dataset.ready = "false";
  // The splines of all iterations take longer than one picture may: a few at a time, between pictures.
  let waiting = setTimeout(function prepare() {
    const end = performance.now() + 20;
    for (let i = 0; i < all.length; i += 1) {
      if (tables[i] !== undefined) continue;
      if (performance.now() > end) break;
      tableOf(i);
    }
    const done = all.every((_, i) => tables[i] !== undefined);
    view.root.dataset.ready = done;
    view.soon();
    if (!done) waiting = setTimeout(prepare);
  });
  return () => {
    clearTimeout(waiting);
    view.dispose();
  };
}

// One set of losses for each iteration, from the atoms of all, one after the other.
function unpackedLosses(lengths, values, counts) {
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return lossesOf(values.subarray(end - length, end), counts.subarray(end - length, end));
  });
}

export default { render };
