/**
 * libsodium's WebAssembly as a file of its own: the package carries it as text in a script, a third larger when
 * compressed and slower to start.  The bytes are the package's, unchanged.
 */

import { readFile } from "node:fs/promises";

const CARRIED = /(\w+)\?\?=\(A=>\{for\(.{0,400}?return E\}\)\("([A-Za-z0-9+/=]+)"\)/;
const MAGIC = "0061736d";

/** For esbuild.  The build fails if the package no longer carries it so. */
export const sodiumApart = {
  name: "libsodium-apart",
  setup(build) {
    let bytes = null;
    build.onLoad({ filter: /libsodium-sumo\.mjs$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const [whole, variable, text] = CARRIED.exec(source) ?? [];
      bytes = Buffer.from(text ?? "", "base64");
      if (!whole || bytes.subarray(0, 4).toString("hex") !== MAGIC) {
        throw new Error(`${path} carries its WebAssembly in another way: look at build-sodium.mjs`);
      }
      const fetched = `${variable}??=new Uint8Array(await(await fetch(new URL(wasmFile,import.meta.url))).arrayBuffer())`;
      return { contents: `import wasmFile from "libsodium.wasm";\n${source.replace(whole, () => fetched)}`, loader: "js" };
    });
    build.onResolve({ filter: /^libsodium\.wasm$/ }, ({ path }) => ({ path, namespace: "libsodium" }));
    build.onLoad({ filter: /.*/, namespace: "libsodium" }, () => ({ contents: bytes, loader: "file" }));
  },
};
