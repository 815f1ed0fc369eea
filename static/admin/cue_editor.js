// The cues of one language, to be corrected beside the preview. Mixed into the captions' component.
import { api } from "./api.js";
import { secondsOf, written } from "./captions_view.js";

// A film has thousands of cues; so many fields at once would make every key slow.
const PER_PAGE = 50;
const NEW_SECONDS = 2;

export function cueEditor() {
  return {
    editing: null,
    cues: [],
    page: 0,
    wanted: "",
    dirty: false,
    saving: false,
    editorSaid: "",
    editorProblem: "",
    nextKey: 0,

    async edit({ language }) {
      if (this.dirty && !confirm("Drop the changes that are not saved?")) return;
      this.dirty = false;
      this.problem = "";
      try {
        this.open(await api(`${this.path}/transcript?${new URLSearchParams({ language })}`));
        this.page = 0;
        this.wanted = this.editorSaid = this.editorProblem = "";
        this.$nextTick(() => this.$refs.editorTitle.focus());
      } catch (error) {
        this.problem = error.message;
      }
    },

    open({ language, label, version, cues }) {
      this.editing = { language, label, version };
      this.cues = cues.map((cue) => this.field(cue.start, cue.end, cue.text));
      this.dirty = false;
      dock(true);
      this.followTime();
    },

    field(start, end, text) {
      this.nextKey += 1;
      return { key: this.nextKey, start: written(start), end: written(end), text, wrong: false };
    },

    closeEditor() {
      const language = this.editing?.language;
      this.editing = null;
      this.cues = [];
      this.dirty = false;
      this.leaveTime();
      dock(false);
      this.$nextTick(() => this.$root.querySelector(`[data-edit="${language}"]`)?.focus());
    },

    leaveEditor() {
      if (!this.dirty || confirm("Drop the changes that are not saved?")) this.closeEditor();
    },

    get editorTitle() {
      return this.editing ? `Edit ${this.editing.label}` : "";
    },

    get found() {
      const words = this.wanted.trim().toLowerCase();
      return words ? this.cues.filter(({ text }) => text.toLowerCase().includes(words)) : this.cues;
    },

    get pages() {
      return Math.max(1, Math.ceil(this.found.length / PER_PAGE));
    },

    get shown() {
      const first = Math.min(this.page, this.pages - 1) * PER_PAGE;
      return this.found.slice(first, first + PER_PAGE);
    },

    get pageLine() {
      if (this.found.length === 0) return this.cues.length ? "No cue has these words." : "There are no cues.";
      const first = Math.min(this.page, this.pages - 1) * PER_PAGE;
      return `Cues ${first + 1} to ${first + this.shown.length} of ${this.found.length}`;
    },

    turn(step) {
      this.page = Math.max(0, Math.min(this.pages - 1, this.page + step));
      this.$refs.editorTitle.focus();
    },

    find() {
      this.page = 0;
    },

    change(cue) {
      cue.wrong = false;
      this.dirty = true;
      this.editorSaid = "";
      this.draw();
    },

    showCue(cue) {
      this.wanted = "";
      this.page = Math.floor(this.cues.indexOf(cue) / PER_PAGE);
      this.$nextTick(() => this.$root.querySelector(`[data-text="${cue.key}"]`)?.scrollIntoView({ block: "nearest" }));
    },

    playFrom(cue) {
      const player = document.querySelector("[data-player]")?.vlogPlayer;
      const seconds = secondsOf(cue.start);
      if (!player || Number.isNaN(seconds)) return;
      player.seek(seconds);
      player.play().catch(() => {});
    },

    insertAfter(cue) {
      const place = this.cues.indexOf(cue);
      const start = cue ? secondsOf(cue.end) || 0 : 0;
      const next = this.cues[place + 1];
      const until = next ? secondsOf(next.start) : NaN;
      const end = until > start ? Math.min(until, start + NEW_SECONDS) : start + NEW_SECONDS;
      const fresh = this.field(start, end, "");
      this.cues.splice(place + 1, 0, fresh);
      this.wanted = "";
      this.page = Math.floor((place + 1) / PER_PAGE);
      this.change(this.cues[place + 1]);
      this.$nextTick(() => this.$root.querySelector(`[data-text="${fresh.key}"]`)?.focus());
    },

    drop(cue) {
      const place = this.cues.indexOf(cue);
      this.cues.splice(place, 1);
      this.change(cue);
      const near = this.cues[Math.min(place, this.cues.length - 1)];
      this.$nextTick(() => this.$root.querySelector(`[data-text="${near?.key}"]`)?.focus());
    },

    async save() {
      const cues = this.checked();
      if (!cues) return;
      this.saving = true;
      this.editorProblem = this.editorSaid = "";
      const { language, version } = this.editing;
      try {
        const path = `${this.path}/transcript?${new URLSearchParams({ language })}`;
        this.open(await api(path, { method: "PUT", json: { version, cues } }));
        this.editorSaid = "Saved";
      } catch (error) {
        this.editorProblem = error.message;
      }
      this.saving = false;
      this.refresh();
    },

    // The cues as the API takes them, or null after the first that is wrong was shown.
    checked() {
      const cues = [];
      for (const [place, cue] of this.cues.entries()) {
        const start = secondsOf(cue.start);
        const end = secondsOf(cue.end);
        if (!(end > start)) {
          this.showWrong(cue, place);
          return null;
        }
        cues.push({ start, end, text: cue.text });
      }
      return cues;
    },

    showWrong(cue, place) {
      this.wanted = "";
      this.page = Math.floor(place / PER_PAGE);
      cue.wrong = true;
      this.editorProblem = `Cue ${place + 1}: times look like 1:02.500, and a cue must end after it starts.`;
      this.$nextTick(() => this.$root.querySelector(`[data-start="${cue.key}"]`)?.focus());
    },
  };
}

// While cues are edited the preview stays in sight, in a corner. Its place is kept for it.
function dock(docked) {
  const player = document.querySelector("[data-player]");
  if (!player || player.classList.contains("player-docked") === docked) return;
  player.parentElement.style.minHeight = docked ? `${player.parentElement.offsetHeight}px` : "";
  player.classList.toggle("player-docked", docked);
}
