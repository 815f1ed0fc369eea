// The trash: bringing back, and deleting for ever.
import { api } from "./api.js";
import { plural } from "../site/format.js";
import { bulkWork } from "./bulk_work.js";
import { follow } from "./live.js";
import { liveList } from "./live_list.js";

const KINDS = new Set(["trashed", "restored", "deleted"]);

export function trashList() {
  return {
    ...liveList(),
    ...bulkWork(),

    init() {
      this.startList();
      this.$root.addEventListener("click", (event) => this.acted(event));
      this.unfollow = follow(({ kind }) => KINDS.has(kind), () => this.refresh());
    },

    destroy() {
      this.unfollow();
      this.endList();
    },

    acted(event) {
      const button = event.target.closest("[data-act]");
      if (!button) return;
      const ids = [Number(button.closest("[data-video-id]").dataset.videoId)];
      if (button.dataset.act === "delete") this.askRemoval(ids);
      else this.bulk("restore", ids, (videos) => `${videos} brought back.`);
    },

    askEmpty() {
      this.askRemoval([]);
      this.removalTitle = "Empty the trash?";
      this.removalLine = "Everything in it is deleted for ever, with all files and originals. This cannot be undone.";
    },

    async removeForEver() {
      if (this.doomed.length) {
        await this.bulk("delete", this.doomed, (videos) => `${videos} deleted for ever.`);
        return;
      }
      this.busy = true;
      try {
        const { removed } = await api("/api/trash", { method: "DELETE" });
        this.closeDialogs();
        this.said = `${plural(removed, "video")} deleted for ever.`;
        await this.refresh();
      } catch (error) {
        this.dialogTrouble = error.message;
      }
      this.busy = false;
    },
  };
}
