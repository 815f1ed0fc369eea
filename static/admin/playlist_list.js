import { api } from "./api.js";

export function playlistList() {
  return {
    busy: false,
    error: "",

    async add(event) {
      const form = new FormData(event.target);
      this.busy = true;
      this.error = "";
      try {
        const json = { title: form.get("title").trim(), visibility: form.get("visibility") };
        const { id } = await api("/api/playlists", { method: "POST", json });
        location.assign(`/playlists/${id}`);
      } catch (error) {
        this.error = error.message;
        this.busy = false;
      }
    },
  };
}
