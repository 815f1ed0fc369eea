// The picture for lists: a frame of the video, a picture of one's own, or the automatic one.
import { clock } from "../site/format.js";
import { acting } from "./acting.js";
import { api } from "./api.js";

const ORIGINS = {
  automatic: "Taken automatically.",
  frame: "A frame you chose.",
  upload: "Your own picture.",
};

export function thumbnailSection() {
  return {
    ...acting(),
    // What is not named here would be set on the page around it.
    path: "",
    url: "",
    origin: "automatic",
    said: "",

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
      return this.change(`The frame at ${clock(seconds)} is the picture now.`, {
        method: "POST",
        json: { at_seconds: seconds },
      });
    },

    async send(event) {
      const [file] = event.target.files;
      if (file) await this.change(`${file.name} is the picture now.`, { method: "PUT", file });
      event.target.value = "";
    },

    forget() {
      return this.change("The automatic picture is shown again.", { method: "DELETE" });
    },

    async change(said, options) {
      this.said = "";
      if (await this.act(async () => this.show(await api(this.path, options)))) this.said = said;
    },

    show({ thumbnail_url: url, thumbnail_origin: origin }) {
      this.url = url ?? "";
      this.origin = origin;
      const poster = document.querySelector("[data-player] [data-poster]");
      if (poster && url) poster.src = url;
    },
  };
}
