/**
 * Keeps what the first screen needs together: without it, each module that a later part uses too becomes a file of its
 * own, and a telephone asks for eight small ones, one round trip after another.
 *
 * Every part that is imported later (`import()`) is given out with the entry as something it needs, which it does: the
 * entry runs already.  The bundler then sees one set of users for all of the entry, and makes one file of it.
 */

import path from "node:path";

const LATER = "later";

/** For esbuild; `entry` is relative to `folder`, as are the names of the parts, so that no machine's paths get in. */
export function firstTogether(folder, entry) {
  return {
    name: "first-together",
    setup(build) {
      build.onResolve({ filter: /.*/ }, async ({ path: wanted, kind, importer, resolveDir, pluginData }) => {
        if (kind !== "dynamic-import" || pluginData === LATER) return undefined;
        const found = await build.resolve(wanted, { kind, importer, resolveDir, pluginData: LATER });
        if (found.errors.length > 0 || found.external) return found;
        return { path: path.relative(folder, found.path).split(path.sep).join("/"), namespace: LATER };
      });
      build.onLoad({ filter: /.*/, namespace: LATER }, ({ path: part }) => ({
        contents: `import ${JSON.stringify(`./${entry}`)};\nexport * from ${JSON.stringify(`./${part}`)};\n`,
        resolveDir: folder,
      }));
    },
  };
}
