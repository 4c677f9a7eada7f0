// Searches the archive in the reader's browser: what is typed goes nowhere.
// Folding, words and stems follow src/search/ to the letter; the index is read by the year, newest first,
// as scripts, since a page opened from a disk may not fetch.
(() => {
"use strict";

// Words: as fold.rs, words.rs and stem.rs have them.

const LONGEST = 32;
const SPELLED = { "œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ς": "σ", "ى": "ي", "ة": "ه" };
const DROPPED = /[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0640\u064b-\u065f\u0670\u00ad\u200c-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]/u;
const DENSE = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]/u;
const SPACE = /[ \u00a0\u202f\u2009]/;
const LETTER = /[\p{Alphabetic}\p{N}\p{M}]/u;
const SIGN = /[\u2122\u2120]/;
const PRIME = /[\u02b9-\u02bc]/;

function fold(character) {
  if (SIGN.test(character)) return " ";
  let folded = "";
  for (const part of character.normalize("NFKD")) {
    for (const low of part.toLowerCase()) {
      if (!DROPPED.test(low)) folded += SPELLED[low] ?? low;
    }
  }
  return folded;
}

// The words of a text, in order: `{word, joined}`; a compound comes once more, joined.
function words(text) {
  const found = [];
  let word = "", compound = "", parts = 0, dense = "", alone = false, figure = 0;
  const take = (word, joined = false) => found.push({ word, joined });
  const endDense = () => {
    if (dense && alone) take(dense);
    dense = "";
  };
  const endWord = () => {
    if (!word) return;
    word = [...word].slice(0, LONGEST).join("");
    parts += 1;
    if (parts <= 2) compound += word;
    if (word.length > 1 || !/[a-z]/.test(word)) take(word);
    word = "";
    figure = 0;
  };
  const endCompound = () => {
    endDense();
    endWord();
    if (parts === 2 && [...compound].length <= LONGEST) take(compound, true);
    parts = 0;
    compound = "";
  };
  const characters = [...text];
  characters.forEach((character, at) => {
    const digits = () => /^\d{0,4}/.exec(characters.slice(at + 1, at + 5).join(""))[0].length;
    if (SPACE.test(character)) {
      const open = figure === 2 || (figure === 1 && word.length <= 3);
      if (open && word && !dense && !parts && digits() === 3) figure = 2;
      else endCompound();
      return;
    }
    if (/[.,]/.test(character) && /\d$/.test(word) && digits() > 0) return;
    for (const sign of fold(character)) {
      if (/[-\u2010]/.test(sign)) {
        if (dense || !word) endCompound();
        else endWord();
      } else if (PRIME.test(sign) || !(DENSE.test(sign) || LETTER.test(sign))) {
        endCompound();
      } else if (DENSE.test(sign)) {
        if (word || parts) endCompound();
        if (dense) take(dense + sign);
        alone = !dense;
        dense = sign;
      } else {
        endDense();
        const digit = /\d/.test(sign);
        if (!word) figure = digit ? 1 : 0;
        else if (!digit) figure = 0;
        word += sign;
      }
    }
  });
  endCompound();
  return found;
}

function stem(word, language) {
  if (!/^[a-z]+$/.test(word)) return /^ال.{3}/su.test(word) ? word.slice(2) : word;
  return language === "fr" ? french(word) : language === "en" ? english(word) : word;
}

const swap = (word, ending, other, least) =>
  word.length >= least && word.endsWith(ending) ? word.slice(0, -ending.length) + other : null;

function french(whole) {
  let word = plural(whole);
  const before = word.length;
  while (word.length >= 5 && word.endsWith("e")) word = word.slice(0, -1);
  if (word.length < before && word.length >= 6 && /[^s]s$/.test(word)) word = word.slice(0, -1);
  word = swap(word, "tric", "teu", 6) ?? swap(word, "eur", "eu", 6) ?? swap(word, "er", "", 6)
    ?? swap(word, "if", "iv", 5) ?? swap(word, "qu", "c", 5) ?? swap(word, "ail", "al", 6) ?? word;
  return word.length >= 5 && word.at(-1) === word.at(-2) ? word.slice(0, -1) : word;
}

function plural(word) {
  if (word.length < 4) return word;
  const swapped = swap(word, "eaux", "eau", 4) ?? swap(word, "aux", "al", 6);
  return swapped ?? (word.endsWith("ux") || /[^s]s$/.test(word) ? word.slice(0, -1) : word);
}

function english(word) {
  if (word.length < 4 || word === "news") return word;
  if (word.length >= 5 && word.endsWith("ies") && !/[ae]ies$/.test(word)) return word.slice(0, -3) + "y";
  return /[^us]s$/.test(word) ? word.slice(0, -1) : word;
}

// The index: files that call `rotativeSearch` with their name and what they hold.

const form = document.querySelector("form.search");
const { root, years: listed, stops: idle, ...says } = form.dataset;
const years = listed.trim().split(/\s+/).filter(Boolean);
const stops = new Set(idle.split(" "));
const waiting = new Map();
const files = new Map();

window.rotativeSearch = (name, data) => waiting.get(name)?.(data);
window.rotativeSearch.terms = (text, language) => words(text).map(({ word }) => stem(word, language));

function read(name, version) {
  if (!files.has(name)) {
    files.set(name, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      let said = false;
      waiting.set(name, (data) => {
        said = true;
        resolve(data);
      });
      const end = () => {
        script.remove();
        waiting.delete(name);
        if (said) return;
        files.delete(name);
        reject(new Error(name));
      };
      script.onload = end;
      script.onerror = end;
      script.src = `${root}search/${name}.js${version ? `?v=${version}` : ""}`;
      document.head.append(script);
    }));
  }
  return files.get(name);
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const blocks = new Map();

