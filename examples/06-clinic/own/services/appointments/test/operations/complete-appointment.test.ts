import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { settings } from "#chassis/settings.ts";
import { type Json, problem, startApp } from "#chassis/testing/app.ts";
import { authorization } from "#chassis/testing/caller.ts";
import { clientOf } from "#chassis/testing/client.ts";
import { fakeService } from "#chassis/testing/fake-services.ts";
import { newAppointment } from "../samples/appointment.ts";

const { url } = await startApp();
const client = clientOf(url, await authorization());

beforeEach(() => {
  for (const service of [settings().PATIENTS_URL, settings().DOCTORS_URL]) {
    fakeService(service, ({ url }) => Response.json({ id: url.split("/").at(-1) }));
  }
});

async function book(): Promise<Json> {
  const body = { ...(await newAppointment(client)), status: "BOOKED" };
  return (await (await client("POST", "/appointments", body)).json()) as Json;
}

async function complete(id: unknown): Promise<Response> {
  return client("POST", `/appointments/${id}/complete`, { treatment: "Check-up", price: "80.00" });
}

test("an appointment is completed once", async () => {
  const { id } = await book();
  const completed = (await (await complete(id)).json()) as Json;
  assert.equal(completed.status, "COMPLETED");
  await problem(await complete(id), 409);
});
