/**
 * Makes an element.
 * @param {string} tag the name, with classes: `td.number`
 * @param {Object} attributes attributes, and listeners as `onclick`; `null` and `false` leave one out
 * @param {...(Node|string|Array|null)} children
 */
function element(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length > 0) {
    made.className = classes.join(" ");
  }
  for (const [key, value] of Object.entries(attributes)) {
    setAttribute(made, key, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== ""));
  return made;
}

function setAttribute(made, key, value) {
  if (key.startsWith("on")) {
    made.addEventListener(key.slice(2), value);
  } else if (value !== null && value !== false) {
    made.setAttribute(key, value === true ? "" : value);
  }
}

/** Text in which `code` is set as code: strings and elements for `element`. */
function withCode(text) {
  return text.split("`").map((part, index) => (index % 2 === 1 ? element("code", {}, part) : part));
}

/** Whether a key belongs to the element that has the focus, and not to the page. */
function isTaken(event) {
  const typing = event.target.closest?.("select, input, textarea, [contenteditable]");
  return Boolean(typing) || event.ctrlKey || event.metaKey || event.altKey;
}

/** Scrolls a listing, and nothing around it, so that a line of it is in view. */
function reveal(listing, line) {
  const top = line.getBoundingClientRect().top - listing.getBoundingClientRect().top + listing.scrollTop;
  const isAbove = top < listing.scrollTop;
  const isBelow = top + line.offsetHeight > listing.scrollTop + listing.clientHeight;
  if (isAbove || isBelow) {
    listing.scrollTop = top - (listing.clientHeight - line.offsetHeight) / 2;
  }
}

/** The number with its unit: "1 byte", "24 bytes". */
function counted(number, unit) {
  return `${number.toLocaleString("en")} ${unit}${number === 1 ? "" : "s"}`;
}

/** The parameters of the page's address, such as `#point=2&step=5`. */
function addressParameters() {
  return new URLSearchParams(location.hash.slice(1));
}

/** The time after which parameters are in the page's address, in milliseconds: browsers refuse many changes at once. */
const ADDRESS_DELAY = 200;

let addressTimer = 0;

/** Puts the parameters into the page's address, without a new entry in the history. */
function keepInAddress(parameters) {
  const keep = () => history.replaceState(null, "", `#${new URLSearchParams(parameters)}`);
  clearTimeout(addressTimer);
  addressTimer = setTimeout(keep, ADDRESS_DELAY);
}

/** The data of the report. */
function pageData() {
  return JSON.parse(document.getElementById("data").textContent);
}
