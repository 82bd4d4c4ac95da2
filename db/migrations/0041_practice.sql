CREATE TABLE "practice_case" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"set_number" integer NOT NULL,
	"name" text NOT NULL,
	"truth" "call" NOT NULL,
	"short_axis_mm" numeric(6, 2),
	"explanation" text,
	"added_by" uuid DEFAULT nw.person_id() NOT NULL,
	"added_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "practice_case_and_study" UNIQUE("id","study_id"),
	CONSTRAINT "practice_case_name" UNIQUE("study_id","set_number","name"),
	CONSTRAINT "practice_case_size" CHECK (short_axis_mm > 0 and short_axis_mm <= 200),
	CONSTRAINT "practice_case_texts" CHECK (length(name) between 1 and 120 and length(explanation) between 1 and 2000)
);
--> statement-breakpoint
ALTER TABLE "practice_case" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "practice_image" (
	"case_id" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"plane" text NOT NULL,
	"sha256" text NOT NULL,
	"canvas_sha256" text NOT NULL,
	"pixel_sha256" text NOT NULL,
	CONSTRAINT "practice_image_place" PRIMARY KEY("case_id","ordinal"),
	CONSTRAINT "practice_image_plane" UNIQUE("case_id","plane")
);
--> statement-breakpoint
ALTER TABLE "practice_image" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "practice_read" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"round_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"criteria" jsonb NOT NULL,
	"rule_set_key" text,
	"proposed_call" "call",
	"call" "call",
	"override_reason" text,
	"confidence" integer,
	"rating" double precision,
	"not_evaluable" text,
	"active_ms" integer NOT NULL,
	"idempotency_key" uuid NOT NULL,
	"submitted_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"transaction" bigint DEFAULT txid_current()::bigint NOT NULL,
	CONSTRAINT "practice_read_idempotencyKey_unique" UNIQUE("idempotency_key"),
	CONSTRAINT "practice_read_once" UNIQUE("round_id","case_id")
);
--> statement-breakpoint
CREATE TABLE "practice_round" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"membership_id" uuid NOT NULL,
	"protocol_version_id" uuid NOT NULL,
	"condition_key" text NOT NULL,
	"shows" text[] NOT NULL,
	"number" integer NOT NULL,
	"set_number" integer NOT NULL,
	"pass_mark" numeric(7, 6) NOT NULL,
	"begun_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "practice_round_and_study" UNIQUE("id","study_id"),
	CONSTRAINT "practice_round_once" UNIQUE("membership_id","condition_key","number")
);
--> statement-breakpoint
ALTER TABLE "practice_case" ADD CONSTRAINT "practice_case_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_case" ADD CONSTRAINT "practice_case_added_by_person_id_fk" FOREIGN KEY ("added_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_image" ADD CONSTRAINT "practice_image_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_image" ADD CONSTRAINT "practice_image_of_case" FOREIGN KEY ("case_id","study_id") REFERENCES "public"."practice_case"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_image" ADD CONSTRAINT "practice_image_of_file" FOREIGN KEY ("study_id","sha256") REFERENCES "public"."stored_object"("study_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_image" ADD CONSTRAINT "practice_image_of_canvas" FOREIGN KEY ("study_id","canvas_sha256") REFERENCES "public"."stored_object"("study_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_read" ADD CONSTRAINT "practice_read_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_read" ADD CONSTRAINT "practice_read_of_round" FOREIGN KEY ("round_id","study_id") REFERENCES "public"."practice_round"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_read" ADD CONSTRAINT "practice_read_of_case" FOREIGN KEY ("case_id","study_id") REFERENCES "public"."practice_case"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_round" ADD CONSTRAINT "practice_round_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_round" ADD CONSTRAINT "practice_round_of_member" FOREIGN KEY ("membership_id","study_id") REFERENCES "public"."membership"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practice_round" ADD CONSTRAINT "practice_round_of_protocol_version" FOREIGN KEY ("protocol_version_id","study_id") REFERENCES "public"."protocol_version"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "practice_image_pixels" ON "practice_image" USING btree ("study_id","pixel_sha256");--> statement-breakpoint
CREATE POLICY "select_principal_investigator_coordinator_importer" ON "practice_case" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "practice_case" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_principal_investigator_coordinator_importer" ON "practice_image" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "practice_image" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));