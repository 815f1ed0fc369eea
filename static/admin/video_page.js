// One video: its texts, its preview, and how its processing goes.
import { api } from "./api.js";
import { removal } from "./removal.js";
import { noVideo, videoView } from "./video_view.js";

const WORKING_POLL_MS = 2000;
const CALM_POLL_MS = 15_000;

export function videoPage() {
  return {
    ...removal(),
    video: noVideo(),
    heading: "",
    loaded: false,
    saving: false,
    saved: "",
    saveError: "",
    dirty: false,
    timer: 0,

    init() {
      this.path = `/api/videos/${this.$root.dataset.id}`;
      this.heading = this.$root.querySelector("h1").textContent;
      this.onLeave = (event) => this.dirty && event.preventDefault();
      window.addEventListener("beforeunload", this.onLeave);
      this.refresh();
    },

    destroy() {
      clearTimeout(this.timer);
      window.removeEventListener("beforeunload", this.onLeave);
    },

    async refresh() {
      clearTimeout(this.timer);
      try {
        this.show(await api(this.path));
      } catch (error) {
        this.saveError = this.loaded ? this.saveError : error.message;
      }
      const pause = this.video.working && !document.hidden ? WORKING_POLL_MS : CALM_POLL_MS;
      this.timer = setTimeout(() => this.refresh(), pause);
    },

    show(answer) {
      this.video = videoView(answer);
      this.loaded = true;
      const player = document.querySelector("[data-player]")?.vlogPlayer;
      if (!player) return;
      player.playableSeconds = answer.progress.playable_seconds;
      const whole = answer.qualities.map(({ quality }) => quality);
      if (whole.some((name) => !player.listed.includes(name))) player.lookForQualities().catch(() => {});
    },

    touched() {
      this.dirty = true;
      this.saved = "";
    },

    async save(event) {
      const form = new FormData(event.target);
      const category = form.get("category_id");
      this.saving = true;
      this.saveError = "";
      try {
        const json = {
          title: form.get("title"),
          description: form.get("description"),
          category_id: category ? Number(category) : null,
          published: form.get("published") !== null,
        };
        this.show(await api(this.path, { method: "PUT", json }));
        this.heading = this.video.title;
        this.dirty = false;
        this.saved = "Saved";
      } catch (error) {
        this.saveError = error.message;
      }
      this.saving = false;
    },

    async retry() {
      try {
        await api(`${this.path}/retry`, { method: "POST" });
      } catch (error) {
        this.saveError = error.message;
      }
      this.refresh();
    },

    ask() {
      this.askFor({ id: this.$root.dataset.id, title: this.heading });
    },

    removed() {
      this.dirty = false;
      location.assign("/");
    },
  };
}
