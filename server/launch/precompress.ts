import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

// Smaller ones fit one packet anyway. Pages are left out: the server may write into them.
const leastBytes = 1_200;
const compressible = /\.(?:js|css|svg)$/u;

/** Writes `.br` and `.gz` beside every script and style in `folder`, once at build time instead of at every request. */
export const precompress = (folder: string): void => {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const file = join(folder, name);
    if (!compressible.test(name) || statSync(file).size < leastBytes) continue;
    const content = readFileSync(file);
    writeFileSync(`${file}.br`, brotliCompressSync(content));
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  }
};
