// The chapters of one video: added at the player's place, named, moved and removed.
import { acting } from "./acting.js";
import { api } from "./api.js";
import { secondsOf, written } from "./captions_view.js";

const ORIGINS = {
  none: "There are no chapters.",
  edited: "Viewers see these chapters.",
  container: "They came with the file.",
  description: "They were found in the description.",
};

export function chapterEditor() {
  return {
    ...acting(),
    // What is not named here would be set on the page around it.
    path: "",
    onLeave: null,
    rows: [],
    origin: "none",
    loaded: false,
    dirty: false,
    said: "",
    nextKey: 0,

    get line() {
      if (!this.loaded) return "";
      if (this.origin === "edited" && this.rows.length === 0) return "Viewers see no chapters.";
      return ORIGINS[this.origin];
    },

    get changed() {
      return this.origin === "edited";
    },

    init() {
      this.path = `/api/videos/${this.$root.dataset.id}/chapters`;
      this.onLeave = (event) => this.dirty && event.preventDefault();
      window.addEventListener("beforeunload", this.onLeave);
      this.load();
    },

    destroy() {
      window.removeEventListener("beforeunload", this.onLeave);
    },

    async load() {
      try {
        this.show(await api(this.path));
      } catch (error) {
        this.error = error.message;
      }
    },

    show({ origin, chapters }) {
      this.origin = origin;
      this.rows = chapters.map(({ start, title }) => this.row(start, title));
      this.loaded = true;
      this.dirty = false;
      const seekBar = preview()?.controls.seekBar;
      seekBar?.showChapters(chapters.map(({ start, title }) => [start, title]));
    },

    row(seconds, title) {
      this.nextKey += 1;
      return { key: this.nextKey, start: written(seconds), title, wrong: false };
    },

    touched(row) {
      row.wrong = false;
      this.dirty = true;
      this.said = "";
    },

    // In its place by time, so that nobody has to sort.
    add() {
      const seconds = Math.floor((preview()?.place ?? 0) * 1000) / 1000;
      const fresh = this.row(seconds, "");
      const place = this.rows.findIndex(({ start }) => secondsOf(start) > seconds);
      this.rows.splice(place < 0 ? this.rows.length : place, 0, fresh);
      this.dirty = true;
      this.said = "";
      this.$nextTick(() => this.$root.querySelector(`[data-title="${fresh.key}"]`)?.focus());
    },

    drop(row) {
      const place = this.rows.indexOf(row);
      this.rows.splice(place, 1);
      this.dirty = true;
      this.said = "";
      const near = this.rows[Math.min(place, this.rows.length - 1)];
      const next = near ? `[data-title="${near.key}"]` : "[data-add]";
      this.$nextTick(() => this.$root.querySelector(next)?.focus());
    },

    playFrom({ start }) {
      const player = preview();
      const seconds = secondsOf(start);
      if (!player || Number.isNaN(seconds)) return;
      player.seek(seconds);
      player.play().catch(() => {});
    },

    async save() {
      const wrong = this.rows.find(({ start, title }) => Number.isNaN(secondsOf(start)) || !title.trim());
      if (wrong) {
        wrong.wrong = true;
        this.error = "Every chapter needs a time such as 1:02 and a title.";
        this.$nextTick(() => this.$root.querySelector(`[data-start="${wrong.key}"]`)?.focus());
        return;
      }
      const chapters = this.rows.map(({ start, title }) => ({ start: secondsOf(start), title: title.trim() }));
      chapters.sort((one, other) => one.start - other.start);
      await this.change("Saved", { method: "PUT", json: { chapters } });
    },

    forget() {
      return this.change("These are the file’s own again.", { method: "DELETE" });
    },

    async change(said, options) {
      this.said = "";
      if (await this.act(async () => this.show(await api(this.path, options)))) this.said = said;
    },
  };
}

function preview() {
  return document.querySelector("[data-player]")?.vlogPlayer;
}
