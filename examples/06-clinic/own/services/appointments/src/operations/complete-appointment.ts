/** The doctor notes what was done and its price; billing makes the invoice. */
import { publish } from "#chassis/outbox.ts";
import { Problem } from "#chassis/problems.ts";
import { appointmentCompleted } from "../messages.ts";
import type { CompleteAppointment } from "../operations.ts";
import { repository } from "../resources/appointment.ts";
import type { Appointment } from "../schema/appointment.ts";

export async function completeAppointment({
  appointment,
  input,
  tx,
}: CompleteAppointment): Promise<Appointment> {
  if (appointment.status !== "BOOKED")
    throw new Problem(409, "Only a booked appointment can be completed.");
  const { id, patient_id } = appointment;
  await publish(tx, appointmentCompleted({ appointment_id: id, patient_id, ...input }));
  return repository.update(tx, appointment, { status: "COMPLETED" });
}
