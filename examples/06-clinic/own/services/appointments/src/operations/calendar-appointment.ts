/** The appointment as a file for calendars. */
import ical from "ical-generator";
import type { File } from "#chassis/files.ts";
import type { CalendarAppointment } from "../operations.ts";

export async function calendarAppointment({ appointment }: CalendarAppointment): Promise<File> {
  const calendar = ical({ name: "Clinic" });
  calendar.createEvent({
    id: appointment.id,
    start: appointment.starts_at,
    end: appointment.ends_at,
    summary: "Appointment at the clinic",
  });
  return { name: "appointment.ics", type: "text/calendar", content: calendar.toString() };
}
