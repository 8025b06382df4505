// The page that steps through a switch: its state, its controls, and what they do.

/** The actions of keys. */
const KEYS = {
  ArrowRight: (page) => page.go(page.step + 1),
  ArrowDown: (page) => page.go(page.step + 1),
  ArrowLeft: (page) => page.go(page.step - 1),
  ArrowUp: (page) => page.go(page.step - 1),
  Home: (page) => page.go(0),
  End: (page) => page.go(Infinity),
  n: (page) => page.select(page.point + 1),
  p: (page) => page.select(page.point - 1),
  w: (page) => page.nextWay(),
};

/** A page: the chosen point, way, copy of the code, and the number of instructions that have run. */
class SwitchPage {
  constructor(data, root) {
    this.data = data;
    for (const point of data.points) {
      point.code.forEach((code) => Object.assign(code, { sides: namesOfSides(point) }));
    }
    this.root = root;
    this.point = 0;
    this.way = data.chosen;
    this.copy = 0;
    this.step = 0;
  }

  /** The codes of the chosen point in the chosen way: several if the compiler made copies of the point. */
  get codes() {
    return this.data.points[this.point].code.filter((code) => code.way === this.way);
  }

  /** The ways in which the chosen point has code: the compiler can leave a point out in some. */
  get ways() {
    const { code } = this.data.points[this.point];
    return this.data.ways.map((way) => way.name).filter((name) => code.some((each) => each.way === name));
  }

  get code() {
    return this.codes[this.copy];
  }

  /** Starts with the choices of the page's address, as far as they exist. */
  start() {
    const asked = addressParameters();
    this.point = clamp(Number(asked.get("point") ?? 1) - 1, this.data.points.length - 1);
    this.way = [asked.get("way"), this.way, ...this.ways].find((way) => this.ways.includes(way));
    this.build();
    this.go(Number(asked.get("step") ?? 0));
    document.addEventListener("keydown", (event) => this.onKey(event));
    window.addEventListener("hashchange", (event) => this.follow(new URL(event.newURL).hash));
    listenForValues();
  }

