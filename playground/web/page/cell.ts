/**
 * A cell: code that can be edited and run, its buttons, its status line and its output. Snippets in
 * the guide and the editor of the 调试台 are cells.
 */
import { h, uniqueId } from "./dom.ts"
import type { Editor } from "./editor.ts"
import type { ExchangeLog } from "./exchanges.ts"
import { mountOutput } from "./output.ts"
import { runner } from "./runner.ts"
import type { RunState } from "./runner.ts"
import { getSettings, resolveConnection, watchSettings } from "./settings.ts"
import type { Problem } from "./settings.ts"
import { DEMO, findProvider } from "./providers.ts"
import { openSettingsDialog } from "./settings-dialog.ts"

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** What a cell is made from. */
export interface CellOptions {
  /** The code as the page has it; 还原 brings it back. */
  original: string
  /** The code to begin with, where it differs. */
  code?: string
  /** Shows the code until a reader edits; the editor takes its place. */
  codeBlock: HTMLElement
  /** Shows the output that the page has; hidden while there is a live one. */
  sample?: HTMLElement
  /** Open the editor at once. */
  editing?: boolean
  /** Show the settings, pointing at one that keeps the code from running; by default in a dialog. */
  showSettings?(problem?: Problem): void
  /** Takes down the requests of each run. */
  log?: ExchangeLog
  /** Called when the code has changed. */
  onChange?(code: string): void
}

/** A mounted cell. */
export interface Cell {
  /** Toolbar, hint and output, to be placed after the code. */
  parts: HTMLElement[]
  getCode(): string
  /** Replace the code and, with it, what 还原 brings back. */
  replace(code: string): void
  /** Stop what runs and release everything. */
  destroy(): void
}

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

const MEGABYTE = 1_000_000

function describe(state: RunState, files: number): string {
  switch (state.name) {
    case "idle": {
      const wrote = files === 0 ? "" : `，写了 ${files} 个文件`
      const took = (state.seconds === undefined ? "" : `，用时 ${state.seconds.toFixed(1)} s`) + wrote
      if (state.ending === "ok") return `运行完成${took}`
      if (state.ending === "error") return `运行出错${took}`
      if (state.ending === "stopped") return `已停止${took}`
      return ""
    }
    case "loading": {
      if (state.step === "queue") return "等待上一段代码结束…"
      if (state.step === "start") return "正在启动 Python…"
      const { received, total } = state.progress
      return total === 0
        ? "正在下载运行环境…"
        : `正在下载运行环境 ${(received / MEGABYTE).toFixed(1)} / ${(total / MEGABYTE).toFixed(1)} MB`
    }
    case "running":
      return "正在运行…"
    case "stopping":
      return "正在停止…"
    case "failed":
      return "运行环境出错"
  }
}

