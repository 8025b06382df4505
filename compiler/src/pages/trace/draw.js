// The timeline as SVG. Only what is in view is drawn; slices that are narrower than a pixel are drawn together.

const SVG = "http://www.w3.org/2000/svg";
const LANE = 34;
const BAR = 22;
const AXIS = 26;
const GROUP = 26;
/** The most lanes of green threads: more would make a page that nobody scrolls through. */
const MOST_LANES = 400;
/** More arrows than this hide the slices. */
const MOST_ARROWS = 300;
/** The room that a character of a label takes, in pixels. */
const CHARACTER = 6.6;

/** Makes an element of SVG. */
function shape(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElementNS(SVG, name);
  if (classes.length > 0) {
    made.setAttribute("class", classes.join(" "));
  }
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) {
      made.setAttribute(key, value);
    }
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** The lanes from top to bottom: a heading or a lane each, with its place. */
function lanesOf(data) {
  const rows = [];
  let top = AXIS;
  const add = (row, height) => {
    rows.push({ ...row, top, height });
    top += height;
  };
  add({ heading: "Workers" }, GROUP);
  data.workers.forEach((worker) => add({ lane: worker.lane, worker }, LANE));
  add({ heading: "Green threads" }, GROUP);
  data.threads.slice(0, MOST_LANES).forEach((thread) => add({ lane: thread.lane, thread }, LANE));
  return {
    rows,
    height: top + 6,
    top: new Map(rows.filter((row) => row.lane).map((row) => [row.lane, row.top])),
  };
}

