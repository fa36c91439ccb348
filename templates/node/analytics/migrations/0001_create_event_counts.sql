-- Up Migration
CREATE TABLE event_counts (
  type varchar(100) PRIMARY KEY NOT NULL,
  count bigint NOT NULL
);

-- Down Migration
DROP TABLE event_counts;
