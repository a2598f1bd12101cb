// Search among the addresses of this snapshot; the page works without it, by province.
"use strict";
(async () => {
  const me = document.currentScript ?? document.querySelector("script[data-root]");
  const asked = new URLSearchParams(location.search).get("q") ?? "";
  document.getElementById("q").value = asked;
  const fold = (text) => text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/\p{M}/gu, "").replace(/\s+/g, " ").trim();
  const wanted = fold(asked).split(" ").filter(Boolean);
  if (!wanted.length) return;
  const rows = await (await fetch(me.dataset.root + "du-lieu/tim.json")).json();
  const hits = rows.filter(([text]) => { const plain = fold(text); return wanted.every((word) => plain.includes(word)); }).slice(0, 60);
  const found = document.getElementById("found");
  if (!hits.length) { found.textContent = found.dataset.none; return; }
  const card = document.getElementById("hits");
  for (const [text, path] of hits) {
    const link = document.createElement("a");
    link.href = me.dataset.home + path;
    link.textContent = text;
    const row = document.createElement("li");
    row.append(link);
    card.querySelector("ul").append(row);
  }
  card.hidden = false;
})();
