// Elements, and texts of the terminal as elements.

/** @returns {HTMLElement} the element with an id */
const byId = (id) => document.getElementById(id);

/**
 * Makes an element. Attributes that are `undefined` or `false` are left out.
 * @param {string} name of the element, with classes: `span.tag.wide`
 * @param {Object} attributes with `on` for a listener of clicks
 * @param {...(Node|string|Array)} children or lists of them, nested in any way
 */
function make(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  element.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") {
      element.addEventListener("click", value);
    } else if (value !== undefined && value !== false) {
      element.setAttribute(key, value === true ? "" : value);
    }
  }
  element.append(...children.flat(Infinity));
  return element;
}

/** The classes of the terminal's colours. Other colours are those of frames and line numbers. */
const COLOURS = { "31": "error", "33": "warning", "36": "accent" };
const ESCAPE = /\x1b\[([\d;]*)m/;
const POSITION = /(main\.weft:\d+:\d+)/;
const CODE = /((?:error|warning)\[[EW]\d{4}\])/;

/** A text with the terminal's escape sequences, as elements. Positions and codes become buttons. */
function terminal(text, { goTo, explain }) {
  const parts = text.split(ESCAPE);
  let colour = "";
  return parts.flatMap((part, index) => {
    if (index % 2 === 1) {
      const numbers = part.split(";");
      colour = part === "0" || part === "" ? "" : COLOURS[numbers.find((number) => number in COLOURS)] ?? "muted";
      return [];
    }
    const pieces = part.split(POSITION);
    const children = pieces.flatMap((piece, at) => (at % 2 === 1 ? [position(piece, goTo)] : codes(piece, explain)));
    return colour ? [make(`span.${colour}`, {}, children)] : children;
  });
}

function position(text, goTo) {
  const [, line, column] = text.split(":").map(Number);
  return make("button.link", { on: () => goTo(line, column), title: "Shows this place in the program" }, text);
}

function codes(text, explain) {
  return text.split(CODE).map((piece, at) => {
    if (at % 2 === 0) {
      return piece;
    }
    const code = piece.slice(piece.indexOf("[") + 1, -1);
    return make("button.link", { on: () => explain(code), title: `Explains ${code}` }, piece);
  });
}
