// The page: connects the editor, the buttons and the view with the worker.

const EXAMPLES = JSON.parse(byId("examples").textContent);
/** The milliseconds between a change of the program and its compilation. */
const PAUSE = 250;
/** The most digits of a seed: numbers of more digits are not all exact. */
const SEED_DIGITS = 15;
/** The milliseconds between the steps of `Play`. */
const BEAT = 450;

const worker = new Worker(URL.createObjectURL(new Blob([byId("worker").textContent], { type: "text/javascript" })));
const send = (type, message = {}) => worker.postMessage({ type, ...message });

/** What the page knows of the run. `pending` is the number of commands without an answer. */
const page = { report: undefined, pending: 0, plays: undefined, compiling: 0, compiled: 0, timer: undefined };

const editor = new Editor((text) => {
  send("paint", { text });
  byId("example").value = "";
  plan();
});
const view = new View((line, column) => editor.goTo(line, column));

function parameters() {
  const seed = byId("seed").value.replace(/\D/g, "").slice(0, SEED_DIGITS);
  return {
    seed: seed === "" ? null : Number(seed),
    stdin: byId("stdin").value,
    arguments: byId("arguments").value.split(/\s+/).filter(Boolean),
  };
}

const isRandom = () => parameters().seed !== null;

/** Compiles the program, and begins its run. */
function compile() {
  clearTimeout(page.timer);
  page.timer = undefined;
  pause();
  page.compiling += 1;
  status("compiles");
  command("compile", { text: editor.text, parameters: parameters(), id: page.compiling });
}

/** Compiles the program when nothing changes for a while. */
function plan() {
  clearTimeout(page.timer);
  status("changed");
  page.timer = setTimeout(compile, PAUSE);
}

/** Begins a new run of the same program. */
function begin() {
  pause();
  command("begin", { parameters: parameters() });
}

function command(type, message = {}) {
  if (page.timer !== undefined && type !== "compile") {
    compile();
  }
  page.pending += 1;
  send(type, message);
  buttons();
}

function status(text) {
  byId("status").textContent = text;
}

/** Enables the buttons that have an effect now. */
function buttons() {
  const { report } = page;
  const isBusy = page.pending > 0;
  const atStart = !report || report.state.time === 0;
  const atEnd = !report || report.end !== null;
  for (const id of ["restart", "back", "back-switch"]) {
    byId(id).disabled = atStart;
  }
  for (const id of ["step", "switch", "play", "end"]) {
    byId(id).disabled = atEnd;
  }
  byId("time").disabled = !report;
  byId("stop").hidden = !(isBusy && page.isLong);
  byId("end").hidden = !byId("stop").hidden;
}

/** What the links in messages do. */
const LINKS = {
  goTo: (line, column) => editor.goTo(line, column),
  explain: (code) => send("explain", { code }),
};

function showReport(report, latest) {
  page.report = report;
  view.show(report, isRandom());
  const lanes = report.state.lanes.filter((lane) => lane.at?.file === "main.weft");
  const marks = new Map();
  for (const lane of lanes) {
    const others = marks.get(lane.at.line) ?? [];
    marks.set(lane.at.line, [...others, { thread: lane.thread, runs: lane.state === "runs" }]);
  }
  editor.mark(marks);
  const running = lanes.find((lane) => lane.state === "runs");
  if (running && document.activeElement !== byId("source")) {
    editor.show(running.at.line);
  }
  const time = byId("time");
  [time.max, time.value] = [Math.max(latest, 1), report.state.time];
  const [now, known] = [report.state.time, latest].map((number) => number.toLocaleString("en"));
  byId("clock").textContent = `statement ${now} of ${known}${report.end ? "" : " so far"}`;
  showOutput(report);
  status(ending(report.end) ?? "ready");
}

/** How the run ended, in words. */
function ending(end) {
  if (!end) {
    return undefined;
  }
  return end.status === null ? "not supported here" : `ended, status ${end.status}`;
}

function showOutput({ stdout, stderr }) {
  const cut = (hidden) => (hidden > 0 ? `… ${hidden.toLocaleString("en")} bytes before this …\n` : "");
  const shown = ({ text, hidden }) => cut(hidden) + text;
  const box = byId("stdout");
  const isNew = box.textContent !== shown(stdout);
  box.textContent = shown(stdout);
  if (isNew) {
    box.scrollTop = box.scrollHeight;
  }
  byId("stderr-part").hidden = stderr.text === "";
  byId("stderr").replaceChildren(...terminal(shown(stderr), LINKS));
}

function showMessages(text, kind) {
  byId("messages-panel").hidden = text === "";
  byId("messages").className = `message ${kind}`;
  byId("messages").replaceChildren(...terminal(text.trimEnd(), LINKS));
  byId("explanation").hidden = true;
}


