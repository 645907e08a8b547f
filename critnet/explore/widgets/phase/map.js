// The map: cells coloured by a value, the parabolas over it, and where things lie on the canvas.

function phaseMap(canvas) {
  let shown = null; // { box, x, y, xBorders, yBorders }

  // columns, rows: sorted ln gamma and ln size; at(i, j): { rgb, text, state, wrong, guesses, extrapolated } of a cell
  function draw({ columns, rows, rowLabels, at, chosen, hovered, curves, points, range, stops, mark, title, yTitle, textOf, colours }) {
    const { context: g, width, height } = fitted(canvas);
    const box = { left: 44, right: width - 6, top: 26, bottom: height - 88 };
    const [xBorders, yBorders] = [bordersOf(columns), bordersOf(rows)];
    const x = scaleOf({ low: xBorders[0], high: xBorders.at(-1), from: box.left, to: box.right });
    const y = scaleOf({ low: yBorders[0], high: yBorders.at(-1), from: box.bottom, to: box.top });
    shown = { box, x, y, xBorders, yBorders };
    const hatch = hatching(g, colours);
    const font = g.font;
    g.font = font.replace("12px", "11px"); // a number as -12.1 fits into a ninth of the map beside the curves
    columns.forEach((_, i) => rows.forEach((__, j) => cell(g, i, j, at(i, j), hatch, colours)));
    g.font = font;
    frame(g, chosen, colours.ink, 2.5, colours.page);
    if (hovered) frame(g, hovered, colours.ink, 1.5, colours.page);
    for (const { parabola, dash, width: line } of curves) curve(g, parabola, dash, line, colours);
    for (const point of points) circle(g, x(point.x), y(point.y), 3.5, colours);
    axes(g, box, { low: xBorders[0], high: xBorders.at(-1), label: "ln \u03b3" },
      { low: yBorders[0], high: yBorders.at(-1), ticks: spaced(rows, (value) => y(value), 13),
        text: (value) => rowLabels[rows.indexOf(value)], label: yTitle }, { ...colours, faint: colours.soft });
    if (range) bar(g, width, height, { range, stops, mark, title, textOf, colours });
    else {
      g.fillStyle = colours.soft;
      g.textAlign = "center";
      g.fillText("no run has this number", (box.left + box.right) / 2, height - 16);
    }
  }

  function rectOf(i, j) {
    const { x, y, xBorders, yBorders } = shown;
    const [left, right] = [x(xBorders[i]), x(xBorders[i + 1])];
    const [bottom, top] = [y(yBorders[j]), y(yBorders[j + 1])];
    return [left, top, right - left, bottom - top];
  }

  function cell(g, i, j, { rgb, text, state, wrong, guesses, extrapolated }, hatch, colours) {
    const [left, top, w, h] = rectOf(i, j);
    g.fillStyle = rgb ? `rgb(${rgb.join(",")})` : hatch;
    g.fillRect(left + 0.5, top + 0.5, w - 1, h - 1);
    if (state === "not run") return;
    const ink = rgb ? inkOn(rgb) : colours.ink;
    g.fillStyle = ink;
    g.textAlign = "center";
    g.textBaseline = "middle";
    if (state === "diverged") g.fillText("\u2020", left + w / 2, top + h / 2);
    else if (h >= 13 && g.measureText(text).width < w - 3) g.fillText(text, left + w / 2, top + h / 2 + 0.5);
    if (guesses) cross(g, left + Math.min(6, w / 2), top + Math.min(6, h / 2), Math.min(2.5, w / 4), ink);
    if (extrapolated && w > 8) g.fillRect(left + 3, top + h - 5, 2.5, 2.5);
    if (!wrong) return;
    const side = Math.min(8, w / 2, h / 2);
    g.beginPath();
    g.moveTo(left + w - 1, top + 1);
    g.lineTo(left + w - 1 - side, top + 1);
    g.lineTo(left + w - 1, top + 1 + side);
    g.fill();
  }

  function cross(g, cx, cy, reach, colour) {
    g.strokeStyle = colour;
    g.lineWidth = 1.25;
    g.beginPath();
    for (const slope of [-1, 1]) {
      g.moveTo(cx - reach, cy - slope * reach);
      g.lineTo(cx + reach, cy + slope * reach);
    }
    g.stroke();
  }

  function frame(g, place, colour, line, halo) {
    if (!place) return;
    const [left, top, w, h] = rectOf(...place);
    for (const [style, width] of [[halo, line + 3], [colour, line]]) {
      g.strokeStyle = style;
      g.lineWidth = width;
      g.strokeRect(left + 1, top + 1, w - 2, h - 2);
    }
  }

  function curve(g, parabola, dash, line, colours) {
    const { box, x, y, xBorders } = shown;
    const count = Math.ceil((box.right - box.left) / 3);
    const at = Array.from({ length: count + 1 }, (_, k) => xBorders[0] + (xBorders.at(-1) - xBorders[0]) * (k / count));
    g.save();
    g.beginPath();
    g.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    g.clip();
    const [xs, ys] = [at.map(x), at.map((value) => y(heightOf(parabola, value)))];
    polyline(g, xs, ys, { colour: colours.page, width: line + 2.5 });
    polyline(g, xs, ys, { colour: colours.ink, width: line, dash });
    g.restore();
  }

  function circle(g, cx, cy, radius, colours) {
    g.beginPath();
    g.arc(cx, cy, radius, 0, 2 * Math.PI);
    g.fillStyle = colours.page;
    g.fill();
    g.strokeStyle = colours.ink;
    g.lineWidth = 1.5;
    g.stroke();
  }

  const inBox = ({ box }, px, py) => px >= box.left && px <= box.right && py >= box.top && py <= box.bottom;

  return {
    draw,
    // the cell [column, row] at a place on the canvas, or null
    cellAt(px, py) {
      if (!shown || !inBox(shown, px, py)) return null;
      const [a, b] = [shown.x.invert(px), shown.y.invert(py)];
      const index = (borders, value) => Math.max(0, Math.min(borders.length - 2, borders.findIndex((border) => border > value) - 1));
      return [index(shown.xBorders, a), index(shown.yBorders, b)];
    },
    valueAt: (px, py) => [shown.x.invert(px), shown.y.invert(py)],
    // where a point of the diagram lies on the canvas, held within the map
    placeOf(point) {
      const { box, x, y } = shown;
      return [Math.min(box.right, Math.max(box.left, x(point.x))), Math.min(box.bottom, Math.max(box.top, y(point.y)))];
    },
    limits: () => ({ x: [shown.xBorders[0], shown.xBorders.at(-1)], y: [shown.yBorders[0], shown.yBorders.at(-1)] }),
  };
}

