/**
 * The panel 「请求与响应」: what went over the wire in the last run.
 */
import { EXCHANGE_LIMITS } from "../protocol.ts"
import type { HeaderList } from "../protocol.ts"
import { mountAnswer, renderBody } from "./body-view.ts"
import type { BodyView } from "./body-view.ts"
import { writeCurl } from "./curl.ts"
import { h } from "./dom.ts"
import { writeJson } from "./exchange-json.ts"
import type { Exchange, ExchangeLog } from "./exchanges.ts"
import { describeSize, describeTime, onOneLine } from "./format.ts"

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** A mounted panel. */
export interface Inspector {
  element: HTMLElement
  destroy(): void
}

interface Entry {
  element: HTMLElement
  update(): void
}

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

function note(text: string): HTMLElement {
  return h("p", { class: "pg-exchange__note" }, text)
}

/** The path under the provider's host; the whole address where it is another host. */
function addressOf({ url, baseUrl }: Exchange): string {
  if (!URL.canParse(url)) return onOneLine(url)
  const { origin, pathname, search } = new URL(url)
  return origin === new URL(baseUrl).origin ? pathname + search : origin + pathname + search
}

/** How an exchange stands: the status, words where the status does not say it all, and whether it is well. */
function standingOf({ state, response }: Exchange): { status: string; words: string; mood: "ok" | "bad" | "plain" } {
  const status = response ? String(response.status) : ""
  switch (state) {
    case "open":
      return { status, words: response ? "正在接收" : "等待响应", mood: "plain" }
    case "done":
      return { status, words: "", mood: response && response.status < 400 ? "ok" : "bad" }
    case "failed":
      return { status, words: response ? "连接断开" : "没有响应", mood: "bad" }
    case "refused":
      return { status, words: "已拒绝", mood: "bad" }
    case "aborted":
      return { status, words: "已中断", mood: "plain" }
  }
}

function renderHeaders(label: string, headers: HeaderList, remark: string): HTMLElement {
  return h("details", { class: "pg-fold" },
    h("summary", {}, `${label} ${headers.length} 个`),
    h("dl", { class: "pg-headers" }, ...headers.map(([name, value]) => h("div", {},
      h("dt", {}, onOneLine(name)), h("dd", {}, h("bdi", {}, onOneLine(value)))))),
    ...(remark === "" ? [] : [note(remark)]))
}

function describeSource({ source, state, url, baseUrl }: Exchange): string {
  if (state === "refused") return "没有发出。"
  if (source === "demo") return "由离线演示回答，没有离开浏览器。"
  return `从浏览器直接发往 ${new URL(URL.canParse(url) ? url : baseUrl).origin}。`
}

function mountActions(exchange: Exchange): HTMLElement {
  const said = h("span", { class: "pg-said", role: "status" })
  const copying = (label: string, write: () => { command: string } | { problem: string }): HTMLElement => {
    const button = h("button", { type: "button", class: "pg-button" }, label)
    button.addEventListener("click", () => {
      const written = write()
      if ("problem" in written) {
        said.textContent = written.problem
        return
      }
      navigator.clipboard?.writeText(written.command).then(
        () => { said.textContent = "已复制" },
        () => { said.textContent = "浏览器没有允许复制" },
      ) ?? (said.textContent = "这个页面不能使用剪贴板")
    })
    return button
  }
  return h("div", { class: "pg-exchange__actions", role: "group", "aria-label": "复制" },
    copying("复制为 cURL", () => writeCurl(exchange)),
    copying("复制 JSON", () => ({ command: writeJson(exchange) })),
    said)
}

