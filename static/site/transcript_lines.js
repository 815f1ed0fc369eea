// The lines of a transcript: marked and followed while the video plays, found, and a way to each place.
import { copyText } from "./copy.js";
import { clock } from "./format.js";
import { goTo, motion } from "./seek_links.js";
import { linkAt } from "./share.js";
import { TranscriptFind } from "./transcript_find.js";

const SCROLL_KEYS = ["PageUp", "PageDown", " "];

export class TranscriptLines {
  constructor(player, panel) {
    this.player = player;
    this.panel = panel;
    this.list = panel.querySelector("[data-lines]");
    this.read();
    this.follow = panel.querySelector("[data-follow]");
    this.copy = panel.querySelector("[data-copy-line]");
    this.said = panel.querySelector("[data-transcript-said]");
    this.current = -1;
    this.following = true;
    this.leaving = new AbortController();
    this.find = new TranscriptFind(this);
    this.rove(0);
    this.list.removeAttribute("tabindex");
    this.wire();
    this.mark();
  }

  read() {
    this.links = [...this.list.querySelectorAll("[data-at]")];
    this.times = this.links.map(({ dataset }) => Number(dataset.at));
  }

  // Where the last line begins, in seconds.
  get reached() {
    return this.times.at(-1) ?? -1;
  }

  // What has been written since comes after what is there, which stays as it is.
  add(cues) {
    this.list.append(...cues.map(lineOf));
    this.read();
    this.rove(Math.max(0, this.current));
    this.mark();
    this.find.look(false);
  }

  wire() {
    const { list, player, follow, copy } = this;
    const { signal } = this.leaving;
    for (const type of ["timeupdate", "seeked"]) {
      player.video.addEventListener(type, () => this.mark(), { signal });
    }
    list.addEventListener("click", (event) => this.onClick(event));
    list.addEventListener("keydown", (event) => this.onKey(event));
    for (const type of ["wheel", "touchmove"]) {
      list.addEventListener(type, () => this.stopFollowing(), { passive: true });
    }
    // A press beside the lines is one on the scroll bar.
    list.addEventListener("pointerdown", ({ target }) => target === list && this.stopFollowing());
    for (const type of ["pointerover", "focusin"]) {
      list.addEventListener(type, ({ target }) => this.offerCopy(target.closest("li")));
    }
    follow.addEventListener("click", () => this.startFollowing());
    copy.addEventListener("click", () => this.copyLine());
  }

  close() {
    this.leaving.abort();
    this.find.close();
  }

  onClick(event) {
    const link = event.target.closest("[data-at]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.rove(this.links.indexOf(link));
    goTo(this.player, Number(link.dataset.at));
    this.startFollowing();
  }

  // One stop for the Tab key; arrows go from line to line.
  onKey(event) {
    const at = this.links.indexOf(document.activeElement);
    if (SCROLL_KEYS.includes(event.key)) this.stopFollowing();
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.links.length - 1 }[event.key];
    if (at < 0 || to === undefined || !this.links[to]) return;
    event.preventDefault();
    this.stopFollowing();
    this.rove(to);
    this.links[to].focus();
  }

  rove(index) {
    for (const link of this.links) link.tabIndex = -1;
    if (this.links[index]) this.links[index].tabIndex = 0;
  }

  mark() {
    const now = this.player.place + 0.05;
    const found = this.times.findLastIndex((time) => time <= now);
    if (found === this.current) return;
    this.links[this.current]?.removeAttribute("aria-current");
    this.current = found;
    this.links[found]?.setAttribute("aria-current", "true");
    if (!this.list.contains(document.activeElement)) this.rove(Math.max(0, found));
    if (this.following) this.show(found);
  }

  show(index, behavior = motion()) {
    const line = this.links[index]?.parentElement;
    if (!line) return;
    const top = line.offsetTop - this.list.clientHeight / 2 + line.offsetHeight / 2;
    this.list.scrollTo({ top, behavior });
  }

  stopFollowing() {
    if (this.list.scrollHeight <= this.list.clientHeight) return;
    this.following = false;
    this.follow.hidden = false;
  }

  startFollowing() {
    this.following = true;
    if (document.activeElement === this.follow) this.links[Math.max(0, this.current)].focus({ preventScroll: true });
    this.follow.hidden = true;
    this.show(this.current);
  }

  offerCopy(line) {
    if (!line || line === this.copy.parentElement) return;
    line.append(this.copy);
    this.copy.hidden = false;
  }

  async copyLine() {
    const { at } = this.copy.parentElement.querySelector("[data-at]").dataset;
    const address = document.querySelector("link[rel=canonical]").href;
    const done = await copyText(linkAt(address, Number(at)));
    this.said.textContent = done ? "Link copied." : "The link could not be copied.";
    this.copy.dataset.done = String(done);
    setTimeout(() => delete this.copy.dataset.done, 1500);
    this.copy.focus({ preventScroll: true });
  }
}

// As the server writes it.
function lineOf({ start, text }) {
  const line = document.createElement("li");
  const link = document.createElement("a");
  const [time, words] = [document.createElement("span"), document.createElement("span")];
  link.href = `?t=${Math.floor(start)}`;
  link.dataset.at = String(start);
  time.className = "transcript-time";
  time.textContent = clock(start);
  words.dir = "auto";
  words.textContent = text;
  link.append(time, " ", words);
  line.append(link);
  return line;
}
