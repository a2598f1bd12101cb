/* Hòm Phiếu: asks the browser for a security key and sends its answer with the form. Every form works by code without it. */
"use strict";
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

  const asked = async (button, form) => {
    if (button.dataset.options) return JSON.parse(button.dataset.options);
    const body = new URLSearchParams([...new FormData(form)].filter(([name]) => name !== "password" && name !== "again"));
    const answer = await fetch(button.dataset.passkey, { method: "POST", body });
    const told = await answer.json();
    if (!answer.ok) throw told;
    return told;
  };
  const signed = async (wish) => {
    const publicKey = { ...wish, challenge: bytes(wish.challenge) };
    if (!wish.rp) return navigator.credentials.get({ publicKey: { ...publicKey, allowCredentials: named(wish.allowCredentials) } });
    const user = { ...wish.user, id: bytes(wish.user.id) };
    return navigator.credentials.create({ publicKey: { ...publicKey, user, excludeCredentials: named(wish.excludeCredentials) } });
  };

  for (const part of document.querySelectorAll("[data-passkey-part]")) part.hidden = false;
  for (const button of document.querySelectorAll("[data-passkey]")) {
    const form = button.form, says = form.querySelector("[data-passkey-says]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      says.hidden = true;
      try {
        const key = await signed(await asked(button, form));
        const response = Object.fromEntries(parts.filter((part) => key.response[part]).map((part) => [part, text(key.response[part])]));
        form.elements.assertion.value = JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });
        form.noValidate = true;
        form.requestSubmit();
      } catch (told) {
        says.textContent = told.code && told.vi ? (document.documentElement.lang === "en" ? told.en : told.vi) : says.dataset.passkeySays;
        says.hidden = false;
        button.disabled = false;
        button.focus();
      }
    });
  }
})();