  /** Follows a link of the table of all points. */
  follow(fragment) {
    const id = fragment.match(/^#point-(\d+)$/)?.[1];
    if (id) {
      this.select(this.data.points.findIndex((point) => point.id === Number(id)));
      this.root.scrollIntoView();
    }
  }

  onKey(event) {
    const action = KEYS[event.key];
    if (action && !isTaken(event)) {
      event.preventDefault();
      action(this);
    }
  }

  select(point) {
    this.point = clamp(point, this.data.points.length - 1);
    this.choose(this.way);
  }

  /** Chooses a way to switch and starts again; a point may lack code in a way. */
  choose(way) {
    this.way = this.ways.includes(way) ? way : this.ways[0];
    this.copy = 0;
    this.build();
    this.go(0);
  }

  nextWay() {
    const { ways } = this;
    this.choose(ways[(ways.indexOf(this.way) + 1) % ways.length]);
  }

  chooseCopy(copy) {
    this.copy = copy;
    this.build();
    this.go(0);
  }

  /** Builds what stays the same while one steps. Keeps the focus on the control that had it. */
  build() {
    const focused = focusKey();
    const { code } = this;
    const point = this.data.points[this.point];
    const names = valueNames(code);
    this.stage = element("div.stage", { "aria-live": "polite" });
    this.registers = element("div.registers-place");
    this.stacks = element("div.stacks");
    this.source = element("div.source-place");
    this.ir = irListing(code, names);
    this.assembly = assemblyListing(code, (step) => this.go(step));
    this.root.replaceChildren(
      this.chooser(point),
      element(
        "div.top",
        {},
        this.totals(point),
        element("section.panel.now", {}, this.controls(), this.stage, this.registers),
      ),
      element(
        "div.columns",
        {},
        element(
          "section.panel.stack-panel",
          {},
          element("h2", {}, entersAnother(code) ? "The two stacks" : "The stack"),
          this.stacks,
          this.account(),
        ),
        this.column("Source", this.source),
        this.column("Optimised IR", this.ir),
        this.column("Assembly", this.assembly),
      ),
    );
    restoreFocus(focused);
  }

  column(title, content) {
    return element("section.panel.column", {}, element("h2", {}, title), content);
  }

  chooser(point) {
    const options = this.data.points.map((each, index) =>
      element("option", { value: index, selected: index === this.point }, pointTitle(each)),
    );
    const last = this.data.points.length - 1;
    const codes = this.codes.map((code, index) =>
      element(
        "option",
        { value: index, selected: index === this.copy },
        `copy ${index + 1} of ${this.codes.length}, in ${code.symbol}`,
      ),
    );
    return element(
      "div.bar.chooser",
      {},
      element(
        "button",
        { id: "previous-point", disabled: this.point === 0, onclick: () => this.select(this.point - 1) },
        "◂ Previous point",
      ),
      element(
        "select",
        {
          id: "points",
          "aria-label": "yield point",
          onchange: (event) => this.select(Number(event.target.value)),
        },
        options,
      ),
      element(
        "button",
        { id: "next-point", disabled: this.point === last, onclick: () => this.select(this.point + 1) },
        "Next point ▸",
      ),
      codes.length > 1
        ? element(
            "select",
            {
              id: "copies",
              "aria-label": "copy of the point's code",
              onchange: (event) => this.chooseCopy(Number(event.target.value)),
            },
            codes,
          )
        : null,
      element("p.note", {}, withCode(capital(point.about)), "."),
      keyHelp(),
    );
  }

  /** The bytes that each way saves at this point, with a button for each, beside those of other systems. */
  totals(point) {
    const { peers, ways } = this.data;
    const codeOf = (way) => point.code.find((code) => code.way === way.name);
    const shown = ways.filter(codeOf);
    const most = Math.max(...peers.map((peer) => peer.bytes), ...shown.map((way) => codeOf(way).bytes.total));
    return element(
      "section.panel.totals",
      {},
      element("h2", {}, "Bytes that the suspended thread keeps here"),
      shown.map((way) =>
        bytesRow({
          name: way.name,
          bytes: this.bytesOf(way, codeOf(way)),
          most,
          note: way.about,
          isChosen: way.name === this.way,
          choose: () => this.choose(way.name),
        }),
      ),
      peers.map((peer) =>
        bytesRow({ name: peer.name, bytes: peer.bytes, most, note: "saves these bytes at each point" }),
      ),
      element("p.note", {}, "A click on a way chooses it."),
    );
  }

  bytesOf(way, first) {
    return way.name === this.way ? this.code.bytes.total : first.bytes.total;
  }

  controls() {
    const button = (id, label, title, step) =>
      element("button", { id, title, "aria-label": title, onclick: () => this.go(step()) }, label);
    this.range = element("input", {
      type: "range",
      id: "step",
      min: 0,
      max: this.code.instructions.length,
      "aria-label": "step",
      oninput: (event) => this.go(Number(event.target.value)),
    });
    this.place = element("output", { id: "place" });
    return element(
      "div.bar.controls",
      {},
      button("first", "|◀", "First (Home)", () => 0),
      button("back", "◀ Back", "Back (←)", () => this.step - 1),
      element(
        "button.main",
        { id: "forward", title: "Forward (→)", onclick: () => this.go(this.step + 1) },
        "Forward ▶",
      ),
      button("last", "▶|", "Last (End)", () => Infinity),
      this.range,
      this.place,
    );
  }

  /** The sum of what the thread keeps. */
  account() {
    const { live, pushed, total } = this.code.bytes;
    return element(
      "p.note.account",
      {},
      `${counted(total, "byte")}: ${live} of live values in the frame, ${pushed} pushed.`,
    );
  }

  /** Goes to the state after `step` instructions. */
  go(step) {
    const { code } = this;
    this.step = clamp(step, code.instructions.length);
    keepInAddress({ point: this.point + 1, way: this.way, step: this.step });
    this.range.value = this.step;
    this.place.textContent = `step ${this.step} of ${code.instructions.length}`;
    for (const [id, isOff] of [
      ["first", this.step === 0],
      ["back", this.step === 0],
      ["forward", this.step === code.instructions.length],
      ["last", this.step === code.instructions.length],
    ]) {
      document.getElementById(id).disabled = isOff;
    }
    this.showStage();
    this.registers.replaceChildren(registersElement(registersAfter(code, this.step)));
    this.showStacks();
    this.showLines();
    remark();
  }

  /** The sentence on the present step. */
  showStage() {
    const { code, step } = this;
    const instruction = code.instructions[step - 1];
    if (!instruction) {
      this.stage.replaceChildren(
        element("p.sentence", {}, "Before the switch."),
        element(
          "p.note",
          {},
          `${capital(sideWords(code, "left"))}. Step with `,
          element("kbd", {}, "→"),
          " and ",
          element("kbd", {}, "←"),
          ".",
        ),
      );
      return;
    }
    const about = instruction.about || "other work of the yield point";
    const end = /[.?]$/.test(about) ? "" : ".";
    this.stage.replaceChildren(
      element("p.sentence", {}, aboutText(code, instruction, capital(about)), end),
      element("p.note", {}, element("code", {}, instruction.text), ` ${sideWords(code, instruction.stack)}.`),
    );
  }

  showStacks() {
    const { code, step } = this;
    const slots = slotsAfter(code, step);
    const touched = step > 0 ? code.instructions[step - 1].effects : [];
    const active = activeSide(code, step);
    const suspended = isSuspended(code, step);
    const left = stackElement(code, "left", {
      slots: slots.left,
      touched,
      active: active === "left",
      title: capital(code.sides.own),
      tag: suspended ? "suspended" : "running",
    });
    const next = entersAnother(code)
      ? stackElement(code, "entered", {
          slots: slots.entered,
          touched,
          active: active === "entered",
          title: capital(code.sides.next),
          tag: active === "entered" ? "running" : "suspended",
        })
      : null;
    this.stacks.replaceChildren(...[left, next].filter(Boolean));
    const present = this.stacks.querySelector(".touched") ?? this.stacks.querySelector(".slot:has(.pointer)");
    if (present) {
      reveal(this.stacks.parentElement, present);
    }
  }

  /** Marks the current line in the three listings. */
  showLines() {
    const { code, step } = this;
    const instruction = code.instructions[step - 1];
    const point = this.data.points[this.point];
    this.showSource(instruction?.line ?? point.place.line, instruction?.place ?? point.inside.at(-1) ?? null);
    markCurrent(
      this.assembly,
      [...this.assembly.children].filter((row) => Number(row.dataset.step) === step && step > 0),
    );
    markCurrent(
      this.ir,
      irOfInstruction(code, instruction).map((index) => this.ir.children[index]),
    );
  }

  /** Shows the program's line, and below it the line of the library from which the instruction comes. */
  showSource(line, inner) {
    const point = this.data.points[this.point];
    const names = valueNames(this.code);
    const places = [{ file: point.place.file, line }];
    if (inner && inner.file !== point.place.file) {
      places.push(inner);
    }
    const key = places.map((place) => place.file).join("\n");
    if (this.source.dataset.key !== key || this.sourcePoint !== this.point) {
      this.source.dataset.key = key;
      this.sourcePoint = this.point;
      this.source.replaceChildren(...places.flatMap((place) => this.fileElements(place, point, names)));
    }
    for (const listing of this.source.querySelectorAll(".listing")) {
      const place = places.find((each) => each.file === listing.dataset.file);
      markCurrent(listing, [listing.children[place.line - 1]].filter(Boolean));
    }
  }

  fileElements(place, point, names) {
    const file = this.data.files.find((each) => each.name === place.file);
    if (!file) {
      return [element("p.note", {}, `${place.file}, line ${place.line}`)];
    }
    const isProgram = place.file === point.place.file;
    const listing = sourceListing(file, isProgram ? point.place.line : place.line, names);
    listing.dataset.file = place.file;
    return [element("p.note.file", {}, isProgram ? place.file : `from the library: ${place.file}`), listing];
  }
}

function clamp(number, most) {
  return Math.min(Math.max(Number.isNaN(number) ? 0 : Math.trunc(Math.min(number, most)), 0), most);
}

/** The keys, for readers who have some. */
function keyHelp() {
  const keys = [["←", "→"], "step", ["Home", "End"], "first and last", ["p", "n"], "point", ["w"], "way"];
  const parts = keys.map((part) =>
    typeof part === "string" ? ` ${part}  ` : part.map((key) => element("kbd", {}, key)),
  );
  return element("p.note.keys", {}, parts);
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function pointTitle(point) {
  const library = point.library ? ", library" : "";
  return `${point.id}. ${point.kind}, line ${point.place.line}, in ${point.place.function}${library}`;
}

/** What identifies the control that has the focus. */
function focusKey() {
  const { id, dataset } = document.activeElement ?? {};
  return id ? `#${id}` : dataset?.way ? `[data-way="${dataset.way}"]` : null;
}

function restoreFocus(key) {
  if (key) {
    document.querySelector(key)?.focus();
  }
}

const data = pageData();
if (data.points.length > 0) {
  document.getElementById("static").remove();
  const root = element("main", { id: "stepper" });
  document.querySelector("header.page").after(root);
  new SwitchPage(data, root).start();
} else {
  // The static layer says that there is nothing to step through.
  document.documentElement.classList.remove("scripts");
}
