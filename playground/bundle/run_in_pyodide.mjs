// Run a Python file on the interpreter of the sandbox: Pyodide, here under Node.
//   node run_in_pyodide.mjs PYODIDE_FOLDER SCRIPT TOOLS WORK
// TOOLS (a site-packages folder) is readable at /tools, WORK is writable at /work.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodideFolder, script, tools, work] = process.argv.slice(2);
// Node would print the 1 MB source line that an uncaught error of Pyodide points at.
process.on("uncaughtException", error => {
  console.error(error.message);
  process.exit(1);
});
const { loadPyodide } = await import(pathToFileURL(join(pyodideFolder, "pyodide.mjs")));
// The lock of the release without its packages: none is loaded, but its ABI is checked.
const lock = JSON.parse(await readFile(join(pyodideFolder, "pyodide-lock.json"), "utf8"));
const pyodide = await loadPyodide({ lockFileContents: { ...lock, packages: {} }, packageBaseUrl: "file:///" });
for (const [path, root] of [["/tools", tools], ["/work", work]]) {
  pyodide.FS.mkdirTree(path);
  pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root }, path);
}
await pyodide.runPythonAsync(await readFile(script, "utf8"), { filename: script });
