/**
 * What the page and the worker in the sandbox say to each other: one tagged union for each
 * direction, discriminated by `kind`. The page trusts nothing that comes from the worker, since
 * the code in it can forge any message: every one goes through {@link parseWorkerMessage}.
 */

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** Names of the runtime's files, as the manifest lists them. */
export const RUNTIME_FILES = [
  "pyodide.mjs",
  "pyodide.asm.mjs",
  "pyodide.asm.wasm",
  "python_stdlib.zip",
  "packages.zip",
  "packages.natives",
] as const

export type RuntimeFileName = (typeof RUNTIME_FILES)[number]

/** A slice of `packages.natives` and the path under site-packages that it is written to. */
export interface NativeFile {
  path: string
  offset: number
  size: number
}

/** Everything a sandbox needs to start, handed over as bytes since it has no network. */
export interface Runtime {
  files: Record<RuntimeFileName, Blob>
  natives: NativeFile[]
  /** `info` of Pyodide's lock file, which it checks its ABI against. */
  lock: Record<string, string>
}

/** Where a run sends its requests. */
export interface RunTarget {
  /** `demo`: the demo app inside the sandbox; `remote`: the gateway on the page. */
  transport: "demo" | "remote"
  /** Base URL of the API, without a trailing slash. */
  baseUrl: string
  /** Environment variables of the run. */
  variables: Record<string, string>
  /** Whether the page shows the run's exchanges, so that the worker has to tell those of the demo. */
  inspected: boolean
}

/** A header list in the order of the wire. */
export type HeaderList = [name: string, value: string][]

/** One HTTP request, as the SDK handed it to `fetch`. */
export interface SandboxRequest {
  id: number
  method: string
  url: string
  headers: HeaderList
  body: Uint8Array | null
}

/**
 * How much of a run's exchanges is kept to be looked at: exchanges; bytes of one body and of them
 * all; pieces that one answer may arrive in; headers of one message; characters of a header, an
 * address or a reason.
 */
export const EXCHANGE_LIMITS = {
  exchanges: 50, body: 2_000_000, total: 16_000_000, pieces: 10_000, headers: 100, text: 8192,
} as const

/**
 * What happened to a request, in the order in which it happened. `bytes` may be the beginning of
 * what was exchanged, `size` counts all of it. `refused`: it was not sent at all.
 */
export type ExchangeEvent =
  | { kind: "request"; id: number; method: string; url: string; headers: HeaderList; bytes: Uint8Array; size: number }
  | { kind: "head"; id: number; status: number; headers: HeaderList }
  | { kind: "chunk"; id: number; bytes: Uint8Array; size: number }
  | { kind: "end"; id: number }
  | { kind: "failed"; id: number; message: string }
  | { kind: "refused"; id: number; message: string }
  | { kind: "aborted"; id: number }

/** A line of the reader's own code that an exception passed through. */
export interface FailureLine {
  number: number
  text: string
}

/** An exception, told for a reader. Written by `playground/runtime/failure.py`. */
export interface Failure {
  type: string
  message: string
  lines: FailureLine[]
  explanation: { title: string; cause: string; fixes: string[] } | null
  traceback: string
}

/** How a run ended. Written by `playground/runtime/run.py`. */
export type RunOutcome = { status: "ok" } | { status: "error"; failure: Failure }

export type StreamName = "stdout" | "stderr"

/** How much of what a run wrote reaches the page: files, bytes of one file, bytes of them all. */
export const ARTIFACT_LIMITS = { files: 20, size: 16_000_000, total: 32_000_000 } as const

/** A file that a run wrote into its working directory. */
export interface Artifact {
  /** Path relative to the working directory; any text, and nothing but text. */
  name: string
  bytes: Uint8Array<ArrayBuffer>
}

/**
 * Why files were left out: the limit of {@link ARTIFACT_LIMITS} that was reached, or a file that
 * could not be read. Written by `playground/runtime/artifacts.py`.
 */
export const OMISSIONS = ["files", "size", "total", "unreadable"] as const

/** Number of files that were left out, by reason. */
export type Omitted = Partial<Record<(typeof OMISSIONS)[number], number>>

/** Page → worker. */
export type PageMessage =
  | { kind: "boot"; runtime: Runtime }
  | { kind: "run"; run: number; code: string; target: RunTarget }
  | { kind: "head"; request: number; status: number; headers: HeaderList }
  | { kind: "chunk"; request: number; bytes: Uint8Array }
  | { kind: "end"; request: number }
  | { kind: "failed"; request: number; message: string }

/** Worker → page. */
export type WorkerMessage =
  | { kind: "ready"; version: string }
  | { kind: "crashed"; message: string }
  | { kind: "output"; run: number; stream: StreamName; text: string }
  | { kind: "request"; request: SandboxRequest }
  | { kind: "abort"; request: number }
  | { kind: "exchange"; run: number; event: ExchangeEvent }
  | { kind: "artifacts"; run: number; artifacts: Artifact[]; omitted: Omitted }
  | { kind: "finished"; run: number; outcome: RunOutcome }

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

type Fields = Record<string, unknown>

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function isString(value: unknown): value is string {
  return typeof value === "string"
}

function isArrayOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  // A copy, since every() passes over the holes of an array.
  return Array.isArray(value) && Array.from<unknown>(value).every(isItem)
}

function isHeader(value: unknown): value is [name: string, value: string] {
  return isArrayOf(value, isString) && value.length === 2
}

