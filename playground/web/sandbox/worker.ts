/**
 * The worker in the sandbox: starts Pyodide from the bytes the page handed over, runs code, and
 * routes what the SDK fetches.
 */
import type { PyodideAPI } from "pyodide"
import type { PyCallable } from "pyodide/ffi"

import { ARTIFACT_LIMITS } from "../protocol.ts"
import type { Artifact, Omitted, PageMessage, Runtime, RunOutcome, RunTarget, WorkerMessage } from "../protocol.ts"
import { createFetch, createGatewayTransport, isWithin, refuse } from "./fetch.ts"
import type { Transport } from "./fetch.ts"
import { observe } from "./observe.ts"
import { OutputSender } from "./output.ts"

/* ----------------------------------------------------------------------------
 * Data
 * ------------------------------------------------------------------------- */

/** Where Pyodide believes its files are; {@link bootFetch} serves them. */
const INDEX_URL = "https://runtime.invalid/"
const ARCHIVE = "/lib/packages.zip"

const scope = self as unknown as {
  fetch: typeof fetch
  importScripts: unknown
  addEventListener(type: "message", listener: (event: MessageEvent) => void, options?: { once: boolean }): void
}

let port: MessagePort
let run = 0
let target: RunTarget | undefined
let python: { run_code: PyCallable } | undefined
let demo: PyCallable | undefined
let pyodide: PyodideAPI

const post = (message: WorkerMessage, transfer: Transferable[] = []): void =>
  port.postMessage(message, transfer)
const output = new OutputSender((stream, text) => post({ kind: "output", run, stream, text }))
const gateway = createGatewayTransport(post)

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

/** Import a module whose bytes we hold. */
async function importModule<T>(source: Blob): Promise<T> {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }))
  try {
    return (await import(url)) as T
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** A `fetch` for Pyodide's own files while it starts. */
function bootFetch(runtime: Runtime): typeof fetch {
  return async input => {
    const name = String(input).slice(INDEX_URL.length) as keyof Runtime["files"]
    const file = runtime.files[name]
    if (!file) throw new TypeError(`no such runtime file: ${String(input)}`)
    const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream"
    return new Response(file, { headers: { "content-type": type } })
  }
}

async function bytesOf(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer())
}

/** Send a request to the demo app, importing it on first use. */
const demoTransport: Transport = (request, exchange) => {
  const of = run
  const observed = target?.inspected
    ? observe(request, exchange, (event, transfer) => post({ kind: "exchange", run: of, event }, transfer))
    : { exchange, refused: () => undefined }
  if (!target || !isWithin(request.url, target)) {
    const host = URL.canParse(request.url) ? new URL(request.url).origin : request.url
    const message =
      `当前是离线演示，不连接网络，而代码要访问 ${host}。删掉代码里的 base_url，` +
      "或者在调试台把「服务商」换成要访问的那一家。"
    observed.refused(message)
    return refuse(exchange, 403, "gateway_refused", message)
  }
  demo ??= pyodide.pyimport("playground.runtime.demo_transport.handle") as PyCallable
  const body = request.body ?? new Uint8Array()
  const answered = demo(request.method, request.url, request.headers, body, observed.exchange) as Promise<void>
  answered.then(() => observed.exchange.end(), (error: unknown) => {
    if (exchange.started) observed.exchange.fail(error as Error)
    else refuse(observed.exchange, 500, "demo_failed", `离线演示自己出错了：${String(error)}`)
  })
}

async function boot(runtime: Runtime): Promise<string> {
  // Pyodide refuses classic workers, which it recognises by importScripts; a module worker cannot
  // start in an opaque origin. Nothing here needs importScripts.
  scope.importScripts = () => { throw new TypeError("importScripts is not available in the sandbox") }
  scope.fetch = bootFetch(runtime)
  const [{ loadPyodide }, { default: createPyodideModule }, archive, natives] = await Promise.all([
    importModule<typeof import("pyodide")>(runtime.files["pyodide.mjs"]),
    importModule<{ default: unknown }>(runtime.files["pyodide.asm.mjs"]),
    bytesOf(runtime.files["packages.zip"]),
    bytesOf(runtime.files["packages.natives"]),
  ])
  pyodide = await loadPyodide({
    indexURL: INDEX_URL,
    packageBaseUrl: INDEX_URL,
    lockFileContents: { info: runtime.lock, packages: {} },
    createPyodideModule,
    fsInit: async (fs: typeof pyodide.FS, { sitePackages }: { sitePackages: string }) => {
      fs.writeFile(ARCHIVE, archive, { canOwn: true })
      for (const { path, offset, size } of runtime.natives) {
        const file = `${sitePackages}/${path}`
        fs.mkdirTree(file.slice(0, file.lastIndexOf("/")))
        fs.writeFile(file, natives.subarray(offset, offset + size))
      }
    },
    env: { PYTHONPATH: ARCHIVE },
  } as unknown as Parameters<typeof loadPyodide>[0])
  for (const stream of ["stdout", "stderr"] as const) {
    const write = (bytes: Uint8Array): number => {
      output.write(stream, bytes)
      return bytes.length
    }
    if (stream === "stdout") pyodide.setStdout({ write })
    else pyodide.setStderr({ write })
  }
  const main = pyodide.pyimport("playground.runtime.main") as unknown as {
    boot: () => string
    run_code: PyCallable
  }
  const version = main.boot()
  python = main
  scope.fetch = createFetch(
    (request, exchange) =>
      target?.transport === "demo" ? demoTransport(request, exchange) : gateway.transport(request, exchange),
    () => output.flush(),
  )
  return version
}

/** Send the files that the run wrote; their bytes move to the page without a copy. */
function share(files: [name: string, bytes: Artifact["bytes"]][], omitted: string): void {
  const artifacts = files.map(([name, bytes]): Artifact => ({ name, bytes }))
  post(
    { kind: "artifacts", run, artifacts, omitted: JSON.parse(omitted) as Omitted },
    artifacts.map(({ bytes }) => bytes.buffer),
  )
}

async function runCode(code: string, next: RunTarget): Promise<RunOutcome> {
  target = next
  output.reset()
  const settings = JSON.stringify({ variables: next.variables, limits: ARTIFACT_LIMITS })
  const outcome = (await python?.run_code(code, settings, () => output.flush(), share)) as string
  return JSON.parse(outcome) as RunOutcome
}

async function receive(message: PageMessage): Promise<void> {
  switch (message.kind) {
    case "boot":
      return post({ kind: "ready", version: await boot(message.runtime) })
    case "run":
      run = message.run
      return post({ kind: "finished", run, outcome: await runCode(message.code, message.target) })
    default:
      gateway.receive(message)
  }
}

/* ----------------------------------------------------------------------------
 * Program
 * ------------------------------------------------------------------------- */

scope.addEventListener("message", event => {
  const [first] = event.ports
  if (!first) return
  port = first
  const handle = (message: PageMessage): void => {
    receive(message).catch((error: unknown) => {
      output.flush()
      post({ kind: "crashed", message: error instanceof Error ? error.message : String(error) })
    })
  }
  port.onmessage = ({ data }: MessageEvent<PageMessage>) => handle(data)
  handle(event.data as PageMessage)
}, { once: true })
