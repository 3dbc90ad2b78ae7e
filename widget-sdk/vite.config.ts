import { fileURLToPath } from "node:url";
import type { InlineConfig, Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const relativeImport = /import\((["'`])\.\//gu;

/**
 * Makes the loader a classic script, as a plain `<script async>` loads it: in a function of its own, so that it leaves no
 * name on the customer's page, and with its dynamic import made absolute, since such a script from another site has no
 * address that a relative import could start from: the loader finds that address and sets `__parley.base`.
 */
const classicScript: Plugin = {
  name: "parley-classic-script",
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== "chunk" || !chunk.isEntry) continue;
      if (chunk.imports.length > 0) this.error(`The loader imports ${chunk.imports.join(", ")}: it must stand alone.`);
      const code = chunk.code.replaceAll(relativeImport, "import(__parley.base+$1");
      if (code === chunk.code) this.error("The loader imports no app.");
      chunk.code = `(()=>{const __parley={};${code}})();\n`;
    }
  },
};

/**
 * A namespace object is made with a `for … in`, which finds what a page has put on `Object.prototype`, and breaks on it:
 * socket.io-client uses the only one, and two names of it.
 */
const plainNamespace: Plugin = {
  name: "parley-plain-namespace",
  transform(code, id) {
    if (!id.includes("/socket.io-client/build/esm/manager.js")) return undefined;
    const found = 'import * as parser from "socket.io-parser";';
    if (!code.includes(found)) this.error("socket.io-client imports its parser in another way than before.");
    return code.replace(
      found,
      'import { Decoder, Encoder } from "socket.io-parser"; const parser = { Decoder, Encoder };',
    );
  },
};

const builtins = here("app/builtins.ts");

/**
 * `dist/web/widget.js` and the app beside it in `widget/`. Earlier chunks are left where they are: a loader that a browser
 * has kept for some minutes still finds its own.
 */
const widget: InlineConfig = {
  root: here("."),
  configFile: false,
  mode: "production",
  plugins: [classicScript, plainNamespace],
  oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
  build: {
    outDir: here("../dist/web"),
    emptyOutDir: false,
    target: "es2022",
    // A library build: it adds no preload helper, which would resolve chunks against the customer's site.
    lib: { entry: here("loader/index.ts"), formats: ["es"], fileName: () => "widget.js" },
    rolldownOptions: {
      // Its libraries included, the app takes these from one place instead of from whatever the page made of them.
      transform: {
        inject: Object.fromEntries(
          ["Array", "Date", "JSON", "Map", "Math", "Number", "Object", "Promise", "Set", "String"].map((name) => [
            name,
            [builtins, name],
          ]),
        ),
      },
      output: {
        chunkFileNames: "widget/[name]-[hash].js",
        assetFileNames: "widget/[name]-[hash][extname]",
        // In a library build white space stays otherwise.
        minify: true,
      },
    },
  },
};

/** The made-up shop at `/demo`. */
const demo: InlineConfig = {
  root: here("."),
  configFile: false,
  mode: "production",
  build: {
    outDir: here("../dist/web"),
    emptyOutDir: false,
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { demo: here("demo/index.html") },
      output: { entryFileNames: "demo/[name]-[hash].js", assetFileNames: "demo/[name]-[hash][extname]" },
    },
  },
};

/** Built one after the other, by Vite's JavaScript API. */
export const builds: InlineConfig[] = [widget, demo];

export default widget;
