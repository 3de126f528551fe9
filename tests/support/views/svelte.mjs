// A list of events by Svelte: what is compiled of `board.svelte`.

import { mount } from "svelte";
import Board from "./board.svelte.js";

mount(Board, { target: document.getElementById("app") });
