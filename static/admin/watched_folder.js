// Says where files can be dropped, and which of them were not taken.
import { api } from "./api.js";
import { follow } from "./live.js";

export function watchedFolder() {
  return {
    enabled: false,
    path: "",
    refused: [],

    init() {
      this.unfollow = follow(({ kind }) => kind === "folder", () => this.refresh());
      this.refresh();
    },

    destroy() {
      this.unfollow();
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
    },
  };
}
