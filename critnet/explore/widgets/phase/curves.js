// Loss, entropy change and accuracy of one cell over training, one above the other.

// curves: [{ label, log, colour, lines: [values of a run, ...] }], all over `steps`; `now` is the iteration shown in the map
function drawCurves(canvas, { steps, now, curves, colours }) {
  const { context: g, width, height } = fitted(canvas);
  if (!curves.some(({ lines }) => lines.length)) {
    g.fillStyle = hatching(g, colours);
    g.fillRect(8, 8, width - 16, height - 16);
    g.fillStyle = colours.page;
    g.fillRect(width / 2 - 40, height / 2 - 12, 80, 24);
    g.fillStyle = colours.ink;
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.fillText("not run", width / 2, height / 2);
    return;
  }
  const foot = 38;
  const each = (height - foot) / curves.length;
  const first = steps.find((t) => t > 0);
  const time = { low: first, high: steps.at(-1), log: true };
  curves.forEach(({ label, log, colour, lines, limits, text }, k) => {
    const last = k === curves.length - 1;
    const box = { left: 50, right: width - 8, top: k * each + 22, bottom: (k + 1) * each - 4 };
    const range = limits || rangeOf(lines.flatMap((line) => [...line]), log);
    if (!range) {
      g.fillStyle = colours.soft;
      g.textAlign = "left";
      g.textBaseline = "middle";
      g.fillText(`${label}: no number above 0`, 8, (box.top + box.bottom) / 2);
      if (last) axes(g, box, { ...time, label: "iteration t" }, { low: 0, high: 1, ticks: [] }, colours);
      return;
    }
    const { low, high } = spread(range, log);
    const scale = axes(g, box, { ...time, ...(last ? { label: "iteration t" } : { ticks: [] }) },
      { low, high, log, label, text, ticks: log ? undefined : ticksOf(low, high, 2) }, colours);
    const at = Math.max(first, now);
    polyline(g, [scale.x(at), scale.x(at)], [box.top, box.bottom], { colour: colours.faint, width: 1, dash: [2, 2] });
    lines.forEach((line, i) => {
      polyline(g, steps.map((t) => (t > 0 ? scale.x(t) : NaN)), [...line].map((v) => (log && !(v > 0) ? NaN : scale.y(v))),
        { colour, width: i ? 1 : 2, alpha: i ? 0.5 : 1 });
    });
  });
}

// A range with some room; whole decades where less than one is spanned.
function spread({ low, high }, log) {
  if (!log) return low === high ? { low: low - 0.5, high: high + 0.5 } : { low, high };
  return high / low < 10 ? { low: 10 ** Math.floor(Math.log10(low)), high: 10 ** Math.ceil(Math.log10(high * 1.000001)) } : { low, high };
}
