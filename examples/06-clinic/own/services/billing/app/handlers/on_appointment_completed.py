"""Makes the invoice of a completed appointment."""

from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from app.messages import AppointmentCompleted
from app.resources.invoice import InvoiceRow
from app.settings import get_settings
from chassis import crud
from chassis.events import Event

CENT = Decimal("0.01")


async def handle(event: Event[AppointmentCompleted], session: AsyncSession) -> None:
    """Runs in the transaction that marks the message as handled. An error has it tried again."""
    done = event.data
    tax = (done.price * get_settings().tax_rate).quantize(CENT)
    invoice = InvoiceRow(
        patient_id=done.patient_id,
        appointment_id=done.appointment_id,
        status="OPEN",
        treatment=done.treatment,
        net=done.price,
        tax=tax,
    )
    await crud.create(session, invoice)
