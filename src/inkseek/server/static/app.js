// The page: what each part of it does to the others.

import { Device } from "./device.js";
import { find } from "./dom.js";
import { listExamples } from "./examples.js";
import { Feedback } from "./feedback.js";
import { listenForFiles, readStrokes } from "./files.js";
import { Filters } from "./filters.js";
import { Finder } from "./finder.js";
import { Hover } from "./hover.js";
import { Keys } from "./keys.js";
import { Library, isReady } from "./library.js";
import { listenForMenu } from "./menus.js";
import { Pad } from "./pad.js";
import { Query } from "./query.js";
import { Results } from "./results.js";
import { Saved } from "./saved.js";
import { listenForSharing, takeSharedStrokes } from "./share.js";
import { Sought } from "./sought.js";
import { say, setBusy, tell } from "./status.js";
import { Suggest } from "./suggest.js";
import { Tidy } from "./tidy.js";
import { Viewer } from "./viewer.js";
import { Why } from "./why.js";

const NONE = [];
const pad = new Pad(find("pad"), onDrawing);
const feedback = new Feedback(refresh);
const filters = new Filters(refresh);
const sought = new Sought(onDrawing);
const query = new Query(() => pad.strokes, filters, feedback, sought);
const results = new Results(find("results"), {
  open: (index) => viewer.open(results.hits, index),
  toggle: (kind, hit) => feedback.toggle(kind, hit),
  isLiked: (hit) => feedback.has("liked", hit),
});
const device = new Device(refresh);
const finder = new Finder(query, results, device.prepare);
// A photo whose like are looked for was not drawn, so no stroke speaks for it. And a drawing that
// stays on this device is not sent to be explained either.
const explained = () => (sought.photo || device.isWanted ? NONE : pad.strokes);
const hover = new Hover(results, explained);
const viewer = new Viewer(new Why(explained), {
  closed: (index) => results.focus(index),
  toggle: (kind, hit) => feedback.toggle(kind, hit),
  has: (kind, hit) => feedback.has(kind, hit),
  findLike: (hit) => sought.set(hit),
});
new Saved(() => pad.strokes, filters, (strokes) => load(strokes, { fitted: false }));
const tidy = new Tidy(pad, () => !device.isWanted);
const suggest = new Suggest(pad, () => !device.isWanted, (strokes) => load(strokes, { fitted: false }));
let isSearchable = true;
const library = new Library((told) => {
  finder.numPhotos = told.photos;
  find("gallery").textContent = `${told.photos.toLocaleString("en")} photos`;
  tidy.offer(told.can_tidy);
  suggest.offer(told.can_suggest);
  device.offer(told.can_encode_on_device);
  const wasSearchable = isSearchable;
  isSearchable = isReady(told);
  if (isSearchable && !wasSearchable) refresh();
  else if (!isSearchable && query.isEmpty) say("These photos cannot be searched yet. The library says why.", "warn");
});

// A new stroke asks for what is drawn, whatever was asked for before.
function onDrawing() {
  if (pad.strokes !== drawn) sought.photo = null;
  drawn = pad.strokes;
  find("undo").disabled = !pad.canUndo;
  find("redo").disabled = !pad.canRedo;
  find("clear").disabled = find("share").disabled = pad.isEmpty;
  find("erase").disabled = pad.isEmpty;
  if (pad.isEmpty) setEraser(false);
  find("hint").hidden = !pad.isEmpty;
  if (query.isEmpty) feedback.clear();
  refresh();
}

let drawn = pad.strokes;
const isLive = () => find("live").checked;

function refresh() {
  // The question first: what else there is to do can be done while it is on its way.
  if (query.isEmpty) finder.rest();
  else if (isLive()) finder.search();
  else finder.hold();
  hover.hide();
  tidy.update();
  suggest.update();
  find("start").hidden = !query.isEmpty;
  find("ask").hidden = isLive() || query.isEmpty;
}

function search() {
  if (!query.isEmpty) finder.search();
}

function load(strokes, options) {
  setEraser(false);
  feedback.clear();
  pad.load(strokes, options);
}

async function open(file) {
  tell(`Reading ${file.name} …`);
  setBusy(true);
  try {
    load(await readStrokes(file));
  } catch (error) {
    setBusy(false);
    tell(error.message, "problem");
  }
}

function setEraser(isEraser) {
  pad.isEraser = isEraser;
  find("erase").setAttribute("aria-pressed", isEraser);
  find("pad").classList.toggle("erasing", isEraser);
}

const press = (id) => () => find(id).click();
const redo = () => pad.redo();
const clear = () => pad.clear();
find("undo").addEventListener("click", () => pad.undo());
find("redo").addEventListener("click", redo);
find("clear").addEventListener("click", clear);
find("erase").addEventListener("click", () => setEraser(!pad.isEraser));
find("live").addEventListener("change", refresh);
find("ask").addEventListener("click", search);
new Keys(
  {
    "ctrl+z": () => pad.undo(),
    "ctrl+shift+z": redo,
    "ctrl+y": redo,
    delete: clear,
    backspace: clear,
    enter: search,
    escape: () => (filters.isOpen ? filters.toggle(false) : setEraser(false)),
    e: press("erase"),
    t: press("tidy"),
    d: () => suggest.focus(),
    o: press("ways-file"),
    f: () => filters.toggle(),
    s: press("saved-open"),
    l: press("library-open"),
    "?": press("keys-open"),
  },
  () => pad.isDrawing,
);
listenForMenu(find("ways"), find("open"));
listenForFiles(open, (text) => tell(text, "problem"));
listenForSharing(() => pad.strokes, tell);
listExamples(find("examples"), load);

const shared = takeSharedStrokes();
if (shared) load(shared, { fitted: false });
addEventListener("hashchange", () => {
  const strokes = takeSharedStrokes();
  if (strokes) load(strokes, { fitted: false });
});
library.load().catch((error) => say(error.message, "problem"));
