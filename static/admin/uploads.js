// Sends files one after the other, and lets a person name them meanwhile.
import { bytes, timeLeft } from "../site/format.js";
import { api } from "./api.js";
import { sendFile } from "./send_file.js";
import { isoMoment } from "./visibility.js";

export function uploads() {
  return {
    items: [],
    over: false,
    visibility: "public",
    publishAt: "",
    category: "",
    news: "",
    nextKey: 1,
    depth: 0,

    init() {
      this.listeners = {
        dragenter: (event) => this.entered(event),
        dragleave: () => this.left(),
        dragover: (event) => hasFiles(event) && event.preventDefault(),
        drop: (event) => this.dropped(event),
        beforeunload: (event) => this.items.some(({ active }) => active) && event.preventDefault(),
      };
      for (const [type, listener] of Object.entries(this.listeners)) window.addEventListener(type, listener);
    },

    destroy() {
      for (const [type, listener] of Object.entries(this.listeners)) window.removeEventListener(type, listener);
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
        this.items.push(newItem(this.nextKey, file, this.wishes()));
        held.set(this.nextKey, { file });
        this.nextKey += 1;
      }
      this.work();
    },

    // What was chosen for new videos. One that is scheduled for no moment stays private.
    wishes() {
      const moment = this.visibility === "scheduled" ? isoMoment(this.publishAt) : null;
      const visibility = this.visibility === "scheduled" && !moment ? "private" : this.visibility;
      return { visibility, publishAt: moment, category: this.category };
    },

    // The next one in the queue, if none is on its way.
    work() {
      if (this.items.some(({ state }) => state === "sending")) return;
      const item = this.items.find(({ state }) => state === "waiting");
      if (item) this.send(item);
    },

    async send(item) {
      const sent = item.title.trim();
      item.state = "sending";
      item.line = "Starting …";
      const upload = sendFile(held.get(item.key).file, { ...item, title: sent }, (state) => {
        item.percent = state.percent;
        item.line = lineOf(state);
      });
      held.get(item.key).abort = upload.abort;
      try {
        const video = await upload.answer;
        await this.rename(item, video, sent);
        this.finished(item, video);
      } catch (error) {
        if (error.name !== "AbortError") this.failed(item, error);
      }
      this.work();
    },

    // The title may have been changed while the file was on its way.
    async rename(item, video, sent) {
      const title = item.title.trim();
      if (!title || title === sent) return;
      try {
        await api(`/api/videos/${video.id}`, { method: "PUT", json: { title } });
      } catch (error) {
        this.news = error.message;
      }
    },

    finished(item, video) {
      Object.assign(item, { state: "done", active: false, closed: true, line: "Uploaded. It is being prepared now." });
      item.editUrl = `/videos/${video.id}`;
      this.news = `${item.title} was uploaded.`;
      held.delete(item.key);
      window.dispatchEvent(new Event("vlog:uploaded"));
    },

    failed(item, error) {
      Object.assign(item, { state: "failed", active: false, error: error.message });
      window.dispatchEvent(new Event("vlog:uploaded"));
    },

    again(key) {
      const item = this.items.find((one) => one.key === key);
      Object.assign(item, { state: "waiting", active: true, percent: 0, line: "Waiting for its turn" });
      this.work();
    },

    cancel(key) {
      held.get(key)?.abort?.();
      this.dismiss(key);
      this.news = "The upload was cancelled.";
      this.work();
    },

    dismiss(key) {
      held.delete(key);
      this.items = this.items.filter((item) => item.key !== key);
    },
  };
}

// Files and running requests; kept out of Alpine, which would wrap them.
const held = new Map();

function newItem(key, file, wishes) {
  const title = file.name.replace(/\.[^.]{1,5}$/, "").replace(/_+/g, " ").trim() || file.name;
  return {
    key,
    title: title.slice(0, 255),
    titleLabel: `Title of ${file.name}`,
    dismissLabel: `Take ${file.name} off the list`,
    ...wishes,
    state: "waiting",
    active: true,
    closed: false,
    percent: 0,
    line: `${bytes(file.size)}, waiting for its turn`,
    error: "",
    editUrl: "",
  };
}

function lineOf({ sent, total, speed, left }) {
  if (sent >= total) return "All bytes have arrived. The file is being checked …";
  const parts = [`${bytes(sent)} of ${bytes(total)}`, speed ? `${bytes(speed)}/s` : "", timeLeft(left)];
  return parts.filter(Boolean).join(" · ");
}

function hasFiles(event) {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
