// Sessions of a person and of a bot in a real Chromium, against the axum example with default
// settings.
// Usage: node session.mjs PATH_OF_THE_SHOP PATH_OF_THE_GUARDED_EXAMPLE PATH_OF_CHROMIUM
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [shop, guarded, executablePath] = process.argv.slice(2);
const environment = Object.entries(process.env).filter(([name]) => !name.startsWith("AIWAF_"));

let failures = 0;
function expect(what, holds, detail = "") {
  console.log(`${holds ? "ok  " : "FAIL"} ${what}${holds ? "" : ` ${detail}`}`);
  failures += holds ? 0 : 1;
}

// Runs `actions` on an example that is started for them. They get the page, the address, a function
// that returns what the firewall logged of an event, and one that advances the clock of the guarded
// example.
async function at(example, browser, actions) {
  const folder = mkdtempSync(join(tmpdir(), "aiwaf-browser-"));
  const server = spawn(resolve(example), [], {
    cwd: folder,
    env: { ...Object.fromEntries(environment), PORT: "0", NO_COLOR: "1" },
  });
  let log = "";
  server.stderr.on("data", (text) => (log += text));
  const events = (name) => log.split("\n").filter((line) => line.includes(`event="${name}"`));
  const context = await browser.newContext();
  try {
    const output = createInterface(server.stdout);
    const first = await once(output, "line");
    const ahead = async (time) => {
      server.stdin.write(`ahead ${time}\n`);
      await once(output, "line");
    };
    const page = await context.newPage();
    await actions(page, first[0].match(/http:\/\/\S+/)[0], events, ahead);
    expect("nobody is banned", events("banned").length === 0, events("banned").join("\n"));
  } finally {
    await context.close();
    server.kill("SIGTERM");
    await once(server, "exit");
    rmSync(folder, { recursive: true, force: true });
  }
}

// Submits the first POST form of the page and returns the status of the response to it.
async function submit(page, path) {
  const [response] = await Promise.all([
    page.waitForResponse((seen) => seen.url().endsWith(path) && seen.request().method() === "POST"),
    page.waitForNavigation(),
    page.evaluate((action) => document.querySelector(`form[method=post][action="${action}"]`).submit(), path),
  ]);
  return response.status();
}

async function browse(page, site) {
  for (const path of ["/", "/items/1", "/items/2", "/cart", "/contact", "/search", "/login"]) {
    const response = await page.goto(site + path);
    expect(`browse ${path}`, response.status() === 200, response.status());
  }
  await page.goto(`${site}/`);
  await page.click("text=Kettle");
  await page.waitForLoadState();
  await page.goBack();
  await page.goForward();
  await page.reload();
  expect("back, forward and reload", page.url() === `${site}/items/1`, page.url());
  const missing = await page.goto(`${site}/items/99`);
  expect("a page that is not there", missing.status() === 404, missing.status());
}

async function search(page, site) {
  for (const words of ["tea & biscuits", "O'Brien", "select a kettle from the union", "50% off <3", "größe"]) {
    await page.goto(`${site}/search`);
    await page.fill("input[name=q]", words);
    await Promise.all([page.waitForNavigation(), page.click("button")]);
    const shown = await page.inputValue("input[name=q]");
    expect(`search for ${words}`, shown === words, shown);
  }
}

