/** Reminds patients of the appointments that begin soon, of each once. */
import { and, between, eq } from "drizzle-orm";
import type { Transaction } from "#chassis/database.ts";
import { publish } from "#chassis/outbox.ts";
import { patients } from "../clients/patients.ts";
import { reminderEmail } from "../messages.ts";
import { repository } from "../resources/appointment.ts";
import { appointments } from "../schema/appointment.ts";
import { settings } from "../settings.ts";

const HOUR_MS = 3_600_000;
/** The next run takes those that are left. */
const MOST = 500;

export async function run(tx: Transaction, scheduled: Date, signal: AbortSignal): Promise<void> {
  const end = new Date(scheduled.getTime() + settings().REMINDED_BEFORE * HOUR_MS);
  const due = await tx
    .select()
    .from(appointments)
    .where(
      and(
        eq(appointments.status, "BOOKED"),
        eq(appointments.reminded, false),
        between(appointments.starts_at, scheduled.toISOString(), end.toISOString()),
      ),
    )
    .limit(MOST);
  for (const appointment of due) {
    signal.throwIfAborted();
    const patient = await patients.get(appointment.patient_id);
    if (patient) {
      const { email, name } = patient;
      await publish(tx, reminderEmail({ email, name, starts_at: appointment.starts_at }));
    }
    await repository.update(tx, appointment, { reminded: true });
  }
}
