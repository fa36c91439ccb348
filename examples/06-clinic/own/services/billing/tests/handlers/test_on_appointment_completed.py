from decimal import Decimal
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.handlers.on_appointment_completed import handle
from app.messages import AppointmentCompleted
from app.resources.invoice import InvoiceRow
from chassis.events import envelope


async def test_a_completed_appointment_gets_an_invoice_with_tax(session: AsyncSession) -> None:
    appointment, patient = uuid4(), uuid4()
    completed = AppointmentCompleted(
        appointment_id=appointment,
        patient_id=patient,
        treatment="Check-up",
        price=Decimal("80.00"),
    )

    await handle(envelope(completed), session)

    (invoice,) = (await session.scalars(select(InvoiceRow))).all()
    assert (invoice.patient_id, invoice.appointment_id) == (patient, appointment)
    assert (invoice.net, invoice.tax) == (Decimal("80.00"), Decimal("15.20"))
    assert invoice.status == "OPEN"
