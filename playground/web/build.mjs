// node build.mjs OUT MANIFEST: bundle the page's scripts and styles into the folder OUT.
// MANIFEST is the hashed name of the runtime's manifest, which lies next to the scripts.
import { readFile } from "node:fs/promises"
import { build } from "esbuild"
import { parse } from "yaml"

const [out, manifest] = process.argv.slice(2)
const shared = { bundle: true, minify: true, target: "es2022", charset: "utf8", logLevel: "warning" }

/** YAML data files, imported as their content. */
const yaml = {
  name: "yaml",
  setup({ onLoad }) {
    onLoad({ filter: /\.yml$/ }, async ({ path }) => ({
      contents: JSON.stringify(parse(await readFile(path, "utf8"))),
      loader: "json",
    }))
  },
}

async function bundleToText(entry, define = {}) {
  const result = await build({ ...shared, entryPoints: [entry], format: "iife", write: false, define })
  return result.outputFiles[0].text
}

// The sandbox gets its scripts as text: it has no network to load them from.
const worker = await bundleToText("sandbox/worker.ts")
const frame = await bundleToText("sandbox/frame.ts", { WORKER_SOURCE: JSON.stringify(worker) })

await build({
  ...shared,
  entryPoints: { main: "page/main.ts" },
  outdir: out,
  format: "esm",
  splitting: true,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  define: {
    FRAME_SOURCE: JSON.stringify(frame),
    MANIFEST: JSON.stringify(manifest),
  },
  plugins: [yaml],
})
