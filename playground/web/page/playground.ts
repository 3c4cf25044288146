/**
 * The 调试台: an editor that is open from the start, and the settings beside it.
 */
import { mountCell } from "./cell.ts"
import { get, h } from "./dom.ts"
import { mountSettingsForm } from "./settings-form.ts"

/**
 * Turn the block of the page into the 调试台.
 *
 * @param element - An element with class `oa-playground` that holds one snippet
 *
 * @returns A function that undoes it
 */
export function mountPlayground(element: HTMLElement): () => void {
  const snippet = get<HTMLElement>(".oa-snippet", element)
  const settings = mountSettingsForm()
  const panel = h("details", { class: "pg-panel", open: true },
    h("summary", {}, "设置"), settings.element)
  const sample = snippet.querySelector<HTMLElement>(".oa-sample")
  const cell = mountCell({
    original: snippet.dataset["source"] ?? "",
    codeBlock: get<HTMLElement>(".highlight", snippet),
    ...(sample ? { sample } : {}),
    editing: true,
    showSettings(problem) {
      panel.open = true
      if (problem) settings.report(problem)
      else get<HTMLElement>("select", panel).focus()
    },
  })
  snippet.classList.add("pg-cell")
  const [toolbar, bar, hint, output] = cell.parts
  for (const part of [toolbar, bar, hint]) if (part) snippet.append(part)
  if (sample) snippet.append(sample)
  if (output) snippet.append(output)
  element.append(panel)
  element.classList.add("pg-playground")
  return () => {
    cell.destroy()
    settings.destroy()
    panel.remove()
    for (const part of cell.parts) part.remove()
  }
}
