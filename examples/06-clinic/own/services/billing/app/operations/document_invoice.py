"""The invoice as a text, with amounts as people write them."""

from babel.dates import format_date
from babel.numbers import format_currency
from sqlalchemy.ext.asyncio import AsyncSession

from app.resources.invoice import InvoiceRow
from chassis.caller import Caller
from chassis.files import File

LOCALE, CURRENCY = "en_GB", "EUR"


async def document_invoice(invoice: InvoiceRow, session: AsyncSession, caller: Caller) -> File:
    amounts = {
        invoice.treatment: invoice.net,
        "Tax": invoice.tax,
        "Total": invoice.net + invoice.tax,
    }
    lines = [f"Invoice of {format_date(invoice.created_at, locale=LOCALE)}"]
    for name, amount in amounts.items():
        lines.append(f"{name}: {format_currency(amount, CURRENCY, locale=LOCALE)}")
    text = "".join(f"{line}\n" for line in lines)
    return File(f"invoice-{invoice.id}.txt", text.encode(), "text/plain; charset=utf-8")