/** What is seen of an exchange when it is opened. */
function mountContent(exchange: Exchange): Entry {
  const remote = exchange.source === "remote" && exchange.state !== "refused"
  const lead = h("p", { class: "pg-exchange__lead" })
  const { request } = exchange
  const asked = h("section", { class: "pg-message" },
    h("h4", { class: "pg-message__title" }, "请求",
      h("span", { class: "pg-exchange__muted" }, request.size === 0 ? "" : describeSize(request.size))),
    renderHeaders("请求头", request.headers,
      remote ? "浏览器还会加上 Origin、User-Agent 等，网页看不到。" : ""),
    ...renderBody(request, "请求体", exchange.conceal))
  const size = h("span", { class: "pg-exchange__muted" })
  const ending = h("div")
  const answer = h("section", { class: "pg-message" }, h("h4", { class: "pg-message__title" }, "响应", size), ending)
  const element = h("div", { class: "pg-exchange__content" },
    h("div", { class: "pg-exchange__bar" }, lead, mountActions(exchange)),
    h("div", { class: "pg-exchange__messages" }, asked, answer))

  let body: BodyView | undefined
  return {
    element,
    update() {
      const { response, state, reason } = exchange
      lead.textContent = describeSource(exchange)
      size.textContent = response ? describeSize(response.size) : ""
      if (response && !body) {
        body = mountAnswer(exchange, response)
        ending.before(
          renderHeaders("响应头", response.headers,
            remote ? "只有服务商允许网页读取的响应头（CORS）会出现在这里。" : ""),
          body.element)
      }
      body?.update()
      const said = {
        open: response ? "" : "还没有响应。",
        done: "",
        failed: reason,
        refused: reason,
        aborted: response ? "已中断，后面的没有收到。" : "已中断，没有等到响应。",
      }[state]
      if (ending.textContent !== said) ending.replaceChildren(...(said === "" ? [] : [note(said)]))
    },
  }
}

function mountEntry(exchange: Exchange): Entry {
  const { method, source } = exchange
  const status = h("span", { class: "pg-exchange__status" })
  const numbers = h("span", { class: "pg-exchange__numbers" })
  const summary = h("summary", { class: "pg-exchange__summary" },
    h("span", { class: "pg-exchange__method" }, method), " ",
    h("bdi", { class: "pg-exchange__path" }, addressOf(exchange)), " ",
    status, " ",
    ...(source === "demo" ? [h("span", { class: "pg-exchange__source" }, "离线演示"), " "] : []),
    numbers)
  const details = h("details", { class: "pg-exchange" }, summary)
  let content: Entry | undefined
  const update = (): void => {
    const { status: code, words, mood } = standingOf(exchange)
    status.textContent = [code, words].filter(Boolean).join(" ")
    status.dataset["mood"] = mood
    numbers.textContent = [
      exchange.duration === undefined || exchange.state === "refused" ? "" : describeTime(exchange.duration),
      exchange.response ? describeSize(exchange.response.size) : "",
    ].filter(Boolean).join(" · ")
    if (details.open) content?.update()
  }
  details.addEventListener("toggle", () => {
    if (!details.open) return
    if (!content) {
      content = mountContent(exchange)
      details.append(content.element)
    }
    content.update()
  })
  return { element: h("li", {}, details), update }
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/**
 * Make the panel.
 *
 * @param log - What it shows, as it changes
 * @param onCount - Called with the number of requests of the run
 *
 * @returns The panel
 */
export function mountInspector(log: ExchangeLog, onCount: (count: number) => void): Inspector {
  const empty = h("p", { class: "pg-inspector__empty" }, "还没有请求。运行一段会发请求的代码，例如默认的这段。")
  const omitted = h("p", { class: "pg-inspector__omitted", hidden: true })
  const list = h("ol", { class: "pg-exchanges", role: "list", "aria-label": "请求" })
  const element = h("div", { class: "pg-inspector", tabindex: "0" }, empty, omitted, list)

  const entries = new Map<Exchange, Entry>()
  const changed = new Set<Exchange>()
  let frame: number | undefined
  const render = (): void => {
    frame = undefined
    const { exchanges } = log
    for (const [exchange, entry] of entries) {
      if (exchanges.includes(exchange)) continue
      entry.element.remove()
      entries.delete(exchange)
    }
    for (const exchange of exchanges) {
      let entry = entries.get(exchange)
      if (!entry) {
        entry = mountEntry(exchange)
        entries.set(exchange, entry)
        list.append(entry.element)
        changed.add(exchange)
      }
      if (changed.has(exchange)) entry.update()
    }
    changed.clear()
    empty.hidden = exchanges.length > 0
    omitted.hidden = log.omitted === 0
    const { exchanges: most, total } = EXCHANGE_LIMITS
    omitted.textContent =
      `更早的 ${log.omitted} 个请求没有列出：一次运行最多留下 ${most} 个，合计 ${describeSize(total)}。`
    onCount(exchanges.length + log.omitted)
  }
  // Once a frame: a stream may bring hundreds of pieces in that time.
  const unwatch = log.watch(exchange => {
    if (exchange) changed.add(exchange)
    frame ??= requestAnimationFrame(render)
  })
  render()

  return {
    element,
    destroy() {
      unwatch()
      if (frame !== undefined) cancelAnimationFrame(frame)
    },
  }
}
