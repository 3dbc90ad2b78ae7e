import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { InlineConfig } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));
const server = "http://127.0.0.1:3000";

/** The builds of this folder, for whoever builds the web parts in one go. Output: `dist/web/desktop`, served at `/desktop/`. */
export const builds: InlineConfig[] = [
  {
    root,
    base: "/desktop/",
    plugins: [react()],
    build: {
      outDir: fileURLToPath(new URL("../dist/web/desktop", import.meta.url)),
      emptyOutDir: true,
      // Everything stays a file of our own origin, so that a strict content policy needs no `data:`.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 900,
    },
    server: {
      host: "127.0.0.1",
      proxy: { "/api": server, "/socket.io": { target: server, ws: true } },
    },
  },
];

export default builds[0];
