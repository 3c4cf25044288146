/**
 * Tabs: one panel at a time, chosen by pointer or arrow keys.
 */
import { h, uniqueId } from "./dom.ts"

/** A tab and what it shows. */
export interface Tab {
  label: string
  panel: HTMLElement
  /** Called when the tab is chosen. */
  onShow?(): void
}

/** Mounted tabs. */
export interface Tabs {
  /** The list of tabs, to be placed before the panels. */
  element: HTMLElement
  /** Show a number beside a label, for those who see it; 0 shows none. */
  setCount(index: number, count: number): void
  destroy(): void
}

/**
 * Make tabs; the first one is chosen.
 *
 * @param label - Accessible name of the list
 * @param tabs - The tabs in their order
 *
 * @returns The tabs
 */
export function mountTabs(label: string, tabs: Tab[]): Tabs {
  const counts = tabs.map(() => h("span", { class: "pg-tab__count", "aria-hidden": "true", hidden: true }))
  const buttons = tabs.map(({ label: text, panel }, index) => {
    const id = uniqueId("pg-tab")
    panel.id ||= `${id}-panel`
    panel.setAttribute("role", "tabpanel")
    panel.setAttribute("aria-labelledby", id)
    return h("button", { type: "button", role: "tab", class: "pg-tab", id, "aria-controls": panel.id },
      text, ...counts.slice(index, index + 1))
  })
  const element = h("div", { class: "pg-tabs", role: "tablist", "aria-label": label }, ...buttons)

  const show = (chosen: number): void => {
    buttons.forEach((button, index) => {
      button.setAttribute("aria-selected", String(index === chosen))
      button.tabIndex = index === chosen ? 0 : -1
    })
    tabs.forEach(({ panel }, index) => { panel.hidden = index !== chosen })
    tabs[chosen]?.onShow?.()
  }
  buttons.forEach((button, index) => button.addEventListener("click", () => show(index)))
  element.addEventListener("keydown", event => {
    const at = buttons.indexOf(event.target as HTMLButtonElement)
    const { ctrlKey, altKey, metaKey, shiftKey } = event
    if (at < 0 || ctrlKey || altKey || metaKey || shiftKey) return
    const last = buttons.length - 1
    const next = {
      ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last,
    }[event.key]
    if (next === undefined) return
    event.preventDefault()
    show(next)
    buttons[next]?.focus()
  })
  show(0)

  return {
    element,
    setCount(index, count) {
      const shown = counts[index]
      if (!shown) return
      shown.hidden = count === 0
      shown.textContent = String(count)
    },
    destroy() {
      element.remove()
      for (const { panel } of tabs) {
        for (const name of ["role", "aria-labelledby", "hidden"]) panel.removeAttribute(name)
      }
    },
  }
}
