/**
 * Read server-sent events as they arrive.
 */
import type { Piece } from "./exchanges.ts"

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** One event of a stream. */
export interface StreamEvent {
  /** The field `event`, empty when the event has none. */
  name: string
  data: string
  /** When it was complete, in ms since the request. */
  at: number
}

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** What of a value differs from another one; undefined where nothing does. */
function changeOf(now: unknown, then: unknown): unknown {
  if (isObject(now) && isObject(then)) {
    const fields = Object.entries(now)
      .map(([name, value]) => [name, changeOf(value, then[name])] as const)
      .filter(([, change]) => change !== undefined)
    return fields.length > 0 ? Object.fromEntries(fields) : undefined
  }
  if (Array.isArray(now) && Array.isArray(then) && now.length === then.length) {
    const items = now.map((item, index) => changeOf(item, then[index])).filter(change => change !== undefined)
    return items.length > 0 ? items : undefined
  }
  return JSON.stringify(now) === JSON.stringify(then) ? undefined : now
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/** Reads one stream piece by piece. */
export class EventStreamReader {
  private readonly decoder = new TextDecoder()
  private rest = ""
  private name = ""
  private data: string[] = []

  /**
   * Take the next piece.
   *
   * @param piece - Bytes that follow those of the last call
   *
   * @returns The events that it completes
   */
  read({ bytes, at }: Piece): StreamEvent[] {
    const events: StreamEvent[] = []
    this.rest += this.decoder.decode(bytes, { stream: true })
    // A carriage return at the end may be half of a line break.
    const lines = this.rest.split(/\r\n|\n|\r(?!$)/)
    this.rest = lines.pop() ?? ""
    for (const line of lines) {
      if (line === "") {
        if (this.data.length > 0) events.push({ name: this.name, data: this.data.join("\n"), at })
        this.name = ""
        this.data = []
        continue
      }
      const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
      if (field === "event") this.name = value
      else if (field === "data") this.data.push(value)
    }
    return events
  }
}

/**
 * Shorten an event to what sets it apart: the chunks of one answer repeat most of their fields, and
 * `type` repeats the name of the event.
 *
 * @param event - The event
 * @param before - The event before it, if there is one
 *
 * @returns Its data without the fields that repeat, or null where none is left out
 */
export function differenceOf(event: StreamEvent, before: StreamEvent | undefined): object | null {
  try {
    const now: unknown = JSON.parse(event.data)
    const then: unknown = JSON.parse(before?.data ?? "{}")
    const known = event.name === "" ? then : { ...(isObject(then) ? then : {}), type: event.name }
    const difference = changeOf(now, known)
    return isObject(difference) && JSON.stringify(difference) !== JSON.stringify(now) ? difference : null
  } catch {
    return null
  }
}
