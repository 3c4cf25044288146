/**
 * Download the runtime once, check every file against the manifest, and keep it for the sandboxes
 * of this page.
 */
import { RUNTIME_FILES } from "../protocol.ts"
import type { NativeFile, Runtime, RuntimeFileName } from "../protocol.ts"

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** Written by `playground/bundle/build.py`. */
interface Manifest {
  pyodide: string
  lock: Record<string, string>
  files: Record<RuntimeFileName, ManifestFile>
  natives: NativeFile[]
}

interface ManifestFile {
  path: string
  size: number
  transfer: number
  sha256: string
  content_sha256: string
  gzip: boolean
}

/** Bytes received so far and in all. */
export interface Progress {
  received: number
  total: number
}

/** A runtime file could not be had; the message is for the reader. */
export class RuntimeError extends Error {}

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

const base = new URL(".", import.meta.url)

async function request(path: string, cache: RequestCache): Promise<Response> {
  let response: Response
  try {
    response = await fetch(new URL(path, base), { cache })
  } catch (error) {
    throw new RuntimeError("运行环境下载失败，请检查网络后再按一次「运行」。已下载的部分不用重来。", { cause: error })
  }
  if (!response.ok) {
    throw new RuntimeError(
      `运行环境下载失败：服务器对 ${path} 返回 ${response.status}。网站可能刚更新，请刷新页面再试。`,
    )
  }
  return response
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
  return [...digest].map(byte => byte.toString(16).padStart(2, "0")).join("")
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

async function unpack(file: ManifestFile, bytes: Uint8Array<ArrayBuffer>): Promise<Blob | null> {
  // A server that marks the file as gzip-encoded makes the browser unpack it before we see it.
  const packed = file.gzip && isGzip(bytes)
  const wanted = packed || !file.gzip ? file.sha256 : file.content_sha256
  // Browsers offer subtle crypto to https and localhost only; elsewhere the length must do.
  const intact = crypto.subtle
    ? (await sha256(bytes.buffer)) === wanted
    : bytes.length === (packed || !file.gzip ? file.transfer : file.size)
  if (!intact) return null
  const blob = new Blob([bytes])
  if (!packed) return blob
  return new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).blob()
}

async function download(
  file: ManifestFile,
  cache: RequestCache,
  advance: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await request(file.path, cache)
  const chunks: Uint8Array<ArrayBuffer>[] = []
  const reader = response.body?.getReader()
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done) break
      chunks.push(value)
      advance(value.length)
    }
  } catch (error) {
    throw new RuntimeError("运行环境下载中断，请检查网络后再按一次「运行」。", { cause: error })
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}

async function fetchFile(file: ManifestFile, advance: (bytes: number) => void): Promise<Blob> {
  let received = 0
  const count = (bytes: number): void => {
    received += bytes
    advance(bytes)
  }
  // Names carry the content's hash, so a cached copy is right unless it is damaged.
  for (const cache of ["force-cache", "reload"] as const) {
    const blob = await unpack(file, await download(file, cache, count))
    if (blob) return blob
    advance(-received)
    received = 0
  }
  throw new RuntimeError(`运行环境的文件 ${file.path} 校验不符，可能在传输中损坏。请刷新页面再试。`)
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

let loaded: Promise<Runtime> | undefined
const watchers = new Set<(progress: Progress) => void>()
let progress: Progress = { received: 0, total: 0 }

function report(change: Partial<Progress>): void {
  progress = { ...progress, ...change }
  for (const watcher of watchers) watcher(progress)
}

async function load(): Promise<Runtime> {
  const manifest = (await (await request(MANIFEST, "force-cache")).json()) as Manifest
  const total = RUNTIME_FILES.reduce((sum, name) => sum + manifest.files[name].transfer, 0)
  report({ received: 0, total })
  const blobs = await Promise.all(
    RUNTIME_FILES.map(name =>
      fetchFile(manifest.files[name], bytes => report({ received: progress.received + bytes })),
    ),
  )
  const files = Object.fromEntries(RUNTIME_FILES.map((name, index) => [name, blobs[index]]))
  return {
    files: files as Record<RuntimeFileName, Blob>,
    natives: manifest.natives,
    lock: manifest.lock,
  }
}

/**
 * Get the runtime, downloading it on the first call.
 *
 * @param watch - Called with the progress while the download lasts
 *
 * @returns The runtime
 *
 * @throws RuntimeError - A file could not be fetched or is damaged; the next call tries again
 */
export async function loadRuntime(watch: (progress: Progress) => void): Promise<Runtime> {
  loaded ??= load()
  watchers.add(watch)
  try {
    return await loaded
  } catch (error) {
    loaded = undefined
    throw error
  } finally {
    watchers.delete(watch)
  }
}
