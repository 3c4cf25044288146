/**
 * Say sizes, times and foreign names the way the page says them.
 */

/* ----------------------------------------------------------------------------
 * Data
 * ------------------------------------------------------------------------- */

/** Characters that would break a line or turn the order of a name's letters around. */
const DECEPTIVE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu

const KILOBYTE = 1000
const MEGABYTE = 1_000_000
const SECOND_MS = 1000

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/** A number of bytes, e.g. 「512 字节」「1.2 KB」. */
export function describeSize(bytes: number): string {
  if (bytes < KILOBYTE) return `${bytes} 字节`
  const [unit, size] = bytes < MEGABYTE ? ["KB", bytes / KILOBYTE] : ["MB", bytes / MEGABYTE]
  return `${size.toFixed(size < 100 ? 1 : 0).replace(/\.0$/, "")} ${unit}`
}

/** A span of time in milliseconds, e.g. 「85 ms」「1.20 s」. */
export function describeTime(ms: number): string {
  return ms < SECOND_MS ? `${Math.round(ms)} ms` : `${(ms / SECOND_MS).toFixed(2)} s`
}

/** A foreign name as one line that reads as it is written. */
export function onOneLine(name: string): string {
  return name.replace(DECEPTIVE, "\ufffd")
}