// The terms of a block, in order: `[term, lists]`.
async function block(year, at, version) {
  const name = `${year}/t${at}`;
  const data = await read(name, version);
  if (!blocks.has(name)) {
    let before = "";
    blocks.set(name, data.split(";").map((line) => {
      const [term, ...lists] = line.split(",");
      before = before.slice(0, DIGITS.indexOf(term[0])) + term.slice(1);
      return [before, lists];
    }));
  }
  return blocks.get(name);
}

function numbers(list) {
  const found = [];
  let expected = 0, value = 0, shift = 1;
  for (const digit of list) {
    const bits = DIGITS.indexOf(digit);
    value += (bits % 32) * shift;
    shift *= 32;
    if (bits < 32) {
      found.push(expected + value);
      expected += value + 1;
      value = 0;
      shift = 1;
    }
  }
  return found;
}

// The query: for each word the terms that mean it, whether it may be the beginning of a longer one,
// and whether it must be found.
function parse(text) {
  const found = words(text.slice(0, box.maxLength));
  const open = found.length > 0 && LETTER.test([...text].at(-1));
  const last = found.findLastIndex(({ joined }) => !joined);
  const query = found.map(({ word, joined }, at) => {
    const terms = new Set(["fr", "en", ""].map((language) => stem(word, language)));
    const needed = !joined && !stops.has(word);
    const beginning = open && at === last && (word.length > 1 || !/\w/.test(word)) ? stem(word, "") : null;
    return { terms, needed, beginning: needed || found.length === 1 ? beginning : null };
  });
  if (!query.some(({ needed }) => needed)) query.forEach((word) => { word.needed = true; });
  return query;
}

const WEIGHTS = [1, 6, 4];
const GUESS = 0.6;

// Where a word stands in a year: the weight by entry.
async function find(word, year, directory) {
  const places = new Map();
  const { blocks: firsts, version } = directory;
  const holder = (term) => firsts.findLastIndex((first) => first <= term);
  const end = word.beginning && word.beginning + "\uffff";
  const wanted = new Set([...word.terms].map(holder));
  if (end) {
    for (let at = Math.max(0, holder(word.beginning)); at <= holder(end); at += 1) wanted.add(at);
  }
  wanted.delete(-1);
  const read = await Promise.all([...wanted].map((at) => block(year, at, version)));
  for (const [term, lists] of read.flat()) {
    const whole = word.terms.has(term);
    if (!whole && !(end && term.startsWith(word.beginning))) continue;
    lists.forEach((list, field) => {
      const weight = WEIGHTS[field] * (whole ? 1 : GUESS);
      for (const entry of numbers(list)) places.set(entry, Math.max(weight, places.get(entry) ?? 0));
    });
  }
  return places;
}

// What a year has: every entry with some of the words needed, how many, and how well it fits.
async function search(query, year, age) {
  const directory = await read(`${year}/index`);
  const { entries, version, cards } = directory;
  const found = new Map();
  const all = await Promise.all(query.map((word) => find(word, year, directory)));
  all.forEach((places, at) => {
    const rarity = 1 + Math.log(entries / (places.size + 1) + 1);
    for (const [entry, weight] of places) {
      const one = found.get(entry) ?? { year, entry, version, cards, hits: 0, fit: 0 };
      one.hits += query[at].needed ? 1 : 0;
      one.fit += weight * rarity;
      found.set(entry, one);
    }
  });
  const finds = [...found.values()].filter(({ hits }) => hits > 0);
  for (const find of finds) {
    find.old = age + 1 - find.entry / entries;
    find.fit *= 1 + 1 / (2 + find.old);
  }
  return finds;
}

async function card({ year, entry, version, cards }) {
  const days = await read(`${year}/c${Math.floor(entry / cards)}`, version);
  let at = entry % cards;
  for (const [date, day, rows] of days) {
    if (at < rows.length) {
      const [rest, name, about, opening, lang] = rows[at];
      return { date, day, rest, name, about, opening, lang };
    }
    at -= rows.length;
  }
  throw new Error(`${year}: ${entry}`);
}

