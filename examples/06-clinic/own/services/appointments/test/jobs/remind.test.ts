import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { transaction } from "#chassis/database.ts";
import { outbox } from "#chassis/schema/outbox.ts";
import { startDatabase } from "#chassis/testing/database.ts";
import { fakeService } from "#chassis/testing/fake-services.ts";
import { run } from "../../src/jobs/remind.ts";
import { repository } from "../../src/resources/appointment.ts";
import { settings } from "../../src/settings.ts";

const NOW = new Date("2026-03-01T06:00:00Z");

test("a patient is reminded once of an appointment of the next day", async () => {
  fakeService(settings().PATIENTS_URL, ({ url }) => {
    const stamps = { version: 1, created_at: NOW.toISOString(), updated_at: NOW.toISOString() };
    const patient = { email: "ann@example.com", name: "Ann", born: null, insurance: "SELF" };
    return Response.json({ id: url.split("/").at(-1), ...stamps, ...patient });
  });
  const database = await startDatabase();
  const remind = () => transaction(database, (tx) => run(tx, NOW, AbortSignal.timeout(60_000)));
  for (const day of ["2026-03-02", "2026-03-05"]) {
    const ids = { patient_id: randomUUID(), doctor_id: randomUUID() };
    const times = { starts_at: `${day}T09:00:00Z`, ends_at: `${day}T09:30:00Z` };
    const appointment = { ...ids, ...times, status: "BOOKED", reminded: false } as const;
    await transaction(database, (tx) => repository.insert(tx, appointment));
  }
  await remind();
  await remind();
  const [message, ...others] = await database.select().from(outbox);
  assert.equal(message?.type, "reminder-email");
  assert.match(message?.body ?? "", /ann@example\.com.*2026-03-02T09:00/);
  assert.deepEqual(others, []);
});
