// Keeps an open page new: parts of it are exchanged, screens are loaded behind the old ones and keep their place.
"use strict";

const heard = new EventSource("/events");
const places = "preview-places";
let number = document.body.dataset.number;
let wanted = number;
let busy = false;

heard.onmessage = (event) => {
  wanted = event.data;
  if (wanted !== number) renew();
};
heard.onerror = () => {
  const line = document.getElementById("state");
  line.innerHTML = "";
  const span = document.createElement("span");
  span.className = "busy";
  span.textContent = "the preview does not answer";
  line.append(span);
  number = "";
};

async function renew() {
  if (busy) return;
  busy = true;
  while (wanted !== number) {
    const aim = wanted;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      const text = await answer.text();
      exchange(new DOMParser().parseFromString(text, "text/html"));
      number = aim;
    } catch {
      break;
    }
  }
  busy = false;
}

function exchange(next) {
  document.title = next.title;
  const panels = [document, next].map((page) => page.getElementById("panel"));
  const screens = panels.map((panel) => (panel ? [...panel.querySelectorAll("iframe")].map((frame) => frame.id).join() : ""));
  if (panels[0] && panels[1] && (screens[0] !== screens[1] || panels[0].className !== panels[1].className)) {
    panels[0].replaceWith(panels[1]);
    panels[1].querySelectorAll("iframe").forEach(attend);
  }
  for (const part of next.querySelectorAll("[data-live]")) {
    const old = document.getElementById(part.id);
    if (!old || old.innerHTML === part.innerHTML) continue;
    const place = old.querySelector("pre")?.scrollTop ?? 0;
    const open = [...old.querySelectorAll("details")].map((details) => details.open);
    const focus = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    old.innerHTML = part.innerHTML;
    if (place) old.querySelector("pre").scrollTop = place;
    old.querySelectorAll("details").forEach((details, at) => { details.open = open[at] ?? false; });
    if (focus) [...old.querySelectorAll("a")].find((link) => link.getAttribute("href") === focus)?.focus();
  }
  for (const frame of next.querySelectorAll("iframe")) {
    const old = document.getElementById(frame.id);
    if (old && old.dataset.version !== frame.dataset.version) replace(old, frame.dataset.version);
  }
}

// The new page is loaded behind the old one and takes its place, and its scroll position, in one step.
function replace(old, version) {
  const screen = old.parentElement;
  screen.querySelectorAll("iframe.coming").forEach((frame) => frame.remove());
  const frame = old.cloneNode(false);
  frame.removeAttribute("id");
  frame.classList.add("coming");
  frame.src = where(old) ?? old.src;
  frame.dataset.version = version;
  frame.addEventListener("load", () => {
    const from = old.contentWindow;
    frame.contentWindow.scrollTo({ left: from.scrollX, top: from.scrollY, behavior: "instant" });
    frame.id = old.id;
    old.remove();
    frame.classList.remove("coming");
    document.dispatchEvent(new CustomEvent("renewed"));
  }, { once: true });
  frame.addEventListener("load", () => mind(frame));
  old.dataset.version = version;
  screen.append(frame);
}

function where(frame) {
  try {
    const place = frame.contentWindow.location;
    return place.origin === location.origin ? place.pathname + place.search : null;
  } catch {
    return null;
  }
}

function attend(frame) {
  if (frame.contentDocument?.readyState === "complete") {
    restore(frame);
    mind(frame);
  }
  frame.addEventListener("load", () => restore(frame), { once: true });
  frame.addEventListener("load", () => mind(frame));
}

// Pages on a screen stay within it; what leads elsewhere opens beside the preview.
function mind(frame) {
  const page = frame.contentDocument;
  if (!page || page.minded) return;
  page.minded = true;
  page.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link) return;
    const there = new URL(link.href, page.baseURI);
    const here = new URL(page.baseURI);
    const within = there.pathname.split("/")[1] === here.pathname.split("/")[1] && !here.pathname.startsWith("/mail/");
    if (there.origin === here.origin && (within || there.pathname === here.pathname)) return;
    event.preventDefault();
    window.open(there.href, "_blank", "noopener");
  });
}

// Another tab of the same issue begins where this one was left.
function restore(frame) {
  const known = JSON.parse(sessionStorage.getItem(places) ?? "null");
  const inner = frame.contentDocument?.scrollingElement;
  if (!inner || !known || known.issue !== issue()) return;
  inner.scrollTop = known.part * (inner.scrollHeight - inner.clientHeight);
}

function issue() {
  return location.pathname.split("/")[2] ?? "";
}

addEventListener("pagehide", () => {
  const inner = document.querySelector("iframe")?.contentDocument?.scrollingElement;
  const room = inner ? inner.scrollHeight - inner.clientHeight : 0;
  if (room > 0) sessionStorage.setItem(places, JSON.stringify({ issue: issue(), part: inner.scrollTop / room }));
});

// Arrow keys walk along the tabs.
document.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const tab = event.target.closest?.("#tabs a");
  if (!step || !tab || event.altKey || event.ctrlKey || event.metaKey) return;
  const tabs = [...document.querySelectorAll("#tabs a")];
  tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length].focus();
  event.preventDefault();
});
document.addEventListener("click", (event) => {
  if (event.target.closest?.("#tabs a")) sessionStorage.setItem("preview-tab", "1");
});
if (sessionStorage.getItem("preview-tab")) {
  sessionStorage.removeItem("preview-tab");
  document.querySelector("#tabs a[aria-current]")?.focus();
}

document.querySelector("#tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
document.querySelectorAll("iframe").forEach(attend);
