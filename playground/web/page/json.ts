/**
 * Lay out JSON for reading. Numbers stay as they were written, which parsing would not keep, and
 * JSON that breaks off is laid out as far as it goes.
 */

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** A piece of text and the class of its colour; `note`: words of the page, not of the JSON. */
export interface Token {
  text: string
  kind: "propertyName" | "string" | "number" | "bool" | "punctuation" | "note" | "space"
}

/* ----------------------------------------------------------------------------
 * Data
 * ------------------------------------------------------------------------- */

/** Characters from which on encoded bytes are told in words. */
const BASE64_LENGTH = 200
/** Characters of them that are shown all the same. */
const BASE64_HEAD = 16
const BASE64 = /^(?:data:[\w/+.;=-]+,)?[A-Za-z0-9+/_=-]+$/
/** The same within a text; without the signs that lines are drawn with. */
const BASE64_RUN = new RegExp(`[A-Za-z0-9+/]{${BASE64_LENGTH},}={0,2}`, "g")

const INDENT = "  "

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

/** Index after the string that begins at `from`, or the end of a text that breaks off in it. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1
    else if (text[at] === '"') return at + 1
  }
  return text.length
}

/** Cut JSON into its strings, its other values and its punctuation. */
function scan(text: string): string[] {
  const tokens: string[] = []
  const word = /[^\s"{}[\]:,]+/y
  for (let at = 0; at < text.length;) {
    const character = text.charAt(at)
    if (/\s/.test(character)) {
      at += 1
      continue
    }
    word.lastIndex = at
    const token = character === '"' ? text.slice(at, endOfString(text, at)) : word.exec(text)?.[0] ?? character
    tokens.push(token)
    at += token.length
  }
  return tokens
}

/** The string as it reads best, and what is said in place of a part that nobody reads. */
function tokensOfString(raw: string, kind: Token["kind"], conceal: (text: string) => string): Token[] {
  let content: string
  try {
    content = conceal(JSON.parse(raw) as string)
  } catch {
    content = conceal(raw.slice(1)) // breaks off
  }
  const note = describeBase64(content)
  if (note !== null) {
    return [{ text: `"${content.slice(0, BASE64_HEAD)}…"`, kind }, { text: note, kind: "note" }]
  }
  const written = JSON.stringify(content)
  return [{ text: raw.endsWith('"') ? written : written.slice(0, -1), kind }]
}

function kindOf(token: string): Token["kind"] {
  if (/^[-\d]/.test(token)) return "number"
  return /^[a-z]/.test(token) ? "bool" : "punctuation"
}

/** Whether the array that begins at `from` holds nothing but numbers. */
function isRowOfNumbers(tokens: string[], from: number): boolean {
  for (let at = from + 1; at < tokens.length; at += 1) {
    const token = tokens[at] ?? ""
    if (token === "]") return true
    if (token !== "," && kindOf(token) !== "number") return false
  }
  return false
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/**
 * Say in words what a text that is encoded bytes amounts to.
 *
 * @param text - Any text
 *
 * @returns The words, or null for a text that is short or no base64
 */
export function describeBase64(text: string): string | null {
  if (text.length < BASE64_LENGTH || !BASE64.test(text)) return null
  return `（base64，共 ${text.length.toLocaleString("en")} 个字符，不全部显示）`
}

/** Tell the encoded bytes in a text in words, and leave the rest of it as it is. */
export function layOutText(text: string): Token[] {
  const tokens: Token[] = []
  let end = 0
  for (const { 0: run, index } of text.matchAll(BASE64_RUN)) {
    tokens.push(
      { text: text.slice(end, index + BASE64_HEAD), kind: "space" },
      { text: `…${describeBase64(run) ?? ""}`, kind: "note" },
    )
    end = index + run.length
  }
  tokens.push({ text: text.slice(end), kind: "space" })
  return tokens
}

/** Whether a text is JSON; of one that was cut only the beginning can be judged. */
export function isJson(text: string, cut: boolean): boolean {
  if (cut) return /^\s*[{[]/.test(text)
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * Lay out JSON with one value on a line; rows of numbers share one.
 *
 * @param text - JSON, which may break off
 * @param conceal - Applied to what strings hold
 *
 * @returns The pieces of the text in their order
 */
export function layOutJson(text: string, conceal: (text: string) => string): Token[] {
  const tokens = scan(text)
  const out: Token[] = []
  let depth = 0
  let row = false
  const put = (token: string, kind: Token["kind"]): void => { out.push({ text: token, kind }) }
  const newLine = (): void => put(`\n${INDENT.repeat(depth)}`, "space")
  tokens.forEach((token, index) => {
    const next = tokens[index + 1]
    switch (token) {
      case "{":
      case "[":
        put(token, "punctuation")
        depth += 1
        row = token === "[" && isRowOfNumbers(tokens, index)
        if (!row && next !== "}" && next !== "]") newLine()
        break
      case "}":
      case "]":
        depth = Math.max(0, depth - 1)
        if (!row && tokens[index - 1] !== "{" && tokens[index - 1] !== "[") newLine()
        row = false
        put(token, "punctuation")
        break
      case ",":
        put(token, "punctuation")
        if (row) put(" ", "space")
        else newLine()
        break
      case ":":
        put(": ", "punctuation")
        break
      default:
        if (token.startsWith('"')) out.push(...tokensOfString(token, next === ":" ? "propertyName" : "string", conceal))
        else put(token, kindOf(token))
    }
  })
  return out
}
