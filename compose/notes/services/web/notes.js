// Notes in MariaDB. Every function returns a promise.
"use strict";

const mysql = require("mysql");
const { promisify } = require("node:util");

/** A pool of connections to the database that DB_URL names. */
function connect() {
  const url = new URL(process.env.DB_URL);
  const pool = mysql.createPool({
    host: url.hostname,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
    charset: "utf8mb4",
    connectTimeout: 3000,
    acquireTimeout: 3000,
    connectionLimit: 5,
    dateStrings: true,
  });
  const query = promisify(pool.query).bind(pool);
  return {
    query,
    close: promisify(pool.end).bind(pool),
    alive: () => query("SELECT 1"),
    list: () => query("SELECT id, text, written_at FROM notes ORDER BY id DESC LIMIT 100"),
    add: async text => ({ id: (await query("INSERT INTO notes (text) VALUES (?)", [text])).insertId, text }),
    remove: async id => (await query("DELETE FROM notes WHERE id = ?", [id])).affectedRows > 0,
  };
}

module.exports = { connect };
