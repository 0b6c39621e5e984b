// The notes' page and interface: GET /, GET /notes, POST /notes, DELETE /notes/ID, GET /healthz.
"use strict";

const { createServer } = require("node:http");
const { readFileSync } = require("node:fs");
const { connect } = require("./notes");
const log = require("./log");

const PORT = 3000;
const LARGEST_BODY = 64 * 1024;
const LONGEST_NOTE = 2000;
const PAGE = readFileSync(`${__dirname}/page.html`);

/** What was asked for cannot be done. */
class Refused extends Error {
  constructor(status, reason) {
    super(reason);
    this.status = status;
  }
}

const notes = connect();

/** The answer to a request as [status, data]. */
async function answer(method, path, request) {
  if (method === "GET" && path === "/healthz") {
    await notes.alive();
    return [200, { status: "ok" }];
  }
  if (method === "GET" && path === "/notes") return [200, await notes.list()];
  if (method === "POST" && path === "/notes") return [201, await notes.add(text(await body(request)))];
  const [, id] = /^\/notes\/(\d{1,15})$/.exec(path) ?? [];
  if (method === "DELETE" && id && (await notes.remove(Number(id)))) return [200, { removed: Number(id) }];
  throw new Refused(404, "no such page or note");
}

async function body(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > LARGEST_BODY) throw new Refused(413, "the body is too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function text(json) {
  let data;
  try {
    data = JSON.parse(json);
  } catch {
    throw new Refused(400, "the body is not JSON");
  }
  const note = typeof data?.text === "string" ? data.text.trim() : "";
  if (!note || note.length > LONGEST_NOTE) {
    throw new Refused(400, `'text' must be text of 1 to ${LONGEST_NOTE} characters`);
  }
  return note;
}

async function handle(request, response) {
  const path = request.url.split("?")[0];
  if (request.method === "GET" && path === "/") {
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(PAGE);
    return;
  }
  let status, data;
  try {
    [status, data] = await answer(request.method, path, request);
  } catch (problem) {
    if (problem instanceof Refused) {
      [status, data] = [problem.status, { error: problem.message }];
    } else {
      log.warning("database failed", { method: request.method, path, problem: problem.code ?? problem.message });
      [status, data] = [503, { error: "the database is away, try again" }];
    }
  }
  if (path !== "/healthz") log.info("request", { method: request.method, path, status });
  const close = status === 413 ? { Connection: "close" } : {};
  response.writeHead(status, { "Content-Type": "application/json", ...close }).end(JSON.stringify(data) + "\n");
}

const server = createServer(handle);
server.listen(PORT, () => log.info("listening", { port: PORT }));

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    server.close(() => notes.close().then(() => log.info("stopped")));
    server.closeIdleConnections();
  });
}
