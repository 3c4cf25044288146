/**
 * Write an exchange as JSON, to be kept or sent to somebody else. Keys are left out.
 */
import { bytesOf, isEventStream, readBody, textOf } from "./body.ts"
import { EventStreamReader } from "./event-stream.ts"
import type { Exchange, Message } from "./exchanges.ts"

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function contentOf(message: Message): unknown {
  const body = readBody(message)
  switch (body.kind) {
    case "empty":
      return null
    case "text":
      return parsed(body.text)
    case "parts":
      return body.parts.map(({ name, filename, type, bytes }) => filename === null
        ? { name, value: textOf(bytes) }
        : { name, filename, type, bytes: bytes.length })
    case "binary":
      return { type: body.type, bytes: bytesOf(message).length }
    case "events": {
      const reader = new EventStreamReader()
      return message.pieces.flatMap(piece => reader.read(piece)).map(({ name, data, at }) => ({
        ms: Math.round(at), ...(name === "" ? {} : { event: name }), data: parsed(data),
      }))
    }
  }
}

function messageOf(message: Message): object {
  const { headers, size, kept } = message
  return {
    headers: Object.fromEntries(headers),
    [isEventStream(message) ? "events" : "body"]: contentOf(message),
    ...(kept < size ? { kept_bytes: kept, bytes: size } : {}),
  }
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/**
 * Write an exchange as JSON.
 *
 * @param exchange - The exchange
 *
 * @returns JSON with `request`, `response` (null without one) and how it ended
 */
export function writeJson(exchange: Exchange): string {
  const { method, url, request, response, state, reason, duration, conceal } = exchange
  return conceal(JSON.stringify({
    request: { method, url, ...messageOf(request) },
    response: response ? { status: response.status, ...messageOf(response) } : null,
    state,
    ...(reason === "" ? {} : { reason }),
    ...(duration === undefined ? {} : { ms: Math.round(duration) }),
  }, null, 2))
}
