/**
 * The settings of the 调试台: 服务商, Base URL, API Key, 模型.
 */
import { h, uniqueId } from "./dom.ts"
import { findProvider, providers } from "./providers.ts"
import { clearKey, normaliseBaseUrl, updateSettings, watchSettings } from "./settings.ts"
import type { Problem } from "./settings.ts"

/** A mounted form. */
export interface SettingsForm {
  element: HTMLElement
  /** Point at a setting that keeps code from running. */
  report(problem: Problem): void
  destroy(): void
}

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

interface Field<T extends HTMLElement> {
  row: HTMLElement
  input: T
  help: HTMLElement
  error: HTMLElement
}

function field<T extends HTMLInputElement | HTMLSelectElement>(label: string, input: T): Field<T> {
  const id = uniqueId("pg-setting")
  input.id = id
  const help = h("p", { class: "pg-help", id: `${id}-help` })
  const error = h("p", { class: "pg-error", id: `${id}-error`, role: "alert" })
  input.setAttribute("aria-describedby", `${help.id} ${error.id}`)
  const row = h("div", { class: "pg-field" }, h("label", { for: id }, label), input, help, error)
  return { row, input, help, error }
}

function textInput(attributes: Record<string, string>): HTMLInputElement {
  return h("input", {
    type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false", class: "pg-input", ...attributes,
  })
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/**
 * Make the settings form; it reads and changes the settings of the page.
 *
 * @returns The form
 */
export function mountSettingsForm(): SettingsForm {
  const provider = field("服务商", h("select", { class: "pg-input" },
    ...providers.map(({ id, name }) => h("option", { value: id }, name))))
  const baseUrl = field("Base URL", textInput({ inputmode: "url", placeholder: "https://…/v1" }))
  const key = field("API Key", textInput({ type: "password" }))
  const model = field("模型", textInput({}))
  const remember = h("input", { type: "checkbox", id: uniqueId("pg-remember") })
  const clear = h("button", { type: "button", class: "pg-button" }, "清除")
  const reveal = h("button", { type: "button", class: "pg-button", "aria-pressed": "false" }, "显示")
  const said = h("span", { class: "pg-said", role: "status" })

  key.row.insertBefore(h("div", { class: "pg-key-row" }, key.input, reveal, clear), key.help)
  key.help.after(
    h("p", { class: "pg-remember" }, remember, h("label", { for: remember.id }, "在此标签页记住"), said),
  )

  const element = h("form", { class: "pg-settings", "aria-label": "设置", autocomplete: "off" },
    provider.row, baseUrl.row, key.row, model.row)

  const setError = (which: Field<HTMLInputElement>, message: string): void => {
    which.error.textContent = message
    which.input.setAttribute("aria-invalid", String(message !== ""))
  }
  const unwatch = watchSettings(settings => {
    const chosen = findProvider(settings.provider)
    const demo = chosen.key === "none"
    provider.input.value = chosen.id
    provider.help.textContent = chosen.note
    baseUrl.input.readOnly = chosen.base_url !== null
    const url = chosen.base_url ?? settings.baseUrl
    if (baseUrl.input.value !== url) baseUrl.input.value = url
    baseUrl.help.textContent = chosen.base_url === null
      ? "照服务商文档填写，多数以 /v1 结尾。请求只会发往这个地址。" : ""
    key.input.disabled = demo
    reveal.disabled = demo
    if (key.input.value !== settings.key) key.input.value = settings.key
    key.input.placeholder = demo ? "离线演示不需要" : chosen.key === "optional" ? "本地服务可以不填" : "sk-…"
    key.help.textContent = demo ? "" :
      "只保存在这个页面的内存里，刷新或关闭就消失。代码看不到它，只会随请求发往上面的地址。"
    model.input.disabled = demo
    if (model.input.value !== settings.model) model.input.value = settings.model
    model.input.placeholder = demo ? "按代码里写的" : "不填则按代码里写的"
    model.help.textContent = demo ? "" : "填写后，对话类请求里的 model 都换成它，示例代码不用改。"
    remember.checked = settings.remember
    remember.disabled = demo
    clear.disabled = settings.key === "" && !settings.remember
  })

  provider.input.addEventListener("change", () => {
    setError(baseUrl, "")
    setError(key, "")
    // A key belongs to one provider: never offer it to the next one.
    updateSettings({ provider: provider.input.value, key: "", model: "" })
    said.textContent = ""
  })
  baseUrl.input.addEventListener("input", () => {
    setError(baseUrl, "")
    updateSettings({ baseUrl: baseUrl.input.value })
  })
  baseUrl.input.addEventListener("blur", () => {
    if (baseUrl.input.readOnly || baseUrl.input.value.trim() === "") return
    const checked = normaliseBaseUrl(baseUrl.input.value)
    setError(baseUrl, "message" in checked ? checked.message : "")
  })
  key.input.addEventListener("input", () => {
    setError(key, "")
    said.textContent = ""
    updateSettings({ key: key.input.value })
  })
  model.input.addEventListener("input", () => updateSettings({ model: model.input.value }))
  remember.addEventListener("change", () => {
    updateSettings({ remember: remember.checked })
    said.textContent = remember.checked ? "已记住，关闭标签页后消失" : "已不再记住"
  })
  clear.addEventListener("click", () => {
    clearKey()
    setError(key, "")
    said.textContent = "已清除"
    key.input.focus()
  })
  reveal.addEventListener("click", () => {
    const shown = key.input.type === "password"
    key.input.type = shown ? "text" : "password"
    reveal.textContent = shown ? "隐藏" : "显示"
    reveal.setAttribute("aria-pressed", String(shown))
  })
  element.addEventListener("submit", event => event.preventDefault())

  return {
    element,
    report(problem) {
      const which = problem.field === "key" ? key : baseUrl
      setError(which, problem.message)
      which.input.focus()
    },
    destroy: unwatch,
  }
}

