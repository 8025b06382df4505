// Marks: the current lines of listings, and the live value that the pointer or the focus is on.

/** The lines of IR to which an instruction belongs: its own source line's, or the switch itself. */
function irOfInstruction(code, instruction) {
  const indices = [...code.ir.keys()];
  const switches = indices.filter((index) => code.ir[index].switch);
  if (!instruction || !["work", "reload", "check"].includes(instruction.role)) {
    return instruction ? switches : [];
  }
  const at = switches[0] ?? Infinity;
  const isNear = (index) => (instruction.stack === "resumed" ? index > at : index < at);
  const own = indices.filter((index) => isNear(index) && code.ir[index].line === instruction.line);
  return own.length > 0 ? own : switches;
}

/** Marks lines of a listing as the current ones and brings them into view. */
function markCurrent(listing, lines) {
  for (const line of listing.querySelectorAll(".current")) {
    line.classList.remove("current");
    line.removeAttribute("aria-current");
  }
  for (const line of lines) {
    line.classList.add("current");
    line.setAttribute("aria-current", "step");
  }
  if (lines.length > 0) {
    reveal(listing, lines[0]);
  }
}

/** The value that is marked everywhere, or `null`. */
let markedValue = null;

function remark() {
  for (const value of document.querySelectorAll(".value")) {
    value.classList.toggle("marked", value.dataset.value === markedValue);
  }
}

function markValue(event) {
  const name = event.target.closest?.(".value")?.dataset.value ?? null;
  if (name !== markedValue) {
    markedValue = name;
    remark();
  }
}

function listenForValues() {
  document.addEventListener("pointerover", markValue);
  document.addEventListener("focusin", markValue);
}
