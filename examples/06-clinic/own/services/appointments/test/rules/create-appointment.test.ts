import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { settings } from "#chassis/settings.ts";
import { type Json, startApp, wrongFields } from "#chassis/testing/app.ts";
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

const json = async (response: Response) => (await response.json()) as Json;
const at = (time: string) => `2026-03-02T${time}:00.000Z`;

async function book(doctor: unknown, from: string, to: string): Promise<Response> {
  const { status: _, reminded: __, ...sample } = await newAppointment(client);
  const body = { ...sample, doctor_id: doctor, starts_at: at(from), ends_at: at(to) };
  return client("POST", "/appointments", body);
}

test("a doctor has one appointment at a time", async () => {
  const { doctor_id } = await newAppointment(client);
  assert.equal((await book(doctor_id, "09:00", "09:30")).status, 201);
  assert.deepEqual(await wrongFields(await book(doctor_id, "09:15", "09:45")), ["body.starts_at"]);
  assert.equal((await book(doctor_id, "09:30", "10:00")).status, 201);
});

test("of two at the same time, one is booked", async () => {
  const { doctor_id } = await newAppointment(client);
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => book(doctor_id, "11:00", "11:30")),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 422, 422, 422]);
});

test("a cancelled appointment leaves its time free", async () => {
  const { doctor_id } = await newAppointment(client);
  const { id } = await json(await book(doctor_id, "14:00", "14:30"));
  const cancelled = await client("POST", `/appointments/${id}/cancel`, {
    reason: "holiday",
  });
  assert.equal((await json(cancelled)).status, "CANCELLED");
  assert.equal((await book(doctor_id, "14:00", "14:30")).status, 201);
});
