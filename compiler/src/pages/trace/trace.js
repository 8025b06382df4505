// The page of a trace: what part of the time is in view, what is chosen, and what the keys do.

const KEYS = {
  ArrowLeft: (page) => page.pan(-0.2),
  ArrowRight: (page) => page.pan(0.2),
  "+": (page) => page.zoom(0.5),
  "=": (page) => page.zoom(0.5),
  "-": (page) => page.zoom(2),
  0: (page) => page.fit(),
  Home: (page) => page.show(page.data.start, page.data.start + page.span),
  End: (page) => page.show(page.data.end - page.span, page.data.end),
  n: (page) => page.move(1),
  p: (page) => page.move(-1),
  Escape: (page) => page.choose(null),
};

/** The shortest time that can fill the window, as a part of the whole. */
const CLOSEST = 1e-6;

class TracePage {
  constructor(data, root) {
    this.data = data;
    this.root = root;
    this.lanes = lanesOf(data);
    this.view = { start: data.start, end: data.end };
    this.chosen = null;
    /** What `n` and `p` go through: the slices of the workers and the growths, in the order of time. */
    this.items = [
      ...data.workers.flatMap((worker) => worker.slices.filter((slice) => slice.kind !== "idle")),
      ...data.growths,
    ].sort((one, other) => timeOf(one) - timeOf(other));
  }

  get span() {
    return this.view.end - this.view.start;
  }

  start() {
    this.svg = shape("svg.plot", { tabindex: "0", role: "group", "aria-label": "timeline" });
    this.details = element("section.panel.details", { "aria-live": "polite" });
    this.notice = element("p.note.notice", {});
    this.window = element("output", { id: "window" });
    this.labels = element(
      "div.labels",
      { style: `height: ${this.lanes.height}px` },
      this.lanes.rows.map((row) => laneLabel(row)),
    );
    this.root.replaceChildren(
      this.controls(),
      legend(),
      element("div.timeline", {}, this.labels, element("div.plot-place", {}, this.svg)),
      this.notice,
      this.details,
    );
    this.listen();
    this.describe(null);
    this.draw();
  }

  controls() {
    const button = (id, label, title, action) =>
      element("button", { id, title, "aria-label": title, onclick: action }, label);
    return element(
      "div.bar.controls",
      {},
      button("zoom-in", "+ Zoom in", "Zoom in (+)", () => this.zoom(0.5)),
      button("zoom-out", "− Zoom out", "Zoom out (-)", () => this.zoom(2)),
      button("fit", "Whole run", "Whole run (0)", () => this.fit()),
      button("earlier", "◀", "Earlier (←)", () => this.pan(-0.2)),
      button("later", "▶", "Later (→)", () => this.pan(0.2)),
      button("previous", "◂ Previous event", "Previous event (p)", () => this.move(-1)),
      button("next", "Next event ▸", "Next event (n)", () => this.move(1)),
      this.window,
    );
  }

  listen() {
    document.addEventListener("keydown", (event) => this.onKey(event));
    this.svg.addEventListener("pointerover", (event) => this.onPointer(event));
    this.svg.addEventListener("pointerleave", () => this.describe(this.chosen));
    this.svg.addEventListener("click", (event) => this.choose(itemAt(event.target)));
    this.svg.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    this.svg.addEventListener("pointerdown", (event) => this.onDrag(event));
    this.labels.addEventListener("pointerover", (event) => this.onLabel(event));
    this.labels.addEventListener("focusin", (event) => this.onLabel(event));
    this.labels.addEventListener("pointerleave", () => this.describe(this.chosen));
    new ResizeObserver(() => this.draw()).observe(this.svg.parentElement);
  }

  onKey(event) {
    const action = KEYS[event.key];
    if (action && !isTaken(event)) {
      event.preventDefault();
      action(this);
    }
  }

  onPointer(event) {
    this.describe(itemAt(event.target) ?? this.chosen);
  }

  onLabel(event) {
    const number = event.target.closest("[data-thread]")?.dataset.thread;
    const thread = this.data.threads.find((each) => each.number === Number(number));
    if (thread) {
      this.describe({ ...thread, isThread: true });
    }
  }

