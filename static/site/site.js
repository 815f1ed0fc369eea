import Alpine from "@alpinejs/csp";

import { endless } from "./endless.js";
import { continueWatching, markWatched } from "./resume.js";
import { search } from "./search.js";

Alpine.data("search", search);
Alpine.start();

const results = document.querySelector("[data-results]");
const begun = document.querySelector("[data-continue]");
if (results) endless(results);
if (begun) continueWatching(begun);
markWatched();
addEventListener("vlog:cards", () => markWatched());
