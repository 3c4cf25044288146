/**
 * One sandbox: an iframe with an origin of its own and no network, and the worker in it.
 */
import { parseWorkerMessage } from "../protocol.ts"
import type { PageMessage, Runtime, WorkerMessage } from "../protocol.ts"
import { h } from "./dom.ts"

/* ----------------------------------------------------------------------------
 * Data
 * ------------------------------------------------------------------------- */

/**
 * Nothing may be loaded or connected to; scripts run from text that the page hands over. `blob:` is
 * how the worker and Pyodide's modules start, the eval sources are what WebAssembly and Pyodide need.
 */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:; worker-src blob:"

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/** Runs code in isolation; made once, used for many runs, thrown away to stop one. */
export class Sandbox {
  /** Resolves with the SDK's version when Python is ready, rejects when it cannot start. */
  readonly ready: Promise<string>

  private readonly frame: HTMLIFrameElement
  private readonly channel = new MessageChannel()
  private readonly cleanup = new AbortController()
  private fail: (error: Error) => void = () => undefined

  /**
   * @param runtime - The bytes that it starts from
   * @param receive - Takes every message of the worker that has the right form
   */
  constructor(runtime: Runtime, receive: (message: WorkerMessage) => void) {
    const script = FRAME_SOURCE.replaceAll("</script", "<\\/script")
    this.frame = h("iframe", { sandbox: "allow-scripts", hidden: true, title: "沙箱", "aria-hidden": "true" })
    this.frame.srcdoc =
      `<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY}">` +
      `<body><script>${script}</script></body>`
    this.ready = new Promise((resolve, reject) => {
      this.fail = reject
      this.channel.port1.onmessage = ({ data }: MessageEvent<unknown>) => {
        const message = parseWorkerMessage(data)
        if (!message) return
        if (message.kind === "ready") resolve(message.version)
        if (message.kind === "crashed") reject(new Error(message.message))
        receive(message)
      }
      addEventListener("message", event => {
        if (event.source !== this.frame.contentWindow) return
        const kind = (event.data as { kind?: unknown } | null)?.kind
        if (kind === "frame-ready") {
          const boot: PageMessage = { kind: "boot", runtime }
          this.frame.contentWindow?.postMessage(boot, "*", [this.channel.port2])
        } else if (kind === "crashed") {
          reject(new Error("Worker 启动失败"))
        }
      }, { signal: this.cleanup.signal })
    })
    // A sandbox that is thrown away before it is ready is no error.
    this.ready.catch(() => undefined)
    document.body.append(this.frame)
  }

  /** Send a message to the worker. */
  send(message: PageMessage): void {
    this.channel.port1.postMessage(message)
  }

  /** End the worker at once, whatever it is doing. */
  terminate(): void {
    this.frame.contentWindow?.postMessage({ kind: "terminate" }, "*")
    this.channel.port1.close()
    this.cleanup.abort()
    this.fail(new Error("terminated"))
    this.frame.remove()
  }
}
