import { useTranslations } from "next-intl";

/** The stored picture of a crop, or that there is none: of some images only reads or scores were published. */
export function CropImage({
  study,
  crop: { sha256, width },
  alt,
  className,
  loading,
}: {
  study: string;
  /** `width`: in pixels, of a picture that is shown in its size; left out, it fills its place. */
  crop: { sha256: string | null; width?: number | null };
  alt: string;
  className: string;
  /** "lazy": once it comes into sight, in a long list. */
  loading?: "lazy";
}) {
  const t = useTranslations("parts");
  if (sha256 === null) return <span className="text-[oklch(0.7_0_0)] text-sm">{t("noImage")}</span>;
  return (
    <img
      src={`/api/studies/${study}/images/${sha256}`}
      alt={alt}
      className={className}
      loading={loading}
      style={width == null ? undefined : { width: width * 1.5 }}
    />
  );
}
