-- Up Migration
CREATE TABLE inbox (
  queue varchar(100) NOT NULL,
  message_id uuid NOT NULL,
  handled_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT inbox_queue_message_id_pk PRIMARY KEY (queue, message_id)
);
CREATE INDEX inbox_handled_at_index ON inbox USING btree (handled_at);

-- Down Migration
DROP TABLE inbox;
