// Plays a video. The only file that knows hls.js; what a person touches is in player_controls.js.
import workerPath from "hls.js/dist/hls.worker.js";

import { HeldFrame } from "./held_frame.js";
import { preference, prefer } from "./preferences.js";
import { PlayerRecovery } from "./player_recovery.js";
import { SOUND, fileOf, rungName, soundsIn, variantsIn } from "./player_rungs.js";
import { PlayerSounds } from "./player_sounds.js";

const SETTINGS = {
  startPosition: 0,
  autoStartLoad: false,
  backBufferLength: 30,
  maxBufferLength: 30,
  maxMaxBufferLength: 120,
  // Bytes of one rung ahead; with it memory is the same for a minute and for three hours.
  maxBufferSize: 60_000_000,
  frontBufferFlushThreshold: 120,
  capLevelToPlayerSize: true,
  // A playlist that still grows is "live" to hls.js: never chase its end.
  liveSyncMode: "buffered",
  maxLiveSyncPlaybackRate: 1,
  liveSyncOnStallIncrease: 0,
  // Captions are tracks of the page: those of the playlist would be there twice.
  subtitleStreamController: undefined,
  subtitleTrackController: undefined,
  timelineController: undefined,
  emeController: undefined,
  workerPath,
};
const FIRST_ESTIMATE = 2_000_000;
const FRAMES_PER_SECOND = 30;
const UNPLAYABLE = ["MANIFEST_INCOMPATIBLE_CODECS_ERROR", "BUFFER_INCOMPATIBLE_CODECS_ERROR", "BUFFER_ADD_CODEC_ERROR"];
const GONE = [403, 404, 410];

// Tells with events on itself: qualities, quality, sounds, place, waiting, cut, trouble, calm, failure, reloaded.
export class Player extends EventTarget {
  constructor(root) {
    super();
    this.root = root;
    this.video = root.querySelector("[data-video]");
    this.source = root.dataset.src;
    this.knownDuration = Number(root.dataset.duration) || 0;
    this.expectsGrowth = "growing" in root.dataset;
    this.soFar = Number(root.dataset.playable) || 0;
    // Where it begins, in seconds; while the element is emptied, where it goes on.
    this.startAt = 0;
    // A start that is not there yet, and whether to play once it is.
    this.awaited = null;
    this.hls = null;
    // All rungs of the master, also those in a codec that this browser does not play.
    this.listed = [];
    this.fatalErrors = [];
    this.reloads = 0;
    this.reloading = false;
    this.chosenQuality = "auto";
    this.frame = new HeldFrame(this.video, root.querySelector("[data-hold]"));
    this.wanted = false;
    // The rest of it will never come.
    this.cutShort = false;
    this.sounds = new PlayerSounds(this);
    root.vlogPlayer = this;
    this.recovery = new PlayerRecovery(this);
    this.video.addEventListener("play", () => this.beginLoading());
    this.video.addEventListener("playing", () => this.recovery.calm());
    window.addEventListener("pagehide", () => this.hls && prefer("line", Math.round(this.hls.bandwidthEstimate)));
  }

  async open() {
    const Hls = await this.engine();
    if (!Hls) return;
    if (Hls.isSupported()) {
      this.hls = new Hls({ ...SETTINGS, abrEwmaDefaultEstimate: estimatedLine() });
      this.listen();
      this.hls.attachMedia(this.video);
      this.hls.loadSource(this.source);
    } else if (this.video.canPlayType("application/vnd.apple.mpegurl")) {
      this.openWithout();
    } else {
      this.recovery.fail("unsupported");
    }
  }

  // The browser's own HLS. Its captions come with the playlist.
  openWithout() {
    const { video } = this;
    for (const track of video.querySelectorAll("track")) track.remove();
    video.addEventListener("error", () => video.error && this.recovery.fail("media"));
    video.addEventListener("loadedmetadata", () => !this.reloading && this.startAt && (video.currentTime = this.startAt));
    video.src = this.source;
  }

  // For what takes only an address, such as a television: gives up hls.js where it runs.
  async playWithout() {
    if (!this.hls) return;
    await this.keepingPlace(() => {
      this.hls.destroy();
      this.hls = null;
      this.openWithout();
    });
  }

  async engine() {
    try {
      this.Hls ??= (await import("hls.js")).default;
    } catch {
      this.recovery.fail("network");
    }
    return this.Hls;
  }

  listen() {
    const { Events } = this.Hls;
    this.hls.on(Events.MANIFEST_LOADED, (_, { levels, audioTracks = [] }) => {
      this.listed = levels.map(rungName);
      this.sounds.listed = audioTracks.map(({ url }) => fileOf(url));
    });
    this.hls.on(Events.MANIFEST_PARSED, () => this.onManifest());
    this.hls.on(Events.LEVEL_SWITCHED, () => this.tellQuality());
    this.hls.on(Events.FRAG_BUFFERED, () => this.recovery.calm());
    this.hls.on(Events.AUDIO_TRACKS_UPDATED, () => this.sounds.restore());
    this.hls.on(Events.AUDIO_TRACK_SWITCHED, () => this.tell("sounds"));
    this.hls.on(Events.ERROR, (_, data) => data.fatal && this.onFatal(data));
  }

  onManifest() {
    this.restoreChoice();
    this.tell("qualities");
    if (this.wanted) this.hls.startLoad(this.startAt);
  }

  beginLoading() {
    if (this.wanted) return;
    this.wanted = true;
    if (this.hls?.levels.length) this.hls.startLoad(this.startAt);
  }

  async play() {
    if (this.isAwaiting()) return;
    this.beginLoading();
    await this.video.play();
  }

