// Brings the database to the newest schema: `node migrate.js`. Running it again changes nothing.
"use strict";

const { connect } = require("./notes");
const log = require("./log");

const STEPS = [
  `CREATE TABLE IF NOT EXISTS notes (
     id         bigint AUTO_INCREMENT PRIMARY KEY,
     text       varchar(2000) NOT NULL,
     written_at timestamp NOT NULL DEFAULT current_timestamp
   ) CHARACTER SET utf8mb4`,
];

async function main() {
  const notes = connect();
  try {
    // A step cannot be rolled back in MariaDB, so each one is written such that it may run twice.
    await notes.query("CREATE TABLE IF NOT EXISTS migrations (step int PRIMARY KEY)");
    const [{ done }] = await notes.query("SELECT count(*) AS done FROM migrations");
    for (let step = done + 1; step <= STEPS.length; step++) {
      await notes.query(STEPS[step - 1]);
      await notes.query("INSERT IGNORE INTO migrations VALUES (?)", [step]);
    }
    log.info("database is up to date", { applied: STEPS.length - done, steps: STEPS.length });
  } finally {
    await notes.close();
  }
}

main().catch(problem => {
  log.error("migration failed", { problem: problem.message });
  process.exitCode = 1;
});
