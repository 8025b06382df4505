// The parts of the page as elements.

const KEYWORDS = new Set(
  (
    "as break const continue defer else enum extern false fn for gen if impl import in let loop " +
    "match mut pub return select scope self spawn struct trait true type var where while with yield"
  ).split(" "),
);

/** What identifies a value on the page: its name in the source, without the part, or else its description. */
function valueKey(slot) {
  return slot.named ? (slot.name.match(/^\w+/)?.[0] ?? slot.name) : slot.name;
}

/** A live value, which is marked everywhere when the pointer or the focus is on it. */
function valueElement(key, content, isFocusable = false) {
  return element("span.value", { "data-value": key, tabindex: isFocusable ? "0" : null }, content);
}

/** A slot as a live value. */
function slotValue(slot, isFocusable) {
  return valueElement(valueKey(slot), withCode(slot.name), isFocusable);
}

/** The names in the source of the values that the suspended thread keeps. */
function valueNames(code) {
  return new Set(code.stack.filter((slot) => slot.kind === "value" && slot.named).map(valueKey));
}

/** A line of source with its tokens as elements. */
function sourceLine(text, names) {
  const tokens = text.match(/\/\/.*$|"(?:\\.|[^"\\])*"?|[A-Za-z_]\w*|\d\w*(?:\.\d\w*)?|[^\w"/]+|\//g) ?? [];
  return tokens.map((token) => {
    if (names.has(token)) {
      return valueElement(token, token);
    }
    if (token.startsWith("//")) {
      return element("span.comment", {}, token);
    }
    if (token.startsWith('"')) {
      return element("span.string", {}, stringParts(token, names));
    }
    if (KEYWORDS.has(token)) {
      return element("span.keyword", {}, token);
    }
    return /^\d/.test(token) ? element("span.digits", {}, token) : token;
  });
}

/** A string literal, with the values in its interpolations. */
function stringParts(token, names) {
  const parts = token.split(/(\{[^{}]*\})/);
  return parts.map((part) => (part.startsWith("{") ? withValues(part, names) : part));
}

/** Text in which the names of values are elements. */
function withValues(text, names) {
  const words = text.split(/\b([A-Za-z_]\w*)\b/);
  return words.map((word, index) => (index % 2 === 1 && names.has(word) ? valueElement(word, word) : word));
}

/** The first and the last line, counted from 1, of the function around a line. */
function functionAround(lines, line) {
  const head = /^(\s*)(?:pub\s+)?(?:gen\s+)?fn\s/;
  for (let first = line; first >= 1; first -= 1) {
    const found = lines[first - 1]?.match(head);
    if (found) {
      const end = lines.findIndex((text, index) => index >= first && text.startsWith(`${found[1]}}`));
      return { first, last: end < 0 ? first : end + 1 };
    }
  }
  return { first: 1, last: lines.length };
}

/** The lines of a source file; the names of live values are marked in the function around the point. */
function sourceListing(file, around, names) {
  const scope = functionAround(file.lines, around);
  const lines = file.lines.map((text, index) => {
    const number = index + 1;
    const isInside = number >= scope.first && number <= scope.last;
    return element(
      "li",
      { "data-line": number },
      element("span.number", {}, String(number)),
      element("code", {}, sourceLine(text, isInside ? names : new Set())),
    );
  });
  return element("ol.listing.source", { tabindex: "0", "aria-label": `source, ${file.name}` }, lines);
}

/** The slot of the live value that an instruction stores or loads, or `null`. */
function slotOfValue(code, instruction) {
  const slot = valueSlot(code, instruction, "store") ?? valueSlot(code, instruction, "load");
  return slot?.kind === "value" ? slot : null;
}

/** The operands of an instruction; those that are a value's register and slot are the value. */
function instructionText(code, instruction) {
  const slot = slotOfValue(code, instruction);
  if (!slot) {
    return [instruction.text];
  }
  const { name, operands } = parsed(instruction.text);
  const marked = operands.map((operand) => valueElement(valueKey(slot), operand));
  return [`${name} `, marked.flatMap((operand, index) => (index === 0 ? [operand] : [", ", operand]))];
}

/** The sentence about an instruction, with the value that it stores or loads as an element. */
function aboutText(code, instruction, about = instruction.about) {
  const slot = slotOfValue(code, instruction);
  const name = slot?.named ? `\`${slot.name}\`` : slot?.name;
  const at = name ? about.indexOf(name) : -1;
  if (at < 0) {
    return withCode(about);
  }
  return [withCode(about.slice(0, at)), slotValue(slot), withCode(about.slice(at + name.length))];
}

/** The words for the stack on which instructions run. */
function sideWords(code, side) {
  const { own, next } = code.sides;
  if (side === "resumed") {
    return code.form === "call" ? `after the call, on the stack of ${own}` : `later, when ${own} is resumed`;
  }
  return `on the stack of ${side === "left" ? own : next}`;
}

/** The instructions, with a heading for each change of the stack. */
function assemblyListing(code, go) {
  const rows = [];
  code.instructions.forEach((instruction, index) => {
    const before = code.instructions[index - 1];
    if (instruction.stack !== before?.stack) {
      rows.push(element(`li.side.${sideClass(instruction.stack)}`, {}, sideWords(code, instruction.stack)));
    }
    if ((instruction.symbol ?? null) !== (before?.symbol ?? null)) {
      rows.push(element("li.symbol", {}, `${instruction.symbol ?? code.symbol}:`));
    }
    if (instruction.gap) {
      rows.push(element("li.gap", { title: "instructions that do not belong to the switch" }, "⋮"));
    }
    rows.push(assemblyRow(code, instruction, index, go));
  });
  return element("ol.listing.assembly", { tabindex: "0", "aria-label": "assembly" }, rows);
}

