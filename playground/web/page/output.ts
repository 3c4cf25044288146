/**
 * The region 「输出」: what a run prints as it prints it, how it failed, and which files it wrote.
 */
import type { Artifact, Failure, Omitted, StreamName } from "../protocol.ts"
import { mountArtifacts } from "./artifacts.ts"
import { h } from "./dom.ts"

/** A mounted output region. */
export interface Output {
  element: HTMLElement
  /** Remove what earlier runs left and hide the region. */
  clear(): void
  /** Append what the program printed. */
  write(stream: StreamName, text: string): void
  /** Show an exception below what was printed. */
  fail(failure: Failure): void
  /** Show the files that the program wrote. */
  showArtifacts(artifacts: Artifact[], omitted: Omitted): void
  /** Show a message of the page itself, such as a setting that is missing. */
  notify(message: string): void
  /** Say so where a finished run left nothing to see. */
  finish(): void
}

/* ----------------------------------------------------------------------------
 * Data
 * ------------------------------------------------------------------------- */

/** Characters after which the next line begins a box of its own. */
const BLOCK = 10_000

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

function renderFailure({ type, message, lines, explanation, traceback }: Failure): HTMLElement {
  const own = lines.map(({ number, text }) =>
    h("li", {}, h("span", { class: "pg-line" }, `第 ${number} 行`), h("code", {}, text)),
  )
  const parts: Node[] = []
  if (own.length > 0) parts.push(h("ol", { class: "pg-lines" }, ...own))
  parts.push(h("p", { class: "pg-exception" }, h("strong", {}, type), message ? `：${message}` : ""))
  if (explanation) {
    parts.push(
      h("p", { class: "pg-explanation" }, h("strong", {}, explanation.title), "。", explanation.cause),
      h("ul", { class: "pg-fixes", "aria-label": "可以这样做" }, ...explanation.fixes.map(fix => h("li", {}, fix))),
    )
  }
  parts.push(
    h("details", { class: "pg-fold" }, h("summary", {}, "完整的 Traceback"), h("pre", {}, traceback)),
  )
  return h("div", { class: "pg-failure" }, ...parts)
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/**
 * Make an output region; it stays hidden until something is shown.
 *
 * @returns The region
 */
export function mountOutput(): Output {
  const log = h("pre", { class: "pg-log", role: "log", "aria-live": "polite", tabindex: "0", "aria-label": "打印的内容" })
  const notes = h("div", { class: "pg-notes", role: "log", "aria-live": "polite", "aria-label": "运行结果" })
  // Not a log: what is in a file is not read out when it appears; the status line says that it did.
  const artifactList = mountArtifacts()
  const element = h("section", { class: "pg-output", "aria-label": "输出", hidden: true },
    log, notes, artifactList.element)

  let last: { stream: StreamName; node: Text } | undefined
  let printed = false
  let box: HTMLElement = log
  let filled = 0

  const append = (stream: StreamName, text: string): void => {
    if (last?.stream === stream) {
      last.node.appendData(text)
      return
    }
    const node = document.createTextNode(text)
    box.append(h("span", { class: `pg-${stream}` }, node))
    last = { stream, node }
  }
  const atEnd = (): boolean => log.scrollHeight - log.scrollTop - log.clientHeight < 8
  return {
    element,
    clear() {
      log.replaceChildren()
      notes.replaceChildren()
      artifactList.clear()
      last = undefined
      box = log
      filled = 0
      printed = false
      log.hidden = true
      element.hidden = true
    },
    write(stream, text) {
      const follow = atEnd()
      element.hidden = false
      log.hidden = false
      printed = true
      let rest = text
      while (rest !== "") {
        const cut = rest.indexOf("\n", Math.max(0, BLOCK - filled)) + 1
        const piece = cut === 0 ? rest : rest.slice(0, cut)
        append(stream, piece)
        filled += piece.length
        rest = rest.slice(piece.length)
        if (cut === 0) continue
        // A browser lays out the whole box that a text is added to: a flood in one box stops the page.
        box = h("span", { class: "pg-block" })
        log.append(box)
        last = undefined
        filled = 0
      }
      if (follow) log.scrollTop = log.scrollHeight
    },
    fail(failure) {
      element.hidden = false
      notes.append(renderFailure(failure))
    },
    showArtifacts(artifacts, omitted) {
      artifactList.show(artifacts, omitted)
      if (!artifactList.element.hidden) element.hidden = false
    },
    notify(message) {
      element.hidden = false
      notes.append(h("p", { class: "pg-note" }, message))
    },
    finish() {
      if (printed || notes.hasChildNodes() || !artifactList.element.hidden) return
      this.notify("运行完成，没有输出。用 print(…) 显示结果。")
    },
  }
}
