import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// Builds the pages in the pseudo-locale, as one script that a test loads into the real window
// instead of the shipped pages: `vite build --config tests/pseudo/vite.config.ts --outDir …`.
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  plugins: [svelte()],
  resolve: { alias: { "@fluent/bundle": fileURLToPath(new URL("bundle.ts", import.meta.url)) } },
  build: {
    target: ["safari16", "chrome110"],
    emptyOutDir: true,
    lib: {
      entry: fileURLToPath(new URL("../../src/main.ts", import.meta.url)),
      formats: ["iife"],
      name: "pseudo",
      fileName: () => "pages.js",
    },
  },
});
