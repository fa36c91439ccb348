-- Up Migration
CREATE TABLE schedule (
  job varchar(40) PRIMARY KEY,
  started timestamp with time zone,
  attempts integer NOT NULL DEFAULT 0,
  finished timestamp with time zone NOT NULL,
  succeeded timestamp with time zone NOT NULL,
  failed timestamp with time zone,
  requested timestamp with time zone,
  ended_at timestamp with time zone
);

-- Down Migration
DROP TABLE schedule;
