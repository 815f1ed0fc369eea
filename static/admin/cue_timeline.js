// The cues around the moment that is played, as blocks on a line: a click goes there, an edge that
// is dragged changes a time. The fields below it do the same for the keyboard.
import { secondsOf, written } from "./captions_view.js";

const SECONDS = 30;
const SHORTEST_SECONDS = 0.1;

export function cueTimeline() {
  return {
    grabbed: null,
    firstSecond: 0,

    get preview() {
      return document.querySelector("[data-player]")?.vlogPlayer;
    },

    followTime() {
      this.leaveTime();
      const video = this.preview?.video;
      if (!video) return;
      const draw = () => this.draw();
      video.addEventListener("timeupdate", draw);
      video.addEventListener("seeked", draw);
      this.stopDrawing = () => {
        video.removeEventListener("timeupdate", draw);
        video.removeEventListener("seeked", draw);
      };
      this.$nextTick(draw);
    },

    leaveTime() {
      this.stopDrawing?.();
      this.stopDrawing = null;
    },

    draw() {
      const line = this.$refs.timeline;
      const now = this.preview?.video.currentTime ?? 0;
      if (!this.grabbed) this.firstSecond = Math.max(0, now - SECONDS / 2);
      const blocks = this.cues.map((cue) => this.block(cue)).filter(Boolean);
      line.replaceChildren(...blocks, place(element("cue-now"), now - this.firstSecond));
    },

    // A cue's block, or nothing where it lies outside of what is shown.
    block(cue) {
      const start = secondsOf(cue.start) - this.firstSecond;
      const end = secondsOf(cue.end) - this.firstSecond;
      if (!(end > 0 && start < SECONDS && end > start)) return null;
      const block = place(element("cue-block"), start, end - start);
      block.dataset.key = cue.key;
      const text = element("cue-block-text");
      text.textContent = cue.text;
      text.dir = "auto";
      block.append(edge("start"), text, edge("end"));
      return block;
    },

    grab(event) {
      const key = Number(event.target.closest("[data-key]")?.dataset.key);
      const cue = this.cues.find((one) => one.key === key);
      const which = event.target.dataset.edge;
      if (cue && which) {
        this.grabbed = { cue, which };
        event.currentTarget.setPointerCapture(event.pointerId);
        return;
      }
      this.preview?.seek(cue ? secondsOf(cue.start) : this.secondAt(event));
      if (cue) this.showCue(cue);
    },

    drag(event) {
      if (!this.grabbed) return;
      const { cue, which } = this.grabbed;
      const moment = Math.max(0, this.secondAt(event));
      cue[which] = written(
        which === "start"
          ? Math.min(moment, secondsOf(cue.end) - SHORTEST_SECONDS)
          : Math.max(moment, secondsOf(cue.start) + SHORTEST_SECONDS),
      );
      this.change(cue);
      this.draw();
    },

    release() {
      if (!this.grabbed) return;
      this.showCue(this.grabbed.cue);
      this.grabbed = null;
    },

    secondAt({ clientX }) {
      const { left, width } = this.$refs.timeline.getBoundingClientRect();
      return this.firstSecond + ((clientX - left) / width) * SECONDS;
    },
  };
}

function element(name) {
  const made = document.createElement("div");
  made.className = name;
  return made;
}

function edge(which) {
  const made = element("cue-edge");
  made.dataset.edge = which;
  return made;
}

function place(made, start, length) {
  made.style.left = `${(start / SECONDS) * 100}%`;
  if (length !== undefined) made.style.width = `${(length / SECONDS) * 100}%`;
  return made;
}
