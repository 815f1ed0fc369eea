// Which rows are selected: by mouse, with a range behind Shift, or by the arrow keys. Mixed into
// components that have a list.
import { plural } from "../site/format.js";

export function selection() {
  return {
    chosen: [],
    failedIds: [],
    readyIds: [],
    chosenLine: "",
    lastBox: null,

    startSelection() {
      this.$root.addEventListener("click", (event) => this.boxClicked(event));
      this.$root.addEventListener("change", (event) => this.boxChanged(event));
      this.$root.addEventListener("keydown", (event) => this.boxKey(event));
    },

    boxes() {
      return [...this.list.querySelectorAll("[data-select]")];
    },

    boxClicked(event) {
      const box = event.target;
      if (!box.matches("[data-select]")) return;
      const boxes = this.boxes();
      const from = boxes.indexOf(this.lastBox);
      if (event.shiftKey && from >= 0) {
        const to = boxes.indexOf(box);
        for (const one of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = box.checked;
      }
      this.lastBox = box;
    },

    boxChanged({ target }) {
      if (target.matches("[data-select-all]")) for (const box of this.boxes()) box.checked = target.checked;
      if (target.matches("[data-select], [data-select-all]")) this.count();
    },

    boxKey(event) {
      if (event.key === "Escape" && this.chosen.length && !document.querySelector("dialog[open]")) this.clear();
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || !event.target.matches("[data-select]")) return;
      const boxes = this.boxes();
      const next = boxes[boxes.indexOf(event.target) + step];
      if (!next) return;
      event.preventDefault();
      if (event.shiftKey) {
        next.checked = event.target.checked = true;
        this.count();
      }
      next.focus();
    },

    clear() {
      for (const box of this.boxes()) box.checked = false;
      this.count();
    },

    count() {
      const boxes = this.boxes();
      const rows = boxes.filter(({ checked }) => checked).map((box) => box.closest("[data-video-id]").dataset);
      const ids = (wanted) => rows.filter(wanted).map(({ videoId }) => Number(videoId));
      this.chosen = ids(() => true);
      this.failedIds = ids(({ status }) => status === "failed");
      this.readyIds = ids(({ status }) => status === "ready");
      this.chosenLine = `${plural(rows.length, "video")} selected`;
      const all = this.$root.querySelector("[data-select-all]");
      all.checked = rows.length > 0 && rows.length === boxes.length;
      all.indeterminate = rows.length > 0 && rows.length < boxes.length;
    },
  };
}
