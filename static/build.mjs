// Builds the front end into dist/: hashed names, a manifest, precompressed copies.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import * as esbuild from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");
const scratch = join(dist, ".scratch");
// Pages that will surely want what their scripts load later.
const WITH_PLAYER = ["watch.js", "embed.js"];
const files = {};
const preload = {};

rmSync(dist, { recursive: true, force: true });
mkdirSync(scratch, { recursive: true });

function emit(name, bytes) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const dot = name.lastIndexOf(".");
  const hashed = `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
  writeFileSync(join(dist, hashed), bytes);
  files[name] = hashed;
}

function buildStyles() {
  const cli = join(root, "node_modules", "@tailwindcss", "cli", "dist", "index.mjs");
  for (const [name, source] of [
    ["site.css", "site/site.css"],
    ["admin.css", "admin/admin.css"],
  ]) {
    const output = join(scratch, name);
    execFileSync(process.execPath, [cli, "-i", join(root, source), "-o", output, "--minify"], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
    });
    emit(name, readFileSync(output));
  }
}

async function buildScripts() {
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { site: "site/site.js", watch: "site/watch.js", embed: "site/embed.js", admin: "admin/admin.js" },
    outdir: "dist",
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["es2022"],
    minify: true,
    legalComments: "none",
    metafile: true,
    publicPath: "/assets/",
    loader: { ".worker.js": "file" },
    entryNames: "[name]-[hash]",
    chunkNames: "chunk-[hash]",
    assetNames: "[name]-[hash]",
    logLevel: "warning",
  });
  for (const [path, output] of Object.entries(result.metafile.outputs)) {
    if (!output.entryPoint) continue;
    const entry = basename(output.entryPoint);
    if (!["site.js", "watch.js", "embed.js", "admin.js"].includes(entry)) continue;
    files[entry] = basename(path);
    preload[entry] = chunksOf(result.metafile.outputs, path, WITH_PLAYER.includes(entry));
  }
}

// What a page will ask for anyway, so that the browser need not find out chunk by chunk.
function chunksOf(outputs, path, withLazy, seen = new Set()) {
  for (const { path: imported, kind } of outputs[path].imports) {
    const wanted = kind === "import-statement" || (withLazy && kind === "dynamic-import");
    if (!wanted || !outputs[imported] || seen.has(basename(imported))) continue;
    seen.add(basename(imported));
    chunksOf(outputs, imported, withLazy, seen);
  }
  return [...seen];
}

function copyPictures() {
  for (const name of readdirSync(join(root, "shared", "pictures"))) {
    emit(name, readFileSync(join(root, "shared", "pictures", name)));
  }
}

function precompress() {
  for (const name of readdirSync(dist)) {
    if (!/\.(js|css|svg)$/.test(name)) continue;
    const bytes = readFileSync(join(dist, name));
    const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
    writeFileSync(join(dist, `${name}.br`), brotliCompressSync(bytes, brotli));
    writeFileSync(join(dist, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  }
}

buildStyles();
await buildScripts();
copyPictures();
rmSync(scratch, { recursive: true, force: true });
precompress();
writeFileSync(join(dist, "manifest.json"), `${JSON.stringify({ files, preload }, null, 2)}\n`);
