// The queue of uploads: one after the other, each can pause, and be described while it travels.
import { bytes } from "../site/format.js";
import { api } from "./api.js";
import { ResumableFile, begunBefore, complaint, forget, spaceComplaint, unfinished } from "./resumable_file.js";
import { detailsOf, lineOf, metadataOf, newItem, recall } from "./upload_item.js";

const SAVE_AFTER_MS = 500;

export function uploads() {
  return {
    items: [],
    leftOver: [],
    over: false,
    visibility: "public",
    publishAt: "",
    category: "",
    news: "",
    room: "",
    space: null,
    nextKey: 1,
    depth: 0,

    init() {
      this.listeners = {
        dragenter: (event) => this.entered(event),
        dragleave: () => this.left(),
        dragover: (event) => hasFiles(event) && event.preventDefault(),
        drop: (event) => this.dropped(event),
        online: () => this.items.filter(({ state }) => state === "cut").forEach(({ key }) => this.resume(key)),
        beforeunload: (event) => this.items.some(isOpen) && event.preventDefault(),
      };
      for (const [type, listener] of Object.entries(this.listeners)) window.addEventListener(type, listener);
      this.lookForLeftOvers();
      this.lookForSpace();
    },

    destroy() {
      for (const [type, listener] of Object.entries(this.listeners)) window.removeEventListener(type, listener);
    },

    // Where they cannot be had now, the page is of use all the same.
    async lookForLeftOvers() {
      const found = await unfinished(api).catch(() => []);
      this.leftOver = found.map(({ key, url, filename, offset, length }) => ({
        key,
        url,
        name: filename,
        line: `${bytes(offset)} of ${bytes(length)} have arrived.`,
        discardLabel: `Discard ${filename}`,
      }));
    },

    // The server says no by itself, too; but only when a file's turn has come.
    async lookForSpace() {
      const space = await api("/api/uploads/space").catch(() => null);
      this.space = space;
      if (!space) return;
      const free = Math.min(space.disk_free_bytes, space.quota_free_bytes ?? Infinity);
      this.room = free ? `There is room for ${bytes(free)}.` : "There is no room for more.";
    },

    entered(event) {
      if (!hasFiles(event)) return;
      this.depth += 1;
      this.over = true;
    },

    left() {
      this.depth = Math.max(0, this.depth - 1);
      this.over = this.depth > 0;
    },

    dropped(event) {
      this.depth = 0;
      this.over = false;
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.add(event.dataTransfer.files);
    },

    chosen(event) {
      this.add(event.target.files);
      event.target.value = "";
    },

    add(files) {
      for (const file of files) {
        const item = newItem(this.nextKey, file, this);
        // What goes on has its place already.
        const goesOn = this.leftOver.some(({ name }) => name === file.name);
        const error = complaint(file) || (goesOn ? "" : spaceComplaint(file, this.space));
        if (error) Object.assign(item, { state: "refused", closed: true, error });
        held.set(this.nextKey, { file });
        this.items.push(item);
        this.nextKey += 1;
      }
      this.work();
    },

    // Not `item`: in the loop of the template that is something else.
    byKey(key) {
      return this.items.find((one) => one.key === key);
    },

    // The next one in the queue, if none is on its way.
    work() {
      if (this.items.some(({ state }) => state === "sending")) return;
      const item = this.items.find(({ state }) => state === "waiting");
      if (item) this.send(item);
    },

    async send(item) {
      const mine = held.get(item.key);
      Object.assign(item, { state: "sending", line: "Starting …", error: "" });
      try {
        mine.sending ??= await this.prepared(item, mine);
        // A person may have paused or cancelled it in this moment.
        if (item.state !== "sending" || !held.has(item.key)) return;
        const videoId = await mine.sending.send();
        await this.save(item.key);
        this.finished(item, videoId);
      } catch (error) {
        if (error.name !== "AbortError") this.failed(item, error);
      }
      this.work();
    },

    async prepared(item, mine) {
      const before = await begunBefore(mine.file, api);
      if (before && !mine.edited) recall(item, before.upload);
      const sending = new ResumableFile(mine.file, metadataOf(item, mine.file), {
        onUrl: (url) => {
          mine.url = url;
          this.leftOver = this.leftOver.filter((one) => one.url !== url);
          if (mine.edited) this.save(item.key);
        },
        onNews: (state) => {
          if (item.state !== "sending") return;
          item.percent = state.percent;
          item.line = lineOf(state);
        },
      });
      if (before) sending.goOnFrom(before.previous);
      return sending;
    },

    // Told a moment after the last key was pressed; before the upload has begun, once it has.
    edited(key) {
      const mine = held.get(key);
      if (!mine) return;
      mine.edited = true;
      clearTimeout(mine.timer);
      mine.timer = setTimeout(() => this.save(key), SAVE_AFTER_MS);
    },

    async save(key) {
      const mine = held.get(key);
      const item = this.byKey(key);
      if (!mine?.edited || !mine.url || !item) return;
      clearTimeout(mine.timer);
      mine.edited = false;
      try {
        await api(mine.url, { method: "PUT", json: detailsOf(item) });
      } catch (error) {
        mine.edited = true;
        this.news = error.message;
      }
    },

    finished(item, videoId) {
      Object.assign(item, { state: "done", closed: true, line: "Uploaded. It is being prepared now." });
      item.editUrl = `/videos/${videoId}`;
      this.news = `${item.title} was uploaded.`;
      held.delete(item.key);
      this.lookForSpace();
    },

    failed(item, error) {
      Object.assign(item, { state: error.cut ? "cut" : "failed", error: error.message });
      this.news = error.message;
    },

    async pause(key) {
      const item = this.byKey(key);
      Object.assign(item, { state: "paused", line: `Paused at ${Math.floor(item.percent)} %` });
      this.news = `${item.name} is paused.`;
      await held.get(key).sending?.pause();
      this.work();
    },

    resume(key) {
      const item = this.byKey(key);
      Object.assign(item, { state: "waiting", error: "", line: "Waiting for its turn" });
      this.work();
    },

    async cancel(key) {
      const { sending } = held.get(key) ?? {};
      this.dismiss(key);
      this.news = "The upload was cancelled.";
      // What cannot be told to the server now expires by itself.
      await sending?.cancel().catch(() => {});
      this.work();
    },

    async discard(key) {
      const one = this.leftOver.find((other) => other.key === key);
      this.leftOver = this.leftOver.filter((other) => other.key !== key);
      await forget(key);
      await fetch(one.url, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0" } }).catch(() => {});
    },

    dismiss(key) {
      clearTimeout(held.get(key)?.timer);
      held.delete(key);
      this.items = this.items.filter((item) => item.key !== key);
    },
  };
}

// Files and running requests; kept out of Alpine, which would wrap them.
const held = new Map();

function isOpen({ state }) {
  return ["waiting", "sending", "paused", "cut"].includes(state);
}

function hasFiles(event) {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
