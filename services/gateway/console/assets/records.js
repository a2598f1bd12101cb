/* Hòm Phiếu: entry, comparison and approval of count records; progress of jobs. Every page works without it. */
"use strict";
(() => {
  const $ = (what, inside = document) => inside.querySelector(what);
  const all = (what, inside = document) => [...inside.querySelectorAll(what)];
  const read = (text) => {
    const plain = text.normalize("NFKC").trim();
    if (!plain) return null;
    const digits = /^\d{1,3}([. ,])\d{3}(\1\d{3})*$/.test(plain) ? plain.replace(/\D/g, "") : plain;
    return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
  };

  /* entry: the row under the caret, its line on the paper, how many are typed, percentages of the form */
  for (const form of all("[data-entry]")) {
    const boxes = all("[data-number]", form), full = $("[data-full]");
    const value = (name) => { const box = form.elements[name]; return box ? read(box.value) : null; };
    const part = (name, whole) => {
      const one = value(name), of = value(whole);
      return typeof one === "number" && of > 0 && one <= of ? Math.floor((one * 20000 + of) / (2 * of)) : null;
    };
    const say = (name, h) => {
      const place = $(`[data-share="${name}"]`, form);
      if (place) place.textContent = h === null ? "" : `${Math.floor(h / 100)},${String(h % 100).padStart(2, "0")}%`;
    };
    const count = () => {
      const typed = boxes.filter((box) => box.value.trim()).length;
      if (full) full.textContent = full.dataset.full.replace("{done}", typed).replace("{n}", boxes.length);
      const valid = part("valid", "collected"), invalid = part("invalid", "collected");
      say("took_part", part("took_part", "voters"));
      say("valid", valid);
      say("invalid", valid !== null && invalid !== null ? 10000 - valid : invalid);
    };
    form.addEventListener("input", count);
    form.addEventListener("focusin", (e) => {
      const row = e.target.closest("[data-for]");
      for (const other of all("[data-for]", form)) other.classList.toggle("now", other === row);
      for (const line of all("[data-line]", form)) {
        const lit = Boolean(row) && line.dataset.line === row.dataset.for, paper = line.closest(".paper");
        line.classList.toggle("lit", lit);
        if (lit && paper) paper.scrollTop = line.offsetTop - paper.offsetTop - paper.clientHeight / 2;
      }
    });
    form.addEventListener("focusout", (e) => {
      const box = e.target, row = box.closest && box.closest("[data-for]");
      if (!row || !box.matches("[data-number]")) return;
      const wrong = read(box.value) === undefined, said = $(".inline-err", row);
      box.classList.toggle("bad", wrong || (box.classList.contains("bad") && box.value === box.defaultValue));
      if (wrong && !said) {
        const text = document.createElement("small");
        text.className = "inline-err"; text.id = `s-${box.id}`; text.setAttribute("role", "status"); text.textContent = form.dataset.digits;
        $("th", row).append(text);
        box.setAttribute("aria-describedby", text.id);
      } else if (!wrong && said) said.remove();
    });
    for (const link of all("[data-finding][href], [data-resume]")) link.addEventListener("click", (e) => {
      const box = $(link.getAttribute("href"));
      if (box) { e.preventDefault(); box.focus(); box.scrollIntoView({ block: "nearest" }); }
    });
    window.addEventListener("pagehide", () => {
      if (form.sent || boxes.every((box) => box.value === box.defaultValue)) return;
      fetch(form.dataset.draft, { method: "POST", keepalive: true, headers: { "X-Manh": "nhap" }, body: new URLSearchParams(new FormData(form)) });
    });
    count();
    if (form.contains(document.activeElement)) document.activeElement.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
  }

  /* comparison: another figure chooses itself; the checks are recomputed for the choice made */
  for (const form of all("[data-compare]")) {
    const says = $("[data-chosen]"), sheet = $("#kiem");
    const rows = () => all("[data-choices]", form);
    let asked = 0;
    const look = async () => {
      const chosen = rows().filter((row) => $("input[type=radio]:checked", row)).length;
      if (says) says.textContent = says.dataset.chosen.replace("{done}", chosen).replace("{n}", rows().length);
      const mine = ++asked;
      const answer = await fetch(location.pathname, { method: "POST", headers: { "X-Manh": "kiem" }, body: new URLSearchParams(new FormData(form)) }).catch(() => null);
      if (answer && answer.ok && mine === asked) sheet.innerHTML = await answer.text();
    };
    let timer = 0;
    const changed = (e) => {
      const row = e.target.closest("[data-choices]");
      if (row && !e.target.matches("[type=radio]") && e.target.value) $("input[value=khac]", row).checked = true;
      clearTimeout(timer);
      timer = setTimeout(look, e.target.matches("[type=radio]") ? 0 : 400);
    };
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    form.addEventListener("keydown", (e) => {
      const row = e.target.closest("[data-choices]");
      if (!row || (e.key !== "ArrowDown" && e.key !== "ArrowUp")) return;
      const list = rows(), to = list[list.indexOf(row) + (e.key === "ArrowDown" ? 1 : -1)];
      e.preventDefault();
      if (to) ($("input[type=radio]:checked", to) || $("input[type=radio]", to)).focus();
    });
  }

  /* approval: a choice that changed must be looked at again before it is signed */
  for (const form of all("[data-choosing]")) {
    form.addEventListener("change", () => {
      for (const part of all("[data-signing]")) part.hidden = true;
      for (const part of all("[data-stale]")) part.hidden = false;
    });
  }

  /* an act goes out once, however often the key is pressed */
  document.addEventListener("submit", (e) => {
    if (e.target.method !== "post") return;
    if (e.target.sent) e.preventDefault();
    e.target.sent = true;
  }, true);
  window.addEventListener("pageshow", () => { for (const form of document.forms) form.sent = false; });

  /* a job that is still at work is looked at every two seconds */
  const poll = async () => {
    const region = $("[data-poll]");
    if (!region) return;
    if (document.visibilityState === "visible" && !region.contains(document.activeElement)) {
      const answer = await fetch(location.href, { headers: { "X-Manh": "song" } }).catch(() => null);
      if (answer && answer.ok && !answer.redirected) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(region.id);
        if (fresh) region.replaceWith(document.importNode(fresh, true));
      }
    }
    setTimeout(poll, 2000);
  };
  setTimeout(poll, 2000);
})();