/** The patterns and arrowheads that the drawing refers to. */
function definitions() {
  const hatch = (id, angle, gap) =>
    shape(
      "pattern",
      { id, width: gap, height: gap, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${angle})` },
      shape("line.hatch", { x1: 0, y1: 0, x2: 0, y2: gap }),
    );
  const head = (kind) =>
    shape(
      "marker",
      {
        id: `head-${kind}`,
        viewBox: "0 0 8 8",
        refX: 7,
        refY: 4,
        markerWidth: 9,
        markerHeight: 9,
        markerUnits: "userSpaceOnUse",
        orient: "auto-start-reverse",
      },
      shape(`path.head.${kind}`, { d: "M0 0L8 4L0 8z" }),
    );
  return shape(
    "defs",
    {},
    hatch("hatch-idle", 45, 6),
    hatch("hatch-wait", -45, 5),
    hatch("hatch-gc", 90, 4),
    head("spawn"),
    head("wake"),
    head("message"),
  );
}

/** A drawing of the part of the schedule from `view.start` to `view.end` that is `width` pixels wide. */
function drawing(data, lanes, view, width) {
  const scale = { x: (time) => ((time - view.start) / (view.end - view.start)) * width, width };
  const arrows = data.arrows.filter((arrow) => arrow.to.time >= view.start && arrow.from.time <= view.end);
  const showsArrows = arrows.length <= MOST_ARROWS;
  return {
    hidesArrows: !showsArrows,
    parts: [
      definitions(),
      ...axis(data, view, scale, lanes.height),
      ...lanes.rows.map((row) => laneGround(row, width)),
      ...data.workers.flatMap((worker) => slices(data, worker.slices, lanes, view, scale)),
      ...data.threads
        .slice(0, MOST_LANES)
        .flatMap((thread) => slices(data, thread.slices, lanes, view, scale)),
      ...(showsArrows ? arrows.map((arrow) => arrowShape(data, arrow, lanes, scale)) : []),
      ...data.instants
        .filter((instant) => instant.time >= view.start && instant.time <= view.end)
        .filter((instant) => lanes.top.has(laneOf(instant)))
        .map((instant) => instantShape(instant, lanes, scale)),
    ].filter(Boolean),
  };
}

function laneGround(row, width) {
  if (row.heading) {
    return shape("line.group", { x1: 0, x2: width, y1: row.top + 0.5, y2: row.top + 0.5 });
  }
  return shape("line.ground", { x1: 0, x2: width, y1: row.top + LANE / 2, y2: row.top + LANE / 2 });
}

/** The lines and the labels of the axis: 1, 2 or 5 times a power of ten apart. */
function axis(data, view, scale, height) {
  const rough = ((view.end - view.start) * 110) / scale.width;
  const power = 10 ** Math.floor(Math.log10(rough));
  const gap = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
  const parts = [];
  for (let time = Math.ceil(view.start / gap) * gap; time <= view.end; time += gap) {
    const x = Math.round(scale.x(time)) + 0.5;
    const isLast = x > scale.width - 50;
    parts.push(
      shape("line.tick", { x1: x, x2: x, y1: AXIS - 6, y2: height }),
      shape(
        "text.tick",
        { x: isLast ? scale.width - 2 : x + 3, y: AXIS - 9, "text-anchor": isLast ? "end" : "start" },
        timeText(time, data.isVirtual),
      ),
    );
  }
  return parts;
}

/** The slices in view. A run of slices that are narrower than a pixel becomes one dense slice. */
function slices(data, all, lanes, view, scale) {
  const parts = [];
  let covered = -1;
  for (const [index, slice] of all.entries()) {
    if (slice.end < view.start || slice.start > view.end) {
      continue;
    }
    const [from, to] = [Math.max(scale.x(slice.start), -2), Math.min(scale.x(slice.end), scale.width + 2)];
    if (to - from < 1 && from < covered) {
      continue;
    }
    covered = Math.max(to, from + 1);
    const next = all[index + 1];
    // A collection lies upon the slice of the thread that it interrupts.
    const free = next && next.start < slice.end ? scale.x(next.start) : to;
    parts.push(
      sliceShape(data, slice, {
        top: lanes.top.get(slice.lane),
        from,
        width: Math.max(to - from, 1),
        room: free - Math.max(from, 0),
      }),
    );
  }
  return parts;
}

/** Whether a kind of slices is drawn as a thin bar, because nothing runs. */
function isThin(kind) {
  return kind === "ready" || kind === "wait" || kind === "idle";
}

/** A slice with its label, if the label fits into `room` pixels. */
function sliceShape(data, slice, { top, from, width, room }) {
  const height = isThin(slice.kind) ? BAR * 0.5 : BAR;
  const text = sliceLabel(slice);
  const label = [text, shortLabel(slice)].find((candidate) => candidate.length * CHARACTER + 10 <= room);
  const made = shape(
    `g.slice.${slice.kind}${slice.thread ? `.lane-${slice.thread % 8}` : ""}`,
    {
      "data-thread": slice.thread,
      role: "img",
      "aria-label": `${text}, ${timeText(slice.end - slice.start, data.isVirtual)}`,
    },
    shape("rect", { x: from, y: top + (LANE - height) / 2, width, height, rx: width > 6 ? 3 : 0 }),
    label && !isThin(slice.kind)
      ? shape("text", { x: Math.max(from, 0) + 5, y: top + LANE / 2 + 4 }, label)
      : null,
  );
  made.item = slice;
  return made;
}

function sliceLabel(slice) {
  return slice.kind === "gc" ? `GC: ${slice.text}` : slice.kind === "stopped" ? "stopped for GC" : slice.text;
}

/** A label for little room: the number of the thread. */
function shortLabel(slice) {
  return slice.kind === "run" ? (slice.text.match(/^#\d+/)?.[0] ?? "") : slice.kind === "gc" ? "GC" : "";
}

/** An arrow between the lanes of two threads, or of the workers if no thread ran. */
function arrowShape(data, arrow, lanes, scale) {
  const y = (end) => (lanes.top.get(`t${end.thread}`) ?? lanes.top.get(`w${end.worker}`) ?? 0) + LANE / 2;
  const [x1, y1, x2, y2] = [scale.x(arrow.from.time), y(arrow.from), scale.x(arrow.to.time), y(arrow.to)];
  const bend = Math.max(12, Math.abs(x2 - x1) / 2);
  const down = Math.sign(y2 - y1) * (BAR / 2);
  const path = `M${x1} ${y1 + down}C${x1 + bend} ${y1 + down * 2} ${x2 - bend} ${y2 - down * 2} ${x2} ${y2}`;
  const made = shape(
    `g.arrow.${arrow.kind}`,
    { "data-from": arrow.from.thread, "data-to": arrow.to.thread, role: "img", "aria-label": arrow.kind },
    shape("path.reach", { d: path }),
    shape("path.line", { d: path, "marker-end": `url(#head-${arrow.kind})` }),
    arrow.kind === "spawn" ? shape("circle", { cx: x1, cy: y1 + down, r: 3 }) : null,
  );
  made.item = arrow;
  return made;
}

/** The lane of an instant: its thread, or else its worker. */
function laneOf(instant) {
  return instant.thread === null ? `w${instant.worker}` : `t${instant.thread}`;
}

/** A triangle where a stack has grown, and a diamond where bytes were transferred or a file is ready. */
function instantShape(instant, lanes, scale) {
  const [x, y] = [scale.x(instant.time), lanes.top.get(laneOf(instant)) + LANE - 3];
  const outline = {
    growth: `M${x} ${y - 13}L${x + 7} ${y}L${x - 7} ${y}z`,
    io: `M${x} ${y - 12}L${x + 5} ${y - 6}L${x} ${y}L${x - 5} ${y - 6}z`,
  }[instant.kind];
  const made = shape(
    `g.instant.${instant.kind}`,
    { "data-thread": instant.thread, role: "img", "aria-label": instant.text },
    shape("path", { d: outline }),
  );
  made.item = instant;
  return made;
}

/** A line through all lanes at the chosen item, which can be too short to be seen; `null` if it is out of view. */
function cursorShape(item, view, width, height) {
  const time = timeOf(item);
  if (time < view.start || time > view.end) {
    return null;
  }
  const x = ((time - view.start) / (view.end - view.start)) * width;
  return shape(
    "g.cursor",
    {},
    shape("path", { d: `M${x} ${AXIS}L${x + 6} ${AXIS - 9}L${x - 6} ${AXIS - 9}z` }),
    shape("line", { x1: x, x2: x, y1: AXIS, y2: height }),
  );
}
