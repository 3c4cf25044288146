/**
 * Wires everything to the page. Material's instant navigation replaces the page's content without
 * loading it anew: `document$` emits for each, and what the last one mounted is taken down.
 */
import "./main.css"
import { mountPlayground } from "./playground.ts"
import { mountSnippet } from "./snippet.ts"

declare global {
  interface Window {
    document$?: { subscribe(listener: () => void): void }
  }
}

let teardowns: (() => void)[] = []

function mountAll(): void {
  for (const teardown of teardowns) teardown()
  teardowns = []
  for (const element of document.querySelectorAll<HTMLElement>(".oa-playground")) {
    teardowns.push(mountPlayground(element))
  }
  for (const element of document.querySelectorAll<HTMLElement>(".oa-snippet:not(.oa-playground *)")) {
    teardowns.push(mountSnippet(element))
  }
}

if (window.document$) window.document$.subscribe(mountAll)
else mountAll()
