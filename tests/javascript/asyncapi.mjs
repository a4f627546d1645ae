// What the official AsyncAPI parser finds in a description, and whether its examples are what its
// schemas say: `node asyncapi.mjs FILE` prints one JSON object.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";
import Ajv from "ajv";
import addFormats from "ajv-formats";

const ERROR = 0;
const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));

function faults(schema, value) {
  const validate = ajv.compile(schema);
  return validate(value) ? [] : validate.errors.map((e) => `${e.instancePath} ${e.message}`);
}

function examined(message) {
  const examples = message.examples().all();
  return {
    examples: examples.length,
    faults: examples.flatMap((example) => [
      ...faults(message.headers().json(), example.headers()),
      ...faults(message.payload().json(), example.payload()),
    ]),
  };
}

const { document, diagnostics } = await new Parser().parse(await readFile(process.argv[2], "utf-8"));
const errors = diagnostics
  .filter(({ severity }) => severity === ERROR)
  .map(({ path, message }) => `${path.join(".")}: ${message}`);
const channels = {};
for (const channel of document?.channels().all() ?? []) {
  const messages = channel.messages().all();
  channels[channel.address()] = Object.fromEntries(messages.map((m) => [m.name(), examined(m)]));
}
console.log(JSON.stringify({ errors, channels }));
