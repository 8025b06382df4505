// The two stacks and the registers in the course of a switch, from the instructions and their effects.

const LIMIT_WORD = "%fs:112";

/** The kinds of points at which code on another stack runs, but no other thread. */
const WITHIN_A_THREAD = ["resume", "suspend", "swap", "next", "generator-yield"];

/** What the two sides of a switch are called. */
function namesOfSides(point) {
  return WITHIN_A_THREAD.includes(point.kind)
    ? { own: "this side", next: "the other side" }
    : { own: "this thread", next: "the next thread" };
}

/** The stack that an effect changes: `left` or `entered`. A resumed thread is on the stack that it left. */
function stackOf(effect) {
  return effect.side === "entered" ? "entered" : "left";
}

/** The parts of an instruction in AT&T syntax: its name and its operands. */
function parsed(text) {
  const space = text.search(/\s/);
  if (space < 0) {
    return { name: text, operands: [] };
  }
  const operands = text
    .slice(space)
    .trim()
    .split(/,(?![^(]*\))/)
    .map((operand) => operand.trim());
  return { name: text.slice(0, space), operands };
}

/** The 64-bit register of which `register` is a part: `%eax` is in `%rax`. */
function wide(register) {
  const name = register.replace(/^%/, "");
  const numbered = name.match(/^(r\d+)[bwd]?$/);
  if (numbered) {
    return `%${numbered[1]}`;
  }
  const short = name.match(/^[er]?([abcd])[xlh]$/);
  if (short) {
    return `%r${short[1]}x`;
  }
  const pointer = name.match(/^[er]?(si|di|bp|sp)l?$/);
  return pointer ? `%r${pointer[1]}` : `%${name}`;
}

/** The register that an instruction writes, or `null`; the word of the limit counts as a register. */
function written(instruction) {
  const { name, operands } = parsed(instruction.text);
  const last = operands.at(-1) ?? "";
  const onlyReads = /^(cmp|test|push|call|j|ret|bt[^sr])/.test(name);
  if (onlyReads || !(last === LIMIT_WORD || /^%\w+$/.test(last))) {
    return null;
  }
  return last === LIMIT_WORD ? last : wide(last);
}

/** The registers in an operand. */
function registersIn(operand) {
  return (operand.replaceAll(LIMIT_WORD, "").match(/%\w+/g) ?? []).map(wide);
}

/** The slot that an instruction stores a value into or loads it from, or `undefined`. */
function valueSlot(code, instruction, action) {
  const effect = instruction.effects.find((candidate) => candidate.action === action);
  return effect && code.stack[effect.slot];
}

/** A description of the content of a slot, for the register that it comes from or goes to. */
function slotMeaning(slot) {
  return { text: slot.kind === "register" ? "a value of a caller" : slot.name, slot };
}

/** A description of what `register` contains after an instruction that writes it, or `null` if it is not known. */
function writtenMeaning(code, instruction) {
  switch (instruction.role) {
    case "save-limit":
      return { text: `stack limit of ${code.sides.own}` };
    case "save-resume-address":
      return { text: `resume address of ${code.sides.own}` };
    case "take-resume-address":
      return { text: `resume address of ${code.sides.next}` };
    case "restore-limit":
      return { text: `stack limit of ${code.sides.next}` };
    default: {
      const slot = valueSlot(code, instruction, "load") ?? valueSlot(code, instruction, "pop");
      return slot ? slotMeaning(slot) : null;
    }
  }
}

/** A description of what `register` contains if an instruction reads it, or `null`. */
function readMeaning(code, instruction, register) {
  const { operands } = parsed(instruction.text);
  if (!operands.some((operand) => registersIn(operand).includes(register))) {
    return null;
  }
  const slot = valueSlot(code, instruction, "store") ?? valueSlot(code, instruction, "push");
  if (slot && operands.length > 0 && wide(operands[0]) === register) {
    return slotMeaning(slot);
  }
  if (instruction.role === "leave" && register !== "%rsp") {
    return { text: `where the stack pointer of ${code.sides.own} is stored` };
  }
  return instruction.role === "enter" && register !== "%rsp"
    ? { text: `where the stack pointer of ${code.sides.next} is` }
    : null;
}

/** Whether the thread is resumed between two instructions, so that the registers have other contents. */
function isResumed(code, before, after) {
  const [from, to] = [code.instructions[before], code.instructions[after]];
  return Boolean(to) && to.stack === "resumed" && from?.stack !== "resumed";
}

