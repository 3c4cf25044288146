/**
 * What of a file may be shown, decided from its name and its bytes alone: the sandbox, which the
 * file comes from, is not asked. A preview never becomes active content on the page's origin.
 */

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** How a file is shown; `none` says why not, where a reader would expect it. */
export type Preview =
  | { kind: "image" | "audio"; type: string }
  | { kind: "svg"; text: string }
  | { kind: "text"; text: string }
  | { kind: "none"; reason: string }

interface Format {
  extensions: readonly string[]
  name: string
  kind: "image" | "audio"
  /** The only type that a file of this format is ever given. */
  type: string
  /** Whether bytes begin as this format does. */
  matches(bytes: Uint8Array): boolean
}

/* ----------------------------------------------------------------------------
 * Data
 * ------------------------------------------------------------------------- */

/** Text files that can be read in the page, if they are no larger than {@link TEXT_LIMIT}. */
const TEXT_EXTENSIONS = ["txt", "md", "csv", "json", "jsonl", "srt", "vtt", "py"]

/** Bytes of a text file that is shown. */
const TEXT_LIMIT = 20_000
/** Bytes of an SVG file that is shown: unlike other images, it goes into the page's own tree. */
const SVG_LIMIT = 2_000_000
/** Bytes in which the root element of an SVG file is looked for. */
const SVG_HEAD = 4096

const FORMATS: readonly Format[] = [
  {
    extensions: ["png"], name: "PNG", kind: "image", type: "image/png",
    matches: bytes => has(bytes, "\x89PNG\r\n\x1a\n"),
  },
  {
    extensions: ["jpg", "jpeg"], name: "JPEG", kind: "image", type: "image/jpeg",
    matches: bytes => has(bytes, "\xff\xd8\xff"),
  },
  {
    extensions: ["webp"], name: "WebP", kind: "image", type: "image/webp",
    matches: bytes => has(bytes, "RIFF") && has(bytes, "WEBP", 8),
  },
  {
    extensions: ["gif"], name: "GIF", kind: "image", type: "image/gif",
    matches: bytes => has(bytes, "GIF87a") || has(bytes, "GIF89a"),
  },
  {
    extensions: ["mp3"], name: "MP3", kind: "audio", type: "audio/mpeg",
    matches: bytes => has(bytes, "ID3") || isMpegFrame(bytes, 0b01),
  },
  {
    extensions: ["wav"], name: "WAV", kind: "audio", type: "audio/wav",
    matches: bytes => has(bytes, "RIFF") && has(bytes, "WAVE", 8),
  },
  {
    extensions: ["ogg", "oga", "opus"], name: "Ogg", kind: "audio", type: "audio/ogg",
    matches: bytes => has(bytes, "OggS"),
  },
  {
    extensions: ["flac"], name: "FLAC", kind: "audio", type: "audio/flac",
    matches: bytes => has(bytes, "fLaC"),
  },
  {
    extensions: ["aac"], name: "AAC", kind: "audio", type: "audio/aac",
    matches: bytes => has(bytes, "ID3") || isMpegFrame(bytes, 0b00),
  },
]

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

/** Whether the bytes from `at` on are the characters of `mark`. */
function has(bytes: Uint8Array, mark: string, at = 0): boolean {
  return bytes.length >= at + mark.length && [...mark].every((c, index) => bytes[at + index] === c.charCodeAt(0))
}

/** Whether an MPEG audio frame begins: eleven set bits, the version, then the layer (0 is ADTS, 1 MP3). */
function isMpegFrame(bytes: Uint8Array, layer: number): boolean {
  const [first = 0, second = 0] = bytes
  const synchronised = first === 0xff && (second & 0xe0) === 0xe0
  return synchronised && (second >> 1 & 0b11) === layer
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function extensionOf(name: string): string {
  const last = name.slice(name.lastIndexOf("/") + 1)
  return last.includes(".") ? last.slice(last.lastIndexOf(".") + 1).toLowerCase() : ""
}

function previewSvg(bytes: Uint8Array): Preview {
  if (bytes.length > SVG_LIMIT) return { kind: "none", reason: "大于 2 MB 的 SVG 不在页面里显示。" }
  const text = decode(bytes)
  const head = text?.slice(0, SVG_HEAD).trimStart() ?? ""
  if (text === null || !head.startsWith("<") || !/<svg[\s>]/.test(head)) {
    return { kind: "none", reason: "内容不是 SVG，所以没有显示。" }
  }
  return { kind: "svg", text }
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/**
 * Decide how a file is shown. Extension and content must agree; everything else, HTML above all,
 * can only be downloaded.
 *
 * @param name - Its name
 * @param bytes - Its content
 *
 * @returns The preview, where `reason` is empty for a file that nobody expects to see
 */
export function previewOf(name: string, bytes: Uint8Array): Preview {
  const extension = extensionOf(name)
  if (extension === "svg") return previewSvg(bytes)
  const format = FORMATS.find(({ extensions }) => extensions.includes(extension))
  if (format) {
    if (format.matches(bytes)) return { kind: format.kind, type: format.type }
    return { kind: "none", reason: `内容不是 ${format.name}，所以没有显示。` }
  }
  if (TEXT_EXTENSIONS.includes(extension) && bytes.length > 0 && bytes.length <= TEXT_LIMIT) {
    const text = decode(bytes)
    if (text !== null && !text.includes("\0")) return { kind: "text", text }
  }
  return { kind: "none", reason: "" }
}
