ALTER TABLE "person" ADD COLUMN "created_by" uuid;--> statement-breakpoint
ALTER TABLE "person" ALTER COLUMN "created_by" SET DEFAULT nw.person_id();--> statement-breakpoint
ALTER TABLE "membership" ADD COLUMN "given_by" uuid;--> statement-breakpoint
ALTER TABLE "membership" ALTER COLUMN "given_by" SET DEFAULT nw.person_id();--> statement-breakpoint
ALTER TABLE "membership" ADD COLUMN "confirmed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "membership" ADD COLUMN "confirmed_by" uuid;--> statement-breakpoint
-- Roles that were given before a second person was asked for go on as they stand. (As the kernel, to whom the rows are visible; an empty database has none.)
GRANT SELECT, UPDATE ON "membership" TO nw_kernel;--> statement-breakpoint
ALTER TABLE "membership" DISABLE TRIGGER USER;--> statement-breakpoint
SET LOCAL ROLE nw_kernel;--> statement-breakpoint
UPDATE "membership" SET "confirmed_at" = "created_at";--> statement-breakpoint
RESET ROLE;--> statement-breakpoint
ALTER TABLE "membership" ENABLE TRIGGER USER;--> statement-breakpoint
ALTER TABLE "person" ADD CONSTRAINT "person_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_given_by_person_id_fk" FOREIGN KEY ("given_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_confirmed_by_person_id_fk" FOREIGN KEY ("confirmed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;
