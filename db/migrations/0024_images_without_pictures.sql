-- Reads, or scores, that were published without their images.
ALTER TABLE "crop" ALTER COLUMN "sha256" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "crop" ALTER COLUMN "pixel_sha256" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "crop" ALTER COLUMN "width" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "crop" ALTER COLUMN "height" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "crop" ADD CONSTRAINT "crop_picture" CHECK (num_nulls(sha256, pixel_sha256, width, height) in (0, 4));--> statement-breakpoint
ALTER TABLE "crop" ADD CONSTRAINT "crop_no_picture" CHECK (sha256 is not null or num_nonnulls(original_sha256, bit_depth, signature, scaled_from_width) = 0);--> statement-breakpoint
ALTER TABLE "dataset_item" ALTER COLUMN "sha256" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "dataset_item" ALTER COLUMN "pixel_sha256" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "dataset_item" ALTER COLUMN "width" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "dataset_item" ALTER COLUMN "height" DROP NOT NULL;--> statement-breakpoint
-- Reads come by the hundred thousand: no index of what most of them have not.
ALTER TABLE "read" DROP CONSTRAINT "read_and_study";--> statement-breakpoint
DROP INDEX "read_slot";--> statement-breakpoint
CREATE UNIQUE INDEX "read_slot" ON "read" USING btree ("slot_id") WHERE supersedes is null and slot_id is not null;--> statement-breakpoint
ALTER TABLE "read" DROP CONSTRAINT "read_corrected_once";--> statement-breakpoint
CREATE UNIQUE INDEX "read_corrected_once" ON "read" USING btree ("supersedes") WHERE supersedes is not null;
