// The worker of the playground: owns the engine, which is WebAssembly, and runs programs in slices.
//
// Between two calls the whole state of a run is in the module's memory. So a checkpoint is a copy of that memory, and a
// step back restores a checkpoint and runs forward to the last stop before the present time. Runs are deterministic.
"use strict";

/** What `step` and `run_to` return. */
const UNFINISHED = 1, ENDED = 2;
/** The number of statements in one call of the engine: a few milliseconds. */
const FUEL = 50_000;
/** The milliseconds after which a long run lets messages in. */
const SLICE = 40;
/** The most bytes of all checkpoints. */
const BUDGET = 192 << 20;
/** The number of steps between the first checkpoints; the distance doubles when there are too many. */
const DISTANCE = 100_000;
/** A time that no run reaches. */
const FOREVER = Number.MAX_SAFE_INTEGER;

/** Thrown where a command is given up because the page has sent another one. */
class Stopped extends Error {}

/** The engine: a module's instance, and texts in and out of its memory. */
class Engine {
  constructor(module) {
    this.module = module;
    this.renew();
  }

  /** Replaces the instance by a new one. */
  renew() {
    this.exports = new WebAssembly.Instance(this.module, {}).exports;
    this.exports.start();
  }

  /** Calls an export with a text as its argument. */
  call(name, text) {
    const bytes = new TextEncoder().encode(text);
    const start = this.exports.input(bytes.length);
    new Uint8Array(this.exports.memory.buffer, start, bytes.length).set(bytes);
    this.exports[name]();
  }

  reply() {
    const { memory, reply_start: start, reply_length: length } = this.exports;
    return new TextDecoder().decode(new Uint8Array(memory.buffer, start(), length()));
  }

  ask(name, text = "") {
    this.call(name, text);
    return JSON.parse(this.reply());
  }

  get time() {
    return this.exports.time();
  }

  checkpoint() {
    return { time: this.time, bytes: new Uint8Array(this.exports.memory.buffer).slice() };
  }

  restore({ bytes }) {
    this.exports = new WebAssembly.Instance(this.module, {}).exports;
    const { memory } = this.exports;
    const missing = bytes.length - memory.buffer.byteLength;
    if (missing > 0) {
      memory.grow(missing / 65536);
    }
    new Uint8Array(memory.buffer).set(bytes);
  }
}

/** A run with its checkpoints, the oldest first. The first one is of the start. */
class Run {
  constructor(engine, parameters) {
    this.engine = engine;
    engine.call("begin", JSON.stringify(parameters));
    this.checkpoints = [engine.checkpoint()];
    this.distance = DISTANCE;
    this.latest = 0;
  }

  /** Takes a checkpoint if the last one is far away. If there are too many, keeps every other one. */
  note() {
    const { checkpoints, engine } = this;
    this.latest = Math.max(this.latest, engine.time);
    const isLarge = engine.exports.memory.buffer.byteLength > BUDGET / 2;
    if (isLarge || engine.time < checkpoints.at(-1).time + this.distance) {
      return;
    }
    checkpoints.push(engine.checkpoint());
    const size = checkpoints.reduce((sum, checkpoint) => sum + checkpoint.bytes.length, 0);
    if (size > BUDGET) {
      this.checkpoints = checkpoints.filter((_, index) => index % 2 === 0);
      this.distance *= 2;
    }
  }

  /** Calls `advance` until it has arrived or the run has ended; lets messages in. */
  async repeat(advance) {
    for (let begun = performance.now(); ; ) {
      const progress = advance();
      this.note();
      if (progress !== UNFINISHED) {
        return progress;
      }
      if (performance.now() - begun > SLICE) {
        await breathe(this.engine.time);
        begun = performance.now();
      }
    }
  }

  step(toThread) {
    return this.repeat(() => this.engine.exports.step(toThread, FUEL));
  }

  /** Goes to a time, forwards or backwards. */
  async goTo(time) {
    const near = this.checkpoints.findLast((checkpoint) => checkpoint.time <= time);
    if (time < this.engine.time || near.time > this.engine.time) {
      this.engine.restore(near);
    }
    return this.repeat(() => this.engine.exports.run_to(time, FUEL));
  }

