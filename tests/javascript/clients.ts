// What a program can do with types made from the descriptions: file, follow, and read an inbox.
import createClient from "openapi-fetch";
import type { paths as Cases } from "./children.ts";
import type { paths as Intake } from "./intake.ts";
import type { paths as Reporting } from "./reporting.ts";
import type { paths as Routing } from "./routing.ts";

declare const process: { argv: string[] };

const [, , address, key] = process.argv;
const intake = createClient<Intake>({ baseUrl: `${address}/intake` });
const routing = createClient<Routing>({ baseUrl: `${address}/routing` });
const reporting = createClient<Reporting>({ baseUrl: `${address}/reporting` });
const office = createClient<Cases>({
  baseUrl: `${address}/offices/children`,
  headers: { Authorization: `Bearer ${key}` },
});

const { data: receipt, error } = await intake.POST("/v1/complaints", {
  params: { header: { "Idempotency-Key": crypto.randomUUID() } },
  body: {
    language: "kk",
    who: { name: "Айгүл" },
    affected: ["child"],
    subject: "education",
    body: "school",
    text: "Мектепке қабылдамады.",
  },
});
if (!receipt) throw new Error(error.code);

const { reference } = receipt;
const wrong = await intake.POST("/v1/status-sessions", { body: { reference, code: "0" } });
const session = await intake.POST("/v1/status-sessions", {
  body: { reference, code: receipt.code ?? "" },
});
const status = await intake.GET("/v1/complaints/{reference}", {
  params: { path: { reference } },
  headers: { Authorization: `Bearer ${session.data?.token}` },
});
const preview = await routing.POST("/v1/competence/preview", { body: { affected: ["child"] } });
const inbox = await office.GET("/v1/complaints", { params: { query: { limit: 1 } } });
const inspections = await office.GET("/v1/inspections", { params: { query: { limit: 1 } } });
const figures = await reporting.GET("/v1/statistics/complaints", {
  params: { query: { from: "2026-01", to: "2026-12" } },
});

console.log(
  JSON.stringify({
    reference: status.data?.reference,
    refused: wrong.error?.code,
    custodian: preview.data?.custodian.code,
    inbox: inbox.data?.complaints.length,
    inspections: inspections.data?.inspections.length,
    exact: typeof figures.data === "object" && figures.data.exact,
  }),
);
