// The editor: a text field over a copy of its text, which has the colours and the marks.

class Editor {
  /** @param {(text: string) => void} changed is called with the text after each change */
  constructor(changed) {
    this.source = byId("source");
    this.parts = [];
    this.painted = "";
    this.marks = new Map();
    this.source.addEventListener("input", () => {
      this.#shift();
      changed(this.text);
    });
    this.source.addEventListener("keydown", (event) => this.#key(event));
  }

  get text() {
    return this.source.value;
  }

  set text(text) {
    this.source.value = text;
    this.parts = [];
    this.#draw();
  }

  /** Shows the classes of the parts of a text, unless the text has changed since. */
  paint(text, parts) {
    if (text === this.text) {
      this.parts = parts;
      this.#draw();
    }
  }

  /**
   * Marks the lines where threads are.
   * @param {Map<number, {thread: number, runs: boolean}[]>} marks by line, counted from 1
   */
  mark(marks) {
    this.marks = marks;
    this.#drawGutter();
    for (const [index, line] of [...byId("shown").children].entries()) {
      line.classList.toggle("current", marks.get(index + 1)?.some(({ runs }) => runs) ?? false);
    }
  }

  /** Selects a place. */
  goTo(line, column) {
    const lines = this.text.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    const place = start + [...lines[line - 1] ?? ""].slice(0, column - 1).join("").length;
    this.source.focus();
    this.source.setSelectionRange(place, place);
    this.show(line);
  }

  /** Scrolls a line into view, within the editor only. */
  show(line) {
    const [box, row] = [byId("editor"), byId("gutter").children[line - 1]];
    if (!row) {
      return;
    }
    const [top, bottom] = [row.offsetTop, row.offsetTop + 2 * row.offsetHeight];
    if (top < box.scrollTop || bottom > box.scrollTop + box.clientHeight) {
      box.scrollTop = row.offsetTop - box.clientHeight / 3;
    }
  }

  /** Tab indents by two spaces, and Enter keeps the indentation. */
  #key(event) {
    if (event.key === "Tab" && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      document.execCommand("insertText", false, "  ");
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const before = this.text.slice(0, this.source.selectionStart).split("\n").at(-1);
      const deeper = /[{([]\s*$/.test(before) ? "  " : "";
      document.execCommand("insertText", false, "\n" + before.match(/^ */)[0] + deeper);
    }
  }

  /** Keeps the classes of the text before and after a change until the new ones come. */
  #shift() {
    const [old, text] = [this.painted, this.text];
    let start = 0;
    while (start < old.length && old[start] === text[start]) {
      start += 1;
    }
    let tail = 0;
    while (tail < Math.min(old.length, text.length) - start && old.at(-1 - tail) === text.at(-1 - tail)) {
      tail += 1;
    }
    const moved = text.length - old.length;
    this.parts = this.parts.flatMap((part) => {
      if (part.end <= start) {
        return [part];
      }
      const isAfter = part.start >= old.length - tail;
      return isAfter ? [{ ...part, start: part.start + moved, end: part.end + moved }] : [];
    });
    this.#draw();
  }

  #draw() {
    this.painted = this.text;
    const lines = [make("span.line")];
    const add = (text, kind) => {
      for (const [index, piece] of text.split("\n").entries()) {
        if (index > 0) {
          lines.at(-1).append("\n");
          lines.push(make("span.line"));
        }
        if (piece) {
          lines.at(-1).append(kind ? make(`span.${kind}`, {}, piece) : piece);
        }
      }
    };
    let end = 0;
    for (const part of this.parts) {
      add(this.text.slice(end, part.start));
      add(this.text.slice(part.start, part.end), part.class);
      end = part.end;
    }
    add(this.text.slice(end));
    lines.at(-1).append("\n");
    byId("shown").replaceChildren(...lines);
    this.mark(this.marks);
  }

  #drawGutter() {
    const count = this.text.split("\n").length;
    const rows = Array.from({ length: count }, (_, index) => {
      const threads = this.marks.get(index + 1) ?? [];
      const badge = ({ thread, runs }) => make(`span.at.lane-${thread % 8}`, {}, `${runs ? "▸" : ""}${thread}`);
      const shown = threads.slice(0, 3).map(badge);
      const more = threads.length > 3 ? ["…"] : [];
      return make("li", {}, make("span.threads", {}, shown, more), make("span", {}, String(index + 1)));
    });
    byId("gutter").replaceChildren(...rows);
  }
}
