// Starts the wizard's pages: puts the component `App` into index.html.

import { mount } from "svelte";
import App from "./App.svelte";
import "./style.css";

const target = document.getElementById("app");
if (target) mount(App, { target });