function assemblyRow(code, instruction, index, go) {
  return element(
    `li.instruction.${sideClass(instruction.stack)}`,
    { "data-step": index + 1, onclick: () => go(index + 1) },
    element("span.number", {}, instruction.address.toString(16)),
    element("code", {}, instructionText(code, instruction)),
    element("span.about", {}, aboutText(code, instruction)),
  );
}

function sideClass(side) {
  return side === "entered" ? "entering" : "leaving";
}

/** The lines of IR. Register names such as `%sum.1` are the values that they are named after. */
function irListing(code, names) {
  const lines = code.ir.map((line) =>
    element(
      `li${line.switch ? ".switch" : ""}`,
      {},
      element(
        "code",
        {},
        line.text
          .trim()
          .split(/(%[A-Za-z_]\w*)/)
          .map((part) => {
            const name = part.replace(/^%/, "");
            return part.startsWith("%") && names.has(name)
              ? element("span.value", { "data-value": name }, part)
              : part;
          }),
      ),
    ),
  );
  const none = element("li.note", {}, "The IR of this point is not known.");
  return element(
    "ol.listing.ir",
    { tabindex: "0", "aria-label": "optimised LLVM IR" },
    lines.length > 0 ? lines : none,
  );
}

/** What a state of a slot is called, for readers who see no colours. */
const STATE_WORDS = { unset: "not yet stored", absent: "", free: "free", held: "" };
const ACTION_WORDS = { push: "pushed", pop: "popped", store: "stored", load: "loaded", drop: "dropped" };

/** The most characters of a name that fit beside the slot's operand and size, and beside the size alone. */
const SHORT = 10;
const MEDIUM = 15;

/** A stack with its slots: the highest address on top, as stacks grow downwards. */
function stackElement(code, side, state) {
  const { slots, touched, active, title, tag } = state;
  const top = lowestPresent(slots);
  const boxes = code.stack.map((slot) =>
    slotElement(slot, slots[slot.id], {
      action: touched.find((effect) => stackOf(effect) === side && effect.slot === slot.id)?.action,
      pointer: active && slot.id === top,
    }),
  );
  return element(
    `section.stack.${side === "left" ? "leaving" : "entering"}`,
    { "data-side": side },
    element("h3", {}, title, " ", element("span.tag", {}, tag)),
    element("p.callers", {}, side === "left" ? "frames of the callers" : "its callers"),
    element("ol", {}, boxes),
  );
}

/** The slot with the lowest address of those that are there, or `null`. */
function lowestPresent(slots) {
  const last = slots.findLastIndex((state) => state !== "absent");
  return last < 0 ? null : last;
}

/** The classes of a slot: its state, the kind of its name, and what the present instruction does. */
function slotClasses(slot, state, action) {
  const isLong = slot.name.length > (slot.operand ? SHORT : MEDIUM);
  const optional = { pushed: slot.pushed, long: isLong, touched: Boolean(action) };
  const chosen = Object.keys(optional).filter((name) => optional[name]);
  return ["slot", state, slot.named ? "named" : "described", ...chosen].join(".");
}

function slotElement(slot, state, { action, pointer }) {
  const label = slot.kind === "value" ? slotValue(slot, state !== "absent") : slot.name || "nothing";
  return element(
    `li.${slotClasses(slot, state, action)}`,
    { "data-slot": slot.id },
    element("span.label", {}, state === "absent" && !action ? "" : label),
    element("code.operand", {}, slot.operand ?? ""),
    element("span.size", {}, slot.kind === "free" ? "" : `${slot.size} B`),
    element("span.state", {}, action ? ACTION_WORDS[action] : STATE_WORDS[state]),
    pointer ? element("span.pointer", {}, "▴ rsp") : null,
  );
}

/** The table of registers that matter. */
function registersElement(rows) {
  return element(
    "table.registers",
    {},
    element("caption", {}, "Registers that matter"),
    element(
      "tbody",
      {},
      rows.map((row) =>
        element(
          row.changed ? "tr.changed" : "tr",
          {},
          element("th", { scope: "row" }, element("code", {}, row.register)),
          element(
            "td",
            {},
            row.slot?.kind === "value" ? slotValue(row.slot) : row.text,
            row.changed ? element("span.tag", {}, "written") : null,
          ),
        ),
      ),
    ),
  );
}

/** A bar of bytes: a button for a way to switch, or a row for a peer. */
function bytesRow({ name, bytes, most, isChosen, choose, note }) {
  const bar = element(
    "span.track",
    {},
    element("span.fill", { style: `inline-size: ${(100 * bytes) / most}%` }),
  );
  const parts = [element("span.name", {}, name), bar, element("span.bytes", {}, counted(bytes, "byte"))];
  if (!choose) {
    return element("div.row.peer", { title: note }, parts);
  }
  return element(
    "button.row",
    { "aria-pressed": String(isChosen), "data-way": name, title: note, onclick: choose },
    parts,
  );
}
