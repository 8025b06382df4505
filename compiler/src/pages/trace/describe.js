// The words of the page: labels of lanes, the legend, and the sentences about an item.

/** The label of a lane, or a heading between lanes. */
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
  const instant = (kind, outline, words) =>
    element(
      "span.entry",
      {},
      shape(
        "svg.sample",
        { width: 16, height: 16, "aria-hidden": "true" },
        shape(`g.instant.${kind}`, {}, shape("path", { d: outline })),
      ),
      words,
    );
  return element(
    "div.legend.note",
    {},
    sample("run", "runs"),
    sample("ready", "ready"),
    sample("wait", "waits"),
    sample("idle", "worker idle"),
    sample("gc", "garbage collection"),
    instant("growth", "M8 2L15 15L1 15z", "stack growth"),
    instant("io", "M8 2L13 8L8 14L3 8z", "input or output"),
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
        ["stack growths", data.instants.filter((instant) => instant.kind === "growth").length],
        ["transfers", data.instants.filter((instant) => instant.kind === "io" && instant.thread !== null).length],
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
  if (item.kind === "io" && item.isInstant) {
    return [
      element("h3", {}, item.thread === null ? item.text : `${name(item.thread)}: ${item.text}`),
      facts([
        ["at", text(item.time)],
        ["file", item.file],
        ["worker", item.worker],
      ]),
    ];
  }
  if (item.isInstant) {
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
