// Captions, drawn by us so that they keep clear of the controls and look as the viewer likes.
import { preference, prefer } from "./preferences.js";

export const SIZES = [["small", "Small"], ["medium", "Medium"], ["large", "Large"], ["huge", "Very large"]];
export const GROUNDS = [["dark", "Dark"], ["half", "Half dark"], ["none", "None"]];
const OFF = "off";

export class PlayerCaptions extends EventTarget {
  constructor(player, box) {
    super();
    this.player = player;
    this.video = player.video;
    this.box = box;
    this.chosen = null;
    this.onCues = () => this.draw();
    // Languages whose captions are still being written.
    this.growing = new Set([...this.video.querySelectorAll("track[data-growing]")].map(({ srclang }) => srclang));
    this.wish = preference("captions", OFF);
    for (const type of ["addtrack", "removetrack"]) {
      this.video.textTracks.addEventListener(type, () => this.restore());
    }
    // The system's own full screen shows only what it draws itself.
    this.video.addEventListener("webkitbeginfullscreen", () => this.chosen && (this.chosen.mode = "showing"));
    this.video.addEventListener("webkitendfullscreen", () => this.chosen && (this.chosen.mode = "hidden"));
    this.look("captionSize", preference("captionSize", "medium"));
    this.look("captionGround", preference("captionGround", "dark"));
    this.restore();
  }

  get tracks() {
    return [...this.video.textTracks].filter(({ kind }) => kind === "captions" || kind === "subtitles");
  }

  labelOf({ label, language }) {
    return `${label || language}${this.growing.has(language) ? ", still growing" : ""}`;
  }

  restore() {
    const found = this.wish === OFF ? null : (this.tracks.find(({ language }) => language === this.wish) ?? null);
    this.show(found);
  }

  choose(track) {
    this.wish = track?.language ?? OFF;
    prefer("captions", this.wish);
    if (track) prefer("captionsLanguage", track.language);
    this.show(track);
  }

  // Off, or back to the language that was read last.
  toggle() {
    const { tracks } = this;
    if (tracks.length === 0) return null;
    const last = preference("captionsLanguage");
    const track = tracks.find(({ language }) => language === last) ?? tracks[0];
    this.choose(this.chosen ? null : track);
    return this.chosen;
  }

  show(track) {
    this.chosen?.removeEventListener("cuechange", this.onCues);
    this.chosen = track ?? null;
    for (const one of this.tracks) one.mode = one === this.chosen ? "hidden" : "disabled";
    this.chosen?.addEventListener("cuechange", this.onCues);
    this.draw();
    this.dispatchEvent(new Event("change"));
  }

  look(name, value) {
    this[name] = value;
    this.player.root.dataset[name] = value;
    prefer(name, value);
  }

  draw() {
    const cues = [...(this.chosen?.activeCues ?? [])];
    this.box.replaceChildren(
      ...cues.map((cue) => {
        const line = document.createElement("span");
        line.dir = "auto";
        line.lang = this.chosen.language;
        line.append(cue.getCueAsHTML());
        return line;
      }),
    );
    this.box.hidden = cues.length === 0;
  }
}