const ANSWERS = {
  ready() {
    document.documentElement.dataset.ready = String(Math.round(performance.now()));
    buttons();
  },
  painted: ({ text, parts }) => editor.paint(text, parts),
  explained({ text }) {
    byId("explanation").textContent = text.trimEnd();
    byId("explanation").hidden = text === "";
  },
  compiled({ id, succeeds, messages }) {
    if (id !== page.compiling) {
      return;
    }
    showMessages(messages, succeeds ? "warning" : "error");
    page.compiled = id;
    if (!succeeds) {
      page.report = undefined;
      editor.mark(new Map());
      view.clear("The program has errors.");
      byId("clock").textContent = "";
      showOutput({ stdout: { text: "", hidden: 0 }, stderr: { text: "", hidden: 0 } });
      status("errors");
    }
    buttons();
  },
  /** The answer to a command, with the state of the run if there is one. */
  answer({ report, latest }) {
    page.pending -= 1;
    page.isLong = page.isLong && page.pending > 0;
    if (report && page.compiled === page.compiling && page.timer === undefined) {
      showReport(report, latest);
      if (report.end) {
        pause();
      }
    }
    buttons();
  },
  busy({ time }) {
    page.isLong = true;
    status(`at ${time.toLocaleString("en")}`);
    buttons();
  },
  failed({ text }) {
    pause();
    status("failed");
    showMessages(text, "error");
  },
};

worker.onmessage = ({ data }) => ANSWERS[data.type](data);

function step(type, toThread) {
  pause();
  command(type, { toThread });
}

function pause() {
  clearInterval(page.plays);
  page.plays = undefined;
  labelPlay();
}

function labelPlay() {
  const plays = page.plays !== undefined;
  byId("play").replaceChildren(plays ? "❚❚ " : "▶ ", make("span.word", {}, plays ? "Pause" : "Play"));
  byId("play").setAttribute("aria-pressed", String(plays));
}

function play() {
  if (page.plays !== undefined) {
    pause();
    return;
  }
  const beat = () => page.pending === 0 && command("step", { toThread: false });
  page.plays = setInterval(beat, BEAT);
  labelPlay();
  beat();
}

const ACTIONS = {
  "restart": () => (pause(), command("goTo", { time: 0 })),
  "back-switch": () => step("back", true),
  "back": () => step("back", false),
  "step": () => step("step", false),
  "switch": () => step("step", true),
  "play": play,
  "end": () => (pause(), command("end")),
  "stop": () => send("stop"),
  "new-seed"() {
    byId("seed").value = String(1 + Math.floor(Math.random() * 999));
    begin();
  },
  async "share"() {
    const fragment = await encode({ text: editor.text, ...parameters() });
    history.replaceState(null, "", `#${fragment}`);
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    byId("shared-note").textContent = copied ? "The link is copied." : "The link is in the address bar.";
  },
};

const KEYS = {
  "ArrowRight": "step",
  "ArrowLeft": "back",
  "Shift+ArrowRight": "switch",
  "Shift+ArrowLeft": "back-switch",
  "Home": "restart",
  "End": "end",
  "p": "play",
};

function keys(event) {
  const isEditing = event.target.closest("textarea, input, select");
  if (event.key === "Escape") {
    if (event.target === byId("source")) {
      byId("step").focus();
    } else if (!byId("stop").hidden) {
      send("stop");
    }
    return;
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    if (!byId("end").disabled) {
      ACTIONS.end();
    }
  } else if (!isEditing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const id = KEYS[(event.shiftKey ? "Shift+" : "") + event.key];
    if (id) {
      event.preventDefault();
      if (!byId(id).disabled) {
        ACTIONS[id]();
      }
    }
  }
}

/** Opens a program with its input. */
function open({ text, stdin, seed = null, ...others }) {
  byId("stdin").value = stdin ?? "";
  byId("arguments").value = [others.arguments ?? ""].flat().join(" ");
  byId("seed").value = seed ?? "";
  byId("inputs").open = Boolean(byId("stdin").value || byId("arguments").value);
  editor.text = text;
  byId("editor").scrollTop = 0;
  send("paint", { text });
  compile();
}

async function openFragment() {
  const shared = location.hash.length > 1 ? await decode(location.hash.slice(1)) : undefined;
  open(shared ?? EXAMPLES[0]);
  byId("example").value = shared ? "" : EXAMPLES[0].file;
}

function start() {
  const bytes = Uint8Array.from(atob(byId("engine").textContent), (char) => char.charCodeAt(0));
  worker.postMessage({ type: "load", bytes }, [bytes.buffer]);
  const options = EXAMPLES.map(({ file }) => make("option", { value: file }, file.replaceAll("_", " ")));
  byId("example").append(make("option", { value: "", hidden: true }, "your own"), ...options);
  byId("example").addEventListener("change", ({ target }) => {
    open(EXAMPLES.find(({ file }) => file === target.value));
  });
  for (const [id, action] of Object.entries(ACTIONS)) {
    byId(id).addEventListener("click", action);
  }
  byId("seed").addEventListener("change", begin);
  byId("time").addEventListener("change", ({ target }) => (pause(), command("goTo", { time: Number(target.value) })));
  for (const id of ["arguments", "stdin"]) {
    byId(id).addEventListener("change", begin);
  }
  document.addEventListener("keydown", keys);
  addEventListener("hashchange", openFragment);
  openFragment();
}

start();
