// Plays a video. The only file that knows hls.js; what a person touches is in player_controls.js.
import workerPath from "hls.js/dist/hls.worker.js";

import { HeldFrame } from "./held_frame.js";

const SETTINGS = {
  startPosition: 0,
  autoStartLoad: false,
  backBufferLength: 30,
  maxBufferLength: 30,
  maxMaxBufferLength: 120,
  capLevelToPlayerSize: true,
  abrEwmaDefaultEstimate: 2_000_000,
  // A playlist that still grows is "live" to hls.js: never chase its end.
  liveSyncMode: "buffered",
  maxLiveSyncPlaybackRate: 1,
  liveSyncOnStallIncrease: 0,
  workerPath,
};
// A video without a picture has its sound for its only level.
const SOUND = "audio";
const RETRY_SECONDS = [1, 2, 4, 8, 15, 15];
const MEDIA_RECOVERIES = 3;
const SENTENCES = {
  network: "The connection to the server was lost.",
  media: "This browser could not show the video.",
  unsupported: "This browser cannot play this kind of video.",
};

// Tells with events on itself: qualities, quality, trouble, calm, failure, reloaded.
export class Player extends EventTarget {
  constructor(root) {
    super();
    this.root = root;
    this.video = root.querySelector("[data-video]");
    this.source = root.dataset.src;
    this.knownDuration = Number(root.dataset.duration) || 0;
    this.playableSeconds = 0;
    this.hls = null;
    // All rungs of the master, also those in a codec that this browser does not play.
    this.listed = [];
    this.fatalErrors = [];
    this.reloads = 0;
    this.reloading = false;
    this.chosenQuality = "auto";
    this.frame = new HeldFrame(this.video, root.querySelector("[data-hold]"));
    this.networkRetries = 0;
    this.mediaRecoveries = [];
    this.retryTimer = 0;
    this.wanted = false;
    root.vlogPlayer = this;
    this.video.addEventListener("play", () => this.beginLoading());
    this.video.addEventListener("playing", () => this.calm());
    window.addEventListener("online", () => this.retryNow());
  }

  async open() {
    const Hls = await this.engine();
    if (!Hls) return;
    if (Hls.isSupported()) {
      this.hls = new Hls(SETTINGS);
      this.listen();
      this.hls.attachMedia(this.video);
      this.hls.loadSource(this.source);
    } else if (this.video.canPlayType("application/vnd.apple.mpegurl")) {
      this.video.src = this.source;
      this.video.addEventListener("error", () => this.video.error && this.fail("media"));
    } else {
      this.fail("unsupported");
    }
  }

  async engine() {
    try {
      this.Hls ??= (await import("hls.js")).default;
    } catch {
      this.fail("network");
    }
    return this.Hls;
  }

  listen() {
    const { Events } = this.Hls;
    this.hls.on(Events.MANIFEST_LOADED, (_, { levels }) => (this.listed = levels.map(rungName)));
    this.hls.on(Events.MANIFEST_PARSED, () => this.onManifest());
    this.hls.on(Events.LEVEL_SWITCHED, () => this.tellQuality());
    this.hls.on(Events.FRAG_BUFFERED, () => this.calm());
    this.hls.on(Events.ERROR, (_, data) => data.fatal && this.onFatal(data));
  }

  onManifest() {
    this.restoreChoice();
    this.tell("qualities");
    if (this.wanted) this.hls.startLoad(this.startAt ?? 0, false);
  }

  beginLoading() {
    if (this.wanted) return;
    this.wanted = true;
    if (this.hls?.levels.length) this.hls.startLoad(0);
  }

  async play() {
    this.beginLoading();
    await this.video.play();
  }

  // ---- qualities

  get qualities() {
    return (this.hls?.levels ?? []).map((level) => rungName(level)).filter((name) => name !== SOUND);
  }

  get quality() {
    const level = this.hls?.levels[this.hls.currentLevel];
    return level && rungName(level) !== SOUND ? rungName(level) : null;
  }

  choose(name) {
    this.chosenQuality = name;
    if (!this.hls) return;
    const index = this.qualities.indexOf(name);
    // What is buffered in another rung goes, so that the person sees the choice soon.
    if (index >= 0) this.hls.nextLevel = index;
    else this.hls.loadLevel = -1;
    this.tell("quality");
  }

  restoreChoice() {
    const index = this.qualities.indexOf(this.chosenQuality);
    if (index >= 0) this.hls.loadLevel = index;
  }

  tellQuality() {
    this.root.dataset.quality = this.quality ?? "";
    this.tell("quality");
  }

  // ---- a video that grows

  get growing() {
    return this.hls ? Boolean(this.hls.latestLevelDetails?.live) : !Number.isFinite(this.video.duration);
  }

  get duration() {
    const loaded = Number.isFinite(this.video.duration) ? this.video.duration : 0;
    if (!loaded) return this.knownDuration;
    return this.growing ? Math.max(this.knownDuration, loaded) : loaded;
  }

  // Seconds from the start that can be watched now.
  get playableEnd() {
    const { seekable, duration } = this.video;
    if (seekable.length === 0) return this.playableSeconds;
    if (!this.growing) return duration;
    return Math.max(seekable.end(seekable.length - 1), this.playableSeconds);
  }

