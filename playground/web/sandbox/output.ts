/**
 * Send what the program prints, at once while it prints little, in batches while it floods.
 */
import type { StreamName } from "../protocol.ts"

/** Messages that may be sent without delay; refilled with time. */
const BURST = 60
const REFILL_MS = 16
/** Characters of one run that reach the page; the rest is dropped with a notice. */
const LIMIT = 1_000_000

/**
 * Collects the bytes that Python writes and posts them as text.
 *
 * Timers do not fire while synchronous Python runs, so the decision to hold text back is taken at
 * each write, and {@link flush} is called wherever Python is about to wait.
 */
export class OutputSender {
  private readonly decoders = {
    stdout: new TextDecoder(),
    stderr: new TextDecoder(),
  }
  private pending: { stream: StreamName; text: string }[] = []
  private tokens = BURST
  private refilled = performance.now()
  private sent = 0

  /** @param post - Sends one piece of text to the page */
  constructor(private readonly post: (stream: StreamName, text: string) => void) {}

  /** Begin a new run: the limit starts anew and half a character of the last run is dropped. */
  reset(): void {
    this.pending = []
    this.sent = 0
    this.decoders.stdout = new TextDecoder()
    this.decoders.stderr = new TextDecoder()
  }

  /** Take bytes as Python writes them. */
  write(stream: StreamName, bytes: Uint8Array): void {
    const text = this.decoders[stream].decode(bytes, { stream: true })
    if (text === "") return
    const last = this.pending.at(-1)
    if (last?.stream === stream) last.text += text
    else this.pending.push({ stream, text })
    const now = performance.now()
    this.tokens = Math.min(BURST, this.tokens + (now - this.refilled) / REFILL_MS)
    this.refilled = now
    if (this.tokens >= 1) this.flush()
  }

  /** Send everything that is held back. */
  flush(): void {
    for (const { stream, text } of this.pending) {
      this.tokens -= 1
      if (this.sent > LIMIT) break
      const room = LIMIT - this.sent
      this.sent += text.length
      this.post(stream, text.slice(0, room))
      if (this.sent > LIMIT) {
        this.post("stderr", "\n[输出超过 100 万个字符，后面的不再显示]\n")
      }
    }
    this.pending = []
  }
}