// Those of the values whose labels do not touch.
function spaced(values, place, apart) {
  const kept = [];
  for (const value of values) {
    if (!kept.length || Math.abs(place(value) - place(kept.at(-1))) >= apart) kept.push(value);
  }
  return kept;
}

// Grey stripes over the page: not run.
function hatching(g, colours) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 16;
  const t = tile.getContext("2d");
  t.strokeStyle = colours.faint;
  t.lineWidth = 2;
  t.beginPath();
  for (const shift of [-8, 0, 8, 16]) {
    t.moveTo(shift, 16);
    t.lineTo(shift + 16, 0);
  }
  t.stroke();
  const pattern = g.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().scale(0.5));
  return pattern;
}

// The scale of colours at the foot of the canvas, with the threshold where there is one.
function bar(g, width, height, { range, stops, mark, title, textOf, colours }) {
  const [left, right, top] = [44, width - 6, height - 30];
  for (let px = left; px < right; px += 1) {
    g.fillStyle = `rgb(${colourAt(stops, (px - left) / (right - left)).join(",")})`;
    g.fillRect(px, top, 1.5, 9);
  }
  g.fillStyle = colours.soft;
  g.textBaseline = "top";
  g.textAlign = "left";
  g.fillText(textOf(range.low), left, top + 13);
  g.textAlign = "right";
  g.fillText(textOf(range.high), right, top + 13);
  g.textAlign = "center";
  g.fillText(right - left > 330 ? title : title.split(" = ")[0], (left + right) / 2, top + 13);
  if (mark === null || !(mark >= range.low && mark <= range.high)) return;
  const at = left + (right - left) * placeIn(range, mark);
  g.fillStyle = colours.ink;
  g.fillRect(at - 1, top - 4, 2, 15);
}
