"use strict";

// The arrow keys move between the days of a calendar; without this script the Tab key does.
const MOVES = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

document.addEventListener("keydown", (event) => {
  const calendar = event.target.closest?.("[data-calendar]");
  const move = MOVES[event.key];
  if (!calendar || !move || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const days = [...calendar.querySelectorAll(".day")];
  let place = days.indexOf(event.target) + move;
  while (days[place] && !days[place].matches("a")) place += Math.sign(move);
  if (days[place]) {
    event.preventDefault();
    days[place].focus();
  }
});

// One button unfolds all abstracts of a page.
const tools = document.querySelector("[data-unfold]");
const cards = document.querySelector(".cards");
if (tools && cards.querySelector("details")) {
  const button = document.createElement("button");
  const label = (isOpen) => (isOpen ? "Fold all abstracts" : "Unfold all abstracts");
  let isOpen = false;
  button.type = "button";
  button.className = "unfold";
  button.textContent = label(isOpen);
  button.addEventListener("click", () => {
    isOpen = !isOpen;
    for (const details of cards.querySelectorAll("details")) details.open = isOpen;
    button.textContent = label(isOpen);
  });
  tools.append(button);
  tools.hidden = false;
}

// The search: the newest bundle is opened, the others are joined to it.
const PAGE = 20;
const form = document.querySelector("form[data-search]");

async function open(quarters) {
  const site = new URL(".", location.href);
  const address = (quarter) => new URL(`search/${quarter}/`, site).href;
  const [newest, ...others] = quarters;
  const index = await import(new URL("pagefind.js", address(newest)).href);
  await index.options({ baseUrl: site.pathname });
  await Promise.all(others.map((quarter) => index.mergeIndex(address(quarter), { baseUrl: site.pathname })));
  return index;
}

// An excerpt is text with marks around the words that were found; nothing else in it is markup.
function excerpt(html) {
  const paragraph = document.createElement("p");
  const decoder = document.createElement("textarea");
  for (const [number, part] of html.split(/<\/?mark>/).entries()) {
    decoder.innerHTML = part.replaceAll("<", "&lt;");
    const node = number % 2 ? document.createElement("mark") : document.createElement("span");
    node.textContent = decoder.value;
    paragraph.append(node);
  }
  paragraph.dir = "auto";
  return paragraph;
}

function result(found) {
  const item = document.createElement("li");
  const heading = document.createElement("h2");
  const link = document.createElement("a");
  const title = document.createElement("bdi");
  link.href = found.url;
  title.dir = "auto";
  title.textContent = found.meta.title;
  link.append(title);
  heading.append(link);
  const day = document.createElement("p");
  day.textContent = `Listed ${found.meta.day}`;
  item.append(heading, excerpt(found.excerpt), day);
  return item;
}

if (form) {
  document.querySelector("[data-without-script]").remove();
  const quarters = form.dataset.search.split(" ").filter(Boolean);
  const query = document.getElementById("query");
  const status = document.getElementById("found");
  const list = document.getElementById("results");
  const more = document.getElementById("more");
  let index;
  let left = [];
  let turn = 0;

  const show = async () => {
    const mine = turn;
    const shown = await Promise.all(left.splice(0, PAGE).map((each) => each.data()));
    if (mine !== turn) return;
    list.append(...shown.map(result));
    more.hidden = left.length === 0;
  };

  const search = async (words) => {
    const mine = ++turn;
    list.replaceChildren();
    more.hidden = true;
    if (!words.trim() || !quarters.length) {
      status.textContent = quarters.length ? "" : "There is nothing to search yet.";
      return;
    }
    status.textContent = "Searching…";
    try {
      index ??= open(quarters);
      const answer = await (await index).search(words);
      if (mine !== turn) return;
      left = answer.results;
      const found = left.length === 1 ? "1 paper" : `${left.length} papers`;
      await show();
      if (mine === turn) status.textContent = found;
    } catch (error) {
      index = undefined;
      status.textContent = location.protocol === "file:" ? "The search needs a web server: python -m http.server" : `The search could not be loaded: ${error.message}`;
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.replaceState(null, "", `?q=${encodeURIComponent(query.value)}`);
    search(query.value);
  });
  more.addEventListener("click", show);
  query.value = new URLSearchParams(location.search).get("q") ?? "";
  search(query.value);
}
