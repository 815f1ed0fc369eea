// The table of all videos: live, and with what can be done to several at once.
import { plural } from "../site/format.js";
import { bulkWork } from "./bulk_work.js";
import { follow } from "./live.js";
import { liveList } from "./live_list.js";
import { selection } from "./selection.js";

// These may change which videos are shown, and in which order.
const OF_LIST = new Set(["reset", "added", "trashed", "restored", "deleted"]);
const OF_ROW = new Set(["changed", "status", "progress", "playable", "ready", "failed", "captions"]);

export function videoList() {
  return {
    ...liveList(),
    ...selection(),
    ...bulkWork(),
    editTitle: "Edit videos",
    encodeTitle: "Encode anew?",

    init() {
      this.hasTrash = this.$root.dataset.hasTrash === "yes";
      this.startList();
      this.startSelection();
      this.count();
      this.$root.addEventListener("click", (event) => this.acted(event));
      const wants = ({ kind }) => OF_LIST.has(kind) || OF_ROW.has(kind);
      this.unfollow = follow(wants, (changes) => this.heard(changes));
    },

    destroy() {
      this.unfollow();
      this.endList();
    },

    heard(changes) {
      const narrowed = location.search !== "";
      const moved = ({ kind }) => OF_LIST.has(kind) || (narrowed && kind !== "progress");
      if (changes.some(moved)) return this.refresh();
      return this.refreshRows([...new Set(changes.map(({ video_id: id }) => id))]);
    },

    listChanged() {
      this.count();
    },

    statusChanged({ title, status }) {
      if (status === "ready") this.news = `${title} is ready.`;
      if (status === "failed") this.news = `${title} has failed.`;
    },

    acted(event) {
      const button = event.target.closest("[data-act]");
      if (!button) return;
      const id = Number(button.closest("[data-video-id]").dataset.videoId);
      if (button.dataset.act === "retry") this.retry([id]);
      else this.trash([id]);
    },

    async trash(ids) {
      if (!this.hasTrash) {
        this.askRemoval(ids);
        return;
      }
      const done = await this.bulk("trash", ids, (videos) => `${videos} moved to the trash.`);
      if (done) this.undoable = done;
    },

    retry(ids) {
      return this.bulk("retry", ids, (videos) => `${videos} will be tried again.`);
    },

    trashChosen() {
      this.trash(this.chosen);
    },

    retryChosen() {
      this.retry(this.failedIds);
    },

    openEdit() {
      this.editTitle = `Edit ${plural(this.chosen.length, "video")}`;
      this.dialogTrouble = "";
      this.$refs.edit.querySelector("form").reset();
      this.$refs.edit.showModal();
    },

    async editChosen(event) {
      const form = new FormData(event.target);
      const changes = {};
      if (form.get("category") !== "keep") changes.category_id = Number(form.get("category")) || null;
      if (form.get("visibility")) changes.visibility = form.get("visibility");
      for (const name of ["add_tags", "remove_tags"]) if (form.get(name).trim()) changes[name] = listOf(form.get(name));
      if (Object.keys(changes).length === 0) {
        this.dialogTrouble = "Choose something to change.";
        return;
      }
      await this.bulk("edit", this.chosen, (videos) => `${videos} changed.`, changes);
    },

    askEncode() {
      this.encodeTitle = `Encode ${plural(this.readyIds.length, "video")} anew?`;
      this.dialogTrouble = "";
      this.$refs.encode.showModal();
    },

    async encodeChosen() {
      await this.bulk("retranscode", this.readyIds, (videos) => `${videos} will be encoded anew.`);
    },
  };
}

function listOf(text) {
  return text.split(",").map((name) => name.trim()).filter(Boolean);
}
