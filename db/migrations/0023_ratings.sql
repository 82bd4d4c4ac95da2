ALTER TABLE "read" ALTER COLUMN "call" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "read" ADD COLUMN "rating" double precision;--> statement-breakpoint
ALTER TABLE "read" ADD COLUMN "not_evaluable" text;--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_rating" CHECK (rating between -1000000 and 1000000);--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_call_or_reason" CHECK ((call is null) = (not_evaluable is not null));--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_not_evaluable" CHECK (not_evaluable is null or length(trim(not_evaluable)) between 1 and 500 and num_nonnulls(confidence, rating, proposed_call, override_reason) = 0);