  /** Goes to the last stop before the present time. */
  async back(toThread) {
    const now = this.engine.time;
    for (let reach = 256; now > 0; reach *= 16) {
      const start = Math.max(0, now - reach);
      await this.goTo(start);
      const from = this.engine.checkpoint();
      let last = start === 0 ? 0 : undefined;
      while (await this.step(toThread) !== ENDED && this.engine.time < now) {
        last = this.engine.time;
      }
      this.engine.restore(from);
      if (last !== undefined) {
        await this.goTo(last);
        return;
      }
    }
  }
}

/** Lets messages in; throws if one of them stops the command. */
async function breathe(time) {
  postMessage({ type: "busy", time });
  await new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
  if (present !== epoch) {
    throw new Stopped();
  }
}

/** The engine for runs, and one for the colours of the editor, which must not disturb a run. */
let engine, painter;
let run;
/** The number of messages so far that stop the commands before them. */
let epoch = 0;
/** The epoch in which the command in progress was sent. */
let present = 0;
/** The end of the loading, and of the last command. */
let loaded, work;

const COMMANDS = {
  compile({ text, parameters, id }) {
    run = undefined;
    engine.renew();
    const compiled = engine.ask("compile", text);
    postMessage({ type: "compiled", id, ...compiled });
    COMMANDS.begin({ parameters, succeeds: compiled.succeeds });
  },
  begin({ parameters, succeeds = run !== undefined }) {
    if (succeeds) {
      if (run) {
        engine.restore(run.checkpoints[0]);
      }
      run = new Run(engine, parameters);
    }
  },
  step: ({ toThread }) => run?.step(toThread),
  back: ({ toThread }) => run?.back(toThread),
  goTo: ({ time }) => run?.goTo(time),
  end: () => run?.goTo(FOREVER),
};

/** Whether a command replaces the run, and so stops the commands before it. */
const replacesRun = ({ type }) => type === "compile" || type === "begin";

/** Executes a command that was sent in an epoch. Commands of former epochs only go on if they replace the run. */
async function execute(message, sent) {
  present = sent;
  if (sent === epoch || replacesRun(message)) {
    await attempt(() => COMMANDS[message.type](message));
  }
  const report = await attempt(() => run && engine.ask("report"));
  postMessage({ type: "answer", report: report ?? null, latest: run?.latest ?? 0 });
}

async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Stopped)) {
      recover(error);
    }
  }
}

/** Sends the classes of a text's parts. */
function paint(text) {
  postMessage({ type: "painted", text, parts: painter.ask("highlight", text) });
}

/** Reports a trap of the engine, and goes back to the last checkpoint. */
function recover(error) {
  postMessage({ type: "failed", text: explanation(error) });
  if (run) {
    engine.restore(run.checkpoints.at(-1));
  } else {
    engine.renew();
  }
}

/** What a trap means. A panic of the engine leaves its message in the reply; without memory there is none. */
function explanation(error) {
  if (error instanceof RangeError) {
    return "The program is nested too deeply for this page.";
  }
  if (!(error instanceof WebAssembly.RuntimeError)) {
    return String(error);
  }
  const said = engine.reply();
  const isPanic = said.startsWith("panicked");
  return isPanic ? `The interpreter failed: ${said}` : "The run needs more memory than this page gives it.";
}

/** Inflates and compiles the module, which the page sends as gzipped bytes. */
async function load(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const module = await WebAssembly.compile(await new Response(stream).arrayBuffer());
  engine = new Engine(module);
  painter = new Engine(module);
  postMessage({ type: "ready" });
}

onmessage = ({ data: message }) => {
  switch (message.type) {
    case "load":
      work = loaded = load(message.bytes);
      break;
    case "stop":
      epoch += 1;
      break;
    case "paint":
      loaded.then(() => paint(message.text));
      break;
    case "explain":
      loaded.then(() => postMessage({ type: "explained", text: painter.ask("explain", message.code) }));
      break;
    default: {
      epoch += replacesRun(message) ? 1 : 0;
      const sent = epoch;
      work = work.then(() => execute(message, sent));
    }
  }
};
