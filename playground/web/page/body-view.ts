/**
 * Show bodies: JSON laid out and coloured, the parts of a form, the events of a stream.
 */
import { EXCHANGE_LIMITS } from "../protocol.ts"
import { isEventStream, readBody, textOf } from "./body.ts"
import type { Part } from "./body.ts"
import { h } from "./dom.ts"
import { EventStreamReader, differenceOf } from "./event-stream.ts"
import type { StreamEvent } from "./event-stream.ts"
import type { Exchange, Message } from "./exchanges.ts"
import { describeSize, onOneLine } from "./format.ts"
import { describeBase64, isJson, layOutJson, layOutText } from "./json.ts"
import type { Token } from "./json.ts"

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** The body of a message that may still be arriving. */
export interface BodyView {
  element: HTMLElement
  /** Show what has arrived since the last call. */
  update(): void
}

/* ----------------------------------------------------------------------------
 * Data
 * ------------------------------------------------------------------------- */

/** Characters of a text that are shown at first. */
const TEXT_SHOWN = 4000
/** Characters of a text from which on it is shown without colours, which take a node each. */
const COLOURED = 200_000
/** Events of a stream that are shown at first. */
const EVENTS_SHOWN = 100
/** Characters of an event that can be seen before it is opened. */
const GIST = 300

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

function note(text: string): HTMLElement {
  return h("p", { class: "pg-exchange__note" }, text)
}

function tokensOf(text: string, cut: boolean, conceal: Exchange["conceal"]): Token[] {
  return isJson(text, cut) ? layOutJson(text, conceal) : layOutText(conceal(text))
}

function nodeOf({ text, kind }: Token): Node {
  if (kind === "space") return document.createTextNode(text)
  return h("span", { class: kind === "note" ? "pg-note-in-text" : `tok-${kind}` }, text)
}

/** The tokens up to a number of characters; the last one may be cut. */
function firstOf(tokens: Token[], characters: number): Token[] {
  const first: Token[] = []
  let room = characters
  for (const token of tokens) {
    if (room <= 0) break
    first.push({ ...token, text: token.text.slice(0, room) })
    room -= token.text.length
  }
  return first
}

function renderTokens(tokens: Token[], label: string): HTMLElement[] {
  const length = tokens.reduce((sum, { text }) => sum + text.length, 0)
  const code = h("code", {})
  const pre = h("pre", { class: "pg-exchange__text", tabindex: "0", role: "group", "aria-label": label }, code)
  if (length <= TEXT_SHOWN) {
    code.append(...tokens.map(nodeOf))
    return [pre]
  }
  code.append(...firstOf(tokens, TEXT_SHOWN).map(nodeOf), "…")
  const all = h("button", { type: "button", class: "pg-button pg-exchange__all" },
    `显示全部 ${length.toLocaleString("en")} 个字符`)
  all.addEventListener("click", () => {
    code.replaceChildren(...(length <= COLOURED ? tokens.map(nodeOf) : [tokens.map(({ text }) => text).join("")]))
    all.remove()
    pre.focus({ preventScroll: true })
  })
  return [pre, all]
}

function renderPart({ name, filename, type, bytes, whole }: Part, conceal: Exchange["conceal"]): HTMLElement {
  const size = `${whole ? "" : "至少 "}${describeSize(bytes.length)}`
  const text = filename === null ? textOf(bytes) : null
  const value = text !== null && text.length <= TEXT_SHOWN
    ? h("code", {}, ...layOutText(conceal(text)).map(nodeOf))
    : h("span", { class: "pg-exchange__muted" },
        [filename === null ? "" : `文件 ${onOneLine(filename)}`, onOneLine(type), size].filter(Boolean).join("，"))
  return h("li", {}, h("bdi", { class: "pg-exchange__name" }, onOneLine(name)), value)
}

function describeCut(message: Message): HTMLElement[] {
  if (message.kept === message.size) return []
  const { body, pieces } = EXCHANGE_LIMITS
  const limit = message.pieces.length < pieces ? `前 ${describeSize(body)}` : `前 ${pieces} 块`
  return [note(`共 ${describeSize(message.size)}，这里只留下${limit}。代码收到的是完整的。`)]
}

