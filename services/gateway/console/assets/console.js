/* Hòm Phiếu: the console's own script. Every page works without it; it adds keys, live regions and checks while typing. */
"use strict";
(() => {
  const $ = (what, inside = document) => inside.querySelector(what);
  const all = (what, inside = document) => [...inside.querySelectorAll(what)];
  const page = document.body.dataset;
  const english = document.documentElement.lang === "en";
  const dots = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, english ? "," : ".");
  const hm = (at) => at.toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Ho_Chi_Minh" });
  const glyphs = ($("use") || { getAttribute: () => "" }).getAttribute("href").split("#")[0];
  const glyph = (name, kind) => `<svg class="g ${kind}" viewBox="0 0 16 16" aria-hidden="true"><use href="${glyphs}#g-${name}"/></svg>`;

  /* numbers as people type them: undefined = cannot be read, null = empty */
  const read = (text) => {
    const plain = text.normalize("NFKC").trim();
    if (!plain) return null;
    const digits = /^\d{1,3}([. ,])\d{3}(\1\d{3})*$/.test(plain) ? plain.replace(/\D/g, "") : plain;
    return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
  };
  const share = (part, whole) => {
    const h = Math.floor((part * 20000 + whole) / (2 * whole));
    return `${Math.floor(h / 100)}${english ? "." : ","}${String(h % 100).padStart(2, "0")}%`;
  };

  for (const box of all("[data-number]")) {
    box.addEventListener("focus", () => box.select());
    box.addEventListener("wheel", (e) => e.preventDefault(), { passive: false });
    const dress = () => { const n = read(box.value); if (typeof n === "number") box.value = dots(n); };
    box.addEventListener("blur", dress);
    dress();
  }
  for (const box of all("[data-code]")) {
    box.addEventListener("input", () => {
      const code = box.value.normalize("NFKC").replace(/\D/g, "").slice(0, 6);
      if (code.length === 6 && box.value !== code) box.value = code;
    });
  }

  /* error summary takes the focus once; else a box marked for it */
  const first = $("[data-focus]") || $("[data-first]");
  if (first) first.focus({ preventScroll: !first.matches(".summary") });
  for (const chip of all(".opts [aria-current]")) chip.parentElement.scrollLeft = Math.max(0, chip.offsetLeft - chip.parentElement.offsetLeft - 60);
  for (const button of all("[data-print]")) button.addEventListener("click", () => window.print());
  document.addEventListener("click", (e) => {
    for (const open of all("details.pick[open], details.menu[open]")) if (!open.contains(e.target)) open.open = false;
  });

  /* turnout: typed twice, compared while typing */
  for (const form of all("[data-twice]")) {
    const words = form.dataset;
    const primary = $(`[form="${form.id}"][data-primary] span`) || $("[data-primary] span", form);
    const unsent = $("[data-unsent]");
    const check = () => {
      let same = 0, typed = 0;
      for (const row of all("[data-row]", form)) {
        const [a, b] = all("[data-number]", row), cell = $("[data-state]", row), part = $("[data-share]", row);
        row.plain ??= cell.innerHTML;
        const one = read(a.value), two = read(b.value), why = all(".why", form).find((r) => $(`#r-${row.dataset.row}`, r));
        if (a.value || b.value) typed += 1;
        const wrong = one === undefined || two === undefined, both = typeof one === "number" && typeof two === "number";
        const lower = both && one === two && row.dataset.before && one < Number(row.dataset.before);
        for (const box of [a, b]) box.classList.toggle("bad", wrong || (both && one !== two));
        if (why) why.hidden = !(lower || $("input", why).value);
        part.textContent = both && one === two && Number(row.dataset.voters) ? share(one, Number(row.dataset.voters)) : "–";
        const explained = lower && why && $("input", why).value.trim();
        if (both && one === two && (!lower || explained)) same += 1;
        cell.innerHTML = wrong ? glyph("err", "err") + words.digits : both ? (one !== two ? glyph("err", "err") + words.unlike
          : lower && !explained ? glyph("warn", "diff") + words.lower : glyph("ok", "ok") + words.same)
          : one !== null || two !== null ? glyph("q2", "work") + words.again : row.plain;
      }
      if (primary) primary.textContent = same ? words.send.replace("{n}", same) : words.check;
      if (unsent) { unsent.plain ??= unsent.textContent; $("span", unsent).textContent = typed ? unsent.dataset.unsent : unsent.plain; }
      form.dirty = typed > 0;
    };
    form.addEventListener("input", check);
    form.addEventListener("focusin", (e) => {
      const row = e.target.closest("[data-row]");
      if (!row) return;
      for (const other of all("[data-row]", form)) other.classList.toggle("now", other === row);
      for (const about of all("[data-about]")) about.hidden = about.dataset.about !== row.dataset.row;
    });
    form.addEventListener("submit", () => { form.dirty = false; });
    window.addEventListener("beforeunload", (e) => { if (form.dirty) e.preventDefault(); });
    const wanted = new URLSearchParams(location.search).get("kv");
    const start = wanted && $(`#a-${CSS.escape(wanted)}`) || $(".in.bad", form);
    check();
    if (start && !first) start.focus();
  }

  /* drafts: saved by the server on leaving a box and every five seconds */
  for (const form of all("[data-draft]")) {
    const typed = () => new URLSearchParams(new FormData(form)).toString(), says = $("[data-draft-state]");
    const say = (text) => { says.textContent = text.slice(0, 200); };
    let saved = typed(), busy = false;
    const save = async () => {
      const now = typed();
      if (busy || now === saved) return;
      busy = true;
      const sent = { method: "POST", body: new URLSearchParams(now), headers: { "X-Manh": "nhap" }, signal: AbortSignal.timeout(15000) };
      const answer = await fetch(form.dataset.draft, sent).then((got) => got.ok ? got.text() : null).catch(() => null);
      busy = false;
      if (answer === null) { say(says.dataset.failed); return; }
      saved = now;
      if (typed() === saved) say(answer); else save();
    };
    form.addEventListener("input", () => say(says.dataset.typing));
    form.addEventListener("focusout", save);
    form.save = save;
    setInterval(save, 5000);
  }

  /* keys: function keys, Ctrl and arrows only */
  const boxes = (form) => all("input:not([type=hidden]):not([disabled]), select, textarea", form).filter((b) => b.offsetParent);
  const step = (by) => {
    const at = document.activeElement, form = at.closest("[data-grid]"), list = boxes(form), to = list[list.indexOf(at) + by];
    if (to) to.focus(); else if (by > 0) ($("[data-primary]") || $("[type=submit]", form)).focus();
  };
  const finding = (by) => {
    const marks = all("[data-finding]"), places = marks.map((m) => $(m.getAttribute("href") || `#${CSS.escape(m.dataset.finding)}`)).filter(Boolean);
    if (!places.length) return;
    const at = places.indexOf(document.activeElement);
    places[(at + by + places.length) % places.length].focus();
  };
  document.addEventListener("keydown", (e) => {
    const at = document.activeElement, inGrid = at && at.matches("input") && at.closest("[data-grid]");
    const act = {
      F1: () => { const to = $("[data-help]"); if (to) location.assign(`${to.getAttribute("href")}?ve=${encodeURIComponent(location.pathname)}`); },
      F2: () => finding(e.shiftKey ? -1 : 1),
      F4: () => all("[data-scan]").forEach((scan) => scan.classList.toggle("large")),
      F8: () => showWaiting(),
    }[e.key];
    if (act && !e.ctrlKey && !e.altKey) { e.preventDefault(); act(); return; }
    if (e.ctrlKey && e.key === "Enter") { const to = $("[data-primary]"); if (to) { e.preventDefault(); to.click(); } return; }
    if (e.ctrlKey && e.key.toLowerCase() === "s") { e.preventDefault(); all("[data-draft]").forEach((form) => form.save()); return; }
    if (e.ctrlKey && e.key === "/") { const to = $("[type=search]"); if (to) { e.preventDefault(); to.focus(); } return; }
    if (e.key === "Escape") { for (const open of all("details.pick[open], details.menu[open]")) { open.open = false; $("summary", open).focus(); } return; }
    if (inGrid && e.key === "Enter" && !at.matches("[type=submit]")) { e.preventDefault(); step(e.shiftKey ? -1 : 1); return; }
    if (inGrid && at.matches("[data-number]") && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
      const cell = at.closest("td, th"), row = at.closest("tr"), place = [...row.children].indexOf(cell);
      let next = row;
      do next = e.key === "ArrowDown" ? next.nextElementSibling : next.previousElementSibling;
      while (next && !$("[data-number]", next));
      const to = next && ($("[data-number]", next.children[place] || next) || $("[data-number]", next));
      if (to) { e.preventDefault(); to.focus(); }
      return;
    }
    const choice = at && at.closest("[data-choices]");
    if (choice && /^[1-9]$/.test(e.key) && !at.matches("input[type=text], input:not([type])")) {
      const to = all("input[type=radio]", choice)[Number(e.key) - 1];
      if (to) { e.preventDefault(); to.checked = true; to.focus(); to.dispatchEvent(new Event("change", { bubbles: true })); }
    }
  });

  /* live regions: small, named, never what holds the focus or a selection */
  const bar = $("#bao"), mark = $("#song");
  const says = $("#loi"), pause = all("[data-pause]");
  let paused = false, said = Date.now(), waiting = null, last = Date.now(), lost = null, timer = 0, fetched = 0;
  const warn = (text) => { if (bar) { bar.hidden = !text; bar.textContent = text; } };
  const held = (region) => region.contains(document.activeElement) || (getSelection().rangeCount && !getSelection().isCollapsed && region.contains(getSelection().anchorNode));
  const figures = (region) => all("dd.big, td, b", region).map((x) => x.textContent.trim());
  const place = async (old, fresh) => {
    if (old.innerHTML === fresh.innerHTML) return;
    const id = old.id, before = new Set(figures(old));
    await htmx.swap({ text: fresh.outerHTML, target: old, swap: "outerMorph", transition: false });
    for (const cell of all("dd.big, td, b", (id && document.getElementById(id)) || old)) {
      if (before.has(cell.textContent.trim())) continue;
      cell.classList.add("moi");
      setTimeout(() => cell.classList.remove("moi"), 2000);
    }
  };
  const rows = (old, fresh) => {
    const seen = all("tr[id]", old).map((r) => r.id).sort().join(), now = all("tr[id]", fresh).map((r) => r.id).sort().join();
    for (const row of all("tr[id]", old)) {
      const next = $(`#${CSS.escape(row.id)}`, fresh);
      if (next && !held(row)) place(row, next);
    }
    if (seen !== now) { waiting = [...(waiting || []).filter((w) => w[0] !== old), [old, fresh]]; offer(old); }
  };
  const offer = (table) => {
    if ($(`[data-more-for="${table.id}"]`)) return;
    const button = document.createElement("button");
    button.type = "button"; button.className = "btn s more"; button.dataset.moreFor = table.id; button.textContent = page.more;
    button.addEventListener("click", showWaiting);
    table.before(button);
  };
  const showWaiting = () => {
    for (const [old, fresh] of waiting || []) place($(`#${CSS.escape(old.id)}`) || old, fresh);
    all("[data-more-for]").forEach((b) => b.remove());
    waiting = null;
  };
  const refresh = async () => {
    timer = 0; fetched = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { "X-Manh": "song" } });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const region of all("[data-live]")) {
        const next = region.id && fresh.getElementById(region.id);
        if (!next || region.closest("form")) continue;
        if (region.dataset.live === "rows") rows(region, next); else if (!held(region)) place(region, next);
      }
      const lede = $("#cau");
      if (says && lede && Date.now() - said > 30000 && says.textContent !== lede.textContent) { said = Date.now(); says.textContent = lede.textContent; }
    } catch { /* the stream's own error says it */ }
  };
  const soon = (after) => { if (!timer && !paused && document.visibilityState === "visible") timer = setTimeout(refresh, Math.max(after, fetched + 3000 - Date.now())); };
  if (page.liveAt && $("[data-live]") && window.EventSource) {
    const stream = new EventSource(page.liveAt);
    const heard = () => { last = Date.now(); if (lost) { lost = null; warn(""); soon(200); } };
    stream.onopen = heard;
    stream.addEventListener("nhip", () => { heard(); soon(5000); });
    stream.addEventListener("doi", () => { heard(); soon(900); setTimeout(() => soon(0), 4500); });
    stream.onerror = () => { lost ??= new Date(); };
    setInterval(() => {
      const old = Date.now() - last > 15000;
      const now = $("#song"), text = now && $("[data-live-text]", now);
      if (now) { now.classList.toggle("slow", old && !lost); now.classList.toggle("lost", Boolean(lost) && old); }
      if (old && lost) warn(page.lost.replace("{at}", hm(lost)));
      else if (old && text) text.textContent = page.slow.replace("{at}", hm(new Date(last)));
    }, 3000);
    for (const button of pause) button.addEventListener("click", () => {
      paused = !paused;
      for (const other of pause) other.setAttribute("aria-pressed", String(paused));
      soon(0);
    });
    document.addEventListener("visibilitychange", () => soon(100));
  }

  /* the end of the session: two minutes before, a bar, not a dialog */
  if (page.ends) {
    const ends = new Date(page.ends), left = ends - Date.now() - 120000;
    if (left > 0 && left < 2 ** 31) setTimeout(() => warn(page.ending.replace("{at}", hm(ends))), left);
  }
})();
