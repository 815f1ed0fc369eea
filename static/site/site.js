import Alpine from "@alpinejs/csp";

import { search } from "./search.js";
import { showWatchedBars } from "./watched_bars.js";

Alpine.data("search", search);
Alpine.start();
showWatchedBars();
