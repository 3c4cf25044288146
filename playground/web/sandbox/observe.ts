/**
 * Tell the page what the offline demo was asked and what it answered. The page sees the requests
 * that pass its gateway by itself; those of the demo never leave the worker.
 */
import { EXCHANGE_LIMITS } from "../protocol.ts"
import type { ExchangeEvent, HeaderList, SandboxRequest } from "../protocol.ts"
import type { Exchange } from "./fetch.ts"

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** An exchange that is being told. */
export interface Observed {
  /** Does what the exchange given does, and tells it. */
  exchange: Exchange
  /** Tell that the request was refused; what the exchange does afterwards is not told. */
  refused(message: string): void
}

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

const { headers: HEADERS, text: TEXT, body: BODY } = EXCHANGE_LIMITS

/** What is longer is no message to the page. */
function clip(headers: HeaderList): HeaderList {
  return headers.slice(0, HEADERS).map(([name, value]) => [name.slice(0, TEXT), value.slice(0, TEXT)])
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/**
 * Watch one exchange.
 *
 * @param request - What was asked
 * @param exchange - Takes the answer
 * @param tell - Sends an event to the page; memory in `transfer` is no longer needed here
 *
 * @returns The exchange to answer to
 */
export function observe(
  request: SandboxRequest,
  exchange: Exchange,
  tell: (event: ExchangeEvent, transfer?: Transferable[]) => void,
): Observed {
  const { id, method, url } = request
  let open = true
  let begun = false
  let room: number = BODY

  /** The event ends what is told. */
  const last = (event: ExchangeEvent): void => {
    if (open) tell(event)
    open = false
  }
  const sent = request.body ?? new Uint8Array()
  // Copies, since posting a view copies all the memory behind it.
  const bytes = sent.slice(0, BODY)
  tell(
    { kind: "request", id, method, url: url.slice(0, TEXT), headers: clip(request.headers), bytes, size: sent.length },
    [bytes.buffer],
  )
  void exchange.aborted.then(() => last({ kind: "aborted", id }))

  return {
    refused: message => last({ kind: "refused", id, message: message.slice(0, TEXT) }),
    exchange: {
      aborted: exchange.aborted,
      get started() { return exchange.started },
      start(status, headers) {
        if (open && !begun) tell({ kind: "head", id, status, headers: clip(headers) })
        begun = true
        exchange.start(status, headers)
      },
      chunk(piece) {
        // First to the program that waits for it.
        const kept = piece.slice(0, room)
        const size = piece.length
        exchange.chunk(piece)
        room -= kept.length
        if (open) tell({ kind: "chunk", id, bytes: kept, size }, [kept.buffer])
      },
      end() {
        exchange.end()
        last({ kind: "end", id })
      },
      fail(error) {
        exchange.fail(error)
        last({ kind: "failed", id, message: error.message.slice(0, TEXT) })
      },
    },
  }
}
