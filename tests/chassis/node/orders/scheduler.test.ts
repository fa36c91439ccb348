import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { eq, sql } from "drizzle-orm";
import type { Transaction } from "#chassis/database.ts";
import { registry } from "#chassis/metrics/registry.ts";
import { requestRun } from "#chassis/run-job.ts";
import { type Job, runDue } from "#chassis/scheduler.ts";
import { schedule } from "#chassis/schema/schedule.ts";
import { startDatabase } from "#chassis/testing/database.ts";

const NOON = new Date("2100-01-01T12:00:00Z");
const MINUTE = 60_000;
const later = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE);

const database = await startDatabase();
await database.execute(sql`create table runs (at timestamptz)`);

const note = async (tx: Transaction, scheduled: Date) => {
  await tx.execute(sql`insert into runs values (${scheduled.toISOString()})`);
};

const job = (more: Partial<Job> = {}): Job => ({
  name: "clean",
  cron: "*/15 * * * *",
  run: note,
  timeoutMs: 60_000,
  catchUp: true,
  overlap: "skip",
  ...more,
});

async function runs(): Promise<string[]> {
  const result: unknown = await database.execute(sql`select at from runs order by at`);
  return (result as { rows: { at: Date }[] }).rows.map(({ at }) => new Date(at).toISOString());
}

async function row() {
  const [found] = await database.select().from(schedule).where(eq(schedule.job, "clean"));
  assert(found);
  return found;
}

const texts = (...times: Date[]) => times.map((time) => time.toISOString());

beforeEach(async () => {
  await database.execute(sql`truncate schedule, runs`);
  assert.equal(await runDue(database, job(), later(-1)), undefined);
});

test("a job runs once at each of its times", async () => {
  const outcomes = [];
  for (const minutes of [-1, 0, 0, 1, 14, 15]) {
    outcomes.push(await runDue(database, job(), later(minutes)));
  }
  const none = undefined;
  assert.deepEqual(outcomes, [none, "succeeded", none, none, none, "succeeded"]);
  assert.deepEqual(await runs(), texts(NOON, later(15)));
});

test("missed times are run once or dropped", async () => {
  assert.equal(await runDue(database, job(), later(65)), "succeeded");
  assert.equal(await runDue(database, job(), later(66)), undefined);
  assert.equal(await runDue(database, job({ catchUp: false }), later(80)), "skipped");
  assert.equal(await runDue(database, job({ catchUp: false }), later(90)), "succeeded");
  assert.deepEqual(await runs(), texts(later(60), later(90)));
});

test("a time during a run is dropped, or run afterwards", async () => {
  await runDue(database, job(), NOON);
  await database.update(schedule).set({ ended_at: later(50) });
  assert.equal(await runDue(database, job(), later(51)), "skipped");
  assert.equal(await runDue(database, job({ overlap: "wait" }), later(51)), undefined);
  await database.update(schedule).set({ finished: later(30) });
  assert.equal(await runDue(database, job({ overlap: "wait" }), later(51)), "succeeded");
});

test("a failed run leaves nothing, and does not stop the next", async () => {
  const fail = async (tx: Transaction, scheduled: Date) => {
    await note(tx, scheduled);
    throw new Error("no");
  };
  assert.equal(await runDue(database, job({ run: fail }), NOON), "failed");
  assert.equal(await runDue(database, job(), later(1)), undefined);
  assert.deepEqual((await row()).failed, NOON);
  assert.equal(await runDue(database, job(), later(15)), "succeeded");
  assert.deepEqual(await runs(), texts(later(15)));
});

test("the run of a process that died is run again, up to three times", async () => {
  await database.update(schedule).set({ started: NOON, attempts: 2 });
  assert.equal(await runDue(database, job({ catchUp: false }), later(5)), "succeeded");
  assert.equal((await row()).attempts, 3);
  await database.update(schedule).set({ started: later(15), attempts: 3 });
  assert.equal(await runDue(database, job(), later(16)), undefined);
  assert.deepEqual((await row()).failed, later(15));
  assert.equal(await runDue(database, job(), later(30)), "succeeded");
});

test("a run can be requested", async () => {
  await database.update(schedule).set({ finished: new Date("2020-01-01T00:00:00Z") });
  const request = requestRun(database, "clean");
  while ((await row()).requested === null) await delay(20);
  assert.equal(await runDue(database, job(), new Date()), "succeeded");
  assert.equal(await request, "");
  assert.equal(await requestRun(database, "tidy"), "there is no job tidy");
});

test("runs are measured", async () => {
  await runDue(database, job(), NOON);
  const metrics = await registry.metrics();
  assert.match(metrics, /job_runs_total{job_name="clean",outcome="succeeded"/);
  const next = later(15).getTime() / 1000;
  assert.match(metrics, new RegExp(`job_next_run_timestamp_seconds{job_name="clean".*} ${next}`));
});
