import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { settings } from "#chassis/settings.ts";
import { startApp } from "#chassis/testing/app.ts";
import { authorization } from "#chassis/testing/caller.ts";
import { clientOf } from "#chassis/testing/client.ts";
import { fakeService } from "#chassis/testing/fake-services.ts";
import { createAppointment } from "../samples/appointment.ts";

const { url } = await startApp();
const client = clientOf(url, await authorization());

beforeEach(() => {
  for (const service of [settings().PATIENTS_URL, settings().DOCTORS_URL]) {
    fakeService(service, ({ url }) => Response.json({ id: url.split("/").at(-1) }));
  }
});

test("an appointment is a file for calendars", async () => {
  const { id } = await createAppointment(client);
  const response = await client("GET", `/appointments/${id}/calendar`);
  assert.match(response.headers.get("Content-Disposition") ?? "", /appointment\.ics/);
  assert.match(await response.text(), new RegExp(`UID:${id}`));
});
