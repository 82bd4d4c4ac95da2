-- A case is one image or several of a node; what a condition shows is a list; a read can be corrected and repeated. As drizzle-kit writes it, but
-- columns are renamed and changed where they stand.
CREATE TABLE "reading_case" (
	"id" uuid PRIMARY KEY NOT NULL,
	"study_id" uuid NOT NULL,
	"node_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "reading_case_and_study" UNIQUE("id","study_id")
);
--> statement-breakpoint
CREATE TABLE "case_crop" (
	"case_id" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"crop_id" uuid NOT NULL,
	CONSTRAINT "case_crop_place" PRIMARY KEY("case_id","ordinal"),
	CONSTRAINT "case_crop_once" UNIQUE("crop_id","case_id")
);
--> statement-breakpoint
ALTER TABLE "case_crop" ADD CONSTRAINT "case_crop_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "case_crop" ADD CONSTRAINT "case_crop_of_case" FOREIGN KEY ("case_id","study_id") REFERENCES "public"."reading_case"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "case_crop" ADD CONSTRAINT "case_crop_of_crop" FOREIGN KEY ("crop_id","study_id") REFERENCES "public"."crop"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "reading_case" ADD CONSTRAINT "reading_case_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "reading_case" ADD CONSTRAINT "reading_case_of_node" FOREIGN KEY ("node_id","study_id") REFERENCES "public"."node"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
-- Every image of a schedule or a read becomes a case of its own, and keeps its id: hashes of orders and of what was shown stand. The keys of the new
-- tables are there before: they would check no row afterwards, or find none of the study. (In an empty database the kernel finds no rows.)
GRANT SELECT ON crop, reading_slot, read TO nw_kernel;
GRANT INSERT ON reading_case, case_crop TO nw_kernel;
SET LOCAL ROLE nw_kernel;
INSERT INTO reading_case (id, study_id, node_id)
SELECT c.id, c.study_id, c.node_id FROM crop c WHERE c.id IN (SELECT crop_id FROM reading_slot) OR c.id IN (SELECT crop_id FROM read);
INSERT INTO case_crop (case_id, study_id, ordinal, crop_id)
SELECT c.id, c.study_id, 1, c.id FROM crop c WHERE c.id IN (SELECT crop_id FROM reading_slot) OR c.id IN (SELECT crop_id FROM read);
RESET ROLE;
--> statement-breakpoint
ALTER TABLE "reading_case" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "case_crop" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "read" DROP CONSTRAINT "read_once";
--> statement-breakpoint
ALTER TABLE "read" DROP CONSTRAINT "read_slot";
--> statement-breakpoint
ALTER TABLE "read" DROP CONSTRAINT "read_of_crop";
--> statement-breakpoint
ALTER TABLE "read" DROP CONSTRAINT "read_of_earlier";
--> statement-breakpoint
ALTER TABLE "reading_slot" DROP CONSTRAINT "reading_slot_of_crop";
--> statement-breakpoint
ALTER TABLE "read" RENAME COLUMN "crop_id" TO "case_id";
--> statement-breakpoint
ALTER TABLE "reading_slot" RENAME COLUMN "crop_id" TO "case_id";
--> statement-breakpoint
ALTER TABLE "reading_list" RENAME COLUMN "shows_size" TO "shows";
--> statement-breakpoint
ALTER TABLE "reading_list" ALTER COLUMN "shows" TYPE text[] USING CASE WHEN "shows" THEN '{size}'::text[] ELSE '{}'::text[] END;
--> statement-breakpoint
ALTER TABLE "reading_view" ADD COLUMN "showing" integer DEFAULT 1 NOT NULL;
--> statement-breakpoint
ALTER TABLE "reading_view" DROP CONSTRAINT "reading_view_pkey";
--> statement-breakpoint
ALTER TABLE "reading_view" ADD CONSTRAINT "reading_view_showing" PRIMARY KEY("slot_id","showing");
--> statement-breakpoint
ALTER TABLE "read" ADD COLUMN "occasion" integer DEFAULT 1 NOT NULL;
--> statement-breakpoint
ALTER TABLE "read" ADD COLUMN "correction_reason" text;
--> statement-breakpoint
ALTER TABLE "reading_slot" ADD COLUMN "occasion" integer DEFAULT 1 NOT NULL;
--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_to_correct" UNIQUE("id","study_id","reader_code","condition_key","case_id","occasion","source");
--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_corrected_once" UNIQUE("supersedes");
--> statement-breakpoint
ALTER TABLE "reading_slot" ADD CONSTRAINT "reading_slot_once" UNIQUE("list_id","case_id","occasion");
--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_of_case" FOREIGN KEY ("case_id","study_id") REFERENCES "public"."reading_case"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_corrects" FOREIGN KEY ("supersedes","study_id","reader_code","condition_key","case_id","occasion","source") REFERENCES "public"."read"("id","study_id","reader_code","condition_key","case_id","occasion","source") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "reading_slot" ADD CONSTRAINT "reading_slot_of_case" FOREIGN KEY ("case_id","study_id") REFERENCES "public"."reading_case"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE UNIQUE INDEX "read_first" ON "read" USING btree ("study_id","reader_code","condition_key","case_id","occasion") WHERE supersedes is null;
--> statement-breakpoint
CREATE UNIQUE INDEX "read_slot" ON "read" USING btree ("slot_id") WHERE supersedes is null;
--> statement-breakpoint
CREATE INDEX "reading_slot_case" ON "reading_slot" USING btree ("case_id");
--> statement-breakpoint
ALTER TABLE "read" ADD CONSTRAINT "read_correction_has_reason" CHECK ((supersedes is null) = (correction_reason is null) and coalesce(length(trim(correction_reason)) > 0, true));
--> statement-breakpoint
CREATE POLICY "select_principal_investigator_data_scientist" ON "case_crop" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_importer" ON "case_crop" AS PERMISSIVE FOR SELECT TO "nw_importer" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
--> statement-breakpoint
CREATE POLICY "select_principal_investigator_data_scientist" ON "reading_case" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));
--> statement-breakpoint
CREATE POLICY "select_importer" ON "reading_case" AS PERMISSIVE FOR SELECT TO "nw_importer" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
