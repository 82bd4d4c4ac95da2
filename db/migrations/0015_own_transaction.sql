ALTER TABLE "study" ADD COLUMN "lock_transaction" bigint;--> statement-breakpoint
ALTER TABLE "consent_withdrawal" ADD COLUMN "transaction" bigint DEFAULT txid_current()::bigint NOT NULL;--> statement-breakpoint
ALTER TABLE "node_exclusion" ADD COLUMN "transaction" bigint DEFAULT txid_current()::bigint NOT NULL;
