// Checks a receipt in the browser, so that it need not be sent. The server checks the same where this cannot run.
// <form data-receipt data-most="bytes">, the verifier keys as JSON in #ledger-keys, the answer goes into #result.
"use strict";

const RECEIPT = "kept-receipt/v1", PROOF = "c2sp.org/tlog-proof@v1", MARK = "\u2014 ";
const encoder = new TextEncoder();

class Wrong extends Error {}
class Unsure extends Error {}

const join = (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
};
const same = (one, other) => one.length === other.length && one.every((byte, place) => byte === other[place]);
const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));
const leafHash = (data) => sha256(join([0], data));
const nodeHash = (left, right) => sha256(join([1], left, right));

function base64Of(word, where) {
  if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(word)) throw new Wrong(`In ${where} stands no base64.`);
  const raw = atob(word);
  if (btoa(raw) !== word) throw new Wrong(`In ${where} the base64 is not written in its one right form.`);
  return Uint8Array.from(raw, (sign) => sign.charCodeAt(0));
}

function hashOf(word, where) {
  const raw = base64Of(word, where);
  if (raw.length !== 32) throw new Wrong(`${where[0].toUpperCase()}${where.slice(1)} does not have 32 bytes.`);
  return raw;
}

function hashesOf(lines) {
  if (lines.length > 63) throw new Wrong("It has more than 63 hashes. No tree is that high.");
  return lines.map((line, place) => hashOf(line, `hash ${place + 1}`));
}

function numberOf(word, where) {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(word) || BigInt(word) >= 1n << 62n) throw new Wrong(`In ${where} stands no whole number.`);
  return BigInt(word);
}

