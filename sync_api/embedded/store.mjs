// A CouchDB-compatible store on loopback: express-pouchdb over LevelDB.
// node store.mjs --dir FOLDER --port N      (0 = any free port)
// Prints one JSON line {"port", "uuid"} when it answers, and ends when its standard input closes, so it never outlives
// the launcher, even a killed one. Speaks what tests/contract/ states and is not meant for more.
import { EventEmitter } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import express from "express";
import expressPouchDB from "express-pouchdb";
import leveldown from "leveldown";
import PouchDB from "pouchdb";

const HOST = "127.0.0.1";
/** Below and above every key of PouchDB's. */
const [FIRST, LAST] = ["\u0000", "\uffff"];
const { values: options } = parseArgs({
  options: { dir: { type: "string" }, port: { type: "string", default: "0" } },
});

EventEmitter.defaultMaxListeners = 0; // one listener a feed, and a feed a gateway or more for each database
mkdirSync(options.dir, { recursive: true });

/** LevelDB as PouchDB uses it, but remembered by its folder, so that it can be told to forget. */
const opened = new Map();
function leveldb(folder) {
  const db = leveldown(folder);
  opened.set(folder, db);
  return db;
}
leveldb.destroy = leveldown.destroy;

// Bodies of superseded revisions are of no use here: nobody reads them and lights documents change every night.
const prefix = join(options.dir, "/");
const Pouch = PouchDB.defaults({ prefix, auto_compaction: true, db: leveldb });

const pouch = expressPouchDB(Pouch, {
  mode: "minimumForPouchDB",
  configPath: join(options.dir, "config.json"), // keeps the server's uuid over restarts
  overrideMode: {
    include: ["config-infrastructure"],
    exclude: ["compression"], // on loopback it only costs, and it holds heartbeats back
  },
});

const app = express();
app.disable("x-powered-by");

// A page in somebody's browser must not reach the store through a name that points to loopback.
app.use((request, response, next) => {
  const name = (request.headers.host ?? "").replace(/:\d+$/, "");
  if (name === HOST || name === "localhost") return next();
  response.status(403).json({ error: "forbidden", reason: "this store answers on loopback only" });
});

// express-pouchdb never notices that the reader of a continuous feed has gone, and would keep writing to it.
app.get("/:db/_changes", async (request, response, next) => {
  if (request.query.feed !== "continuous") return next();
  if (!(await Pouch.allDbs()).includes(request.params.db)) return next(); // answers 404
  const { since, heartbeat = "60000", include_docs } = request.query;
  response.status(200).type("application/json").flushHeaders();
  const beat = setInterval(() => response.write("\n"), Number(heartbeat));
  const feed = new Pouch(request.params.db).changes({
    live: true,
    since: since === "now" ? "now" : Number(since ?? 0),
    include_docs: include_docs === "true",
  });
  feed.on("change", (change) => response.write(`${JSON.stringify(change)}\n`));
  feed.on("error", () => response.end());
  response.on("close", () => {
    clearInterval(beat);
    feed.cancel();
  });
});

/** Has LevelDB write all of a database anew, without what was deleted. It merges a file only into one that lies below it:
 * so all is written out first, and then once more under a mark at either end, which meets every file. */
async function rewrite(level) {
  const batch = promisify(level.batch.bind(level));
  const compact = promisify(level.compactRange.bind(level));
  await compact(FIRST, LAST);
  await batch([FIRST, LAST].map((key) => ({ type: "put", key, value: "" })));
  await batch([FIRST, LAST].map((key) => ({ type: "del", key })));
  await compact(FIRST, LAST);
}

// PouchDB's compaction leaves what was deleted in LevelDB's files until that tidies up by itself, which a small database
// never comes to: a key that was destroyed must be gone from the disk.
app.post("/:db/_compact", async (request, response, next) => {
  const name = request.params.db;
  if (!(await Pouch.allDbs()).includes(name)) return next(); // answers 404
  const db = new Pouch(name);
  await db.compact();
  try {
    await rewrite(opened.get(prefix + name));
  } catch (error) {
    return next(error);
  }
  response.status(202).json({ ok: true });
});

app.use(pouch);

const server = createServer(app);
server.keepAliveTimeout = 75_000; // longer than the pools of its clients keep a connection
server.requestTimeout = 0; // long polls
server.listen(Number(options.port), HOST, async () => {
  const { port } = server.address();
  const { uuid } = await (await fetch(`http://${HOST}:${port}/`)).json();
  process.stdout.write(`${JSON.stringify({ port, uuid })}\n`);
});

const stop = () => {
  // a new database enters the list of databases only after the answer; its turn comes before ours
  server.close(() => Pouch.allDbs().finally(() => process.exit(0)));
  server.closeAllConnections();
};
process.stdin.resume().on("end", stop).on("close", stop);
process.on("SIGTERM", stop);
