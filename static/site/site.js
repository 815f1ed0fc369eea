import Alpine from "@alpinejs/csp";

import { search } from "./search.js";

Alpine.data("search", search);
Alpine.start();