function isFailureLine(value: unknown): value is FailureLine {
  return isFields(value) && typeof value["number"] === "number" && typeof value["text"] === "string"
}

function isFailure(value: unknown): value is Failure {
  if (!isFields(value)) return false
  const { type, message, lines, explanation, traceback } = value
  const explained =
    explanation === null ||
    (isFields(explanation) &&
      typeof explanation["title"] === "string" &&
      typeof explanation["cause"] === "string" &&
      isArrayOf(explanation["fixes"], isString))
  return (
    typeof type === "string" &&
    typeof message === "string" &&
    typeof traceback === "string" &&
    isArrayOf(lines, isFailureLine) &&
    explained
  )
}

function isOutcome(value: unknown): value is RunOutcome {
  if (!isFields(value)) return false
  return value["status"] === "ok" || (value["status"] === "error" && isFailure(value["failure"]))
}

/** What `fetch` accepts as a method, as {@link SandboxRequest} spells it. */
const METHOD = /^[A-Z]{3,7}$/

function isRequest(value: unknown): value is SandboxRequest {
  return (
    isFields(value) &&
    typeof value["id"] === "number" &&
    typeof value["method"] === "string" &&
    METHOD.test(value["method"]) &&
    typeof value["url"] === "string" &&
    isArrayOf(value["headers"], isHeader) &&
    (value["body"] === null || value["body"] instanceof Uint8Array)
  )
}

/** Longest path that the sandbox's file system knows. */
const PATH_MAX = 4096

/** Whether memory is the receiver's own and as large as it seems: not shared, not resizable. */
function isOwnMemory({ buffer }: Uint8Array): boolean {
  return buffer instanceof ArrayBuffer && !("resizable" in buffer && buffer.resizable)
}

function isArtifact(value: unknown): value is Artifact {
  if (!isFields(value)) return false
  const { name, bytes } = value
  return (
    typeof name === "string" &&
    name !== "" &&
    name.length <= PATH_MAX &&
    bytes instanceof Uint8Array &&
    // Memory that the worker could still change, or that changes its size, is no file.
    isOwnMemory(bytes) &&
    bytes.byteLength <= ARTIFACT_LIMITS.size
  )
}

function isArtifacts(value: unknown): value is Artifact[] {
  return (
    isArrayOf(value, isArtifact) &&
    value.length <= ARTIFACT_LIMITS.files &&
    value.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) <= ARTIFACT_LIMITS.total
  )
}

function isOmitted(value: unknown): value is Omitted {
  return (
    isFields(value) &&
    Object.entries(value).every(
      ([reason, count]) =>
        (OMISSIONS as readonly string[]).includes(reason) && Number.isSafeInteger(count) && Number(count) > 0,
    )
  )
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isShortText(value: unknown): value is string {
  return typeof value === "string" && value.length <= EXCHANGE_LIMITS.text
}

function isHeaders(value: unknown): value is HeaderList {
  return (
    isArrayOf(value, isHeader) &&
    value.length <= EXCHANGE_LIMITS.headers &&
    value.every(([name, content]) => isShortText(name) && isShortText(content))
  )
}

function isBody({ bytes, size }: Fields): boolean {
  return (
    bytes instanceof Uint8Array &&
    isOwnMemory(bytes) &&
    // A small view may stand in a large buffer, which would be kept with it.
    bytes.buffer.byteLength <= EXCHANGE_LIMITS.body &&
    isCount(size) &&
    size >= bytes.byteLength
  )
}

function isExchangeEvent(value: unknown): value is ExchangeEvent {
  if (!isFields(value) || !isCount(value["id"])) return false
  const { method, url, headers, status, message } = value
  switch (value["kind"]) {
    case "request":
      return typeof method === "string" && METHOD.test(method) && isShortText(url) && isHeaders(headers) && isBody(value)
    case "head":
      return isCount(status) && status >= 100 && status <= 599 && isHeaders(headers)
    case "chunk":
      return isBody(value)
    case "failed":
    case "refused":
      return isShortText(message)
    case "end":
    case "aborted":
      return true
    default:
      return false
  }
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/**
 * Check a message that claims to come from the worker.
 *
 * @param data - The `data` of a message event
 *
 * @returns The message, or null when its form is not one of {@link WorkerMessage}
 */
export function parseWorkerMessage(data: unknown): WorkerMessage | null {
  if (!isFields(data)) return null
  switch (data["kind"]) {
    case "ready":
      return typeof data["version"] === "string" ? (data as unknown as WorkerMessage) : null
    case "crashed":
      return typeof data["message"] === "string" ? (data as unknown as WorkerMessage) : null
    case "output":
      return typeof data["run"] === "number" &&
        typeof data["text"] === "string" &&
        (data["stream"] === "stdout" || data["stream"] === "stderr")
        ? (data as unknown as WorkerMessage)
        : null
    case "request":
      return isRequest(data["request"]) ? (data as unknown as WorkerMessage) : null
    case "abort":
      return typeof data["request"] === "number" ? (data as unknown as WorkerMessage) : null
    case "exchange":
      return typeof data["run"] === "number" && isExchangeEvent(data["event"])
        ? (data as unknown as WorkerMessage)
        : null
    case "artifacts":
      return typeof data["run"] === "number" &&
        isArtifacts(data["artifacts"]) &&
        isOmitted(data["omitted"])
        ? (data as unknown as WorkerMessage)
        : null
    case "finished":
      return typeof data["run"] === "number" && isOutcome(data["outcome"])
        ? (data as unknown as WorkerMessage)
        : null
    default:
      return null
  }
}