const isName = (name) =>
  name !== "" && !/[+\u0000-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/.test(name);

function keyOf(text) {
  const [name, id, ...coded] = text.split("+");
  const raw = base64Of(coded.join("+"), "the key");
  return { name, id, public: raw.slice(1) };
}

// A signed note: its text and its signatures, none of them checked.
function noteOf(text) {
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) throw new Wrong("It has control characters. A note has none but line ends.");
  const cut = text.lastIndexOf("\n\n");
  if (cut < 0 || !text.endsWith("\n") || cut + 2 >= text.length) {
    throw new Wrong("It has no signatures: after an empty line, each stands on a line of its own that is ended.");
  }
  const lines = text.slice(cut + 2, -1).split("\n");
  if (lines.length > 64) throw new Wrong("It has more than 64 signatures.");
  return [text.slice(0, cut + 1), lines.map((line) => {
    const space = line.indexOf(" ", MARK.length), name = line.slice(MARK.length, space);
    if (!line.startsWith(MARK) || space < 0 || !isName(name)) {
      throw new Wrong("A signature line looks like “\u2014 name base64”, and one does not.");
    }
    const raw = base64Of(line.slice(space + 1), "a signature");
    if (raw.length < 5) throw new Wrong("A signature is too short.");
    return { name, id: Array.from(raw.slice(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(""), raw: raw.slice(4) };
  })];
}

// What a checkpoint says, and who of these has signed it: maybe nobody.
async function checkpointOf(text, keys) {
  const [said, signatures] = noteOf(text), lines = said.split("\n"), signers = [];
  if (lines.length < 4 || lines.slice(0, -1).includes("")) {
    throw new Wrong("A checkpoint has at least three lines and no empty one: name, size and root.");
  }
  const size = numberOf(lines[1], "the size of the checkpoint"), root = hashOf(lines[2], "the root of the checkpoint");
  for (const one of signatures) {
    const key = keys.find((known) => known.name === one.name && known.id === one.id);
    if (!key) continue;
    const known = await crypto.subtle.importKey("raw", key.public, "Ed25519", false, ["verify"]);
    if (!(await crypto.subtle.verify("Ed25519", known, one.raw, encoder.encode(said)))) {
      throw new Wrong(`The signature of ${one.name} is wrong: the text is not what was signed.`);
    }
    signers.push(one.name);
  }
  if (signers.length && !signers.includes(lines[0])) {
    throw new Wrong(`The checkpoint is of the log ${lines[0]}, and it is signed under another name.`);
  }
  return { origin: lines[0], size, root, signers };
}

// RFC 9162 section 2.1.3.2
async function checkInclusion(leaf, index, size, hashes, root) {
  if (index >= size) throw new Wrong(`The tree has ${size} entries, so none has the number ${index}.`);
  let place = index, last = size - 1n, found = leaf;
  for (const one of hashes) {
    if (last === 0n) throw new Wrong("The proof has more hashes than this place in the tree needs.");
    if (place & 1n || place === last) {
      found = await nodeHash(one, found);
      while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n];
    } else {
      found = await nodeHash(found, one);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  if (last) throw new Wrong("The proof has fewer hashes than this place in the tree needs.");
  if (!same(found, root)) throw new Wrong("The proof leads to another root: this entry is not in the tree at this place.");
}

// RFC 9162 section 2.1.4.2, for 0 < first < second
async function goesOn(first, firstRoot, second, secondRoot, hashes) {
  const path = (first & (first - 1n)) === 0n ? [firstRoot, ...hashes] : hashes;
  if (!path.length) return false;
  let place = first - 1n, last = second - 1n, before = path[0], now = path[0];
  while (place & 1n) [place, last] = [place >> 1n, last >> 1n];
  for (const one of path.slice(1)) {
    if (last === 0n) return false;
    if (place & 1n || place === last) {
      [before, now] = [await nodeHash(one, before), await nodeHash(one, now)];
      while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n];
    } else {
      now = await nodeHash(now, one);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  return last === 0n && same(before, firstRoot) && same(now, secondRoot);
}

// One way of writing it, that everybody reads alike: nobody is shown something else than what was hashed.
const WORD = String.raw`"(?:[^"\\\x00-\x1f]|\\(?:["\\bfnrt]|u00[01][0-9a-f]))*"`;
const PLAIN = `(?:${WORD}|0|-?[1-9][0-9]{0,17}|true|false|null)`;
const FACT = String.raw`"([A-Za-z_][A-Za-z0-9_]*)":(${PLAIN}|\[(?:${PLAIN}(?:,${PLAIN})*)?\])`;
const FACTS = String.raw`\{(?:${FACT}(?:,${FACT})*)?\}`;
const PAYLOAD = new RegExp(`^\\{"about":${WORD},"at":${WORD},"by":${WORD},"facts":${FACTS},"kind":${WORD}\\}$`);
const OPENING = new RegExp(`^\\{"about":${WORD},"at":${WORD},"by":${WORD},"facts":\\{`);

function payloadOf(line) {
  if (!PAYLOAD.test(line)) throw new Wrong("The second line is not written as an entry is: it was changed or cut off.");
  const facts = [], fact = new RegExp(`${FACT},?`, "y");
  fact.lastIndex = OPENING.exec(line)[0].length;
  for (let found = fact.exec(line); found; found = fact.exec(line)) {
    if (facts.length && found[1] <= facts.at(-1)[0]) {
      throw new Wrong("The facts in the second line do not stand in their order, each once.");
    }
    facts.push([found[1], found[2]]);
    if (!found[0].endsWith(",")) break;
  }
  return { ...JSON.parse(line), facts };
}

async function check(text, keys) {
  const [head, payload = "", salted = "", ...proof] = text.split("\n");
  if (head !== RECEIPT) throw new Wrong(`A receipt begins with the line ${RECEIPT}.`);
  const told = payloadOf(payload);
  if (!salted.startsWith("salt ")) throw new Wrong("The third line of a receipt begins with “salt ”.");
  const salt = base64Of(salted.slice(5), "the line “salt”");
  if (salt.length !== 16) throw new Wrong("The salt does not have 16 bytes.");
  const file = proof.join("\n"), end = file.indexOf("\n\n"), lines = (end < 0 ? file : file.slice(0, end)).split("\n");
  if (lines.shift() !== PROOF) throw new Wrong(`A proof file begins with the line ${PROOF}.`);
  if (end < 0) throw new Wrong("The proof file ends before its checkpoint.");
  if (lines[0]?.startsWith("extra ")) base64Of(lines.shift().slice(6), "the line “extra”");
  if (!lines[0]?.startsWith("index ")) throw new Wrong("The proof file has no line “index”.");
  const index = numberOf(lines.shift().slice(6), "the line “index”"), hashes = hashesOf(lines);
  const { origin, size, root, signers } = await checkpointOf(file.slice(end + 2), keys);
  const key = await crypto.subtle.importKey("raw", salt, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const commitment = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(payload)));
  await checkInclusion(await leafHash(commitment), index, size, hashes, root);
  if (!signers.length) throw new Unsure("It is not signed with the key of this ledger. It may be of another one, or of nobody's.");
  return { told, index, origin, size, root };
}

// Whether the ledger of today goes on from that of the receipt. Only how long that one was is asked with.
async function compare(found, keys, form) {
  const unreadable = () => { throw Object.assign(new Unsure(form.dataset.unreadable), { found }); };
  const now = await textAt(form.dataset.checkpoint).then((text) => checkpointOf(text, keys)).catch(unreadable);
  if (!now.signers.length) unreadable();
  if (now.origin !== found.origin) return; // of before a new beginning
  let fits = found.size === now.size && same(found.root, now.root);
  if (found.size < now.size) {
    const text = await textAt(form.dataset.consistency.replace("1/2", `${found.size}/${now.size}`)).catch(unreadable);
    fits = await goesOn(found.size, found.root, now.size, now.root, hashesOf(text.split("\n").slice(0, -1)));
  }
  if (!fits) throw Object.assign(new Wrong(form.dataset.forked), { found });
}

async function textAt(address) {
  const answer = await fetch(address, { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.status);
  return answer.text();
}

// What is shown

const words = (name) => String(name).slice(String(name).lastIndexOf(".") + 1).replaceAll("_", " ");
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
const plain = (fact) => (Array.isArray(fact) ? fact.map(plain).join(", ") : { true: "yes", false: "no", null: "none" }[fact] ?? String(fact));
// Long numbers as they stand there: a number of JavaScript's would be rounded.
const factOf = (source) => plain(/^-?[0-9]+$/.test(source) ? source : JSON.parse(source));

function element(name, text, more = {}) {
  return Object.assign(document.createElement(name), text === undefined ? more : { textContent: text, ...more });
}

function show(state, why, found) {
  const box = element("section", undefined, { className: "notice" });
  box.dataset.kind = state === "true" ? "good" : "warn";
  const titles = { true: "The receipt is genuine", false: "The receipt does not hold", unknown: "We cannot tell" };
  box.append(element("h2", titles[state], { id: "says" }));
  if (state === "false" && !found) box.append(element("p", "It was changed, or a part of it is missing."));
  box.append(element("p", why));
  box.setAttribute("aria-labelledby", "says");
  if (found) {
    const list = element("dl", undefined, { className: "facts" }), told = found.told;
    const rows = [
      ["What was done", words(told.kind)], ["When", `${told.at.replaceAll("T", " ").split(".")[0]} UTC`],
      ["By", words(told.by.split(":")[0])], ["About", told.about],
      ...told.facts.map(([name, source]) => [capital(words(name)), factOf(source)]),
      ["Entry", `number ${found.index} of ${found.size}`], ["Ledger", found.origin],
    ];
    for (const [label, text] of rows) list.append(element("dt", label), element("dd", text));
    box.append(list);
  }
  const result = document.getElementById("result");
  result.replaceChildren(box);
  result.scrollIntoView({ block: "nearest" });
}

async function able() {
  try {
    const key = keyOf(keys[0]);
    await crypto.subtle.importKey("raw", key.public, "Ed25519", false, ["verify"]);
    return true;
  } catch { return false; }
}

async function textOf(form) {
  const file = form.elements.file.files[0];
  const most = Number(form.dataset.most);
  const raw = file ? new Uint8Array(await file.slice(0, most + 1).arrayBuffer()) : encoder.encode(form.elements.receipt.value);
  if (raw.length > most) throw new Wrong(`It is longer than ${Math.floor(most / 1024)} KB.`);
  let text;
  try { text = new TextDecoder("utf-8", { fatal: true }).decode(raw); } catch { throw new Wrong("It is no text."); }
  text = text.replaceAll("\r\n", "\n").replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  if (!text) throw new Wrong("There is nothing in it.");
  return `${text}\n`;
}

const form = document.querySelector("form[data-receipt]");
const keys = JSON.parse(document.getElementById("ledger-keys").textContent);

async function answer() {
  try {
    const trusted = keys.map(keyOf), found = await check(await textOf(form), trusted);
    await compare(found, trusted, form);
    show("true", "The entry stands in our ledger, exactly as your receipt says.", found);
  } catch (problem) {
    if (problem instanceof Wrong) show("false", problem.message, problem.found);
    else if (problem instanceof Unsure) show("unknown", problem.message, problem.found);
    else form.submit(); // something this browser cannot do: the server can
  }
}

if (await able()) {
  form.querySelector("[data-where]").textContent = form.dataset.here;
  form.addEventListener("submit", (event) => { event.preventDefault(); answer(); });
  form.elements.file.addEventListener("change", () => { if (form.elements.file.files.length) answer(); });
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) {
      form.elements.file.files = event.dataTransfer.files;
      answer();
    }
  });
}
