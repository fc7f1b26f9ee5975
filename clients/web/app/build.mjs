/**
 * Builds the web client: what the server shows under /app/, every file named by its content.
 *
 *     node build.mjs                 into miss/server/client/dist/, which the wheel carries
 *     node build.mjs --out FOLDER    elsewhere
 *     node build.mjs --gallery DIR   only the development page of the views, into DIR
 *
 * Two runs over the same sources give the same bytes: anybody can build a release again and compare
 * `hashes.json`.  It minifies and bundles, it fetches nothing.
 */

import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

import { firstTogether } from "./build-first.mjs";
import { sodiumApart } from "./build-sodium.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const OUT = process.argv.indexOf("--out") + 1;
const TARGET = path.resolve(OUT ? process.argv[OUT] : path.join(HERE, "../../../miss/server/client/dist"));
/** Beside it until all of it is there: a server that starts meanwhile finds the one before. */
const DIST = `${TARGET}.${process.pid}`;
const COMPRESSIBLE = /\.(js|css|html|svg|json|wasm|webmanifest)$/;
/** What somebody at work needs, as the bundler names it; `shell/fetched.ts` asks for it. */
const LATER = ["later:src/shell/engine.ts", "later:src/shell/views/open.tsx"];
const WASM = "libsodium:libsodium.wasm";
const COMMON = {
  absWorkingDir: HERE,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "safari16.4", "firefox115", "chrome111"],
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

/**
 * Bundle the page's script and its styles.  `made` maps a source to the file that it became, `needs` a file to those
 * that it waits for.
 */
async function bundle(outdir, script) {
  const result = await build({
    ...COMMON,
    entryPoints: [script, "src/styles.css"],
    outdir: path.join(outdir, "assets"),
    outbase: path.join(HERE, "src"),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    splitting: true,
    plugins: [sodiumApart(path.join(HERE, "../core/dist")), firstTogether(HERE, script)],
  });
  const named = (file) => `assets/${path.basename(file)}`;
  const files = Object.entries(result.metafile.outputs);
  const awaited = (imports) => imports.filter(({ kind }) => kind === "import-statement").map((one) => named(one.path));
  return {
    made: new Map(files.map(([file, { entryPoint, inputs }]) => [entryPoint ?? Object.keys(inputs)[0], named(file)])),
    needs: new Map(files.map(([file, { imports }]) => [named(file), awaited(imports)])),
  };
}

/** `file` and every file that it waits for, nearest first. */
function allOf(file, needs, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const next of needs.get(file) ?? []) allOf(next, needs, found);
  return found;
}

/** What the page needs first, asked for at once, and what it needs then, to be asked for in one go. */
function preloads(first, { made, needs }) {
  const link = (file) => `<link rel="modulepreload" href="${file}">`;
  const atOnce = allOf(first, needs);
  const later = new Set(LATER.filter((part) => made.has(part)).flatMap((part) => [...allOf(made.get(part), needs)]));
  const wasm = `<link rel="preload" href="${made.get(WASM)}" as="fetch" crossorigin>`;
  return {
    preloads: [...atOnce].filter((file) => file !== first).map(link).join("\n"),
    later: [...[...later].filter((file) => !atOnce.has(file)).map(link), wasm].join(""),
  };
}

/** The page: a template with the addresses of what it needs. */
async function page(outdir, built, script, template = "index.html") {
  const html = await readFile(path.join(HERE, template), "utf8");
  const first = built.made.get(script);
  const needed = { script: first, styles: built.made.get("src/styles.css"), ...preloads(first, built) };
  const filled = html.replace(/\{\{(\w+)\}\}/g, (_, name) => {
    if (needed[name] === undefined) throw new Error(`nothing was made for ${name}`);
    return needed[name];
  });
  await writeFile(path.join(outdir, "index.html"), filled);
}

/** Every file below `folder`, sorted, with slashes. */
async function filesOf(folder) {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    .sort();
}

async function hashesOf(folder, names) {
  const hashes = {};
  for (const name of names) {
    hashes[name] = createHash("sha256").update(await readFile(path.join(folder, name))).digest("hex");
  }
  return hashes;
}

/** The service worker knows what to keep, and its own version: the digest of all of it. */
async function worker(hashes) {
  const version = createHash("sha256").update(JSON.stringify(hashes)).digest("hex").slice(0, 16);
  await build({
    ...COMMON,
    entryPoints: ["src/worker/service-worker.ts"],
    outfile: path.join(DIST, "service-worker.js"),
    define: { MISS_VERSION: JSON.stringify(version), MISS_FILES: JSON.stringify(Object.keys(hashes)) },
  });
  return version;
}

async function client() {
  await mkdir(path.join(DIST, "assets"), { recursive: true });
  await cp(path.join(HERE, "public"), DIST, { recursive: true });
  const script = "src/shell/start.tsx";
  await page(DIST, await bundle(DIST, script), script);
  const version = await worker(await hashesOf(DIST, await filesOf(DIST)));
  const files = await hashesOf(DIST, await filesOf(DIST));
  await writeFile(path.join(DIST, "hashes.json"), `${JSON.stringify({ version, sha256: files }, null, 1)}\n`);
  let size = 0;
  for (const name of await filesOf(DIST)) {
    const content = await readFile(path.join(DIST, name));
    if (COMPRESSIBLE.test(name)) {
      const small = gzipSync(content, { level: 9 });
      await writeFile(path.join(DIST, `${name}.gz`), small);
      if (/\.(js|css|html|wasm)$/.test(name)) size += small.length;
    }
  }
  await rm(TARGET, { recursive: true, force: true });
  await rename(DIST, TARGET);
  console.log(`web client ${version}: ${Math.round(size / 1000)} kB of scripts, WebAssembly, styles and page, compressed`);
}

async function gallery(outdir) {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  await cp(path.join(HERE, "public"), outdir, { recursive: true });
  const script = "src/gallery/main.tsx";
  await page(outdir, await bundle(outdir, script), script, "src/gallery/index.html");
}

const asked = process.argv.indexOf("--gallery");
if (asked < 0) {
  try {
    await client();
  } finally {
    // Of a build that failed.
    await rm(DIST, { recursive: true, force: true });
  }
} else await gallery(path.resolve(process.argv[asked + 1] ?? path.join(HERE, "dist-gallery")));
