// The schedule of a run, from the events of its trace.

/**
 * @typedef {Object} Slice a time in which a worker, or a thread, does one thing
 * @property {string} lane the key of the lane: `w1` for worker 1, `t2` for thread 2
 * @property {string} kind `run`, `idle`, `gc`, `stopped`; of threads also `ready` and `wait`
 * @property {number} start
 * @property {number} end
 * @property {?number} thread the number of the green thread
 * @property {string} text
 */

/** Reads a trace in the Chrome trace event format, as `weft trace` writes it. */
function schedule(trace) {
  const events = trace.traceEvents;
  const threads = readThreads(events);
  const workers = readWorkers(events);
  const end = events.reduce((latest, event) => Math.max(latest, (event.ts ?? 0) + (event.dur ?? 0)), 1);
  return {
    workers,
    threads,
    arrows: readArrows(events, workers),
    instants: events
      .filter((event) => event.cat === "stack" || event.cat === "io")
      .map((event) => ({
        isInstant: true,
        kind: event.cat === "stack" ? "growth" : "io",
        time: event.ts,
        thread: event.args.thread ?? null,
        worker: event.tid,
        text: event.name,
        file: event.args.file,
        from: event.args.from,
        to: event.args.to,
      })),
    start: events.reduce((first, event) => Math.min(first, event.ts ?? first), end),
    end,
    lost: trace.otherData?.lost ?? 0,
    isVirtual: String(trace.otherData?.clock ?? "").startsWith("virtual"),
  };
}

function readWorkers(events) {
  const workers = new Map();
  for (const event of events) {
    if (event.ph === "M" && event.name === "thread_name") {
      workers.set(event.tid, { id: event.tid, lane: `w${event.tid}`, name: event.args.name, slices: [] });
    }
  }
  for (const event of events.filter((each) => each.ph === "X")) {
    workers.get(event.tid)?.slices.push({
      lane: `w${event.tid}`,
      kind: kindOf(event),
      start: event.ts,
      end: event.ts + event.dur,
      worker: event.tid,
      thread: event.args?.thread ?? null,
      text: event.name,
      ends: event.args?.ends ?? null,
    });
  }
  const sorted = [...workers.values()].sort((one, other) => one.id - other.id);
  sorted.forEach((worker) => worker.slices.sort((one, other) => one.start - other.start));
  return sorted;
}

function kindOf(event) {
  if (event.cat === "gc") {
    return event.name === "stopped" ? "stopped" : "gc";
  }
  return event.cat === "run" ? "run" : "idle";
}

/**
 * The green threads with their states: the outer pair of events is the thread, the pairs inside are its states. If the
 * buffers were full, the first events of a thread are missing.
 */
function readThreads(events) {
  const threads = new Map();
  const runs = events.filter((event) => event.cat === "run");
  const names = new Map(runs.map((event) => [event.args?.thread, event.name]));
  for (const event of events) {
    if (event.cat !== "thread" || (event.ph !== "b" && event.ph !== "e")) {
      continue;
    }
    const isOuter = event.args?.thread !== undefined && event.ph === "b";
    if (isOuter || !threads.has(event.id)) {
      const number = event.args?.thread ?? Number(event.id);
      const name = isOuter ? event.name : (names.get(number) ?? `#${number}`);
      threads.set(event.id, newThread(event, number, name));
    }
    if (!isOuter) {
      readState(threads.get(event.id), event);
    }
  }
  return [...threads.values()].sort((one, other) => one.number - other.number);
}

function newThread(event, number, name) {
  return {
    number,
    lane: `t${number}`,
    name,
    spawned: event.args?.spawned ?? null,
    start: event.ts,
    end: null,
    ending: null,
    slices: [],
    open: null,
  };
}

/** An event inside a thread: the begin or the end of a state, or the end of the thread. */
function readState(thread, event) {
  if (event.ph === "b") {
    thread.open = {
      lane: thread.lane,
      kind: stateKind(event.name),
      start: event.ts,
      end: null,
      thread: thread.number,
      worker: event.tid,
      text: event.name,
    };
  } else if (thread.open && event.name === thread.open.text) {
    thread.slices.push({ ...thread.open, end: event.ts });
    thread.open = null;
  } else if (event.args?.end !== undefined) {
    Object.assign(thread, { end: event.ts, ending: event.args.end });
  }
}

function stateKind(name) {
  return name === "running" ? "run" : name === "ready" ? "ready" : "wait";
}

/** The arrows: the first event of a pair is where something happened, the second where its effect is seen. */
function readArrows(events, workers) {
  const runs = new Map(
    workers.map((worker) => [worker.id, worker.slices.filter((slice) => slice.kind === "run")]),
  );
  const starts = new Map();
  const arrows = [];
  for (const event of events.filter((each) => each.cat === "flow")) {
    if (event.ph === "s") {
      starts.set(event.id, event);
    } else if (starts.has(event.id)) {
      const ends = [starts.get(event.id), event].map((each) => arrowEnd(each, runs.get(each.tid) ?? []));
      arrows.push({ isArrow: true, kind: event.name, from: ends[0], to: ends[1] });
    }
  }
  return arrows;
}

/**
 * The place of an end of an arrow, with the thread that ran there. At a boundary between two threads, an arrow starts
 * in the first one and ends in the second one.
 */
function arrowEnd(event, runs) {
  const after = firstIndex(runs, (run) => run.end >= event.ts);
  const before = firstIndex(runs, (run) => run.start > event.ts) - 1;
  const run = runs[event.ph === "f" ? before : after];
  const isThere = run && run.start <= event.ts && event.ts <= run.end;
  return { time: event.ts, worker: event.tid, thread: isThere ? run.thread : null };
}

/** The index of the first item for which `holds`; `holds` is false for all items before it. */
function firstIndex(items, holds) {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle])) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/** A time or a duration in words. In virtual time, a unit is an event. */
function timeText(time, isVirtual) {
  if (isVirtual) {
    return `${Math.round(time).toLocaleString("en")}`;
  }
  const [scale, unit] =
    time >= 1e6
      ? [1e6, "s"]
      : time >= 1000
        ? [1000, "ms"]
        : time >= 1 || time === 0
          ? [1, "µs"]
          : [1e-3, "ns"];
  return `${Number((time / scale).toPrecision(4)).toLocaleString("en")} ${unit}`;
}
