// Starts the wizard's pages: puts the component `App` into index.html.

import { mount } from "svelte";
import App from "./App.svelte";
import { setCatalogue } from "./i18n";
import * as ipc from "./ipc";
import "./style.css";

setCatalogue(ipc.catalogue());

const target = document.getElementById("app");
if (target) mount(App, { target });
