// The picture for lists: a frame of the video, a picture of one's own, or the automatic one.
import { clock } from "../site/format.js";
import { api } from "./api.js";

const ORIGINS = {
  automatic: "Taken automatically.",
  frame: "A frame you chose.",
  upload: "Your own picture.",
};

export function thumbnailSection() {
  return {
    // What is not named here would be set on the page around it.
    path: "",
    url: "",
    origin: "automatic",
    busy: false,
    said: "",
    problem: "",

    get line() {
      return this.url ? ORIGINS[this.origin] : "There is no picture yet.";
    },

    get chosen() {
      return this.origin !== "automatic";
    },

    init() {
      const { id, url, origin } = this.$root.dataset;
      this.path = `/api/videos/${id}/thumbnail`;
      this.url = url;
      this.origin = origin;
    },

    useFrame() {
      const seconds = document.querySelector("[data-player]")?.vlogPlayer?.place ?? 0;
      return this.act(`The frame at ${clock(seconds)} is the picture now.`, {
        method: "POST",
        json: { at_seconds: seconds },
      });
    },

    async send(event) {
      const [file] = event.target.files;
      if (file) await this.act(`${file.name} is the picture now.`, { method: "PUT", file });
      event.target.value = "";
    },

    forget() {
      return this.act("The automatic picture is shown again.", { method: "DELETE" });
    },

    async act(said, options) {
      this.busy = true;
      this.problem = this.said = "";
      try {
        this.show(await api(this.path, options));
        this.said = said;
      } catch (error) {
        this.problem = error.message;
      }
      this.busy = false;
    },

    show({ thumbnail_url: url, thumbnail_origin: origin }) {
      this.url = url ?? "";
      this.origin = origin;
      const poster = document.querySelector("[data-player] [data-poster]");
      if (poster && url) poster.src = url;
    },
  };
}
