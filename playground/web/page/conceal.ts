/**
 * Keep keys out of what the page shows and copies.
 */
import type { HeaderList } from "../protocol.ts"

/** Stands where a key is left out. */
export const CONCEALED = "…（不显示）"

/** Headers that carry a key, at OpenAI and at compatible services. */
const SECRET_HEADERS = new Set(["authorization", "proxy-authorization", "api-key", "x-api-key", "cookie"])

/** Characters from which on a key is taken for one; shorter ones are words such as `ollama`. */
const KEY_LENGTH = 12

/** Whether a header's value is concealed. */
export function isSecret(name: string): boolean {
  return SECRET_HEADERS.has(name.toLowerCase())
}

/** The headers as they may be shown, with keys left out. */
export function concealHeaders(headers: HeaderList): HeaderList {
  return headers.map(([name, value]) => {
    if (!isSecret(name)) return [name, value]
    return [name, /^bearer /i.test(value) ? `Bearer sk-${CONCEALED}` : CONCEALED]
  })
}

/**
 * Make the function that leaves the reader's key out of any text: a server may repeat it.
 *
 * @param key - The key, or an empty string
 *
 * @returns A function that returns its argument without the key
 */
export function concealing(key: string): (text: string) => string {
  if (key.length < KEY_LENGTH) return text => text
  // JSON may spell a slash with a backslash before it.
  const spellings = new Set([key, key.replaceAll("/", "\\/")])
  return text => [...spellings].reduce((rest, spelling) => rest.replaceAll(spelling, CONCEALED), text)
}
