// What the CloudEvents SDK reads in records: a JSON list of {binding, headers, key, body} comes in,
// a list of {attributes, data} goes out.
import { text } from "node:stream/consumers";
import { HTTP, Kafka } from "cloudevents";

const BINDINGS = { http: HTTP, kafka: Kafka };

const records = JSON.parse(await text(process.stdin));
const read = records.map(({ binding, headers, key, body }) => {
  const event = BINDINGS[binding].toEvent({ headers, key, body, value: body });
  event.validate();
  const { data, ...attributes } = event.toJSON();
  return { attributes, data };
});
console.log(JSON.stringify(read));
