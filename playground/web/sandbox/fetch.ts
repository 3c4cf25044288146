/**
 * The `fetch` that the SDK finds in the worker. It has no network of its own: a request goes to the
 * gateway on the page, or to the offline demo in this same worker.
 */
import type { HeaderList, PageMessage, RunTarget, SandboxRequest } from "../protocol.ts"

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** What a transport calls while an answer arrives. */
export interface Exchange {
  /** Whether the answer has begun, so that only a broken body can tell of a failure. */
  readonly started: boolean
  start(status: number, headers: HeaderList): void
  chunk(bytes: Uint8Array): void
  end(): void
  fail(error: Error): void
  /** Resolves when nobody waits for the answer any more; what is reported then is ignored. */
  aborted: Promise<void>
}

/** Carries one request somewhere and reports its answer to `exchange`. */
export type Transport = (request: SandboxRequest, exchange: Exchange) => void

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

let requests = 0

/** Responses with these status codes must not have a body. */
const BODILESS = new Set([204, 205, 304])

async function readRequest(input: RequestInfo | URL, init?: RequestInit): Promise<SandboxRequest> {
  const url = input instanceof Request ? input.url : String(input)
  const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
  const method = init?.method ?? (input instanceof Request ? input.method : "GET")
  const body = init?.body ?? (input instanceof Request ? input.body : null)
  return {
    id: ++requests,
    method: method.toUpperCase(),
    url,
    headers: [...headers],
    body: body === null ? null : new Uint8Array(await new Response(body).arrayBuffer()),
  }
}

function abortError(): DOMException {
  return new DOMException("The operation was aborted.", "AbortError")
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/**
 * Make a `fetch` that sends every request through `transport`.
 *
 * @param transport - Called once for each request
 * @param beforeWait - Called before Python waits, so that its output is seen first
 *
 * @returns A function with the signature of `fetch`; of its options it honours method, headers, body
 * and signal
 */
export function createFetch(transport: Transport, beforeWait: () => void): typeof fetch {
  return async (input, init) => {
    beforeWait()
    const request = await readRequest(input, init)
    const signal = init?.signal ?? null
    if (signal?.aborted) throw abortError()
    return new Promise<Response>((resolve, reject) => {
      let controller: ReadableStreamDefaultController<Uint8Array> | undefined
      let started = false
      let settled = false
      let leave: () => void = () => undefined
      const aborted = new Promise<void>(done => { leave = done })
      const body = new ReadableStream<Uint8Array>({
        start(c) { controller = c },
        cancel() { leave() },
      })
      const settle = (action: () => void): void => {
        if (settled) return
        settled = true
        action()
      }
      signal?.addEventListener("abort", () => {
        leave()
        reject(abortError())
        settle(() => controller?.error(abortError()))
      })
      transport(request, {
        aborted,
        get started() { return started },
        start(status, headers) {
          if (started || settled) return
          started = true
          const empty = BODILESS.has(status)
          const response = new Response(empty ? null : body, { status, headers })
          // httpx2-jsfetch always takes a reader of the body, also where there is none.
          if (empty) Object.defineProperty(response, "body", { value: new Blob().stream() })
          resolve(response)
        },
        chunk: bytes => { if (!settled) controller?.enqueue(bytes) },
        end: () => settle(() => controller?.close()),
        fail: error => {
          reject(error)
          settle(() => controller?.error(error))
        },
      })
    })
  }
}

/**
 * Make the transport that hands requests to the gateway on the page.
 *
 * @param post - Sends a message to the page
 *
 * @returns The transport, and the function that takes the page's answers
 */
export function createGatewayTransport(
  post: (message: { kind: "request"; request: SandboxRequest } | { kind: "abort"; request: number }) => void,
): { transport: Transport; receive: (message: PageMessage) => void } {
  const open = new Map<number, Exchange>()
  return {
    transport(request, exchange) {
      open.set(request.id, exchange)
      void exchange.aborted.then(() => {
        if (open.delete(request.id)) post({ kind: "abort", request: request.id })
      })
      post({ kind: "request", request })
    },
    receive(message) {
      if (!("request" in message)) return
      const exchange = open.get(message.request)
      if (!exchange) return
      switch (message.kind) {
        case "head":
          return exchange.start(message.status, message.headers)
        case "chunk":
          return exchange.chunk(message.bytes)
        case "end":
          open.delete(message.request)
          return exchange.end()
        case "failed":
          open.delete(message.request)
          return exchange.fail(new TypeError(message.message))
      }
    },
  }
}

/**
 * Answer a request that the demo will not take, in the API's own error form.
 *
 * The SDK turns it into an exception at once; a network error it would retry twice.
 */
export function refuse(exchange: Exchange, status: number, code: string, message: string): void {
  const body = JSON.stringify({ error: { message, type: "gateway_error", param: null, code } })
  exchange.start(status, [["content-type", "application/json"], ["x-should-retry", "false"]])
  exchange.chunk(new TextEncoder().encode(body))
  exchange.end()
}

/** Whether `url` lies under the base URL of `target`. */
export function isWithin(url: string, target: RunTarget): boolean {
  return url === target.baseUrl || url.startsWith(`${target.baseUrl}/`)
}
