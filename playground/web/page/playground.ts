/**
 * The 调试台: an editor that is open from the start, the settings beside it, and a tab of its own for
 * what its code sends and receives.
 */
import { mountCell } from "./cell.ts"
import { get, h } from "./dom.ts"
import { ExchangeLog } from "./exchanges.ts"
import { mountInspector } from "./inspector.ts"
import { mountSettingsForm } from "./settings-form.ts"
import { mountTabs } from "./tabs.ts"
import type { Tabs } from "./tabs.ts"

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
  const log = new ExchangeLog()
  let tabs: Tabs | undefined
  const inspector = mountInspector(log, count => tabs?.setCount(1, count))
  const workbench = h("div", { class: "pg-workbench" })
  tabs = mountTabs("调试台", [
    { label: "代码", panel: workbench },
    { label: "请求与响应", panel: inspector.element },
  ])
  snippet.before(tabs.element, workbench)
  workbench.append(snippet, panel)
  workbench.after(inspector.element)

  const cell = mountCell({
    original: snippet.dataset["source"] ?? "",
    codeBlock: get<HTMLElement>(".highlight", snippet),
    ...(sample ? { sample } : {}),
    editing: true,
    log,
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
  element.classList.add("pg-playground")
  return () => {
    cell.destroy()
    settings.destroy()
    inspector.destroy()
    inspector.element.remove()
    tabs?.destroy()
    panel.remove()
    workbench.replaceWith(snippet)
    for (const part of cell.parts) part.remove()
  }
}
