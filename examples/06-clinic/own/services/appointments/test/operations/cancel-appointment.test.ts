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

async function cancel(id: unknown): Promise<Response> {
  return client("POST", `/appointments/${id}/cancel`, { reason: "I am well again" });
}

test("an appointment is cancelled once", async () => {
  const { id } = await book();
  const cancelled = (await (await cancel(id)).json()) as Json;
  assert.equal(cancelled.status, "CANCELLED");
  await problem(await cancel(id), 409);
});
