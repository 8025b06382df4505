// Finds faults of a page's looks: text with too little contrast, and content wider than the window. Returns a list of
// sentences. The rules are those of WCAG 2, level AA: 4.5 to 1, or 3 to 1 for large text.
(() => {
  "use strict";

  /** Parses a computed colour into red, green, blue and alpha, each from 0 to 1. */
  function parse(colour) {
    const numbers = colour.match(/[\d.]+(?:e-?\d+)?/g).map(Number);
    const scale = colour.startsWith("rgb") ? 255 : 1;
    const [red, green, blue, alpha = 1] = numbers;
    return [red / scale, green / scale, blue / scale, alpha];
  }

  /** The colour that shows when `over` lies on the opaque colour `under`. */
  function blend(over, under) {
    const mix = (index) => over[index] * over[3] + under[index] * (1 - over[3]);
    return [mix(0), mix(1), mix(2), 1];
  }

  /** The relative luminance of an opaque colour. */
  function luminance(colour) {
    const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
  }

  function contrast(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }

  /** The ground of an element: the colours of its ancestors, each on the one around it. */
  function ground(element) {
    const colours = [];
    for (let at = element; at; at = at.parentElement) {
      colours.unshift(parse(getComputedStyle(at).backgroundColor));
    }
    return colours.reduce((under, over) => blend(over, under), [1, 1, 1, 1]);
  }

  function isVisible(element) {
    const box = element.getBoundingClientRect();
    return (
      box.width > 1 &&
      box.height > 1 &&
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    );
  }

  function faultOfText(element, text) {
    const style = getComputedStyle(element);
    const under = ground(element);
    const svg = element instanceof SVGElement;
    const ratio = contrast(blend(parse(svg ? style.fill : style.color), under), under);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (svg || ratio >= (isLarge ? 3 : 4.5)) {
      return [];
    }
    return [
      `contrast ${ratio.toFixed(2)} of "${text.slice(0, 40)}" in <${element.localName} class="${element.className}">`,
    ];
  }

  function textFaults() {
    const faults = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const [text, element] = [walker.currentNode.data.trim(), walker.currentNode.parentElement];
      if (
        text &&
        !["SCRIPT", "STYLE", "NOSCRIPT", "OPTION"].includes(element.tagName) &&
        isVisible(element)
      ) {
        faults.push(...faultOfText(element, text));
      }
    }
    return [...new Set(faults)];
  }

  /** Elements that make the page scroll sideways. */
  function widthFaults() {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) {
      return [];
    }
    const wide = [...document.body.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > width + 1,
    );
    const names = wide.slice(0, 8).map((element) => `<${element.localName} class="${element.className}">`);
    return [
      `the page is ${document.documentElement.scrollWidth} wide in a window of ${width}: ${names.join(", ")}`,
    ];
  }

  /** Controls without a name that a screen reader could say. */
  function nameFaults() {
    const controls = [...document.querySelectorAll("button, select, input, textarea")];
    const nameless = controls.filter(
      (control) =>
        isVisible(control) &&
        !(control.textContent.trim() && control.localName === "button") &&
        !control.ariaLabel &&
        !control.title &&
        !control.labels?.length,
    );
    return nameless.map((control) => `<${control.localName} id="${control.id}"> has no label`);
  }

  return [...textFaults(), ...widthFaults(), ...nameFaults()];
})();
