// Puts another file in the place of a video's own: it travels as any upload does.
import { lineOf } from "./upload_item.js";
import { ResumableFile, complaint } from "./resumable_file.js";

export function fileReplacement() {
  return {
    // What is not named here would be set on the page around it.
    onLeave: null,
    state: "idle",
    name: "",
    percent: 0,
    line: "",
    error: "",

    get sending() {
      return this.state === "sending";
    },

    get paused() {
      return this.state === "paused";
    },

    get open() {
      return this.sending || this.paused;
    },

    init() {
      this.onLeave = (event) => this.open && event.preventDefault();
      window.addEventListener("beforeunload", this.onLeave);
    },

    destroy() {
      window.removeEventListener("beforeunload", this.onLeave);
    },

    chosen(event) {
      const [file] = event.target.files;
      event.target.value = "";
      if (!file) return;
      this.error = complaint(file);
      if (this.error) return;
      const metadata = { filename: file.name, filetype: file.type, replaces: this.$root.dataset.id };
      this.name = file.name;
      held = new ResumableFile(file, metadata, {
        onUrl: () => {},
        onNews: (news) => {
          this.percent = news.percent;
          this.line = lineOf(news);
        },
      });
      this.send();
    },

    async send() {
      this.state = "sending";
      this.line = "Starting …";
      this.error = "";
      try {
        await held.send();
        this.state = "done";
        this.line = `${this.name} has arrived. Viewers keep the old file until the new one is checked.`;
        this.$dispatch("vlog:replaced");
      } catch (error) {
        if (error.name === "AbortError") return;
        this.state = error.cut ? "paused" : "idle";
        this.line = "";
        this.error = error.message;
      }
    },

    pause() {
      this.state = "paused";
      this.line = `Paused at ${Math.floor(this.percent)} %`;
      held.pause();
    },

    async cancel() {
      this.state = "idle";
      this.line = "The upload was cancelled.";
      // What cannot be told to the server now expires by itself.
      await held.cancel().catch(() => {});
    },
  };
}

// Kept out of Alpine, which would wrap it.
let held = null;
