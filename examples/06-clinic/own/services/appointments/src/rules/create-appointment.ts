/** A doctor has one appointment at a time. */
import { and, eq, gt, lt, ne, sql } from "drizzle-orm";
import { refuse } from "#chassis/problems.ts";
import type { Scope } from "#chassis/rules.ts";
import { type Appointment, appointments, type NewAppointment } from "../schema/appointment.ts";

export async function before(appointment: NewAppointment, { tx }: Scope): Promise<void> {
  const { doctor_id, starts_at, ends_at } = appointment;
  // Two requests at the same time must not both find the time free.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${doctor_id}, 0))`);
  const [other] = await tx
    .select({ id: appointments.id })
    .from(appointments)
    .where(
      and(
        eq(appointments.doctor_id, doctor_id),
        ne(appointments.status, "CANCELLED"),
        lt(appointments.starts_at, ends_at),
        gt(appointments.ends_at, starts_at),
      ),
    )
    .limit(1);
  if (other) throw refuse({ starts_at: "The doctor has another appointment at this time" });
}

export async function after(_appointment: Appointment, _scope: Scope): Promise<void> {}
