// What the first screen usually doesn't need: a second script, which is loaded when the window is
// painted.

export { default as CloseDialog } from "./components/CloseDialog.svelte";
export { default as Screens } from "./screens/Screens.svelte";
