/**
 * Tell what a body is: text to read, the parts of a form, or bytes that only have a size.
 */
import type { HeaderList } from "../protocol.ts"
import type { Message } from "./exchanges.ts"

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** One part of a multipart body. */
export interface Part {
  name: string
  /** Set for a file. */
  filename: string | null
  type: string
  bytes: Uint8Array
  /** Whether all of it was kept. */
  whole: boolean
}

/** A body, by how it is shown. */
export type Body =
  | { kind: "empty" }
  | { kind: "text"; text: string }
  | { kind: "events" }
  | { kind: "parts"; parts: Part[] }
  | { kind: "binary"; type: string }

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

/** Control characters that no text holds. */
const BINARY = /[\0-\x08\x0e-\x1a\x1c-\x1f]/

function parameterOf(header: string, name: string): string | null {
  const match = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, "i").exec(header)
  const value = match?.[1] ?? match?.[2]
  return value === undefined ? null : value.replace(/\\(.)/g, "$1").replaceAll("%22", '"')
}

function partOf(bytes: Uint8Array, whole: boolean): Part | null {
  const end = latin1(bytes).indexOf("\r\n\r\n")
  if (end < 0) return null
  const headers = new Map(
    new TextDecoder().decode(bytes.subarray(0, end)).split("\r\n").map(line => {
      const colon = line.indexOf(":")
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const disposition = headers.get("content-disposition") ?? ""
  return {
    name: parameterOf(disposition, "name") ?? "",
    filename: parameterOf(disposition, "filename"),
    type: headers.get("content-type") ?? "",
    bytes: bytes.subarray(end + 4),
    whole,
  }
}

/** One character for each byte, so that positions in text are positions in bytes. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes)
}

function partsOf(bytes: Uint8Array, boundary: string): Part[] {
  const text = latin1(bytes)
  const mark = `--${boundary}`
  const parts: Part[] = []
  for (let at = text.indexOf(mark); at >= 0;) {
    const begin = at + mark.length + 2
    if (text.slice(begin - 2, begin) === "--") break
    const end = text.indexOf(`\r\n${mark}`, begin)
    const part = partOf(bytes.subarray(begin, end < 0 ? undefined : end), end >= 0)
    if (part) parts.push(part)
    at = end < 0 ? -1 : end + 2
  }
  return parts
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/** The value of a header, or an empty string. */
export function headerOf(headers: HeaderList, name: string): string {
  return headers.find(([given]) => given.toLowerCase() === name)?.[1] ?? ""
}

/** All bytes that were kept of a body. */
export function bytesOf({ pieces, kept }: Message): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(kept)
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece.bytes, at)
    at += piece.bytes.length
  }
  return bytes
}

/** The bytes as text, or null when they are none; a character that was cut at the end is left out. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true })
    return BINARY.test(text) ? null : text
  } catch {
    return null
  }
}

/** Whether a message is a stream of events. */
export function isEventStream({ headers }: Message): boolean {
  return /^text\/event-stream\b/i.test(headerOf(headers, "content-type"))
}

/** Read a body that has arrived. */
export function readBody(message: Message): Body {
  if (message.size === 0) return { kind: "empty" }
  if (isEventStream(message)) return { kind: "events" }
  const type = headerOf(message.headers, "content-type")
  const bytes = bytesOf(message)
  const boundary = /^multipart\//i.test(type) ? parameterOf(type, "boundary") : null
  if (boundary !== null) return { kind: "parts", parts: partsOf(bytes, boundary) }
  // What it is said to be comes second: files are often declared as bytes, whatever they hold.
  const text = /^(audio|image|video)\//i.test(type) ? null : textOf(bytes)
  return text === null ? { kind: "binary", type } : { kind: "text", text }
}