function button(label: string, name: string): HTMLButtonElement {
  return h("button", { type: "button", class: `pg-button pg-button--${name}` }, label)
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/**
 * Make a cell.
 *
 * @param options - See {@link CellOptions}
 *
 * @returns The cell
 */
export function mountCell(options: CellOptions): Cell {
  const { codeBlock, sample } = options
  const showSettings = options.showSettings ?? openSettingsDialog
  let original = options.original
  let code = options.code ?? original
  let editor: Editor | undefined
  let opening: Promise<void> | undefined
  let stopRun: (() => void) | undefined
  let destroyed = false
  let files = 0

  const run = button("运行", "run")
  const stop = button("停止", "stop")
  const reset = button("还原", "reset")
  const copy = button("复制", "copy")
  const edit = button("编辑", "edit")
  const status = h("span", { class: "pg-status", role: "status" })
  const bar = h("progress", { class: "pg-progress", "aria-hidden": "true", hidden: true })
  const provider = h("button", { type: "button", class: "pg-provider" })
  const hint = h("p", { class: "pg-hint", id: uniqueId("pg-hint"), hidden: true },
    "Ctrl/⌘ + Enter 运行。Tab 缩进；先按 Esc 再按 Tab 离开编辑框。")
  const toolbar = h("div", { class: "pg-toolbar", role: "group", "aria-label": "操作" },
    run, stop, edit, reset, copy, status, provider)
  const output = mountOutput()

  const show = (state: RunState): void => {
    status.textContent = describe(state, files)
    const busy = state.name === "loading" || state.name === "running" || state.name === "stopping"
    toolbar.dataset["state"] = state.name
    run.disabled = busy
    stop.disabled = state.name !== "loading" && state.name !== "running"
    bar.hidden = state.name !== "loading"
    if (state.name === "loading" && state.step === "download" && state.progress.total > 0) {
      bar.max = state.progress.total
      bar.value = state.progress.received
    } else {
      bar.removeAttribute("value")
    }
    if (state.name === "failed") {
      output.notify(`${state.message} 再按一次「运行」会重新启动。`)
    }
  }
  const showCode = (): void => {
    reset.disabled = code === original && output.element.hidden === true
    options.onChange?.(code)
  }

  const start = (): void => {
    if (run.disabled) return
    output.clear()
    files = 0
    if (sample) sample.hidden = true
    const connection = resolveConnection(getSettings())
    if ("field" in connection) {
      show({ name: "idle" })
      status.textContent = "没有运行，请先改好设置"
      showSettings(connection)
      showCode()
      return
    }
    show({ name: "loading", step: "start" })
    reset.disabled = true
    const pressed = document.activeElement === run
    const recording = options.log?.begin(connection)
    stopRun = runner.start(code, connection, {
      state(state) {
        if (destroyed) return
        show(state)
        if (state.name === "idle" || state.name === "failed") {
          recording?.end()
          if (state.name === "idle" && state.ending === "ok") output.finish()
          if (document.activeElement === stop || document.activeElement === document.body) {
            if (pressed) run.focus({ preventScroll: true })
          }
          stopRun = undefined
          showCode()
        }
      },
      output: (stream, text) => output.write(stream, text),
      artifacts(artifacts, omitted) {
        if (destroyed) return
        files = artifacts.length
        output.showArtifacts(artifacts, omitted)
      },
      outcome: outcome => { if (outcome.status === "error") output.fail(outcome.failure) },
      ...(recording ? { exchange: recording.record } : {}),
    })
    // A disabled button loses the focus; hand it to the one that can be used now.
    if (pressed) stop.focus({ preventScroll: true })
  }

  const openEditor = (): Promise<void> => {
    opening ??= import("./editor.ts").then(({ mountEditor }) => {
      if (destroyed) return
      const parent = h("div", { class: "pg-editor" })
      codeBlock.after(parent)
      editor = mountEditor(parent, {
        code,
        hint: hint.id,
        onChange() {
          code = editor?.getCode() ?? code
          showCode()
        },
        onRun: start,
      })
      listening.abort()
      codeBlock.hidden = true
      edit.hidden = true
      hint.hidden = false
    }, () => {
      opening = undefined
      output.notify("编辑器没有加载成功，请检查网络后再试。代码仍可以直接运行。")
    })
    return opening
  }
  const openAndFocus = (): void => { void openEditor().then(() => editor?.focus()) }

  // Until the editor is open, the code that the page has can be edited as plain text; the first change
  // opens the editor. Fingers get a button instead: a tap on code would raise the keyboard.
  const text = codeBlock.querySelector("code") ?? codeBlock
  const listening = new AbortController()
  const { signal } = listening
  if (!options.editing) {
    const touch = matchMedia("(pointer: coarse)").matches
    for (const [name, value] of Object.entries({
      role: "textbox", "aria-label": "代码", "aria-multiline": "true", spellcheck: "false", tabindex: "0",
      ...(touch ? { "aria-readonly": "true" } : { contenteditable: "plaintext-only" }),
    })) text.setAttribute(name, value)
    text.addEventListener("click", () => {
      // Dragging selects text to copy.
      if (!touch && getSelection()?.isCollapsed !== false) openAndFocus()
    }, { signal })
    text.addEventListener("input", () => {
      code = text.textContent ?? ""
      showCode()
      openAndFocus()
    }, { signal })
    text.addEventListener("keydown", event => {
      const { key, ctrlKey, metaKey, shiftKey } = event as KeyboardEvent
      if (key !== "Enter") return
      event.preventDefault()
      if (ctrlKey || metaKey || shiftKey) start()
      else openAndFocus()
    }, { signal })
  }

  provider.addEventListener("click", () => showSettings())
  run.addEventListener("click", start)
  stop.addEventListener("click", () => stopRun?.())
  edit.addEventListener("click", openAndFocus)
  reset.addEventListener("click", () => {
    stopRun?.()
    code = original
    editor?.setCode(original)
    output.clear()
    options.log?.clear()
    files = 0
    if (sample) sample.hidden = false
    show({ name: "idle" })
    showCode()
  })
  copy.addEventListener("click", () => {
    navigator.clipboard?.writeText(code).then(
      () => { status.textContent = "已复制" },
      () => { status.textContent = "浏览器没有允许复制，请选中代码后按 Ctrl/⌘ + C" },
    ) ?? (status.textContent = "这个页面不能使用剪贴板，请选中代码后按 Ctrl/⌘ + C")
  })

  const unwatch = watchSettings(settings => {
    const { id, name } = findProvider(settings.provider)
    provider.textContent = name
    provider.title = id === DEMO ? "回答来自离线演示。点这里换成你自己的 API Key" : "更改服务商"
  })
  if (options.editing) void openEditor()
  show({ name: "idle" })
  showCode()

  return {
    parts: [toolbar, bar, hint, output.element],
    getCode: () => code,
    replace(next) {
      original = next
      code = next
      editor?.setCode(next)
      showCode()
    },
    destroy() {
      destroyed = true
      output.clear()
      listening.abort()
      stopRun?.()
      unwatch()
      editor?.destroy()
    },
  }
}