function renderEvent(event: StreamEvent, before: StreamEvent | undefined, conceal: Exchange["conceal"]): HTMLElement {
  const difference = differenceOf(event, before)
  const gist = difference === null ? event.data : JSON.stringify(difference, (_name, value: unknown) =>
    typeof value === "string" ? describeBase64(value) ?? value : value)
  const shown = describeBase64(gist) ?? conceal(gist).slice(0, GIST)
  const summary = h("summary", {},
    h("span", { class: "pg-event__time" }, `+${(event.at / 1000).toFixed(2)} s`),
    ...(event.name === "" ? [] : [h("span", { class: "pg-event__name" }, onOneLine(event.name))]),
    h("span", { class: "pg-event__gist" }, difference === null ? shown : `… ${shown}`))
  const details = h("details", { class: "pg-fold pg-event" }, summary)
  details.addEventListener("toggle", () => {
    if (!details.open || details.childElementCount > 1) return
    details.append(...renderTokens(tokensOf(event.data, false, conceal), "事件的内容"))
  })
  return h("li", {}, details)
}

function mountEvents(message: Message, conceal: Exchange["conceal"]): BodyView {
  const list = h("ol", { class: "pg-events", role: "list", "aria-label": "事件" })
  const all = h("button", { type: "button", class: "pg-button pg-exchange__all", hidden: true })
  const cut = h("div")
  const repeats = note("「…」表示省略了重复的字段，点开看全文。")
  repeats.hidden = true
  const element = h("div", {}, repeats, list, all, cut)
  const reader = new EventStreamReader()
  const events: StreamEvent[] = []
  let read = 0
  let shown = 0
  let limit = EVENTS_SHOWN
  const render = (): void => {
    for (; shown < Math.min(events.length, limit); shown += 1) {
      const event = events[shown]
      if (event) list.append(renderEvent(event, events[shown - 1], conceal))
    }
    repeats.hidden = shown < 2
    all.hidden = shown === events.length
    all.textContent = `显示全部 ${events.length} 个事件`
  }
  all.addEventListener("click", () => {
    limit = Infinity
    const next = shown
    render()
    list.children[next]?.querySelector("summary")?.focus({ preventScroll: true })
  })
  return {
    element,
    update() {
      for (; read < message.pieces.length; read += 1) {
        const piece = message.pieces[read]
        if (piece) events.push(...reader.read(piece))
      }
      // The end stays in view for a reader who is there, as it does in the output.
      const follow = shown > 0 && list.scrollHeight - list.scrollTop - list.clientHeight < 8
      render()
      if (follow) list.scrollTop = list.scrollHeight
      if (!cut.hasChildNodes()) cut.append(...describeCut(message))
    },
  }
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/**
 * Show a body that has arrived.
 *
 * @param message - The message that it belongs to
 * @param label - Accessible name of its text, e.g. 「请求体」
 * @param conceal - Leaves the reader's key out of a text
 *
 * @returns What to show
 */
export function renderBody(message: Message, label: string, conceal: Exchange["conceal"]): HTMLElement[] {
  const body = readBody(message)
  const cut = message.kept < message.size
  switch (body.kind) {
    case "empty":
      return [note(`没有${label}。`)]
    case "text":
      return [...renderTokens(tokensOf(body.text, cut, conceal), label), ...describeCut(message)]
    case "parts":
      return [
        note(`表单，${body.parts.length} 个部分：`),
        h("ul", { class: "pg-parts", role: "list", "aria-label": label },
          ...body.parts.map(part => renderPart(part, conceal))),
        ...describeCut(message),
      ]
    case "binary": {
      const type = body.type === "" ? "" : `${onOneLine(body.type)}，`
      return [note(`二进制内容，${type}${describeSize(message.size)}。`)]
    }
    case "events": {
      const events = mountEvents(message, conceal)
      events.update()
      return [events.element]
    }
  }
}

/**
 * Show the body of an answer, which may still be arriving.
 *
 * @param exchange - The exchange, with an answer that has begun
 * @param message - Its answer
 *
 * @returns The view
 */
export function mountAnswer(exchange: Exchange, message: Message): BodyView {
  if (isEventStream(message)) return mountEvents(message, exchange.conceal)
  const element = h("div", {}, note("正在接收…"))
  let complete = false
  return {
    element,
    update() {
      if (complete || exchange.state === "open") return
      complete = true
      element.replaceChildren(...renderBody(message, "响应体", exchange.conceal))
    },
  }
}
