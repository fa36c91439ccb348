CREATE TABLE "event_counts" (
  "type" varchar(100) PRIMARY KEY NOT NULL,
  "count" bigint NOT NULL
);
--> statement-breakpoint
