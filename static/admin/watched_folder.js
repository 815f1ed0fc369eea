// Says where files can be dropped, and which of them were not taken.
import { api } from "./api.js";

const POLL_MS = 15_000;

export function watchedFolder() {
  return {
    enabled: false,
    path: "",
    refused: [],
    timer: 0,

    init() {
      this.refresh();
    },

    destroy() {
      clearTimeout(this.timer);
    },

    async refresh() {
      try {
        const folder = await api("/api/watched-folder");
        this.enabled = folder.enabled;
        this.path = folder.path_hint;
        this.refused = folder.refused;
      } catch {
        // The list above says when the server does not answer.
      }
      this.timer = setTimeout(() => this.refresh(), POLL_MS);
    },
  };
}
