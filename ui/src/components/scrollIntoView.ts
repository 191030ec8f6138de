/**
 * Scrolls an element into view when it appears: in a small window it might appear below the edge.
 */
export function scrollIntoView(element: Element) {
  element.scrollIntoView({ block: "nearest" });
}