  // ---- where it begins

  beginAt(seconds) {
    if (this.wanted) return;
    this.startAt = this.knownDuration ? Math.min(seconds, Math.max(0, this.knownDuration - 1)) : seconds;
    this.tell("place");
  }

  // A start that is still being made is waited for; asking a second time begins with what is there.
  isAwaiting() {
    if (this.wanted || !this.expectsGrowth || this.startAt <= Math.max(0, this.soFar - 1)) return false;
    const asked = this.awaited !== null;
    this.awaited = asked ? null : this.startAt;
    if (asked) this.startAt = 0;
    this.tell(asked ? "place" : "waiting");
    return !asked;
  }

  get playableSeconds() {
    return this.soFar;
  }

  set playableSeconds(seconds) {
    this.soFar = seconds;
    if (this.awaited === null || (this.expectsGrowth && this.awaited > seconds - 1)) return;
    this.awaited = null;
    this.tell("calm");
    this.play().catch(() => {});
  }

  get place() {
    return this.reloading || !this.wanted ? this.startAt : this.video.currentTime;
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

  // One picture, in seconds.
  get frameSeconds() {
    return 1 / (this.hls?.levels[this.hls.currentLevel]?.frameRate || FRAMES_PER_SECOND);
  }

  // ---- a video that grows

  get growing() {
    if (!this.hls) return this.wanted ? this.video.duration === Infinity : this.expectsGrowth;
    const details = this.hls.latestLevelDetails;
    return details ? Boolean(details.live) : this.expectsGrowth;
  }

  get duration() {
    const loaded = Number.isFinite(this.video.duration) ? this.video.duration : 0;
    if (!loaded) return this.knownDuration;
    return this.growing ? Math.max(this.knownDuration, loaded) : loaded;
  }

  // Seconds from the start that can be watched now.
  get playableEnd() {
    const { seekable, duration } = this.video;
    if (seekable.length === 0) return this.growing ? this.soFar : this.knownDuration;
    if (!this.growing) return duration;
    return Math.max(seekable.end(seekable.length - 1), this.soFar);
  }

  endShort() {
    if (this.cutShort) return;
    this.cutShort = true;
    this.tell("cut");
  }

  seek(seconds) {
    const end = this.playableEnd;
    const last = this.growing ? Math.max(0, end - 1) : end;
    const target = Math.min(Math.max(0, seconds), last || seconds);
    this.awaited = null;
    if (this.reloading || !this.wanted) this.startAt = target;
    else this.video.currentTime = target;
    this.beginLoading();
    this.tell("place");
    return { target, cut: seconds > last + 1 && this.growing };
  }

  knows(name) {
    return this.listed.includes(name) || this.sounds.listed.includes(name) || name === SOUND;
  }

  // The master playlist is read once by players: look whether it lists a rung or a sound that is not
  // known yet.
  async lookForNews() {
    if (this.reloading || (this.hls && !this.hls.levels.length)) return false;
    const answer = await fetch(this.source, { cache: "no-cache" });
    if (!answer.ok) return false;
    const text = await answer.text();
    const listed = variantsIn(text);
    const sounds = soundsIn(text);
    const fresh = [...listed, ...sounds].some((name) => !this.knows(name));
    if (!this.hls) {
      this.listed = listed;
      this.sounds.listed = sounds;
    }
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
    return this.reloading ? this.paused : this.video.paused && this.awaited === null;
  }

  pause() {
    this.paused = true;
    this.awaited = null;
    this.video.pause();
  }

  resume() {
    this.paused = false;
    return this.play();
  }

  // ---- when something goes wrong

  onFatal(data) {
    this.fatalErrors.push({ type: data.type, details: data.details, at: this.video.currentTime });
    this.recovery.onFault(this.faultOf(data));
  }

  // Whether only pages of this site may load it.
  get guarded() {
    return this.source.includes("/key/");
  }

  get failure() {
    return this.recovery.kind;
  }

  faultOf({ type, details, response }) {
    const { ErrorTypes, ErrorDetails } = this.Hls;
    if (UNPLAYABLE.some((name) => details === ErrorDetails[name])) return "unsupported";
    if (type === ErrorTypes.MEDIA_ERROR) return "decoding";
    if (type !== ErrorTypes.NETWORK_ERROR) return "media";
    if (response?.code === 403 && this.guarded) return "expired";
    return /^(manifest|level|audioTrack)Load/.test(details) && GONE.includes(response?.code) ? "gone" : "network";
  }

  loadOn() {
    if (!this.hls) return;
    if (this.hls.levels.length) this.hls.startLoad(this.video.currentTime, true);
    else this.hls.loadSource(this.source);
  }

  decodeAnew(withOtherSound) {
    this.keepingPlace(() => {
      if (withOtherSound) this.hls.swapAudioCodec();
      this.hls.recoverMediaError();
    });
  }

  stop() {
    this.hls?.stopLoad();
    this.video.pause();
  }

  async openAgain(playing = true) {
    this.wanted = true;
    if (this.hls) await this.keepingPlace(() => this.hls.loadSource(this.source));
    else await this.open();
    if (playing) await this.video.play();
  }

  tell(type) {
    this.dispatchEvent(new Event(type));
  }
}

// Bits a second that the line is believed to carry before it is measured here.
function estimatedLine() {
  const { saveData, downlink } = navigator.connection ?? {};
  if (saveData) return FIRST_ESTIMATE / 4;
  return preference("line") ?? (downlink ? Math.max(FIRST_ESTIMATE, downlink * 800_000) : FIRST_ESTIMATE);
}
