// Builds the tablet's sync client, as pages carry it, into one file: node client.mjs <folder of the web pages> <target>
import { createRequire } from "node:module";
import { dirname, basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [web, target] = process.argv.slice(2);
const require = createRequire(`${web}/package.json`);
const { build } = await import(pathToFileURL(require.resolve("vite")));

await build({
  configFile: false,
  root: web,
  logLevel: "error",
  define: { __APP_VERSION__: '"bench"', "process.env.NODE_ENV": '"production"', global: "globalThis" },
  build: {
    outDir: dirname(target),
    emptyOutDir: false,
    minify: false,
    lib: { entry: fileURLToPath(new URL("client.ts", import.meta.url)), formats: ["iife"], name: "tablet", fileName: () => basename(target) },
  },
});