// What a page's own script does as soon as it is loaded, before anybody could have typed anything.
async function callScripts(page, site) {
  await page.goto(`${site}/items/1`);
  const statuses = await page.evaluate(async () => {
    const json = (body) => ({
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const form = new FormData();
    form.append("file", new Blob(["hello"]), "hello.txt");
    const calls = [
      fetch("/api/items"),
      fetch("/api/orders", json({ item: 1, quantity: 2, note: "ring twice, it's the 2nd door" })),
      fetch("/api/echo", { method: "POST", body: "ping" }),
      fetch("/contact", { method: "POST", body: new URLSearchParams({ name: "Ada", message: "hello" }) }),
      fetch("/upload", { method: "POST", body: form }),
      new Promise((done) => {
        const request = new XMLHttpRequest();
        request.open("POST", "/api/orders");
        request.setRequestHeader("content-type", "application/json");
        request.onloadend = () => done(request);
        request.send('{"item":2,"quantity":1}');
      }),
    ];
    const sent = navigator.sendBeacon("/api/echo", "seen");
    return [sent, ...(await Promise.all(calls)).map((answer) => answer.status)];
  });
  expect("put into the cart and call by script", statuses.join() === "true,200,201,200,200,200,201", statuses);
}

async function writeAndUpload(page, site) {
  await page.goto(`${site}/contact`);
  await page.type("input[name=name]", "Zoë", { delay: 60 });
  await page.type("textarea", "Do you have <b>seashells</b>?\nIt's for the kids.", { delay: 40 });
  const written = await submit(page, "/contact");
  expect("write a message", written === 200, written);
  await page.goto(`${site}/contact`);
  await page.setInputFiles("input[type=file]", {
    name: "holiday photo (1).png",
    mimeType: "image/png",
    buffer: Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"),
  });
  await page.waitForTimeout(1200);
  const uploaded = await submit(page, "/upload");
  expect("upload a picture", uploaded === 200, uploaded);
}

// Submits the login form after this many milliseconds.
async function logIn(page, site, milliseconds, password) {
  await page.goto(`${site}/login`);
  await page.evaluate((secret) => {
    document.querySelector("input[name=email]").value = "ada@example.com";
    document.querySelector("input[name=password]").value = secret;
  }, password);
  await page.waitForTimeout(milliseconds);
  return submit(page, "/login");
}

async function person(page, site, events) {
  await browse(page, site);
  await search(page, site);
  await callScripts(page, site);
  await writeAndUpload(page, site);
  const mistyped = await logIn(page, site, 3000, "wrong horse");
  expect("log in by hand with a mistyped password", mistyped === 401, mistyped);
  const byHand = await logIn(page, site, 3000, "correct horse");
  expect("log in by hand after 3 s", byHand === 303, byHand);
  expect("nothing is refused", events("refused").length === 0, events("refused").join("\n"));
}

async function passwordManager(page, site, events) {
  const filled = await logIn(page, site, 600, "correct horse");
  expect("log in by autofill after 0.6 s", filled === 303, filled);
  expect("nothing is refused", events("refused").length === 0, events("refused").join("\n"));
}

// Checks that the form is refused, and only for its timing.
async function hasty(what, page, events, send) {
  const status = await send();
  expect(`${what} is refused`, status === 403, status);
  const refused = events("refused");
  const isTimed = refused.length === 1 && refused[0].includes('cause="form_timing"');
  expect("and nothing else", isTimed, refused.join("\n"));
  const after = await page.goto(new URL("/", page.url()).href);
  expect("the visitor is served afterwards", after.status() === 200, after.status());
}

// Fills in and sends the form before the page is shown.
async function instantLogin(page, site, events) {
  await page.addInitScript(() =>
    document.addEventListener("DOMContentLoaded", () => {
      const form = document.querySelector("form[action='/login']");
      if (!form) return;
      form.email.value = "ada@example.com";
      form.password.value = "correct horse";
      form.submit();
    }),
  );
  await hasty("an instant login", page, events, async () => {
    const sent = page.waitForResponse((seen) => seen.request().method() === "POST");
    await page.goto(`${site}/login`, { waitUntil: "commit" });
    const response = await sent;
    await page.waitForLoadState();
    return response.status();
  });
}

async function bot(page, site, events) {
  await page.goto(`${site}/contact`);
  await page.evaluate(() => (document.querySelector("textarea").value = "cheap watches"));
  await hasty("a bot's instant form", page, events, () => submit(page, "/contact"));
}

// Opens a form of the guarded example and writes something, then waits `wait` milliseconds, as long
// as a person takes.
async function write(page, site, path, wait = 1500) {
  await page.goto(site + path);
  await page.fill("textarea", "Do you open on Sundays?");
  await page.waitForTimeout(wait);
}

async function guardedForms(page, site, events, ahead) {
  const causes = () => events("refused").map((line) => line.match(/ cause="(\w+)"/)[1]);
  for (const path of ["/contact", "/note"]) {
    await write(page, site, path);
    const sent = await submit(page, path);
    expect(`send ${path}`, sent === 200, sent);
    await write(page, site, path);
    await ahead("9h");
    const late = await submit(page, path);
    expect(`send ${path}, which was left open overnight`, late === 200, late);
  }
  expect("nothing is refused", causes().length === 0, causes());

  await write(page, site, "/contact");
  await ahead("25h");
  const stale = await submit(page, "/contact");
  expect("a form of the day before yesterday has to be loaded again", stale === 409, stale);

  await write(page, site, "/contact", 0);
  const instant = await submit(page, "/contact");
  expect("a bot's instant form is refused", instant === 403, instant);

  await write(page, site, "/contact");
  await page.evaluate(() => (document.querySelector("input[name^=topic_]").value = "cheap watches"));
  const trapped = await submit(page, "/contact");
  expect("a filled trap is refused", trapped === 403, trapped);

  await write(page, site, "/contact");
  const fields = await page.evaluate(() =>
    new URLSearchParams(new FormData(document.querySelector("form"))).toString(),
  );
  const first = await submit(page, "/contact");
  expect("send the form", first === 200, first);
  const post = () =>
    page.evaluate(async (body) => {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      return (await fetch("/contact", { method: "POST", headers, body })).status;
    }, fields);
  const again = await post();
  expect("a second press of the button is served", again === 200, again);
  await ahead("1m");
  const replayed = await post();
  expect("a token that is used again later is refused", replayed === 403, replayed);
  const expected = "form_token_stale,form_timing,form_trap,form_token_replayed";
  expect("each for its own cause", causes().join() === expected, causes());
}

const browser = await chromium.launch({
  executablePath,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  for (const visitor of [person, passwordManager, instantLogin, bot]) {
    console.log(`-- ${visitor.name}`);
    await at(shop, browser, visitor);
  }
  console.log("-- guardedForms");
  await at(guarded, browser, guardedForms);
} finally {
  await browser.close();
}
process.exitCode = failures === 0 ? 0 : 1;
