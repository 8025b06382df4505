// The state of a run as elements. `compiler/src/mir/interpret/state.rs` describes the state.

/** The signs of the ends of time slices, and what they say. */
const STOPS = {
  "yields": "y",
  "waits": "w",
  "is preempted": "p",
  "returns": "r",
  "panics": "!",
  "unwinds": "u",
  "ends the run": "e",
};
const STATES = {
  runs: "▸ runs",
  runnable: "• runnable",
  waits: "‖ waits",
  ended: "■ ended",
};
/** The most rows of the schedule. */
const ROWS = 10;

const laneOf = (thread) => `lane-${thread % 8}`;
const chip = (thread, name = "") =>
  make(`span.chip.${laneOf(thread)}`, { "data-subject": `thread ${thread}` }, `${thread} ${name}`.trim());
const count = (number, what) => `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;

/** The calls of each stack: those of the last stack first. */
function byStack(calls) {
  const stacks = [];
  for (const call of calls) {
    stacks[call.stack] ??= [];
    stacks[call.stack].push(call);
  }
  return stacks.filter(Boolean).reverse();
}

class View {
  /** @param {(line: number, column: number) => void} goTo shows a place in the program */
  constructor(goTo) {
    this.goTo = goTo;
    const state = byId("state");
    for (const event of ["pointerover", "focusin"]) {
      state.addEventListener(event, ({ target }) => this.#mark(target));
    }
    for (const event of ["pointerleave", "focusout"]) {
      state.addEventListener(event, () => this.#mark(undefined));
    }
  }

  /** Shows a state; `isRandom` says whether the schedule is random. */
  show({ state, end }, isRandom) {
    this.kinds = new Map(state.shared.map((place) => [place.list, place.kind]));
    this.names = new Map(state.lanes.map((lane) => [lane.thread, lane.name]));
    this.#queue(state, end, isRandom);
    this.#schedule(state);
    this.#lanes(state, end);
    byId("places-panel").hidden = state.shared.length === 0;
    byId("places").replaceChildren(...state.shared.map((place) => this.#place(place)));
    this.#mark(undefined);
  }

  /** Shows that there is no run. */
  clear(why) {
    byId("queue").textContent = why;
    byId("places-panel").hidden = true;
    for (const id of ["schedule", "lanes", "places"]) {
      byId(id).replaceChildren();
    }
  }

  #chip(thread) {
    return chip(thread, this.names.get(thread));
  }

  #queue(state, end, isRandom) {
    const running = state.lanes.find((lane) => lane.state === "runs");
    const chips = state.queue.map((thread) => this.#chip(thread));
    const separated = chips.flatMap((one, index) => (index > 0 ? [isRandom ? " or " : " → ", one] : [one]));
    const more = state.queue_length - state.queue.length;
    const now = end ? "The program has ended. " : "Nothing runs. ";
    byId("queue").replaceChildren(
      ...(running ? [make("strong", {}, "Runs: "), this.#chip(running.thread), " "] : [make("strong", {}, now)]),
      make("strong", {}, isRandom ? "One of these next: " : "Run queue: "),
      ...(chips.length > 0 ? separated : [end ? "empty" : "empty: only this thread can run"]),
      more > 0 ? ` and ${count(more, "more thread")}` : "",
    );
  }

  /** A row per thread and a column per time slice, with a sign for the end of the slice. */
  #schedule(state) {
    const { slices } = state;
    const running = state.lanes.find((lane) => lane.state === "runs");
    const latest = [...slices].reverse().map((slice) => slice.thread);
    const threads = new Set([...(running ? [running.thread] : []), ...latest]);
    const rows = [...threads].slice(0, ROWS).sort((a, b) => a - b);
    const first = state.slice_count - slices.length + 1;
    const table = make("table.slices", {},
      make("caption.hidden-label", {}, "The last time slices: a row per green thread, a column per slice"),
      rows.map((thread) => make("tr", {},
        make("th", { scope: "row" }, this.#chip(thread)),
        slices.map((slice, index) => this.#slice(slice, thread, first + index)),
        make("td", {}, thread === running?.thread ? this.#now(thread) : ""))));
    const used = new Set(slices.map((slice) => slice.stop));
    const signs = Object.entries(STOPS).filter(([stop]) => used.has(stop));
    const legend = signs.map(([stop, sign], index) => [index > 0 ? ", " : "", make("b", {}, sign), ` ${stop}`]);
    const box = byId("schedule");
    const explained = ["A column is a time slice, and its sign says how it ended: ", legend, "."];
    box.replaceChildren(table, make("p.note", {}, slices.length > 0 ? explained : "No time slice has ended."));
    box.scrollLeft = box.scrollWidth;
  }

  #now(thread) {
    return make(`span.slice.now.${laneOf(thread)}`, { title: "runs now" }, "▸");
  }

  #slice(slice, thread, number) {
    if (slice.thread !== thread) {
      return make("td");
    }
    const length = count(slice.end - slice.start, "statement");
    const title = `slice ${number}: thread ${thread} ran for ${length} and ${slice.stop}`;
    return make("td", {}, make(`span.slice.${laneOf(thread)}`, { title }, STOPS[slice.stop]));
  }

  #lanes(state, end) {
    const lanes = state.lanes.map((lane) => this.#lane(lane));
    const note = (text) => make("p.note", {}, text);
    const hidden = state.hidden > 0 ? [note(`${count(state.hidden, "more green thread")} not shown.`)] : [];
    const said = end?.status === null ? "This needs a compiled program." : `Exit status ${end?.status}.`;
    const status = end ? [note(said)] : [];
    byId("lanes").replaceChildren(...lanes, ...hidden, ...status);
  }

  #lane(lane) {
    const spawned = lane.spawned ? ["spawned at ", this.#position(lane.spawned)] : ["the main thread"];
    const text = lane.state === "waits" ? `waits ${lane.detail}` : lane.detail;
    const place = { tabindex: 0, "data-subject": `list ${lane.list}` };
    const kind = this.kinds.get(lane.list) ?? "no.";
    const list = lane.list ? [" (", make("span.value", place, `${kind} ${lane.list}`), ")"] : [];
    const detail = text ? [make("p.detail", {}, text, list)] : [];
    const boxes = byStack(lane.calls).map((calls) => make("ol.stack", { "aria-label": "Calls, the innermost first" },
      calls[0].stack > 0 ? make("li.note", {}, "on the stack of a continuation") : "",
      calls.flatMap((call, index) => this.#call(call, calls[index + 1]))));
    return make(`article.lane.${laneOf(lane.thread)}.${lane.state}`, { "data-thread": lane.thread },
      make("header", {},
        make("b.id", { "data-subject": `thread ${lane.thread}` }, String(lane.thread)),
        make("span.name", {}, lane.name),
        make("span.tag.state", {}, STATES[lane.state]),
        make("span.note", {}, spawned)),
      detail, boxes,
      lane.hidden > 0 ? make("p.note", {}, `${count(lane.hidden, "call")} further out`) : "");
  }

  /** A call. Of the library's calls, only the one is shown that the program has called. */
  #call(call, caller) {
    if (call.library) {
      const isInner = caller?.library;
      return isInner ? [] : make("li.library", {},
        make("span.function", {}, call.function), make("span.note", {}, " in the library"));
    }
    const variables = call.variables.map((variable) => this.#variable(variable, call));
    return make("li.call", {},
      make("div", {}, make("span.function", {}, call.function), call.at ? [" ", this.#position(call.at)] : ""),
      variables.length > 0 ? make("dl", {}, variables) : "");
  }

  #variable(variable, call) {
    const isStored = variable.live
      ? "live: a switch here has to store it"
      : "not live: it is not read again, so no switch here stores it";
    const says = `${variable.name}: ${variable.ty} = ${variable.text} — ${isStored}`;
    return make(`div.${variable.live ? "live" : "dead"}`, {},
      make("dt", {}, variable.name),
      make("dd", {}, make("span.value", {
        "tabindex": 0,
        "data-says": says,
        "data-name": `${call.function} ${variable.name}`,
        "data-subject": variable.subject ?? undefined,
      }, variable.text)));
  }

  #place(place) {
    const id = make("b.id", { "data-subject": `list ${place.list}` }, `${place.kind} ${place.list}`);
    const title = [id, " ", make("span.name", {}, place.variables.join(", "))];
    const slots = place.capacity === null ? [] : [this.#slots(place)];
    const holder = place.holder ? [make("p.detail", {}, "held by ", this.#chip(place.holder))] : [];
    const waiting = place.waiting.map(({ thread, to, value }) => make("li", {},
      this.#chip(thread),
      to ? ` waits to ${to}` : " waits",
      value === null ? "" : [" ", make("span.slot", {}, value)]));
    return make("article.place", {},
      make("header", {}, title, place.closed ? make("span.tag", {}, "closed") : ""),
      slots, holder, waiting.length > 0 ? make("ol.waiting", { "aria-label": "Waiting threads" }, waiting) : "");
  }

  #slots({ capacity, contents }) {
    if (capacity === 0) {
      return make("p.note", {}, "no buffer: a sender meets a receiver");
    }
    const free = Math.min(capacity - contents.length, 12);
    return make("p.slots", { title: `holds ${contents.length} of at most ${capacity}` },
      contents.map((value) => make("span.slot", {}, value)),
      Array.from({ length: free }, () => make("span.slot.free", {}, "free")),
      make("span.note", {}, ` ${contents.length} of ${capacity.toLocaleString("en")}`));
  }

  #position({ file, line, column }) {
    if (file !== "main.weft") {
      return make("span.note", {}, `${file}:${line}`);
    }
    return make("button.link", { on: () => this.goTo(line, column) }, `line ${line}`);
  }

  /** Marks everything that an element's value refers to, and says what the value is. */
  #mark(target) {
    const element = target?.closest("[data-subject], [data-name]");
    const { subject, name, says } = element?.dataset ?? {};
    for (const other of byId("state").querySelectorAll("[data-subject], [data-name]")) {
      const same = (subject && other.dataset.subject === subject) || (name && other.dataset.name === name);
      other.classList.toggle("marked", Boolean(same));
    }
    byId("detail").textContent = says ?? subject ?? "Point at a value: its type, and whether a switch would store it.";
  }
}
