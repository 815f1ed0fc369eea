// The settings: a list, and behind each line a page of choices.
import { GROUNDS, SIZES } from "./player_captions.js";
import { rungLabel } from "./player_rungs.js";

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const OFF = "-1";

export class PlayerMenu {
  constructor(controls) {
    this.controls = controls;
    const { menu, settings } = controls.parts;
    this.menu = menu;
    this.button = settings;
    this.list = controls.parts["menu-list"];
    this.page = controls.parts["menu-page"];
    this.pages = pagesOf(controls);
    this.shown = null;
    this.wire();
  }

  wire() {
    const { controls, menu, button, list, page } = this;
    button.addEventListener("click", () => (this.open ? this.close() : this.show()));
    list.addEventListener("click", (event) => {
      const row = event.target.closest("[data-page]");
      if (row) this.showPage(row.dataset.page);
    });
    page.addEventListener("change", ({ target }) => {
      this.groups().find(({ name }) => name === target.name)?.choose(target.value);
      this.draw();
    });
    page.querySelector("[data-back]").addEventListener("click", () => this.back());
    const loop = list.querySelector("[data-loop]");
    loop.addEventListener("change", () => (controls.video.loop = loop.checked));
    list.querySelector("[data-keys]").addEventListener("click", () => controls.showHelp());
    document.addEventListener("pointerdown", ({ target }) => {
      // A press on the picture is answered there: it closes the menu and does nothing else.
      if (target !== controls.video && !menu.contains(target) && !button.contains(target)) this.hide();
    });
    menu.addEventListener("focusout", ({ relatedTarget: next }) => {
      if (next && !menu.contains(next) && next !== button) this.hide();
    });
    const changes = ["qualities", "quality", "sounds"];
    for (const type of changes) controls.player.addEventListener(type, () => this.draw());
    controls.video.addEventListener("ratechange", () => this.draw());
    controls.captions.addEventListener("change", () => this.draw());
    this.draw();
  }

  get open() {
    return !this.menu.hidden;
  }

  show() {
    this.showList();
    this.menu.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.list.querySelector("button:not([hidden])").focus({ focusVisible: false });
  }

  hide() {
    this.menu.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  close() {
    this.hide();
    this.button.focus({ preventScroll: true });
  }

  // From a page to the list, from the list to the player.
  back() {
    if (!this.shown) {
      this.close();
      return;
    }
    const from = this.shown;
    this.showList();
    this.list.querySelector(`[data-page="${from}"]`).focus();
  }

  showList() {
    this.shown = null;
    this.page.hidden = true;
    this.list.hidden = false;
    this.draw();
  }

  showPage(name) {
    this.shown = name;
    this.list.hidden = true;
    this.page.hidden = false;
    this.page.querySelector("[data-title]").textContent = this.pages[name].title;
    const box = this.page.querySelector("[data-groups]");
    box.replaceChildren(...this.groups().map((group) => fieldset(group)));
    this.draw();
    (box.querySelector("input:checked") ?? box.querySelector("input"))?.focus({ focusVisible: false });
  }

  groups() {
    return this.shown ? this.pages[this.shown].groups() : [];
  }

  draw() {
    for (const row of this.list.querySelectorAll("[data-page]")) {
      const groups = this.pages[row.dataset.page].groups();
      const [{ choices, chosen }] = groups;
      row.hidden = choices.length < 2;
      row.querySelector("[data-value]").textContent = choices.find(([value]) => value === chosen)?.[1] ?? "";
    }
    this.list.querySelector("[data-loop]").checked = this.controls.video.loop;
    for (const group of this.groups()) {
      fill(this.page.querySelector(`[data-group="${group.name}"]`), group);
    }
  }
}

function pagesOf({ player, video, captions }) {
  return {
    quality: {
      title: "Quality",
      groups: () => {
        const names = [...player.qualities].reverse();
        const auto = player.chosenQuality === "auto" && player.quality ? `Auto (${rungLabel(player.quality)})` : "Auto";
        return [{
          name: "quality",
          legend: "Quality",
          choices: names.length ? [["auto", auto], ...names.map((name) => [name, rungLabel(name)])] : [],
          chosen: names.includes(player.chosenQuality) ? player.chosenQuality : "auto",
          choose: (name) => player.choose(name),
        }];
      },
    },
    speed: {
      title: "Speed",
      groups: () => [{
        name: "speed",
        legend: "Speed",
        choices: SPEEDS.map((speed) => [String(speed), speed === 1 ? "Normal" : `${speed}×`]),
        chosen: String(video.playbackRate),
        choose: (speed) => (video.playbackRate = Number(speed)),
      }],
    },
    captions: {
      title: "Captions",
      groups: () => [
        {
          name: "captions",
          legend: "Language",
          choices: [[OFF, "Off"], ...captions.tracks.map((track, index) => [String(index), captions.labelOf(track)])],
          chosen: String(captions.tracks.indexOf(captions.chosen)),
          choose: (index) => captions.choose(captions.tracks[Number(index)] ?? null),
        },
        look(captions, "captionSize", "Text size", SIZES),
        look(captions, "captionGround", "Background", GROUNDS),
      ],
    },
    sound: {
      title: "Sound track",
      groups: () => [{
        name: "sound",
        legend: "Sound track",
        choices: player.sounds.tracks.map(({ index, label }) => [String(index), label]),
        chosen: String(player.sounds.current),
        choose: (index) => player.sounds.choose(Number(index)),
      }],
    },
  };
}

function look(captions, name, legend, choices) {
  return { name, legend, choices, chosen: captions[name], choose: (value) => captions.look(name, value) };
}

function fieldset({ name, legend }) {
  const made = document.createElement("fieldset");
  made.dataset.group = name;
  const title = document.createElement("legend");
  title.textContent = legend;
  made.append(title);
  return made;
}

// Keeps the inputs that are there, so that focus stays where it is.
function fill(group, { name, choices, chosen }) {
  const old = new Map([...group.querySelectorAll("label")].map((label) => [label.dataset.value, label]));
  const labels = choices.map(([value, text]) => {
    const label = old.get(value) ?? choice(name, value);
    label.lastElementChild.textContent = text;
    label.firstElementChild.checked = value === chosen;
    return label;
  });
  const same = labels.length === old.size && labels.every((label) => label.parentElement === group);
  if (!same) group.replaceChildren(group.querySelector("legend"), ...labels);
}

function choice(name, value) {
  const label = document.createElement("label");
  label.className = "player-choice";
  label.dataset.value = value;
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name, value });
  label.append(input, document.createElement("span"));
  return label;
}
