// News must be seen: in a small window it may appear below the edge.

/** Scrolls an element into sight when it appears. */
export function inSight(element: Element) {
  element.scrollIntoView({ block: "nearest" });
}
