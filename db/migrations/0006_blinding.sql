-- A view is handed out, and a read counts, once the transaction that wrote it has ended: each row names it. Rows of before are of the one that runs now.
ALTER TABLE "reading_progress" ADD COLUMN "transaction" bigint DEFAULT txid_current()::bigint NOT NULL;
--> statement-breakpoint
ALTER TABLE "reading_view" ADD COLUMN "transaction" bigint DEFAULT txid_current()::bigint NOT NULL;
--> statement-breakpoint
ALTER TABLE "reading_view" ALTER COLUMN "first_shown_at" SET DEFAULT clock_timestamp();
--> statement-breakpoint
ALTER TABLE "read" ALTER COLUMN "submitted_at" SET DEFAULT clock_timestamp();
--> statement-breakpoint
ALTER TABLE "reading_view" ADD COLUMN "rendering" text;
