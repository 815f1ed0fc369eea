// Captions that are written while the page is open: they come to the menu and to the transcript by
// themselves, and those that are not whole yet are said to be growing.
const POLL_MS = 4000;
const CALM_POLL_MS = 20_000;
const LONGEST_POLL_MS = 60_000;
const ENDINGS = {
  completed: "The captions are complete.",
  failed: "The captions could not be finished. What is there stays.",
};

export class CaptionsGrowth {
  // `panel`: the transcript beside the video, where the page has a place for it.
  constructor(player, panel = null) {
    this.player = player;
    this.captions = player.controls.captions;
    this.panel = panel;
    this.path = `/api/videos/${encodeURIComponent(player.root.dataset.slug)}`;
    this.versions = new Map(
      [...player.video.querySelectorAll("track[data-version]")].map(({ srclang, dataset }) => [srclang, Number(dataset.version)]),
    );
    // Tracks that are filled here, and where the last line of each begins, in seconds.
    this.filled = new Map();
    this.failures = 0;
  }

  begin() {
    if (!("captionsComing" in this.player.root.dataset)) return;
    this.onVisible = () => document.hidden || this.poll();
    document.addEventListener("visibilitychange", this.onVisible);
    this.plan(POLL_MS);
  }

  plan(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.poll(), milliseconds);
  }

  async poll() {
    clearTimeout(this.timer);
    let writing = true;
    let pause = CALM_POLL_MS;
    try {
      const { captions, transcription } = await this.ask("/captions");
      this.failures = 0;
      // What is still being made is listened to later.
      writing = ["waiting", "running"].includes(transcription.status) || this.player.expectsGrowth;
      if (transcription.status === "running" && !document.hidden) pause = POLL_MS;
      await this.show(captions);
      this.tell(transcription);
    } catch (error) {
      if (error.gone) writing = false;
      this.failures += 1;
    }
    if (writing) this.plan(Math.min(LONGEST_POLL_MS, pause * 2 ** this.failures));
    else document.removeEventListener("visibilitychange", this.onVisible);
  }

  async ask(path) {
    const answer = await fetch(this.path + path);
    if (answer.ok) return answer.json();
    throw Object.assign(new Error(`status ${answer.status}`), { gone: [403, 404, 410].includes(answer.status) });
  }

  async show(offered) {
    const known = this.versions.size;
    this.captions.growing = new Set(offered.filter(({ growing }) => growing).map(({ language }) => language));
    for (const captions of offered) {
      if (this.versions.get(captions.language) === captions.version) continue;
      await this.fill(captions);
      this.versions.set(captions.language, captions.version);
    }
    // Another language to choose from, or the first: the panel itself is another one.
    if (this.panel && this.versions.size !== known) await this.panel.renew();
    this.captions.dispatchEvent(new Event("change"));
  }

  // The file of a growing track is always a little behind, and is loaded once: lines come from the API.
  async fill({ language, label }) {
    const { video, hls } = this.player;
    const reached = this.filled.get(language) ?? -1;
    const { cues } = await this.ask(`/transcript?${new URLSearchParams({ language, after: reached })}`);
    if (cues.length === 0) return;
    this.filled.set(language, cues.at(-1).start);
    this.panel?.takeIn(language, cues);
    // The browser's own player has them from the playlist.
    if (!hls) return;
    this.track(video, language, label).add(cues);
  }

  track(video, language, label) {
    const written = [...video.textTracks].find((one) => one.language === language && one.writtenHere);
    const track = written ?? video.addTextTrack("captions", label, language);
    track.writtenHere = true;
    if (!written) video.querySelector(`track[srclang="${CSS.escape(language)}"]`)?.remove();
    const add = (cues) => {
      for (const { start, end, text } of cues) track.addCue(new VTTCue(start, end, escaped(text)));
    };
    return { add };
  }

  tell({ status, progress_percent: percent }) {
    const running = `Captions are being written: ${Math.round(percent)} % of the video so far. New lines appear here by themselves.`;
    this.panel?.say(status === "running" ? running : (ENDINGS[status] ?? ""));
  }
}

// What is read is text; WebVTT would take it for markup.
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
