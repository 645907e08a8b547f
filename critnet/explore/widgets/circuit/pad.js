// The drawing pad of the circuit explorer: 28 x 28 grey values, painted with mouse, finger or keyboard.

function drawingPad(canvas, changed) {
  const cells = 28;
  const pixels = new Uint8Array(cells * cells);
  const cursor = { row: 14, column: 14, shown: false };
  let penDown = false; // the keyboard's pen
  let last = null; // where the pointer was, in cells

  // A soft round brush, about as wide as the strokes of MNIST.
  function dab(row, column) {
    for (let r = Math.max(0, Math.floor(row) - 2); r <= Math.min(cells - 1, Math.floor(row) + 2); r++) {
      for (let c = Math.max(0, Math.floor(column) - 2); c <= Math.min(cells - 1, Math.floor(column) + 2); c++) {
        const distance = Math.hypot(r + 0.5 - row, c + 0.5 - column);
        const ink = Math.round(255 * Math.min(1, Math.max(0, 1.9 - distance)));
        if (ink > pixels[r * cells + c]) pixels[r * cells + c] = ink;
      }
    }
  }

  function stroke(from, to) {
    const steps = Math.max(1, Math.ceil(2 * Math.hypot(to.row - from.row, to.column - from.column)));
    for (let s = 0; s <= steps; s++) {
      dab(from.row + ((to.row - from.row) * s) / steps, from.column + ((to.column - from.column) * s) / steps);
    }
  }

  function draw(ink, focus) {
    const size = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1)) || 196;
    if (canvas.width !== size) canvas.width = canvas.height = size;
    const context = canvas.getContext("2d");
    const cell = size / cells;
    context.clearRect(0, 0, size, size);
    context.fillStyle = ink;
    pixels.forEach((value, p) => {
      if (!value) return;
      context.globalAlpha = value / 255;
      const x = Math.floor((p % cells) * cell);
      const y = Math.floor(Math.floor(p / cells) * cell);
      context.fillRect(x, y, Math.ceil(cell), Math.ceil(cell));
    });
    context.globalAlpha = 1;
    if (cursor.shown) {
      context.strokeStyle = focus;
      context.lineWidth = Math.max(2, cell / 3);
      context.strokeRect(cursor.column * cell, cursor.row * cell, cell, cell);
    }
  }

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return {
      row: ((event.clientY - box.top) / box.height) * cells,
      column: ((event.clientX - box.left) / box.width) * cells,
    };
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    cursor.shown = false;
    stroke(last, last);
    changed();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    for (const each of event.getCoalescedEvents ? [...event.getCoalescedEvents(), event] : [event]) {
      const now = place(each);
      stroke(last, now);
      last = now;
    }
    changed();
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    canvas.addEventListener(name, () => { last = null; });
  }

  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = moves[event.key];
    if (!move && event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    cursor.shown = true;
    const from = { row: cursor.row + 0.5, column: cursor.column + 0.5 };
    let painted = event.key === " ";
    if (event.key === "Enter") penDown = painted = !penDown;
    if (move) {
      cursor.row = Math.min(cells - 1, Math.max(0, cursor.row + move[0]));
      cursor.column = Math.min(cells - 1, Math.max(0, cursor.column + move[1]));
      painted = penDown;
    }
    if (painted) stroke(from, { row: cursor.row + 0.5, column: cursor.column + 0.5 });
    changed({ painted, penDown, row: cursor.row + 1, column: cursor.column + 1 });
  });
  canvas.addEventListener("focus", () => {
    cursor.shown = canvas.matches(":focus-visible");
    changed({ painted: false, penDown, row: cursor.row + 1, column: cursor.column + 1 });
  });
  canvas.addEventListener("blur", () => {
    cursor.shown = penDown = false;
    changed({ painted: false, penDown });
  });

  return {
    pixels,
    draw,
    show(image) { pixels.set(image); },
    clear() { pixels.fill(0); },
  };
}