  /** With Control, the wheel zooms at the pointer; sideways or with Shift it pans; otherwise the page scrolls. */
  onWheel(event) {
    const sideways = event.deltaX || (event.shiftKey ? event.deltaY : 0);
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const box = this.svg.getBoundingClientRect();
      this.zoom(2 ** (event.deltaY / 200), (event.clientX - box.left) / box.width);
    } else if (sideways) {
      event.preventDefault();
      this.pan(sideways / 800);
    }
  }

  /** Pans with the pointer, from the press of the button to its release. */
  onDrag(down) {
    const { start, end } = this.view;
    const width = this.svg.getBoundingClientRect().width;
    const move = (event) => {
      const by = ((down.clientX - event.clientX) / width) * (end - start);
      this.show(start + by, end + by);
    };
    const stop = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", stop);
      window.removeEventListener("pointercancel", stop);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", stop);
    window.addEventListener("pointercancel", stop);
  }

  fit() {
    this.show(this.data.start, this.data.end);
  }

  pan(part) {
    this.show(this.view.start + part * this.span, this.view.end + part * this.span);
  }

  /** Changes the span by a factor. The time at `place`, from 0 at the left to 1 at the right, stays where it is. */
  zoom(factor, place = this.placeOfChosen()) {
    const whole = this.data.end - this.data.start;
    const span = Math.min(Math.max(this.span * factor, whole * CLOSEST), whole);
    const start = this.view.start + (this.span - span) * place;
    this.show(start, start + span);
  }

  placeOfChosen() {
    const place = this.chosen ? (timeOf(this.chosen) - this.view.start) / this.span : 0.5;
    return place >= 0 && place <= 1 ? place : 0.5;
  }

  /** Shows a part of the time, within the run. */
  show(start, end) {
    const span = Math.min(end - start, this.data.end - this.data.start);
    const first = Math.min(Math.max(start, this.data.start), this.data.end - span);
    this.view = { start: first, end: first + span };
    this.draw();
  }

  /** Chooses the next or the previous event in the order of time, and brings it into view. */
  move(by) {
    const at = this.items.indexOf(this.chosen);
    const item =
      this.items[
        Math.min(Math.max(at < 0 && by < 0 ? this.items.length - 1 : at + by, 0), this.items.length - 1)
      ];
    if (!item) {
      return;
    }
    const time = timeOf(item);
    if (time < this.view.start || time > this.view.end) {
      this.show(time - this.span / 2, time + this.span / 2);
    }
    this.choose(item);
  }

  choose(item) {
    this.chosen = item;
    this.describe(item);
  }

  draw() {
    const width = this.svg.parentElement.clientWidth;
    const { parts, hidesArrows } = drawing(this.data, this.lanes, this.view, width);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${this.lanes.height}`);
    this.svg.setAttribute("height", this.lanes.height);
    this.svg.replaceChildren(...parts);
    this.window.textContent = this.windowText();
    this.notice.textContent = hidesArrows ? "There are too many arrows to draw. Zoom in to see them." : "";
    this.mark();
  }

  windowText() {
    const text = (time) => timeText(time, this.data.isVirtual);
    const prefix = this.data.isVirtual ? "events " : "";
    return `${prefix}${text(this.view.start)} to ${text(this.view.end)}`;
  }

  /** Describes an item below the timeline, and marks its thread. */
  describe(item) {
    this.described = item;
    this.details.replaceChildren(...description(this.data, item));
    this.mark();
  }

  /** Marks the described item, its thread in all lanes, and the arrows from and to the thread. */
  mark() {
    const item = this.described;
    const thread = item?.thread ?? item?.number ?? null;
    const isOwn = (name, node) => thread !== null && Number(node.dataset[name]) === thread;
    for (const node of this.svg.querySelectorAll("[role=img]")) {
      node.classList.toggle("chosen", node.item === item);
      const isRelated = isOwn("thread", node) || isOwn("from", node) || isOwn("to", node);
      node.classList.toggle("related", isRelated);
    }
    this.svg.classList.toggle("has-thread", thread !== null);
    for (const label of this.labels.querySelectorAll("[data-thread]")) {
      label.classList.toggle("related", isOwn("thread", label));
    }
  }
}

function itemAt(target) {
  return target.closest?.("[role=img]")?.item ?? null;
}

function timeOf(item) {
  return item.start ?? item.time ?? item.from.time;
}

function laneLabel(row) {
  const style = `top: ${row.top}px; height: ${row.height}px`;
  if (row.heading) {
    return element("h2", { style }, row.heading);
  }
  if (row.worker) {
    return element("div.label", { style }, row.worker.name);
  }
  const { number, name, spawned } = row.thread;
  return element(
    `div.label.lane-${number % 8}`,
    {
      style,
      tabindex: "0",
      "data-thread": number,
      title: `${name}${spawned ? `, spawned at ${spawned}` : ""}`,
    },
    element("span.swatch"),
    element("span.name", {}, name),
    spawned ? element("span.site", {}, spawned) : null,
  );
}

/** The meaning of the forms. */
function legend() {
  const sample = (kind, words) => {
    const slice = shape(
      `g.slice.${kind}.lane-0`,
      {},
      shape("rect", { x: 1, y: isThin(kind) ? 4 : 1, width: 24, height: isThin(kind) ? 8 : 14, rx: 2 }),
    );
    return element(
      "span.entry",
      {},
      shape("svg.sample", { width: 26, height: 16, "aria-hidden": "true" }, slice),
      words,
    );
  };
  const arrow = (kind) =>
    element(
      "span.entry",
      {},
      shape(
        "svg.sample",
        { width: 34, height: 16, "aria-hidden": "true" },
        shape(
          `g.arrow.${kind}`,
          {},
          shape("path.line", { d: "M4 8H30", "marker-end": `url(#head-${kind})` }),
          kind === "spawn" ? shape("circle", { cx: 4, cy: 8, r: 3 }) : null,
        ),
      ),
      kind,
    );
  const growth = element(
    "span.entry",
    {},
    shape(
      "svg.sample",
      { width: 16, height: 16, "aria-hidden": "true" },
      shape("g.growth", {}, shape("path", { d: "M8 2L15 15L1 15z" })),
    ),
    "stack growth",
  );
  return element(
    "div.legend.note",
    {},
    sample("run", "runs"),
    sample("ready", "ready"),
    sample("wait", "waits"),
    sample("idle", "worker idle"),
    sample("gc", "garbage collection"),
    growth,
    arrow("spawn"),
    arrow("wake"),
    arrow("message"),
    element(
      "span.entry.keys",
      {},
      ["←", "→", "+", "-", "0"].map((key) => element("kbd", {}, key)),
      " move and zoom ",
      ["p", "n"].map((key) => element("kbd", {}, key)),
      " events",
    ),
  );
}

