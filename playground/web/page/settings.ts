/**
 * Where requests go and with which key. Held in the page's memory; kept in sessionStorage only when
 * the reader asks for it, which ends with the tab.
 */
import { DEMO, findProvider } from "./providers.ts"
import type { Provider } from "./providers.ts"

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** What the reader has chosen. */
export interface Settings {
  provider: string
  /** As typed; only read for a provider without a fixed Base URL. */
  baseUrl: string
  key: string
  /** Replaces `model` in requests when not empty. */
  model: string
  remember: boolean
}

/** Settings that were checked and can be used for requests. */
export interface Connection {
  provider: Provider
  /** Absolute URL without a trailing slash. */
  baseUrl: string
  key: string
  model: string
}

/** A setting that cannot be used. */
export interface Problem {
  field: "baseUrl" | "key"
  message: string
}

/* ----------------------------------------------------------------------------
 * Data
 * ------------------------------------------------------------------------- */

const STORAGE_KEY = "playground.settings"
const INITIAL: Settings = { provider: DEMO, baseUrl: "", key: "", model: "", remember: false }

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

function readStored(): Settings {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "null")
    if (typeof stored !== "object" || stored === null) return { ...INITIAL }
    const merged = { ...INITIAL, ...stored, remember: true } as Record<string, unknown>
    for (const name of ["provider", "baseUrl", "key", "model"] as const) {
      if (typeof merged[name] !== "string") merged[name] = INITIAL[name]
    }
    return merged as unknown as Settings
  } catch {
    // Storage may be blocked, or hold something that is not ours.
    return { ...INITIAL }
  }
}

function store(settings: Settings): void {
  try {
    if (settings.remember) {
      const { provider, baseUrl, key, model } = settings
      sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ provider, baseUrl, key, model }))
    } else {
      sessionStorage.removeItem(STORAGE_KEY)
    }
  } catch {
    // A blocked storage only means that nothing is remembered.
  }
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

let current = readStored()
const listeners = new Set<(settings: Settings) => void>()

/** The settings as they are now. */
export function getSettings(): Readonly<Settings> {
  return current
}

/**
 * Change settings.
 *
 * @param change - The fields to change
 */
export function updateSettings(change: Partial<Settings>): void {
  current = { ...current, ...change }
  store(current)
  for (const listener of listeners) listener(current)
}

/** Forget the key, in memory and in storage, and stop remembering. */
export function clearKey(): void {
  updateSettings({ key: "", remember: false })
}

/**
 * Call `listener` now and after every change.
 *
 * @param listener - Receives the settings
 *
 * @returns A function that ends it
 */
export function watchSettings(listener: (settings: Settings) => void): () => void {
  listeners.add(listener)
  listener(current)
  return () => listeners.delete(listener)
}

/**
 * Bring a typed Base URL into the form the SDK uses.
 *
 * @param typed - What the reader typed
 *
 * @returns The URL without a trailing slash, or what is wrong with it
 */
export function normaliseBaseUrl(typed: string): { url: string } | { message: string } {
  const text = typed.trim()
  if (text === "") return { message: "请填写 Base URL，例如 https://api.deepseek.com/v1" }
  if (!/^https?:\/\//i.test(text)) {
    return { message: "Base URL 要以 https:// 或 http:// 开头，例如 https://api.deepseek.com/v1" }
  }
  // Browsers turn a blank in the host into %20 and look for that.
  if (!URL.canParse(text) || /\s/.test(text)) return { message: "Base URL 不是有效的网址，请检查有没有多余的字符" }
  const url = new URL(text)
  if (url.username || url.password) return { message: "Base URL 里不能带用户名和密码" }
  if (url.search || url.hash) return { message: "Base URL 里不能带 ? 或 # 后面的部分" }
  const path = url.pathname.replace(/\/+$/, "")
  const endpoint = /\/(chat\/completions|completions|responses|embeddings|models)$/.exec(path)
  if (endpoint) {
    return { message: `Base URL 只填到 ${url.origin}${path.slice(0, endpoint.index)}，接口路径由 SDK 补上` }
  }
  return { url: url.origin + path }
}

/**
 * Check settings before a run.
 *
 * @param settings - The settings to check
 *
 * @returns What to connect to, or the problem to show
 */
export function resolveConnection(settings: Settings): Connection | Problem {
  const provider = findProvider(settings.provider)
  const base = provider.base_url === null ? normaliseBaseUrl(settings.baseUrl) : { url: provider.base_url }
  if ("message" in base) return { field: "baseUrl", message: base.message }
  const key = settings.key.trim()
  if (provider.key !== "none" && !/^[\x21-\x7e]*$/.test(key)) {
    return { field: "key", message: "API Key 里有空格、中文或换行，请重新复制一次" }
  }
  return { provider, baseUrl: base.url, key, model: settings.model.trim() }
}

