// One line of the queue of uploads, as the page shows it.
import { bytes, timeLeft } from "../site/format.js";
import { namesIn } from "./tag_names.js";
import { isoMoment, localMoment } from "./visibility.js";

// `wishes`: what was chosen for new videos.
export function newItem(key, file, { visibility, publishAt, category }) {
  return {
    key,
    name: file.name,
    title: titleOf(file.name),
    description: "",
    visibility,
    publishAt,
    category,
    tags: "",
    language: "",
    keepOriginal: "",
    titleLabel: `Title of ${file.name}`,
    progressLabel: `How far ${file.name} is`,
    dismissLabel: `Take ${file.name} off the list`,
    pauseLabel: `Pause ${file.name}`,
    continueLabel: `Continue ${file.name}`,
    cancelLabel: `Cancel ${file.name}`,
    state: "waiting",
    closed: false,
    percent: 0,
    line: `${bytes(file.size)}, waiting for its turn`,
    error: "",
    editUrl: "",
  };
}

// What the server is told at once, with the first request.
export function metadataOf(item, file) {
  const { visibility, published_at: moment } = audienceOf(item);
  const metadata = { filename: file.name, filetype: file.type, visibility };
  if (moment) metadata.published_at = moment;
  if (item.title.trim()) metadata.title = item.title.trim();
  if (item.category) metadata.category_id = item.category;
  if (namesIn(item.tags).length) metadata.tags = namesIn(item.tags).join(",");
  if (item.language) metadata.language = item.language;
  if (item.keepOriginal) metadata.keep_original = item.keepOriginal;
  return metadata;
}

export function detailsOf(item) {
  const details = {
    description: item.description,
    ...audienceOf(item),
    category_id: item.category ? Number(item.category) : null,
    tags: namesIn(item.tags),
    language: item.language || null,
    keep_original: item.keepOriginal ? item.keepOriginal === "true" : null,
  };
  // An empty title is a person between two thoughts.
  if (item.title.trim()) details.title = item.title.trim();
  return details;
}

// One that is scheduled for no moment stays private.
function audienceOf({ visibility, publishAt }) {
  if (visibility !== "scheduled") return { visibility };
  const moment = isoMoment(publishAt);
  return moment ? { visibility, published_at: moment } : { visibility: "private" };
}

// What was said of an upload before the page was loaded anew.
export function recall(item, upload) {
  const { title, description, visibility } = upload;
  Object.assign(item, { title, description, visibility, publishAt: localMoment(upload.published_at) });
  item.tags = upload.tags.join(", ");
  item.language = upload.language ?? "";
  item.keepOriginal = String(upload.keep_original ?? "");
  item.category = upload.category_id === null ? "" : String(upload.category_id);
}

export function lineOf({ sent, total, speed, left }) {
  if (sent >= total) return "All bytes have arrived. The file is being checked …";
  const parts = [`${bytes(sent)} of ${bytes(total)}`, speed ? `${bytes(speed)}/s` : "", timeLeft(left)];
  return parts.filter(Boolean).join(" · ");
}

function titleOf(name) {
  const title = name.replace(/\.[^.]{1,5}$/, "").replace(/_+/g, " ").trim() || name;
  return title.slice(0, 255);
}
