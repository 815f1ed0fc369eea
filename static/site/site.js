import Alpine from "@alpinejs/csp";

import { followAbsence } from "./absence.js";
import { continueWatching } from "./continue_watching.js";
import { endless } from "./endless.js";
import { previewCards } from "./hover_preview.js";
import { search } from "./search.js";
import { showWatchedBars } from "./watched_bars.js";

Alpine.data("search", search);
Alpine.start();

const results = document.querySelector("[data-results]");
const absence = document.querySelector("[data-absence]");
const begun = document.querySelector("[data-continue]");
if (results) endless(results);
if (absence) followAbsence(absence);
if (begun) continueWatching(begun);
previewCards();
showWatchedBars();
