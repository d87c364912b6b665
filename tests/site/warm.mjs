// Runs in Node: starts the page's own Python, with its packages, and has it run warm.py.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [site, work, script, options] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${site}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: `${site}/`, ...JSON.parse(options) });
python.mountNodeFS("/work", work);
await python.runPythonAsync(readFileSync(script, "utf8"));
process.exit();
