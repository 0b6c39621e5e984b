// One JSON object per line on stdout.
"use strict";

const write = level => (event, fields = {}) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), level, service: "web", event, ...fields }));

module.exports = { info: write("info"), warning: write("warning"), error: write("error") };
