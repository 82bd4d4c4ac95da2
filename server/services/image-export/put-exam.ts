import type { ExportedExam } from "./images-of-subject";
import type { Outgoing } from "./outgoing";

/**
 * The images of an exam, stack by stack, each with what is known of it.
 * @param label of the subject
 * @param onImage is told of each image once it is out, and where
 */
export async function putExam(
  out: Outgoing,
  { label, exam, onImage }: { label: string; exam: ExportedExam; onImage: (id: string, path: string) => void },
): Promise<void> {
  for (const { name, about, images } of exam.stacks) {
    const stem = `${label}/${exam.label}/${name}/${label}_${exam.label}_${name}`;
    await out.json(`${stem}.json`, about);
    const digits = Math.max(4, String(images.length).length);
    for (const [at, image] of images.entries()) {
      const path = `${stem}_${String(at + 1).padStart(digits, "0")}.dcm`;
      await out.stored(path, image.sha256);
      onImage(image.id, path);
    }
  }
}
