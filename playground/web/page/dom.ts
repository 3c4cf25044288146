/**
 * Make and find DOM nodes. Text always goes in as text, never as markup.
 */

type Attributes = Record<string, string | boolean>

/**
 * Create an element.
 *
 * @param tag - Tag name
 * @param attributes - Attributes; `true` sets an empty one, `false` leaves it out
 * @param children - Child nodes; strings become text nodes
 *
 * @returns The element
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "")
    else if (value !== false) element.setAttribute(name, value)
  }
  element.append(...children)
  return element
}

/**
 * Find a descendant that must exist.
 *
 * @param selector - CSS selector
 * @param root - Where to look
 *
 * @returns The first match
 *
 * @throws Error - If nothing matches: the page and this script do not fit together
 */
export function get<T extends Element>(selector: string, root: ParentNode = document): T {
  const element = root.querySelector<T>(selector)
  if (!element) throw new Error(`missing element: ${selector}`)
  return element
}

let ids = 0

/** A fresh id for `for`, `aria-labelledby` and the like. */
export function uniqueId(prefix: string): string {
  return `${prefix}-${++ids}`
}
