// Inspects a page for the tests: what is cut off, what can't be reached, which text is visible.

function name(element) {
  const own = element.closest("[data-testid]");
  const tag = element.tagName.toLowerCase();
  const text = element.textContent.trim().slice(0, 40);
  return `${own ? own.dataset.testid + " › " : ""}${tag} “${text}”`;
}

function visible(element) {
  const style = getComputedStyle(element);
  if (style.visibility === "hidden" || style.display === "none" || element.closest(".unseen")) return false;
  const box = element.getBoundingClientRect();
  return box.width > 1 && box.height > 1;
}

/** Visible text nodes, each with its element. */
function texts() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() !== "" && visible(element)) found.push([node, element]);
  }
  return found;
}

function layoutProblems() {
  const found = new Set();
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    found.add(`the page is ${root.scrollWidth} wide in a window of ${root.clientWidth}`);
  }
  if (root.scrollHeight > root.clientHeight) {
    found.add(`the page is ${root.scrollHeight} high in a window of ${root.clientHeight}`);
  }
  for (const [node, element] of texts()) {
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.left < -1 || box.right > innerWidth + 1) found.add(`overflows the window: ${name(element)}`);
    // The text has to fit into its ancestors.
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      const { overflowX, overflowY, display } = getComputedStyle(at);
      if (display === "inline") continue;
      if (at.scrollWidth > at.clientWidth + 1 && overflowX !== "visible") {
        found.add(`too wide for its box (${at.scrollWidth} in ${at.clientWidth}): ${name(at)}`);
      }
      if (overflowY === "hidden" && at.scrollHeight > at.clientHeight + 1) {
        found.add(`too high for its box (${at.scrollHeight} in ${at.clientHeight}): ${name(at)}`);
      }
    }
  }
  for (const control of document.querySelectorAll("button, input, textarea")) {
    if (!visible(control)) continue;
    const box = control.getBoundingClientRect();
    if (box.left < -1 || box.right > innerWidth + 1) found.add(`overflows the window: ${name(control)}`);
    if (control.tagName === "BUTTON" && control.scrollWidth > control.clientWidth + 1) {
      found.add(`too wide for its button: ${name(control)}`);
    }
  }
  found.add(...unreachableActions());
  found.delete(undefined);
  return [...found];
}

/** Buttons that can't be pressed anywhere in the window. */
function unreachableActions() {
  const found = [];
  // While a dialog is open, only its buttons count.
  const asked = document.querySelector("dialog[open]") ?? document;
  for (const button of asked.querySelectorAll("button:not([disabled])")) {
    if (!visible(button)) continue;
    button.scrollIntoView({ block: "nearest" });
    const box = button.getBoundingClientRect();
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (!hit || !button.contains(hit)) found.push(`can't be pressed: ${name(button)}`);
  }
  document.querySelector("[data-testid=screen] > .body")?.scrollTo(0, 0);
  return found;
}

function repeatedPrimaryActions() {
  const asked = document.querySelector("dialog[open]") ?? document;
  const primary = [...asked.querySelectorAll("button.primary")].filter(visible);
  return primary.length > 1 ? [`more than one primary action: ${primary.map(name).join(", ")}`] : [];
}

function visibleText() {
  const others = "[data-testid=request-token], [data-testid=deactivation-token], textarea, input, .name, .mono";
  return texts()
    .filter(([, element]) => !element.matches(others))
    .map(([node]) => node.data.trim())
    .concat([...document.querySelectorAll("[aria-label]")].map((element) => element.getAttribute("aria-label")))
    .concat([...document.querySelectorAll("[placeholder]")].map((element) => element.placeholder))
    .join("\n");
}

/**
 * Words that come from no catalogue: in the pseudo-locale every letter of a sentence has an accent.
 */
function untranslated(known) {
  const values =
    "time, textarea, input, .token, .name, .mono, [data-testid^=error-], [data-testid=portal], [data-testid=seat], " +
    "[data-testid=help-address], [data-testid=saved], dd, " +
    // Text from the backend, and the words of the spelling alphabet, which aren't translated.
    "[data-testid^=said-] > p:first-child, [data-testid^=spoken-]";
  const found = new Set();
  for (const [node, element] of texts()) {
    if (element.closest(values)) continue;
    let text = node.data;
    for (const value of known) text = text.replaceAll(value, "");
    // A seat's number is hexadecimal.
    const words = text.replace(/[0-9a-f]{16}/g, "").match(/[A-Za-z]{2,}/g);
    if (words) found.add(`untranslated: ${words.join(" ")}: ${name(element)}`);
  }
  return [...found];
}