  seek(seconds) {
    const end = this.playableEnd;
    const last = this.growing ? Math.max(0, end - 1) : end;
    const target = Math.min(Math.max(0, seconds), last || seconds);
    if (this.reloading) this.startAt = target;
    else this.video.currentTime = target;
    return { target, cut: seconds > last + 1 && this.growing };
  }

  // The master playlist is read once by players: look whether it lists a rung that is not known yet.
  async lookForQualities() {
    if (this.reloading || (this.hls && !this.hls.levels.length)) return false;
    const answer = await fetch(this.source, { cache: "no-cache" });
    if (!answer.ok) return false;
    const listed = variantsIn(await answer.text());
    const fresh = listed.some((name) => !this.listed.includes(name));
    if (!this.hls) this.listed = listed;
    if (fresh) await this.reload();
    return fresh;
  }

  // Loads the master anew. The last frame stays on the screen until the next one is there.
  async reload() {
    if (!this.wanted) {
      if (this.hls) this.hls.loadSource(this.source);
      this.reloads += 1;
      return;
    }
    await this.keepingPlace(() => {
      if (this.hls) this.hls.loadSource(this.source);
      else this.video.src = this.source;
    });
    this.reloads += 1;
    this.tell("reloaded");
  }

  // Runs something that empties the video element, and puts everything back as it was.
  async keepingPlace(action) {
    if (this.reloading) return;
    this.reloading = true;
    const { video } = this;
    const { ended, playbackRate, volume, muted } = video;
    const paused = video.paused || ended;
    const place = ended ? 0 : video.currentTime;
    this.paused = paused;
    this.startAt = place;
    this.frame.hold();
    action();
    Object.assign(video, { volume, muted, defaultPlaybackRate: playbackRate, playbackRate });
    const onMetadata = () => {
      video.playbackRate = playbackRate;
      if (Math.abs(video.currentTime - place) > 0.05) video.currentTime = place;
    };
    video.addEventListener("loadedmetadata", onMetadata, { once: true });
    const onPause = () => !this.paused && video.play().catch(() => {});
    if (!paused) {
      video.addEventListener("pause", onPause);
      video.play().catch(() => {});
    }
    if (ended) this.frame.releaseWhenPlaying();
    else await this.frame.release(place);
    video.removeEventListener("pause", onPause);
    video.removeEventListener("loadedmetadata", onMetadata);
    video.defaultPlaybackRate = 1;
    this.reloading = false;
    if (this.startAt !== place) video.currentTime = this.startAt;
    if (!this.paused && video.paused) video.play().catch(() => {});
  }

  // While the element is emptied its own `paused` says nothing: this is what the person wants.
  get wantsPause() {
    return this.reloading ? this.paused : this.video.paused;
  }

  pause() {
    this.paused = true;
    this.video.pause();
  }

  resume() {
    this.paused = false;
    return this.play();
  }

  // ---- when something goes wrong

  onFatal(data) {
    this.fatalErrors.push({ type: data.type, details: data.details, at: this.video.currentTime });
    const { ErrorTypes } = this.Hls;
    if (data.type === ErrorTypes.NETWORK_ERROR) this.retryLater();
    else if (data.type === ErrorTypes.MEDIA_ERROR) this.recoverMedia();
    else this.fail("media");
  }

  retryLater() {
    const seconds = RETRY_SECONDS[this.networkRetries];
    if (seconds === undefined) {
      this.fail("network");
      return;
    }
    this.networkRetries += 1;
    this.tell("trouble");
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.retryNow(), seconds * 1000);
  }

  retryNow() {
    clearTimeout(this.retryTimer);
    if (!this.hls || this.networkRetries === 0) return;
    if (this.hls.levels.length) this.hls.startLoad(this.video.currentTime, true);
    else this.hls.loadSource(this.source);
  }

  recoverMedia() {
    const now = performance.now();
    this.mediaRecoveries = this.mediaRecoveries.filter((time) => now - time < 30_000);
    if (this.mediaRecoveries.length >= MEDIA_RECOVERIES) {
      this.fail("media");
      return;
    }
    this.mediaRecoveries.push(now);
    this.keepingPlace(() => {
      if (this.mediaRecoveries.length === 2) this.hls.swapAudioCodec();
      this.hls.recoverMediaError();
    });
  }

  calm() {
    if (this.networkRetries === 0) return;
    this.networkRetries = 0;
    this.tell("calm");
  }

  fail(kind) {
    clearTimeout(this.retryTimer);
    this.networkRetries = 0;
    this.hls?.stopLoad();
    this.video.pause();
    this.failure = SENTENCES[kind];
    this.tell("failure");
  }

  async tryAgain() {
    this.failure = null;
    this.mediaRecoveries = [];
    this.wanted = true;
    if (this.hls) await this.keepingPlace(() => this.hls.loadSource(this.source));
    else await this.open();
    await this.video.play();
  }

  tell(type) {
    this.dispatchEvent(new Event(type));
  }
}

function rungName(level) {
  const file = /([^/]+)\.m3u8/.exec([level.url].flat()[0] ?? "")?.[1] ?? "";
  return file === SOUND || /^\d+p(-\w+)?$/.test(file) ? file : `${Math.min(level.width, level.height)}p`;
}

function variantsIn(text) {
  const lines = text.split(/\r?\n/).filter((line) => line && !line.startsWith("#"));
  return lines.map((line) => /([^/]+)\.m3u8/.exec(line)?.[1] ?? line);
}
