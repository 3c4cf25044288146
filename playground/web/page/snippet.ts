/**
 * A snippet of a guide page: the block that the page has, turned into a cell.
 */
import { mountCell } from "./cell.ts"
import { get } from "./dom.ts"

/**
 * Turn a rendered snippet into a cell. The HTML is described in `playground/snippets.py`.
 *
 * @param element - An element with class `oa-snippet`
 *
 * @returns A function that undoes it
 */
export function mountSnippet(element: HTMLElement): () => void {
  const source = element.dataset["source"]
  if (source === undefined || element.dataset["pageSkip"] !== undefined) return () => undefined
  const sample = element.querySelector<HTMLElement>(".oa-sample")
  const cell = mountCell({
    original: source,
    codeBlock: get<HTMLElement>(".highlight", element),
    ...(sample ? { sample } : {}),
  })
  element.classList.add("pg-cell")
  const [toolbar, bar, hint, output] = cell.parts
  for (const part of [bar, toolbar, hint]) {
    if (!part) continue
    if (sample) sample.before(part)
    else element.append(part)
  }
  if (output) element.append(output)
  return () => {
    cell.destroy()
    for (const part of cell.parts) part.remove()
  }
}
