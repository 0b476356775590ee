// Orders in Express, as its owner wrote it: the usual exporter, which counts in one histogram, and the flag asked of
// flagd's own provider, which evaluates the flag file in this process.
//
// usage: services-node orders.cjs PORT FLAG_FILE FAULT_FILE
//
// What the test adds: FAULT_FILE. While it says `errors`, every second request of whoever has the flag fails.
const fs = require("fs");
const express = require("express");
const bundle = require("express-prom-bundle");
const { OpenFeature } = require("@openfeature/server-sdk");
const { FlagdProvider } = require("@openfeature/flagd-provider");

const [port, flagFile, faultFile] = process.argv.slice(2);
const steps = Array.from({ length: 16 }, (_, step) => Number((0.15 + step / 100).toFixed(2)));
// Steps of 10 ms around what it takes; an edge at the plan's bound, 400 ms.
const buckets = [0.05, 0.1, ...steps, 0.35, 0.4, 0.5, 0.8, 1];

const fault = () => (fs.existsSync(faultFile) ? fs.readFileSync(faultFile, "utf8").trim() : "");

async function main() {
  await OpenFeature.setProviderAndWait(
    new FlagdProvider({ resolverType: "in-process", offlineFlagSourcePath: flagFile }),
  );
  const flags = OpenFeature.getClient();
  const app = express();
  app.use(bundle({ includeMethod: true, includePath: true, buckets, promClient: {} }));

  // Takes 160 to 220 ms, one of 25 in vain; says in a header who had the flag.
  function answers(status) {
    let count = 0;
    let faulty = 0;
    return async (request, response) => {
      const begun = performance.now();
      const number = count++;
      const on = await flags.getBooleanValue("fast-checkout", false, { targetingKey: request.get("user") });
      const broken = on && fault() === "errors" && faulty++ % 2 === 0;
      await new Promise((done) => setTimeout(done, 160 + ((number * 37) % 61)));
      response.set("x-flag", on ? "on" : "off");
      response.set("x-took", (performance.now() - begun).toFixed(2));
      response.status(broken || number % 25 === 24 ? 500 : status).json({ checkout: on ? "fast" : "usual" });
    };
  }
  app.get("/orders", answers(200));
  app.post("/checkout", answers(201));
  app.listen(Number(port), "127.0.0.1");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
