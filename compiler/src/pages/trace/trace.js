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
    /** What `n` and `p` go through: the slices of the workers and the instants, in the order of time. */
    this.items = [
      ...data.workers.flatMap((worker) => worker.slices.filter((slice) => slice.kind !== "idle")),
      ...data.instants,
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
    this.draw();
  }

  draw() {
    const width = this.svg.parentElement.clientWidth;
    const { parts, hidesArrows } = drawing(this.data, this.lanes, this.view, width);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${this.lanes.height}`);
    this.svg.setAttribute("height", this.lanes.height);
    const cursor = this.chosen ? cursorShape(this.chosen, this.view, width, this.lanes.height) : null;
    this.svg.replaceChildren(...parts, ...(cursor ? [cursor] : []));
    this.window.textContent = this.windowText();
    this.notice.textContent = this.noticeText(hidesArrows);
    this.mark();
  }

  /** What the drawing leaves out. */
  noticeText(hidesArrows) {
    const left = this.data.threads.length - MOST_LANES;
    return [
      hidesArrows ? "There are too many arrows to draw. Zoom in to see them." : "",
      left > 0 ? `The first ${counted(MOST_LANES, "green thread")} have lanes, ${left} have none.` : "",
    ]
      .join(" ")
      .trim();
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

const data = schedule(pageData());
const root = element("main", { id: "viewer" });
document.querySelector("header.page").after(root);
new TracePage(data, root).start();
document.querySelector(".events").open = false;
