// A stock PouchDB 9, no options but the address: replicates live both ways and answers commands on standard input.
// node pouchdb_peer.mjs <folder with node_modules> <data folder> <url> <alias> <password>
// One JSON line in: {"put": document} | {"ids": true} | {"stop": true}; one JSON line out for each, and for each event.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [folder, data, url, alias, password] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const PouchDB = require("pouchdb");

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const local = new PouchDB(data);
const remote = new PouchDB(url, { auth: { username: alias, password } });

const sync = local.sync(remote, { live: true, retry: true });
sync.on("denied", (event) => say({ event: "denied", id: event.doc.id, reason: event.doc.reason }));
sync.on("error", (error) => say({ event: "error", reason: String(error.reason ?? error.message ?? error) }));
sync.on("paused", (error) => say({ event: "paused", reason: error ? String(error.message) : null }));
sync.on("change", (info) =>
  say({ event: "change", direction: info.direction, ids: info.change.docs.map((doc) => doc._id) }),
);

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.put) {
    const done = await local.put(command.put);
    say({ event: "put", id: done.id });
  } else if (command.ids) {
    const all = await local.allDocs();
    say({ event: "ids", ids: all.rows.map((row) => row.id) });
  } else if (command.stop) {
    sync.cancel();
    break;
  }
}
process.exit(0);
