// The least that answers the same two requests: Express and pg, and nothing around them.
import express from "express";
import pg from "pg";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const columns = "id, version, created_at, updated_at, title, price, pages";
const app = express();

app.get("/discs/:id", async (request, response) => {
  const found = await pool.query(`select ${columns} from discs where id = $1`, [request.params.id]);
  if (found.rows.length === 0) return response.sendStatus(404);
  response.json(found.rows[0]);
});

app.get("/discs", async (request, response) => {
  const { limit = 20, offset = 0 } = request.query;
  const page = `select ${columns} from discs order by created_at desc, id limit $1 offset $2`;
  const [items, count] = await Promise.all([
    pool.query(page, [limit, offset]),
    pool.query("select count(*)::int as total from discs"),
  ]);
  response.json({ items: items.rows, total: count.rows[0].total, limit, offset });
});

app.listen(8000);
