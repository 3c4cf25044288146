/**
 * The only way out of the sandbox: checks each request against the chosen Base URL, puts the key in,
 * sends it, and passes the answer on piece by piece.
 */
import type { ExchangeEvent, HeaderList, PageMessage, SandboxRequest } from "../protocol.ts"
import type { Connection } from "./settings.ts"

/* ----------------------------------------------------------------------------
 * Data
 * ------------------------------------------------------------------------- */

/** What the sandbox sees in place of the key. */
export const PLACEHOLDER = "key-is-kept-by-the-page"

/** Endpoints whose `model` the 模型 setting replaces; others take models of other kinds. */
const TEXT_ENDPOINTS = ["/chat/completions", "/responses", "/completions"]

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** A request that may be sent, or why not. */
export type Verdict =
  | { allowed: true; url: string; headers: Headers; body: Uint8Array | null }
  | { allowed: false; status: number; code: string; message: string }

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

/** Whether `url` lies at or under the base URL, both as the browser will read them. */
function isWithin(url: URL, base: URL): boolean {
  // Encoded slashes and backslashes survive normalisation here, but not on every server.
  if (/%2f|%5c/i.test(url.pathname)) return false
  if (url.origin !== base.origin || url.username !== "" || url.password !== "") return false
  const prefix = base.pathname.replace(/\/+$/, "")
  return url.pathname === prefix || url.pathname.startsWith(`${prefix}/`)
}

function replaceModel(request: SandboxRequest, url: URL, model: string): Uint8Array | null {
  const { body } = request
  if (model === "" || body === null || request.method !== "POST") return body
  if (!TEXT_ENDPOINTS.some(endpoint => url.pathname.endsWith(endpoint))) return body
  try {
    const content: unknown = JSON.parse(new TextDecoder().decode(body))
    if (typeof content !== "object" || content === null || !("model" in content)) return body
    return new TextEncoder().encode(JSON.stringify({ ...content, model }))
  } catch {
    return body // not JSON: the server will say what is wrong with it
  }
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/**
 * Decide whether a request may leave, and in which form.
 *
 * @param request - What the sandbox wants to send
 * @param connection - Where the reader allowed it to go
 *
 * @returns The request to send, with the key in place of {@link PLACEHOLDER}, or a refusal
 */
export function judge(request: SandboxRequest, connection: Connection): Verdict {
  const refused = (message: string): Verdict =>
    ({ allowed: false, status: 403, code: "gateway_refused", message })
  if (!URL.canParse(request.url)) return refused(`代码要访问的地址无法识别：${request.url}`)
  const url = new URL(request.url)
  if (!isWithin(url, new URL(connection.baseUrl))) {
    return refused(
      `代码要访问 ${url.origin}${url.pathname}，而设置里的 Base URL 是 ${connection.baseUrl}，` +
        "所以请求没有发出。把设置里的「Base URL」改成代码要访问的地址，或者删掉代码里的 base_url。",
    )
  }
  const headers = new Headers()
  for (const [name, value] of request.headers) {
    // Compatible services list the headers they accept; one unknown name fails the preflight.
    if (name.toLowerCase().startsWith("x-stainless-") && !connection.provider.stainless_headers) continue
    headers.append(name, value)
  }
  if (headers.get("authorization") === `Bearer ${PLACEHOLDER}`) {
    if (connection.key !== "") headers.set("authorization", `Bearer ${connection.key}`)
    else if (connection.provider.key === "required") {
      return {
        allowed: false, status: 401, code: "gateway_missing_key",
        message: `还没有填写 ${connection.provider.name} 的 API Key，请求没有发出。`,
      }
    } else headers.delete("authorization")
  }
  return { allowed: true, url: url.href, headers, body: replaceModel(request, url, connection.model) }
}

/** Sends the requests of one run and can abort them all. */
export class Gateway {
  private readonly open = new Map<number, AbortController>()

  /**
   * @param connection - Where requests may go
   * @param reply - Sends an answer into the sandbox
   * @param observe - Told what is sent, with the key in it, and what comes back
   */
  constructor(
    private readonly connection: Connection,
    private readonly reply: (message: PageMessage) => void,
    private readonly observe: (event: ExchangeEvent) => void = () => undefined,
  ) {}

  /** Send one request and stream its answer back; never rejects. */
  async send(request: SandboxRequest): Promise<void> {
    const { id } = request
    const verdict = judge(request, this.connection)
    const [url, headers, bytes] = verdict.allowed
      // A Request leaves out the headers that browsers set by themselves.
      ? [verdict.url, [...new Request(verdict.url, { headers: verdict.headers }).headers], verdict.body]
      : [request.url, request.headers, request.body]
    this.observe({
      kind: "request", id, method: request.method, url, headers,
      bytes: bytes ?? new Uint8Array(), size: bytes?.length ?? 0,
    })
    if (!verdict.allowed) return this.refuse(id, verdict)
    const controller = new AbortController()
    this.open.set(id, controller)
    try {
      const response = await fetch(verdict.url, {
        method: request.method,
        headers: verdict.headers,
        body: verdict.body as BodyInit | null,
        signal: controller.signal,
        mode: "cors",
        redirect: "error",
        credentials: "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
      })
      const head = { status: response.status, headers: [...response.headers] as HeaderList }
      this.reply({ kind: "head", request: id, ...head })
      this.observe({ kind: "head", id, ...head })
      const reader = response.body?.getReader()
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
        if (done) break
        this.reply({ kind: "chunk", request: id, bytes: value })
        this.observe({ kind: "chunk", id, bytes: value, size: value.length })
      }
      this.reply({ kind: "end", request: id })
      this.observe({ kind: "end", id })
    } catch (error) {
      if (controller.signal.aborted) return this.observe({ kind: "aborted", id })
      const message = this.explain(error)
      this.reply({ kind: "failed", request: id, message })
      this.observe({ kind: "failed", id, message })
    } finally {
      this.open.delete(id)
    }
  }

  /** Abort one request: the sandbox no longer waits for it. */
  abort(id: number): void {
    this.open.get(id)?.abort()
  }

  /** Abort every request that is under way. */
  abortAll(): void {
    for (const controller of this.open.values()) controller.abort()
  }

  private refuse(request: number, verdict: Verdict & { allowed: false }): void {
    const { message, code, status } = verdict
    this.observe({ kind: "refused", id: request, message })
    const error = { message, type: "gateway_error", param: null, code }
    const headers: HeaderList = [["content-type", "application/json"], ["x-should-retry", "false"]]
    this.reply({ kind: "head", request, status, headers })
    this.reply({ kind: "chunk", request, bytes: new TextEncoder().encode(JSON.stringify({ error })) })
    this.reply({ kind: "end", request })
  }

  /** Browsers hide why a request failed; say what can be known from here. */
  private explain(error: unknown): string {
    const { baseUrl } = this.connection
    const reason = error instanceof Error ? error.message : String(error)
    if (location.protocol === "https:" && /^http:\/\/(?!localhost|127\.|\[::1\])/.test(baseUrl)) {
      return `浏览器不允许 https 页面访问 http 地址 ${baseUrl}（${reason}）`
    }
    return `浏览器没能访问 ${new URL(baseUrl).origin}（${reason}）`
  }
}
