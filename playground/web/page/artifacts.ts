/**
 * The list 「文件」 under the output: what a run wrote, to see, to hear and to download.
 */
import { ARTIFACT_LIMITS, OMISSIONS } from "../protocol.ts"
import type { Artifact, Omitted } from "../protocol.ts"
import { h, uniqueId } from "./dom.ts"
import { describeSize, onOneLine } from "./format.ts"
import { previewOf } from "./preview.ts"

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** A mounted list of files. */
export interface ArtifactList {
  element: HTMLElement
  /** Show what a run wrote, in place of what is shown. */
  show(artifacts: Artifact[], omitted: Omitted): void
  /** Remove everything and free the memory behind it. */
  clear(): void
}

/* ----------------------------------------------------------------------------
 * Data
 * ------------------------------------------------------------------------- */

/** A type that no browser shows, so that a link to the file can only download it. */
const DOWNLOAD_TYPE = "application/octet-stream"

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

function describeOmission(reason: (typeof OMISSIONS)[number], count: number, more: boolean): string {
  const { files, size, total } = ARTIFACT_LIMITS
  const why = {
    files: `太多，一次运行最多显示 ${files} 个`,
    size: `太大，每个文件最多 ${describeSize(size)}`,
    total: `加起来太大，一次运行最多 ${describeSize(total)}`,
    unreadable: "读不出来",
  }[reason]
  return `${more ? "还有" : "有"} ${count} 个文件没有显示：${why}。`
}

function renderNote(text: string): HTMLElement {
  return h("p", { class: "pg-artifact__note" }, text)
}

function renderImage(name: string, source: string, kind: "image" | "svg", size: HTMLElement): HTMLElement {
  const image = h("img", { class: `pg-artifact__image pg-artifact__image--${kind}`, alt: name, decoding: "sync" })
  // An SVG has no size in pixels; browsers make one up.
  if (kind === "image") {
    image.addEventListener("load", () => {
      size.append(` · ${image.naturalWidth} × ${image.naturalHeight}`)
    })
  }
  image.addEventListener("error", () => image.replaceWith(renderNote("图片打不开，文件可能不完整。")))
  image.src = source
  return image
}

function renderAudio(name: string, source: string): HTMLElement {
  const audio = h("audio", { class: "pg-artifact__audio", controls: true, preload: "metadata", "aria-label": name })
  audio.addEventListener("error", () => audio.replaceWith(renderNote("这个浏览器播放不了，请下载后播放。")))
  audio.src = source
  return audio
}

function renderText(name: string, text: string): HTMLElement {
  return h("details", { class: "pg-fold" },
    h("summary", {}, "查看内容"),
    h("pre", { tabindex: "0", role: "group", "aria-label": `${name} 的内容` }, text))
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

/**
 * Make a list of files; it stays hidden until there is something to show.
 *
 * @returns The list
 */
export function mountArtifacts(): ArtifactList {
  const id = uniqueId("pg-artifacts")
  const list = h("ul", { class: "pg-artifacts__list", role: "list", "aria-labelledby": id })
  const omissions = h("div", { class: "pg-artifacts__omitted" })
  const element = h("div", { class: "pg-artifacts", hidden: true },
    h("h4", { class: "pg-artifacts__title", id }, "文件"), list, omissions)

  let urls: string[] = []
  const urlOf = (blob: Blob): string => {
    const url = URL.createObjectURL(blob)
    urls.push(url)
    return url
  }

  const render = ({ name: given, bytes }: Artifact): HTMLElement => {
    const name = onOneLine(given)
    const file = new Blob([bytes], { type: DOWNLOAD_TYPE })
    const size = h("span", { class: "pg-artifact__size" }, describeSize(bytes.length))
    const head = h("div", { class: "pg-artifact__head" },
      h("bdi", { class: "pg-artifact__name" }, name),
      size,
      h("a", {
        class: "pg-button pg-artifact__download", href: urlOf(file),
        download: name.slice(name.lastIndexOf("/") + 1), "aria-label": `下载 ${name}`,
      }, "下载"))
    const item = h("li", { class: "pg-artifact" }, head)
    const preview = previewOf(name, bytes)
    switch (preview.kind) {
      case "image":
        item.append(renderImage(name, urlOf(file.slice(0, file.size, preview.type)), "image", size))
        break
      case "svg":
        // A blob: URL would have the page's origin, and a script in the file would run in it when
        // the image is opened in a tab of its own. A data: URL has none.
        item.append(renderImage(name, `data:image/svg+xml,${encodeURIComponent(preview.text)}`, "svg", size))
        break
      case "audio":
        item.append(renderAudio(name, urlOf(file.slice(0, file.size, preview.type))))
        break
      case "text":
        item.append(renderText(name, preview.text))
        break
      case "none":
        if (preview.reason !== "") item.append(renderNote(preview.reason))
    }
    return item
  }

  const clear = (): void => {
    element.hidden = true
    list.replaceChildren()
    omissions.replaceChildren()
    for (const url of urls) URL.revokeObjectURL(url)
    urls = []
  }

  return {
    element,
    clear,
    show(artifacts, omitted) {
      clear()
      list.append(...artifacts.map(render))
      list.hidden = artifacts.length === 0
      for (const reason of OMISSIONS) {
        const count = omitted[reason]
        if (count !== undefined) {
          omissions.append(h("p", {}, describeOmission(reason, count, artifacts.length > 0)))
        }
      }
      element.hidden = artifacts.length === 0 && !omissions.hasChildNodes()
    },
  }
}
