import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The system's web view is the only browser: WebKitGTK 2.40, Safari 16 and WebView2 or newer.
export default defineConfig({
  plugins: [svelte()],
  base: "./",
  clearScreen: false,
  build: {
    target: ["safari16", "chrome110"],
    assetsInlineLimit: 0,
    modulePreload: false,
    // One file of 16 kB: a second one would have to be awaited with the second script.
    cssCodeSplit: false,
    emptyOutDir: true,
  },
});