/** What a register contains after `step` instructions, or `null` if it does not matter. */
function meaning(code, register, step) {
  for (let index = step - 1; index >= 0; index -= 1) {
    if (written(code.instructions[index]) === register) {
      const known = writtenMeaning(code, code.instructions[index]);
      if (known) {
        return known;
      }
      break;
    }
    if (isResumed(code, index - 1, index)) {
      break;
    }
  }
  for (let index = step; index < code.instructions.length; index += 1) {
    if (isResumed(code, index - 1, index)) {
      return null;
    }
    const known = readMeaning(code, code.instructions[index], register);
    if (known || written(code.instructions[index]) === register) {
      return known;
    }
  }
  return null;
}

/** The registers that the instructions name, in the order in which they appear. */
function registersOf(code) {
  const found = new Set();
  for (const instruction of code.instructions) {
    for (const operand of parsed(instruction.text).operands) {
      registersIn(operand).forEach((register) => found.add(register));
    }
  }
  found.delete("%rsp");
  found.delete("%rip");
  return [...found];
}

/** Whether instructions on another stack are known: not after a call, nor inside of libc. */
function entersAnother(code) {
  return code.instructions.some((instruction) => instruction.stack === "entered");
}

/** The stack that `rsp` points to after `step` instructions: `left` or `entered`. */
function activeSide(code, step) {
  const [last, next] = [code.instructions[step - 1], code.instructions[step]];
  const enters = last?.stack === "left" && next?.stack === "entered";
  return last?.stack === "entered" || enters ? "entered" : "left";
}

/** The registers that matter after `step` instructions, with their contents. */
function registersAfter(code, step) {
  const changed = step > 0 ? written(code.instructions[step - 1]) : null;
  const active = activeSide(code, step);
  const rows = [
    { register: "%rsp", text: `the stack of ${active === "left" ? code.sides.own : code.sides.next}` },
  ];
  for (const register of registersOf(code)) {
    const known = meaning(code, register, step);
    if (known) {
      rows.push({ register, ...known });
    }
  }
  if (code.instructions.some((instruction) => instruction.text.includes(LIMIT_WORD))) {
    rows.push({ register: LIMIT_WORD, text: limitAfter(code, step) });
  }
  return rows.map((row) => ({ ...row, changed: row.register === changed }));
}

function limitAfter(code, step) {
  const done = code.instructions.slice(0, step);
  const isOther = done.some((instruction) => written(instruction) === LIMIT_WORD);
  const isBack = done.some((instruction) => instruction.stack === "resumed");
  return `stack limit of ${isOther && !isBack ? code.sides.next : code.sides.own}`;
}

/**
 * The states of the slots before the first instruction. On this thread's stack: `unset` if an instruction stores the
 * value, `held` if it is there already, `absent` if it is pushed later. The next thread is drawn as one that is
 * suspended at the same point.
 */
function slotsBefore(code) {
  const isStored = (slot) =>
    code.instructions.some((instruction) =>
      instruction.effects.some(
        (effect) => effect.action === "store" && stackOf(effect) === "left" && effect.slot === slot.id,
      ),
    );
  const stateOf = (slot) => {
    if (slot.kind === "free") {
      return "free";
    }
    return slot.pushed ? "absent" : isStored(slot) ? "unset" : "held";
  };
  return {
    left: code.stack.map(stateOf),
    entered: code.stack.map((slot) => (slot.kind === "free" ? "free" : "held")),
  };
}

/** The states of the slots after `step` instructions. */
function slotsAfter(code, step) {
  const slots = slotsBefore(code);
  for (let index = 0; index < step; index += 1) {
    if (isResumed(code, index - 1, index)) {
      resumeSlots(code, slots);
    }
    for (const effect of code.instructions[index].effects) {
      const state = { push: "held", store: "held", load: "held", pop: "absent", drop: "absent" }[
        effect.action
      ];
      slots[stackOf(effect)][effect.slot] = state;
    }
  }
  return slots;
}

/** Another thread has switched to this one: it has taken from this stack what this thread took from the next one's. */
function resumeSlots(code, slots) {
  for (const instruction of code.instructions) {
    for (const effect of instruction.effects) {
      if (stackOf(effect) === "entered" && ["pop", "drop"].includes(effect.action)) {
        slots.left[effect.slot] = "absent";
      }
    }
  }
}

/** Whether this thread is suspended after `step` instructions. */
function isSuspended(code, step) {
  const left = code.instructions.findIndex((instruction) => instruction.role === "leave");
  return left >= 0 && step > left && code.instructions[step - 1].stack !== "resumed";
}