/** The sentences about an item. */
function description(data, item) {
  const text = (time) => timeText(time, data.isVirtual);
  const name = (number) => data.threads.find((thread) => thread.number === number)?.name ?? "the runtime";
  if (!item) {
    return [
      element("h3", {}, "The whole run"),
      facts([
        [
          "duration",
          data.isVirtual ? counted(Math.round(data.end - data.start), "event") : text(data.end - data.start),
        ],
        ["workers", data.workers.length],
        ["green threads", data.threads.length],
        ["messages", countOf(data, "message")],
        ["wakes", countOf(data, "wake")],
        ["collections", collections(data)],
        ["stack growths", data.growths.length],
      ]),
    ];
  }
  if (item.isArrow) {
    const verb = { spawn: "spawns", wake: "wakes", message: "passes a message to" }[item.kind] ?? item.kind;
    return [
      element("h3", {}, `${name(item.from.thread)} ${verb} ${name(item.to.thread)}`),
      facts([
        ["at", text(item.from.time)],
        ["seen", text(item.to.time)],
        ["delay", text(item.to.time - item.from.time)],
      ]),
    ];
  }
  if (item.isGrowth) {
    return [
      element("h3", {}, `The stack of ${name(item.thread)} grows`),
      facts([
        ["at", text(item.time)],
        ["from", counted(item.from, "byte")],
        ["to", counted(item.to, "byte")],
      ]),
    ];
  }
  return item.isThread ? threadDescription(data, item) : sliceDescription(data, item);
}

function threadDescription(data, thread) {
  const running = thread.slices.filter((slice) => slice.kind === "run");
  const sum = running.reduce((total, slice) => total + slice.end - slice.start, 0);
  return [
    element("h3", {}, thread.name),
    facts([
      ["spawned at", thread.spawned ?? "the start of the program"],
      ["begins", timeText(thread.start, data.isVirtual)],
      ["ends", thread.end === null ? "after the trace" : timeText(thread.end, data.isVirtual)],
      ["how", thread.ending],
      ["runs", `${counted(running.length, "time")}, ${timeText(sum, data.isVirtual)}`],
    ]),
  ];
}

function sliceDescription(data, slice) {
  const text = (time) => timeText(time, data.isVirtual);
  const thread = data.threads.find((each) => each.number === slice.thread);
  const words = { run: "runs", ready: "is ready to run", wait: `waits: ${slice.text}` }[slice.kind];
  const title =
    thread && words
      ? `${thread.name} ${words}`
      : slice.kind === "idle"
        ? `worker ${slice.worker} is idle`
        : sliceLabel(slice);
  return [
    element("h3", {}, title),
    facts([
      ["from", text(slice.start)],
      ["to", text(slice.end)],
      ["for", text(slice.end - slice.start)],
      ["worker", slice.kind === "wait" || slice.kind === "ready" ? null : slice.worker],
      ["stops because of", slice.ends],
      ["spawned at", thread?.spawned],
    ]),
  ];
}

function countOf(data, kind) {
  return data.arrows.filter((arrow) => arrow.kind === kind).length;
}

function collections(data) {
  return data.workers.flatMap((worker) => worker.slices).filter((slice) => slice.kind === "gc").length;
}

/** A list of names and values; those without a value are left out. */
function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined);
  return element(
    "dl.facts",
    {},
    known.map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, String(value))),
    ),
  );
}

const data = schedule(pageData());
const root = element("main", { id: "viewer" });
document.querySelector("header.page").after(root);
new TracePage(data, root).start();
document.querySelector(".events").open = false;
