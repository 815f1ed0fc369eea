// The captions of one video: those that are there, those that are being written, and new ones.
import { api } from "./api.js";
import { cueEditor } from "./cue_editor.js";
import { cueTimeline } from "./cue_timeline.js";
import { follow } from "./live.js";
import { captionsView, noWork, workView } from "./captions_view.js";

export function captionsSection() {
  // Copied by a spread, the editor's getters would be values that never change.
  return Object.defineProperties(section(), {
    ...Object.getOwnPropertyDescriptors(cueEditor()),
    ...Object.getOwnPropertyDescriptors(cueTimeline()),
  });
}

function section() {
  return {
    captions: [],
    work: noWork(),
    loaded: false,
    busy: false,
    problem: "",
    said: "",
    doomedLanguage: "",

    get none() {
      return this.loaded && this.captions.length === 0;
    },

    init() {
      this.path = `/api/videos/${this.$root.dataset.id}`;
      this.slug = this.$root.dataset.slug;
      this.onLeave = (event) => this.dirty && event.preventDefault();
      window.addEventListener("beforeunload", this.onLeave);
      const mine = ({ kind, video_id: id }) => String(id) === this.$root.dataset.id && kind !== "progress";
      this.unfollow = follow(mine, () => this.refresh());
      this.refresh();
    },

    destroy() {
      this.unfollow();
      window.removeEventListener("beforeunload", this.onLeave);
    },

    async refresh() {
      try {
        const { transcripts, transcription } = await api(`${this.path}/transcripts`);
        this.captions = transcripts.map((one) => captionsView(one, this.slug));
        this.work = workView(transcription);
        this.loaded = true;
      } catch (error) {
        if (!this.loaded) this.problem = error.message;
      }
    },

    // Does one thing at a time, and says how it went.
    async act(said, action) {
      this.busy = true;
      this.problem = this.said = "";
      try {
        await action();
        this.said = said;
      } catch (error) {
        this.problem = error.message;
      }
      this.busy = false;
      this.doomedLanguage = "";
      await this.refresh();
      return this.problem === "";
    },

    write(event) {
      const language = new FormData(event.target).get("language") || null;
      this.act("Asked for.", () => api(`${this.path}/transcribe`, { method: "POST", json: { language } }));
    },

    cancel() {
      this.act("Cancelled.", () => api(`${this.path}/transcribe`, { method: "DELETE" }));
    },

    async upload(event) {
      const form = new FormData(event.target);
      const file = form.get("file");
      const about = new URLSearchParams({ language: form.get("language"), name: form.get("name") });
      const sent = await this.act(`“${file.name}” was taken.`, () =>
        api(`${this.path}/transcripts?${about}`, { method: "POST", file }),
      );
      if (sent) event.target.reset();
    },

    // It cannot be undone, so the first press only asks.
    remove({ language, label, version }) {
      if (this.doomedLanguage !== language) {
        this.doomedLanguage = language;
        return;
      }
      const which = new URLSearchParams({ language, version });
      if (this.editing?.language === language) this.closeEditor();
      this.act(`${label} was removed.`, () => api(`${this.path}/transcript?${which}`, { method: "DELETE" }));
    },
  };
}
