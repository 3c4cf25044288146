/**
 * The settings in a dialog, for pages that do not show them beside the code.
 */
import { h } from "./dom.ts"
import { mountSettingsForm } from "./settings-form.ts"
import type { Problem } from "./settings.ts"

/**
 * Open the settings over the page; closing gives the focus back to where it was.
 *
 * @param problem - A setting to point at
 */
export function openSettingsDialog(problem?: Problem): void {
  const form = mountSettingsForm()
  const close = h("button", { type: "button", class: "pg-button pg-button--run pg-button--plain" }, "完成")
  const dialog = h("dialog", { class: "pg-dialog md-typeset", "aria-label": "设置" },
    h("h2", { class: "pg-dialog__title" }, "设置"),
    h("p", { class: "pg-help" }, "对本站所有代码生效。"),
    form.element,
    h("div", { class: "pg-dialog__actions" }, close))
  close.addEventListener("click", () => dialog.close())
  // A click on the backdrop hits the dialog itself, one inside hits a child.
  dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close() })
  dialog.addEventListener("close", () => {
    form.destroy()
    dialog.remove()
  })
  document.body.append(dialog)
  dialog.showModal()
  if (problem) form.report(problem)
}
