// Quality and speed, as groups of radio buttons.
const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

export class PlayerMenu {
  constructor(player, menu, button) {
    this.player = player;
    this.menu = menu;
    this.button = button;
    this.qualities = menu.querySelector("[data-qualities]");
    this.speeds = menu.querySelector("[data-speeds]");
    button.addEventListener("click", () => (this.open ? this.close() : this.show()));
    menu.addEventListener("change", (event) => this.onChange(event.target));
    document.addEventListener("pointerdown", (event) => {
      if (!menu.contains(event.target) && !button.contains(event.target)) this.hide();
    });
    player.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.open) return;
      event.preventDefault();
      this.close();
    });
    menu.addEventListener("focusout", (event) => {
      const next = event.relatedTarget;
      if (next && !menu.contains(next) && next !== button) this.hide();
    });
  }

  get open() {
    return !this.menu.hidden;
  }

  show() {
    this.draw();
    this.menu.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.menu.querySelector("input:checked")?.focus({ focusVisible: false });
  }

  hide() {
    this.menu.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  close() {
    this.hide();
    this.button.focus();
  }

  onChange(input) {
    if (input.name === "player-speed") this.player.video.playbackRate = Number(input.value);
    else this.player.choose(input.value);
  }

  draw() {
    const { player } = this;
    const names = [...player.qualities].reverse();
    const auto = player.chosenQuality === "auto" && player.quality ? `Auto (${label(player.quality)})` : "Auto";
    const chosen = names.includes(player.chosenQuality) ? player.chosenQuality : "auto";
    this.qualities.hidden = names.length === 0;
    fill(this.qualities, "player-quality", [["auto", auto], ...names.map((name) => [name, label(name)])], chosen);
    const speeds = SPEEDS.map((speed) => [String(speed), speed === 1 ? "Normal" : `${speed}×`]);
    fill(this.speeds, "player-speed", speeds, String(player.video.playbackRate));
  }
}

// 1080p-av1 is 1080p in another codec.
function label(name) {
  const [lines, codec] = name.split("-");
  return codec ? `${lines} ${codec.toUpperCase()}` : lines;
}

// Keeps the inputs that are there, so that focus stays where it is.
function fill(fieldset, name, choices, chosen) {
  const old = new Map([...fieldset.querySelectorAll("label")].map((label) => [label.dataset.value, label]));
  const labels = choices.map(([value, text]) => {
    const label = old.get(value) ?? choice(name, value);
    label.lastElementChild.textContent = text;
    label.firstElementChild.checked = value === chosen;
    return label;
  });
  const same = labels.length === old.size && labels.every((label) => label.parentElement === fieldset);
  if (!same) fieldset.replaceChildren(fieldset.querySelector("legend"), ...labels);
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
