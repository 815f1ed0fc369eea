// One thing done to several videos, and what is said of it afterwards. Mixed into components.
import { plural } from "../site/format.js";
import { api } from "./api.js";

const MOST_TROUBLES = 5;

export function bulkWork() {
  return {
    busy: false,
    said: "",
    troubles: [],
    undoable: [],
    dialogTrouble: "",
    doomed: [],
    removalTitle: "Delete for ever?",
    removalLine: "",

    // `said` makes a sentence of how many it was done to.
    async bulk(action, ids, said, changes) {
      if (ids.length === 0 || this.busy) return null;
      this.busy = true;
      this.hush();
      this.dialogTrouble = "";
      try {
        const { results, done } = await api("/api/videos/bulk", { method: "POST", json: { action, ids, ...(changes && { changes }) } });
        const failed = results.filter(({ ok }) => !ok);
        this.said = [done ? said(plural(done, "video")) : "", failed.length ? `${plural(failed.length, "video")} left as before:` : ""].filter(Boolean).join(" ");
        this.troubles = failed.slice(0, MOST_TROUBLES).map(({ id, error }) => `${this.titleOf(id)}: ${error}`);
        this.busy = false;
        this.closeDialogs();
        await this.refresh();
        if (failed.length === 0) this.clear?.();
        this.$nextTick(() => this.catchFocus());
        return results.filter(({ ok }) => ok).map(({ id }) => id);
      } catch (error) {
        this.dialogTrouble = this.trouble = error.message;
        this.busy = false;
        return null;
      }
    },

    titleOf(id) {
      return this.rowOf(id)?.dataset.title ?? `Video ${id}`;
    },

    async undo() {
      await this.bulk("restore", this.undoable, (videos) => `${videos} brought back.`);
    },

    // What had the focus may have gone with its row or its bar.
    catchFocus() {
      const focused = document.activeElement;
      if (!focused || focused === document.body || focused.offsetParent === null) this.$root.querySelector("[tabindex='-1']").focus();
    },

    hush() {
      this.said = "";
      this.troubles = [];
      this.undoable = [];
    },

    closeDialogs() {
      this.dialogTrouble = "";
      for (const dialog of this.$root.querySelectorAll("dialog[open]")) dialog.close();
    },

    // It cannot be undone, so it is asked first.
    askRemoval(ids) {
      this.doomed = ids;
      const which = ids.length === 1 ? `“${this.titleOf(ids[0])}”` : plural(ids.length, "video");
      this.removalTitle = `Delete ${which} for ever?`;
      this.removalLine = "All files and the original are removed. This cannot be undone.";
      this.dialogTrouble = "";
      this.$refs.removal.showModal();
    },

    async removeForEver() {
      await this.bulk("delete", this.doomed, (videos) => `${videos} deleted for ever.`);
    },
  };
}
