/**
 * The script of the sandbox's iframe. Its only job is to start the worker (a page cannot start one
 * with an opaque origin itself), to pass it the page's port, and to end it on request.
 */

declare const WORKER_SOURCE: string

const source = URL.createObjectURL(new Blob([WORKER_SOURCE], { type: "text/javascript" }))
const worker = new Worker(source)

addEventListener("message", event => {
  // Only the page that made this frame may speak to it; code in the worker has no window.
  if (event.source !== parent) return
  const [port] = event.ports
  if (port) worker.postMessage(event.data, [port])
  else worker.terminate()
})

worker.addEventListener("error", event => {
  parent.postMessage({ kind: "crashed", message: event.message }, "*")
})

parent.postMessage({ kind: "frame-ready" }, "*")
