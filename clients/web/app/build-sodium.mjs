/**
 * What is used of libsodium's package, and its WebAssembly as a file of its own.
 *
 * The package carries the WebAssembly as text in a script, a third larger when compressed and slower to start, and a
 * wrapper for each of 290 functions, of which a dozen are called here.  The WebAssembly's bytes are the package's,
 * unchanged; of its scripts, whole functions and whole lines are left out, nothing is written anew.  The build fails if
 * the package is made in another way than it was.
 */

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

const CARRIED = /(\w+)\?\?=\(A=>\{for\(.{0,400}?return E\}\)\("([A-Za-z0-9+/=]+)"\)/;
const MAGIC = "0061736d";
/** Names of functions, their wrappers in the same order, names of constants. */
const WRAPPED = /for\(var e=(\["crypto_[^\]]+\]),a=\[([\w$,]+)\](?=,_=0;)/;
const CONSTANTS = /var n=(\["SODIUM_[^\]]+\])/;
/** What the wrapper calls of itself, to test itself. */
const CALLS_ITSELF = /\bt\.((?:crypto|randombytes)_\w+)/g;
const CALLS_WASM = /\br\._(\w+)/g;
const EXPORTED = /\bg\._(\w+)=A\.[\w$]+,/g;

function parts(pattern, source, what) {
  const found = pattern.exec(source);
  if (found === null) throw new Error(`libsodium's package has changed (${what}): look at build-sodium.mjs`);
  return found;
}

/** What the scripts in `folder` call of it. */
async function calledIn(folder) {
  const called = new Set();
  for (const name of (await readdir(folder)).filter((one) => one.endsWith(".js"))) {
    const source = await readFile(path.join(folder, name), "utf8");
    if (!/from "libsodium-wrappers-sumo"/.test(source)) continue;
    if (/sodium\[|\} = sodium/.test(source)) throw new Error(`${name}: libsodium's functions are called by their names`);
    for (const [, one] of source.matchAll(/\bsodium\.(\w+)/g)) called.add(one);
  }
  return called;
}

/** `source` without the function `name`, which begins and ends at its level. */
function without(source, name) {
  const start = source.indexOf(`function ${name}(`);
  let depth = 0;
  for (let at = source.indexOf("{", start); at > 0 && at < source.length; at += 1) {
    if (source[at] === "{") depth += 1;
    else if (source[at] === "}") depth -= 1;
    if (depth === 0) return source.slice(0, start) + source.slice(at + 1);
  }
  throw new Error(`libsodium's package has changed (${name}): look at build-sodium.mjs`);
}

/** The wrapper with the functions that are called, and what of the WebAssembly they call. */
function onlyCalled(source, called) {
  const [whole, names, wrappers] = parts(WRAPPED, source, "functions");
  const [, constants] = parts(CONSTANTS, source, "constants");
  const wanted = new Set([...called, ...[...source.matchAll(CALLS_ITSELF)].map(([, name]) => name)]);
  const [all, wrapperOf] = [JSON.parse(names), wrappers.split(",")];
  const kept = all.flatMap((name, at) => (wanted.has(name) ? [[name, wrapperOf[at]]] : []));
  const values = JSON.parse(constants).filter((name) => wanted.has(name));
  const lists = `for(var e=${JSON.stringify(kept.map(([name]) => name))},a=[${kept.map(([, one]) => one)}]`;
  let made = source.replace(whole, () => lists).replace(constants, () => JSON.stringify(values));
  for (const [at, name] of all.entries()) if (!wanted.has(name)) made = without(made, wrapperOf[at]);
  const wasm = [...made.matchAll(CALLS_WASM)].map(([, name]) => name);
  const own = [...kept.map(([name]) => name), ...values.map((name) => name.toLowerCase())];
  return { made, wasm: new Set([...wasm, ...own]) };
}

/** For esbuild; `core`: the folder of the scripts that call libsodium. */
export function sodiumApart(core) {
  let bytes = null;
  let wrapper = null;
  const wrapped = async (file) => onlyCalled(await readFile(file, "utf8"), await calledIn(core));
  return {
    name: "libsodium-apart",
    setup(build) {
      build.onLoad({ filter: /libsodium-wrappers\.mjs$/ }, async ({ path: file }) => {
        wrapper ??= wrapped(file);
        return { contents: (await wrapper).made, loader: "js" };
      });
      build.onLoad({ filter: /libsodium-sumo\.mjs$/ }, async ({ path: file }) => {
        const source = await readFile(file, "utf8");
        const [whole, variable, text] = parts(CARRIED, source, "WebAssembly");
        bytes = Buffer.from(text, "base64");
        if (bytes.subarray(0, 4).toString("hex") !== MAGIC) throw new Error(`${file} carries no WebAssembly`);
        const fetched = `${variable}??=new Uint8Array(await(await fetch(new URL(wasmFile,import.meta.url))).arrayBuffer())`;
        const { wasm } = await wrapper; // whoever imports this one was read before
        const made = source.replace(EXPORTED, (line, name) => (wasm.has(name) ? line : ""));
        return { contents: `import wasmFile from "libsodium.wasm";\n${made.replace(whole, () => fetched)}`, loader: "js" };
      });
      build.onResolve({ filter: /^libsodium\.wasm$/ }, (asked) => ({ path: asked.path, namespace: "libsodium" }));
      build.onLoad({ filter: /.*/, namespace: "libsodium" }, () => ({ contents: bytes, loader: "file" }));
    },
  };
}