// The page.

const box = form.querySelector("input");
const status = document.querySelector(".found");
const list = document.querySelector(".finds");
const more = document.querySelector(".more");
const threads = document.querySelector("#threads");
const STEP = 20;
let turn = 0, shown = STEP, last = [], asked = null;

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}

function row({ date, day, rest, name, about, opening, lang }) {
  const item = element("li", "", lang ? { lang } : {});
  const file = location.protocol === "file:" ? rest.replace(/^([^#]*)/, "$1index.html") : rest;
  item.append(element("a", name, { href: `${root}${date.replaceAll("-", "/")}/${file}` }));
  const facts = element("p", "", { class: "facts", lang: document.documentElement.lang });
  facts.append(element("time", day, { datetime: date }));
  if (about) facts.append(` · ${about}`);
  item.append(facts);
  if (opening) item.append(element("p", opening));
  return item;
}

async function show(finds, mine) {
  const best = finds.slice(0, shown);
  const cards = await Promise.allSettled(best.map(card));
  if (mine !== turn) return true;
  const rows = cards.filter(({ status }) => status === "fulfilled").map(({ value }) => row(value));
  const reached = list.contains(document.activeElement) ? document.activeElement.href : null;
  list.replaceChildren(...rows);
  if (reached) [...list.querySelectorAll("a")].find(({ href }) => href === reached)?.focus();
  more.hidden = finds.length <= shown;
  last = finds;
  return rows.length === best.length;
}

// Topics whose name begins with every word typed.
function thread(text) {
  const typed = words(text).filter(({ joined }) => !joined).map(({ word }) => word);
  let some = false;
  for (const item of threads.querySelectorAll("li")) {
    const names = words(item.textContent);
    item.hidden = !typed.every((word) => names.some((name) => name.word.startsWith(word)));
    some ||= !item.hidden;
  }
  threads.hidden = typed.length > 0 && !some;
}

async function run(text) {
  if (text === asked) return;
  asked = text;
  const mine = ++turn;
  const query = parse(text);
  shown = STEP;
  thread(text);
  if (query.length === 0) {
    list.replaceChildren();
    more.hidden = true;
    status.textContent = "";
    return;
  }
  const busy = setTimeout(() => { if (mine === turn) status.textContent = says.busy; }, 400);
  const needed = query.filter((word) => word.needed).length;
  const order = (a, b) => b.hits - a.hits || b.fit - a.fit || a.old - b.old;
  let finds = [], whole = true;
  // The newest year alone, then the others by fours: what is there is shown before the rest is read.
  for (let from = 0, size = 1; from < years.length; from += size, size = 4) {
    const part = years.slice(from, from + size).map((year, at) => search(query, year, from + at));
    for (const { status, value } of await Promise.allSettled(part)) {
      if (status === "fulfilled") finds.push(...value);
      else whole = false;
    }
    if (mine !== turn) return;
    const full = finds.filter(({ hits }) => hits === needed).sort(order);
    const end = from + size >= years.length;
    if (!end && full.length > 0) await show(full, mine);
    if (mine !== turn) return;
  }
  clearTimeout(busy);
  const most = finds.reduce((most, { hits }) => Math.max(most, hits), 0);
  finds = finds.filter(({ hits }) => hits === most).sort(order);
  if (most * 2 < needed) finds = [];
  whole = await show(finds, mine) && whole;
  if (mine !== turn) return;
  const count = finds.length === 0 ? says.none.replace("#", () => text.trim())
    : finds.length === 1 ? says.one : says.many.replace("#", finds.length.toLocaleString(document.documentElement.lang));
  status.textContent = [most < needed && finds.length > 0 ? says.most : "", count, whole ? "" : says.lost].filter(Boolean).join(" ");
  if (!whole) asked = null;
}

const typed = () => new URLSearchParams(location.search).get("q") ?? "";

function remember(text, how) {
  const address = text.trim() ? `?q=${encodeURIComponent(text)}` : location.pathname;
  try {
    if (text !== typed()) history[how](null, "", address);
  } catch {
    // Some browsers keep the address of a page on the disk as it is.
  }
}

let pause = 0;
const soon = (event) => {
  if (event.isComposing) return;
  clearTimeout(pause);
  pause = setTimeout(() => {
    remember(box.value, "replaceState");
    run(box.value);
  }, 150);
};
box.addEventListener("input", soon);
box.addEventListener("compositionend", soon);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(pause);
  remember(box.value, "pushState");
  run(box.value);
});
more.querySelector("button").addEventListener("click", async () => {
  const before = shown;
  shown += STEP;
  await show(last, turn);
  list.children[before]?.querySelector("a").focus();
});
const restore = () => {
  box.value = typed();
  run(box.value);
};
addEventListener("popstate", restore);
restore();
if (!box.value) box.focus();
})();
