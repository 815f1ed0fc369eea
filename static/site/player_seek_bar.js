// The seek bar: what was played, what is loaded, what can be played, chapters, and what is where.
import { clock, spoken } from "./format.js";
import { Storyboard } from "./storyboard.js";

export class SeekBar {
  constructor(controls) {
    this.controls = controls;
    this.player = controls.player;
    this.parts = controls.parts;
    this.chapters = JSON.parse(this.player.root.dataset.chapters ?? "[]");
    const { storyboard } = this.player.root.dataset;
    this.storyboard = storyboard ? new Storyboard(storyboard) : null;
    this.dragging = false;
    this.wire();
  }

  wire() {
    const { seek, tip } = this.parts;
    const box = this.parts["seek-box"];
    seek.addEventListener("pointerdown", () => (this.dragging = true));
    seek.addEventListener("input", () => {
      if (!this.dragging) this.controls.seekTo(Number(seek.value));
      else this.showTip(Number(seek.value));
      this.controls.view.draw();
    });
    seek.addEventListener("change", () => {
      this.dragging = false;
      this.controls.seekTo(Number(seek.value));
    });
    for (const type of ["pointerup", "pointercancel"]) {
      seek.addEventListener(type, () => (this.dragging = false));
    }
    box.addEventListener("pointermove", (event) => {
      const { left, width } = box.getBoundingClientRect();
      this.showTip(((event.clientX - left) / width) * this.player.duration);
    });
    box.addEventListener("pointerleave", () => (tip.hidden = true));
  }

  // Somebody has just changed them.
  showChapters(chapters) {
    this.chapters = chapters;
    this.gapsFor = 0;
    this.controls.view.draw();
  }

  chapterAt(seconds) {
    return this.chapters.findLast(([start]) => start <= seconds + 0.01) ?? null;
  }

  showTip(seconds) {
    const { tip } = this.parts;
    const box = this.parts["seek-box"];
    const total = this.player.duration;
    const at = Math.min(total, Math.max(0, seconds || 0));
    const title = this.chapterAt(at)?.[1] ?? "";
    this.parts["tip-time"].textContent = clock(at);
    this.parts["tip-chapter"].textContent = title;
    this.parts["tip-chapter"].hidden = !title;
    tip.hidden = false;
    this.storyboard?.show(this.parts["tip-picture"], at);
    const half = tip.offsetWidth / 2;
    const middle = total ? (at / total) * box.clientWidth : 0;
    tip.style.left = `${Math.min(box.clientWidth - half, Math.max(half, middle))}px`;
  }

  draw(now) {
    const { parts, player } = this;
    const total = player.duration || 0;
    parts.seek.max = String(total || 1);
    if (!this.dragging) parts.seek.value = String(now);
    const chapter = this.chapterAt(now)?.[1];
    const place = `${spoken(now)} of ${spoken(total)}`;
    parts.seek.setAttribute("aria-valuetext", chapter ? `${place}, ${chapter}` : place);
    const share = (seconds) => `${total ? Math.min(100, (seconds / total) * 100) : 0}%`;
    parts.played.style.width = share(now);
    parts.playable.style.width = share(player.playableEnd);
    parts.coming.style.width = player.growing && total ? "100%" : "0";
    parts.buffered.style.background = stripes(player.video.buffered, total);
    this.drawGaps(total);
  }

  drawGaps(total) {
    if (this.gapsFor === total || !total) return;
    this.gapsFor = total;
    const inside = this.chapters.filter(([start]) => start > 0 && start < total);
    this.parts.gaps.replaceChildren(
      ...inside.map(([start]) => {
        const gap = document.createElement("span");
        gap.style.left = `${(start / total) * 100}%`;
        return gap;
      }),
    );
  }
}

function stripes(ranges, total) {
  if (!total) return "none";
  const stops = [];
  for (let index = 0; index < ranges.length; index += 1) {
    const from = (ranges.start(index) / total) * 100;
    const to = (ranges.end(index) / total) * 100;
    const colour = "rgb(255 255 255 / 0.4)";
    stops.push(`transparent ${from}%`, `${colour} ${from}%`, `${colour} ${to}%`, `transparent ${to}%`);
  }
  return stops.length ? `linear-gradient(to right, ${stops.join(", ")})` : "none";
}
