// The panel with the words beside the video: its language can be changed, and it grows while they
// are being written down.
import { TranscriptLines } from "./transcript_lines.js";

export class TranscriptPanel {
  constructor(player) {
    this.player = player;
    this.panel = document.querySelector("[data-transcript]");
    this.lines = null;
    if (this.panel) this.open();
  }

  get language() {
    return this.panel?.querySelector("[data-lines]")?.lang || null;
  }

  open() {
    this.panel.addEventListener("click", (event) => {
      const link = event.target.closest("[data-transcript-language]");
      if (!link) return;
      event.preventDefault();
      this.change(link.href);
    });
    this.begin();
  }

  begin() {
    this.lines = this.panel.querySelector("[data-lines]") ? new TranscriptLines(this.player, this.panel) : null;
  }

  async change(address) {
    const fresh = await partOf(address, "[data-transcript]");
    if (!fresh) return;
    this.replace(fresh);
    this.panel.querySelector("[data-transcript-language][aria-current]")?.focus();
  }

  replace(fresh) {
    this.lines?.close();
    this.panel.replaceChildren(...fresh.childNodes);
    this.begin();
  }

  // Loads the panel anew; one that was not there yet comes to its place.
  async renew() {
    const address = new URL(location.href);
    if (this.language) address.searchParams.set("transcript", this.language);
    const fresh = await partOf(address, "[data-transcript]");
    if (!fresh) return;
    if (this.panel) {
      this.replace(fresh);
      return;
    }
    this.panel = fresh;
    besideTheVideo().prepend(fresh);
    this.open();
  }

  // New lines of a language; what is on the page already is left out.
  takeIn(language, cues) {
    if (!this.lines || language !== this.language) return;
    this.lines.add(cues.filter(({ start }) => start > this.lines.reached + 0.01));
  }

  // How the writing goes; nothing once it has ended.
  say(sentence) {
    const place = this.panel?.querySelector("[data-transcript-growing]");
    if (!place) return;
    place.textContent = sentence;
    place.hidden = !sentence;
  }
}

async function partOf(address, selector) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(selector);
}

function besideTheVideo() {
  const found = document.querySelector(".watch-side");
  if (found) return found;
  const made = document.createElement("div");
  made.className = "watch-side";
  document.querySelector("[data-watch]").append(made);
  return made;
}
