-- Crops as readers get them who are not shown the size are stored. (What earlier versions drew at each opening, the worker draws at its start: `nw.images_to_draw()`.)
CREATE TABLE "crop_canvas" (
	"crop_id" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"rendering" text NOT NULL,
	"sha256" text NOT NULL,
	"drawn_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "crop_canvas_crop_id_rendering_pk" PRIMARY KEY("crop_id","rendering")
);
--> statement-breakpoint
ALTER TABLE "crop_canvas" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "crop_canvas" ADD CONSTRAINT "crop_canvas_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crop_canvas" ADD CONSTRAINT "crop_canvas_of_crop" FOREIGN KEY ("crop_id","study_id") REFERENCES "public"."crop"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crop_canvas" ADD CONSTRAINT "crop_canvas_of_file" FOREIGN KEY ("study_id","sha256") REFERENCES "public"."stored_object"("study_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "crop_canvas_image" ON "crop_canvas" USING btree ("study_id","sha256");--> statement-breakpoint
CREATE POLICY "insert_locating_radiologist_importer" ON "crop_canvas" AS PERMISSIVE FOR INSERT TO "nw_importer", "nw_locating_radiologist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and crop_id in (select id from crop where created_at = now())));--> statement-breakpoint
CREATE POLICY "insert_worker" ON "crop_canvas" AS PERMISSIVE FOR INSERT TO "nw_worker" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and crop_id in (select id from crop)));
