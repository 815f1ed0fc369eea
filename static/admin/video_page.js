// One video: its texts, its preview, and how its processing goes.
import { api } from "./api.js";
import { follow } from "./live.js";
import { removal } from "./removal.js";
import { namesIn } from "./tag_names.js";
import { noVideo, videoView } from "./video_view.js";
import { isoMoment, localMoment } from "./visibility.js";

export function videoPage() {
  return {
    ...removal(),
    video: noVideo(),
    heading: "",
    visibility: "",
    publishAt: "",
    loaded: false,
    saving: false,
    saved: "",
    saveError: "",
    dirty: false,
    changing: false,
    changeError: "",
    dropping: "",

    // The preview plays the old file still.
    get outdated() {
      const playing = document.querySelector("[data-player]")?.dataset.src;
      return this.loaded && Boolean(playing && this.video.stream_url) && this.video.stream_url !== playing;
    },

    // A template reads this before the first answer, too.
    get beside() {
      return this.video.beside ?? { title: "", line: "", percent: 0, working: false, failed: false, error: "" };
    },

    init() {
      this.path = `/api/videos/${this.$root.dataset.id}`;
      this.heading = this.$root.querySelector("h1").textContent;
      // What was chosen before this script had come counts, too.
      this.visibility = this.$root.querySelector("[name=visibility]:checked").value;
      const moment = this.$root.dataset.publishedAt;
      this.publishAt = new Date(moment) > new Date() ? localMoment(moment) : "";
      this.onLeave = (event) => this.dirty && event.preventDefault();
      window.addEventListener("beforeunload", this.onLeave);
      const mine = ({ kind, video_id: id }) => String(id) === this.$root.dataset.id && kind !== "captions";
      this.unfollow = follow(mine, (changes) => this.heard(changes));
      this.refresh();
    },

    destroy() {
      this.unfollow();
      window.removeEventListener("beforeunload", this.onLeave);
    },

    heard(changes) {
      if (changes.some(({ kind }) => kind === "trashed" || kind === "deleted")) this.loaded = false;
      return this.refresh();
    },

    async refresh() {
      try {
        this.show(await api(this.path));
      } catch (error) {
        this.saveError = this.loaded ? this.saveError : error.message;
      }
    },

    show(answer) {
      this.video = videoView(answer);
      this.loaded = true;
      const player = document.querySelector("[data-player]")?.vlogPlayer;
      if (!player) return;
      player.playableSeconds = answer.progress.playable_seconds;
      const whole = answer.qualities.map(({ quality }) => quality);
      if (whole.some((name) => !player.knows(name))) player.lookForNews().catch(() => {});
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
          tags: namesIn(form.get("tags")),
          featured: form.get("featured") !== null,
          language: form.get("spoken_language") || null,
          keep_original: form.get("keep_original") ? form.get("keep_original") === "true" : null,
          ...this.chosenVisibility(),
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

    addTag(name) {
      const field = this.$root.querySelector("[name=tags]");
      const names = namesIn(field.value);
      if (!names.includes(name)) field.value = [...names, name].join(", ");
      this.touched();
    },

    // Only what was changed here: a planned moment may have come since the page was opened.
    chosenVisibility() {
      const moment = this.visibility === "scheduled" ? this.publishAt : "";
      const planned = this.video.visibility === "scheduled" ? localMoment(this.video.published_at) : "";
      if (this.visibility === this.video.visibility && moment === planned) return {};
      return { visibility: this.visibility, published_at: moment ? isoMoment(moment) : null };
    },

    async retry() {
      try {
        await api(`${this.path}/retry`, { method: "POST" });
      } catch (error) {
        this.saveError = error.message;
      }
      this.refresh();
    },

    async change(path, options) {
      this.changing = true;
      this.changeError = "";
      try {
        this.show(await api(`${this.path}${path}`, options));
      } catch (error) {
        this.changeError = error.message;
      }
      this.changing = false;
      this.refresh();
    },

    encodeAnew(event) {
      const form = new FormData(event.target);
      const json = {};
      const ladder = form.getAll("ladder");
      if (ladder.length === 0) {
        this.changeError = "Choose at least one quality.";
        return;
      }
      json.ladder = ladder;
      if (form.get("preset")) json.preset = form.get("preset");
      this.change("/retranscode", { method: "POST", json });
    },

    buildRung(name) {
      this.change(`/qualities/${name}`, { method: "POST", json: {} });
    },

    // It cannot be undone without encoding, so the first press only asks.
    dropRung(name) {
      if (this.dropping !== name) {
        this.dropping = name;
        return;
      }
      this.dropping = "";
      this.change(`/qualities/${name}`, { method: "DELETE" });
    },

    discard() {
      this.change("/retranscode", { method: "DELETE" });
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
