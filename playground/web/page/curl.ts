/**
 * Write a request as a cURL command for bash. Keys are read from the environment.
 */
import { EXCHANGE_LIMITS } from "../protocol.ts"
import { readBody, headerOf } from "./body.ts"
import type { Part } from "./body.ts"
import { isSecret } from "./conceal.ts"
import type { Exchange } from "./exchanges.ts"

/* ----------------------------------------------------------------------------
 * Data
 * ------------------------------------------------------------------------- */

/** Headers that cURL writes itself, or that only say which SDK and browser sent the request. */
const OWN_HEADERS = /^(accept|accept-encoding|connection|content-length|host|user-agent|x-stainless-.*)$/

/** What `OpenAI()` and a cURL command against the API itself both begin with. */
const API = "https://api.openai.com/v1"

/** A path in which double quotes leave everything as it is. */
const PLAIN = /^[\w/.~%?&=+,:@-]*$/

/** Characters that a terminal acts on instead of taking them in. */
const CONTROL = /[\x01-\x09\x0b-\x1f\x7f-\x9f]/

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

function quote(text: string): string {
  if (!CONTROL.test(text)) return `'${text.replaceAll("'", "'\\''")}'`
  const escaped = text.replace(/[\\']/g, "\\$&").replace(new RegExp(CONTROL, "g"), character =>
    [...new TextEncoder().encode(character)].map(byte => `\\x${byte.toString(16).padStart(2, "0")}`).join(""))
  return `$'${escaped}'`
}

function quoteForm(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`
}

/** Whether the address lies under the Base URL; what the sandbox tells about the demo may not. */
function isWithin({ url, baseUrl }: Exchange): boolean {
  const base = new URL(baseUrl).href.replace(/\/+$/, "")
  return URL.canParse(url) && `${new URL(url).href}/`.startsWith(`${base}/`)
}

/** The address; that of the demo exists in this page only, so the environment may name another. */
function writeAddress({ source, url, baseUrl }: Exchange): string {
  const { href } = new URL(url)
  if (source !== "demo") return quote(href)
  const path = href.slice(baseUrl.length)
  const base = `\${OPENAI_BASE_URL:-${API}}`
  return PLAIN.test(path) ? `"${base}${path}"` : `"${base}"${quote(path)}`
}

function writeHeader(name: string, value: string): string {
  if (!isSecret(name)) return quote(`${name}: ${value}`)
  return `"${name}: ${/^bearer /i.test(value) ? "Bearer " : ""}$OPENAI_API_KEY"`
}

function writePart({ name, filename, type, bytes }: Part): string {
  if (filename === null) return `--form-string ${quote(`${name}=${new TextDecoder().decode(bytes)}`)}`
  const kind = type === "" ? "" : `;type=${type}`
  return `-F ${quote(`${name}=@${quoteForm(filename)}${kind}`)}`
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/**
 * Write the command.
 *
 * @param exchange - Whose request it sends
 *
 * @returns The command, or why there is none
 */
export function writeCurl(exchange: Exchange): { command: string } | { problem: string } {
  const { method, url, request } = exchange
  // The gateway keeps the key from other addresses; a command that is pasted would send it there.
  if (!isWithin(exchange)) return { problem: "地址不在 Base URL 之内，不写成 cURL" }
  if (url.length >= EXCHANGE_LIMITS.text) return { problem: "地址太长，没有完整保留，写不成 cURL" }
  if (request.kept < request.size) return { problem: "请求体太大，没有完整保留，写不成 cURL" }
  const body = readBody(request)
  if (body.kind === "binary") return { problem: "请求体是二进制内容，写不成 cURL" }
  const data: string[] = []
  if (body.kind === "text") data.push(`--data-raw ${quote(body.text)}`)
  if (body.kind === "parts") data.push(...body.parts.map(writePart))

  const options: string[] = []
  const usual = data.length > 0 ? "POST" : "GET"
  if (method === "HEAD") options.push("--head")
  else if (method !== usual) options.push(`-X ${method}`)
  // Brackets and braces in an address are patterns to cURL.
  if (/[[\]{}]/.test(url)) options.push("--globoff")
  if (/"stream":\s*true/.test(body.kind === "text" ? body.text : "")) options.push("--no-buffer")
  const headers = request.headers
    .filter(([name]) => !OWN_HEADERS.test(name.toLowerCase()))
    // With the boundary that cURL chooses, it writes this header itself.
    .filter(([name]) => body.kind !== "parts" || name.toLowerCase() !== "content-type")
  // Without one, cURL would call any body a form.
  if (body.kind === "text" && headerOf(headers, "content-type") === "") data.unshift("-H 'content-type:'")
  const lines = [
    ["curl", ...options, writeAddress(exchange)].join(" "),
    ...headers.map(([name, value]) => value === "" ? `-H ${quote(`${name};`)}` : `-H ${writeHeader(name, value)}`),
    ...data,
  ]
  return { command: exchange.conceal(lines.join(" \\\n  ")) }
}
