/** A booked appointment is cancelled, with a reason. */
import { publish } from "#chassis/outbox.ts";
import { Problem } from "#chassis/problems.ts";
import { appointmentCancelled } from "../messages.ts";
import type { CancelAppointment } from "../operations.ts";
import { repository } from "../resources/appointment.ts";
import type { Appointment } from "../schema/appointment.ts";

export async function cancelAppointment({
  appointment,
  input,
  tx,
}: CancelAppointment): Promise<Appointment> {
  if (appointment.status !== "BOOKED")
    throw new Problem(409, "Only a booked appointment can be cancelled.");
  const { id, patient_id } = appointment;
  await publish(tx, appointmentCancelled({ appointment_id: id, patient_id, reason: input.reason }));
  return repository.update(tx, appointment, { status: "CANCELLED" });
}
