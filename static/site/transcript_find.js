// Find in the transcript: counts, marks and goes from match to match.
const HIGHLIGHT = "transcript-find";

export class TranscriptFind {
  constructor(transcript) {
    this.transcript = transcript;
    const part = (name) => transcript.panel.querySelector(`[data-find${name}]`);
    this.field = part("");
    this.count = part("-count");
    this.previous = part("-previous");
    this.next = part("-next");
    this.matches = [];
    this.at = -1;
    this.field.addEventListener("input", () => this.look());
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    this.previous.addEventListener("click", () => this.go(-1));
    this.next.addEventListener("click", () => this.go(1));
  }

  onKey(event) {
    if (event.key === "Enter") this.go(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && this.field.value) this.clear();
    else return;
    event.preventDefault();
  }

  clear() {
    this.field.value = "";
    this.look();
  }

  close() {
    CSS.highlights?.delete(HIGHLIGHT);
  }

  // `jump`: whether to go to the first match.
  look(jump = true) {
    const words = this.field.value.trim().toLocaleLowerCase();
    const ranges = [];
    this.matches = [];
    this.at = -1;
    for (const link of this.transcript.links) {
      const text = link.lastElementChild.firstChild;
      const found = words ? rangesOf(words, text) : [];
      link.toggleAttribute("data-match", found.length > 0);
      link.removeAttribute("data-match-here");
      ranges.push(...found);
      this.matches.push(...found.map(() => link));
    }
    if (window.Highlight) CSS.highlights.set(HIGHLIGHT, new Highlight(...ranges));
    if (jump && this.matches.length) this.go(1);
    this.draw(words);
  }

  go(step) {
    const { length } = this.matches;
    if (!length) return;
    this.matches[this.at]?.removeAttribute("data-match-here");
    this.at = (this.at + step + length) % length;
    const link = this.matches[this.at];
    link.setAttribute("data-match-here", "");
    this.transcript.stopFollowing();
    const index = this.transcript.links.indexOf(link);
    this.transcript.rove(index);
    this.transcript.show(index, "instant");
    this.draw(this.field.value);
  }

  draw(words) {
    const { length } = this.matches;
    this.count.textContent = !words ? "" : !length ? "None" : this.at < 0 ? String(length) : `${this.at + 1} of ${length}`;
    this.previous.disabled = this.next.disabled = length < 2;
  }
}

function rangesOf(words, node) {
  const text = node?.data?.toLocaleLowerCase() ?? "";
  const found = [];
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + words.length)) {
    const range = new Range();
    range.setStart(node, Math.min(at, node.length));
    range.setEnd(node, Math.min(at + words.length, node.length));
    found.push(range);
  }
  return found;
}
