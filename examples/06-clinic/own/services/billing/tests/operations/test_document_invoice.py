from httpx import AsyncClient

from chassis.testing.samples.invoice import create_invoice


async def test_an_invoice_is_a_text_with_its_total(client: AsyncClient) -> None:
    invoice = await create_invoice(client, treatment="Check-up", net="1080.00", tax="205.20")

    response = await client.get(f"/invoices/{invoice['id']}/document")

    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert f"invoice-{invoice['id']}.txt" in response.headers["Content-Disposition"]
    _, *lines = response.text.splitlines()
    assert lines == ["Check-up: €1,080.00", "Tax: €205.20", "Total: €1,285.20"]
