/**
 * What went over the wire in the last run: each request and what came back, within limits.
 */
import { EXCHANGE_LIMITS } from "../protocol.ts"
import type { ExchangeEvent, HeaderList } from "../protocol.ts"
import { concealHeaders, concealing } from "./conceal.ts"
import type { ExchangeSource } from "./runner.ts"
import type { Connection } from "./settings.ts"

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** A request or an answer; keys are left out of its headers. */
export interface Message {
  headers: HeaderList
  /** Bytes of the body, as they were sent. */
  size: number
  /** Bytes of it that were kept. */
  kept: number
  /** The beginning of the body, in the pieces that it came in. */
  pieces: Piece[]
}

/** A part of a body. */
export interface Piece {
  bytes: Uint8Array
  /** When it came, in ms since the request. */
  at: number
}

/** One request and what became of it. */
export interface Exchange {
  source: ExchangeSource
  method: string
  url: string
  /** When it was sent, on the clock of `performance.now()`. */
  started: number
  /** Base URL of the run that the request belongs to. */
  baseUrl: string
  request: Message
  response: (Message & { status: number }) | undefined
  /** `open` while more may come, otherwise how it ended. */
  state: "open" | "done" | "failed" | "refused" | "aborted"
  /** Why it failed or was refused. */
  reason: string
  /** How long it took, in ms; unknown while it is open. */
  duration: number | undefined
  /** Leaves the key of the run out of a text. */
  conceal(text: string): string
}

/** Takes down the exchanges of one run. */
export interface Recording {
  record(source: ExchangeSource, event: ExchangeEvent): void
  /** The run is over: what is still open was aborted. */
  end(): void
}

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

/** With this, a stream of the API says that it is complete; the SDK does not wait for more. */
const DONE = /data: ?\[DONE\]\s*$/
/** Pieces at the end of a stream in which it is looked for. */
const DONE_REACH = 4

function saysItIsComplete({ response }: Exchange): boolean {
  const decoder = new TextDecoder()
  const last = response?.pieces.slice(-DONE_REACH).map(({ bytes }) => decoder.decode(bytes, { stream: true }))
  return DONE.test(last?.join("") ?? "")
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/** The exchanges of the last run. */
export class ExchangeLog {
  /** Oldest first. */
  readonly exchanges: Exchange[] = []
  /** How many older ones gave way to them. */
  omitted = 0

  private kept = 0
  private open = new Map<string, Exchange>()
  private current: Recording | undefined
  private readonly listeners = new Set<(changed?: Exchange) => void>()

  /**
   * Call `listener` after every change.
   *
   * @param listener - Receives the exchange that changed, if only one did
   *
   * @returns A function that ends it
   */
  watch(listener: (changed?: Exchange) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Forget everything; the recording that is under way records no more. */
  clear(): void {
    this.current = undefined
    this.open.clear()
    this.exchanges.length = 0
    this.omitted = 0
    this.kept = 0
    this.tell()
  }

  /**
   * Begin a new run.
   *
   * @param connection - Where its requests may go
   *
   * @returns Takes down its exchanges, until the next run begins
   */
  begin(connection: Connection): Recording {
    this.clear()
    const conceal = concealing(connection.key)
    const recording: Recording = {
      record: (source, event) => {
        if (this.current !== recording) return
        const name = `${source} ${event.id}`
        if (event.kind === "request") {
          const exchange = this.add(source, event, connection.baseUrl, conceal)
          // A forged id may be in use already: that exchange is told no further.
          if (this.exchanges.includes(exchange)) this.open.set(name, exchange)
          this.tell(exchange)
          return
        }
        const exchange = this.open.get(name)
        if (!exchange) return
        this.apply(exchange, event)
        if (exchange.state !== "open") this.open.delete(name)
        this.tell(exchange)
      },
      end: () => {
        if (this.current !== recording) return
        for (const exchange of this.exchanges) {
          if (exchange.state !== "open") continue
          this.close(exchange, "aborted")
          this.tell(exchange)
        }
        this.open.clear()
      },
    }
    this.current = recording
    return recording
  }

  private tell(changed?: Exchange): void {
    for (const listener of this.listeners) listener(changed)
  }

  private add(
    source: ExchangeSource,
    event: ExchangeEvent & { kind: "request" },
    baseUrl: string,
    conceal: (text: string) => string,
  ): Exchange {
    const exchange: Exchange = {
      source,
      method: event.method,
      url: conceal(event.url).slice(0, EXCHANGE_LIMITS.text),
      started: performance.now(),
      baseUrl,
      request: { headers: this.readHeaders(event.headers, conceal), size: 0, kept: 0, pieces: [] },
      response: undefined,
      state: "open",
      reason: "",
      duration: undefined,
      conceal,
    }
    this.exchanges.push(exchange)
    this.keep(exchange.request, event, 0)
    return exchange
  }

  private apply(exchange: Exchange, event: Exclude<ExchangeEvent, { kind: "request" }>): void {
    switch (event.kind) {
      case "head":
        exchange.response ??= {
          status: event.status, headers: this.readHeaders(event.headers, exchange.conceal), size: 0, kept: 0, pieces: [],
        }
        break
      case "chunk":
        if (exchange.response) this.keep(exchange.response, event, performance.now() - exchange.started)
        break
      case "end":
        this.close(exchange, "done")
        break
      case "failed":
      case "refused":
        exchange.reason = exchange.conceal(event.message)
        this.close(exchange, event.kind)
        break
      case "aborted":
        this.close(exchange, "aborted")
    }
  }

  private close(exchange: Exchange, state: Exchange["state"]): void {
    exchange.state = state === "aborted" && saysItIsComplete(exchange) ? "done" : state
    exchange.duration = performance.now() - exchange.started
  }

  private readHeaders(headers: HeaderList, conceal: (text: string) => string): HeaderList {
    return concealHeaders(headers.slice(0, EXCHANGE_LIMITS.headers))
      .map(([name, value]) => [name.slice(0, EXCHANGE_LIMITS.text), conceal(value).slice(0, EXCHANGE_LIMITS.text)])
  }

  /** Keep what there is room for; older exchanges make room, the newest always stays. */
  private keep(message: Message, { bytes, size }: { bytes: Uint8Array; size: number }, at: number): void {
    message.size += size
    const room = message.pieces.length < EXCHANGE_LIMITS.pieces ? EXCHANGE_LIMITS.body - message.kept : 0
    if (bytes.length > 0 && room > 0) {
      // A copy: the view may stand in a larger buffer.
      const piece = bytes.slice(0, room)
      message.pieces.push({ bytes: piece, at })
      message.kept += piece.length
      this.kept += piece.length
    }
    while (
      this.exchanges.length > EXCHANGE_LIMITS.exchanges ||
      (this.kept > EXCHANGE_LIMITS.total && this.exchanges.length > 1)
    ) {
      const oldest = this.exchanges.shift()
      this.kept -= (oldest?.request.kept ?? 0) + (oldest?.response?.kept ?? 0)
      this.omitted += 1
      for (const [name, exchange] of this.open) if (exchange === oldest) this.open.delete(name)
    }
  }
}
